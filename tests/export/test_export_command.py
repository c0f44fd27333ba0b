"""`cycle history export`: what goes out, what stays, what the journal says of it."""

import csv
import hashlib
import io
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from export_of_small_history import AUDITOR
from sqlalchemy import text
from verifiers import read, told, verifier

from cycle.app.places import data_root
from cycle.cli import shell
from cycle.journal.form import commitment

ALWAYS = {"SHA256SUMS", "cover.json", "cover.txt"}
TO_CHECK = {"LIESMICH.txt", "README.txt", "cycle-log-1.md", "events.jsonl", "verify.mjs", "verify.pl"}


def journal(cycle: Any) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(cycle("history list --json").out)["entries"]
    return entries


def stored(cycle: Any) -> list[tuple[Any, ...]]:
    with cycle.site.database.reader.connect() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT seq, prev, body, hash FROM event ORDER BY seq"))]


def openings(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / "openings.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]


def test_the_lines_are_the_journal_as_it_was_before_the_export(history: Any, tmp_path: Path) -> None:
    before = stored(history)

    history(f"history export {tmp_path / 'out'}")

    assert [(line["seq"], line["prev"], line["body"], line["hash"]) for line in read(tmp_path / "out")] == before
    assert len(stored(history)) == len(before) + 1


def test_the_folder_holds_what_is_needed_to_check_it_and_no_more_than_was_asked_for(export_of: Callable[[str], Path]) -> None:
    def names(options: str) -> set[str]:
        return {file.name for file in export_of(options).iterdir()}

    assert names("--format jsonl") == ALWAYS | TO_CHECK
    assert names("--cycle 2025") == ALWAYS | TO_CHECK | {"events.csv"}
    assert names("--with-openings") == ALWAYS | TO_CHECK | {"events.csv", "openings.jsonl"}
    assert names("--format csv") == ALWAYS | {"events.csv"}
    pages = [(export_of(options) / "cover.txt").read_text(encoding="utf-8") for options in ("--format csv", "--cycle 2025")]
    assert ["LIESMICH.txt" in page for page in pages] == [False, True]


def test_what_is_enclosed_is_what_is_shipped_and_the_page_of_the_form_is_the_one_of_the_first_entry(
    export_of: Callable[[str], Path],
) -> None:
    folder = export_of("--with-openings")

    for name in ("verify.pl", "verify.mjs", "LIESMICH.txt", "README.txt"):
        assert (folder / name).read_bytes() == (data_root() / "templates" / "export" / name).read_bytes()
    page = hashlib.sha256((folder / "cycle-log-1.md").read_bytes()).hexdigest()
    assert told(read(folder)[0])["data"]["spec_sha256"] == page


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed here")
def test_the_checksums_cover_every_other_file(export_of: Callable[[str], Path]) -> None:
    folder = export_of("--with-openings")
    listed = {line[66:] for line in (folder / "SHA256SUMS").read_text().splitlines()}

    checked = subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, check=False)

    assert (checked.returncode, listed) == (0, {file.name for file in folder.iterdir()} - {"SHA256SUMS"})


def test_the_export_is_an_entry_that_says_who_what_and_up_to_where(history: Any, tmp_path: Path) -> None:
    head = stored(history)[-1]

    history(f"history export {tmp_path / 'out'} --cycle 2025 --from 2025-01-12 --redact meeting", login=AUDITOR)

    entry = journal(history)[-1]
    lines = read(tmp_path / "out")
    assert (entry["type"], entry["cycle"], entry["actor"]["role"]) == ("log.exported", None, "auditor")
    assert {name: value for name, value in entry["data"].items() if name != "software"} == {
        "what": "entries",
        "of_cycle": "ip-2025",
        "from": "2025-01-12",
        "to": None,
        "redacted": ["meeting"],
        "files": ["events.csv", "events.jsonl"],
        "entries": head[0],
        "count": 2,
        "withheld": head[0] - 2,
        "openings": 0,
        "head": head[3],
        "sha256": hashlib.sha256((tmp_path / "out" / "events.jsonl").read_bytes()).hexdigest(),
        "intact": True,
        "changes": [],
    }
    assert [told(line)["type"] for line in lines if "body" in line] == ["comment.added", "comment.added"]


def test_a_span_counts_the_days_of_the_city_and_both_its_ends(history: Any, tmp_path: Path) -> None:
    history('history comment 2025 "Nachts"', at="2025-01-18T00:30:00+01:00")  # still the 17th in UTC

    history(f"history export {tmp_path / 'one'} --from 2025-01-18 --to 2025-01-18")
    history(f"history export {tmp_path / 'two'} --from 2025-01-16 --to 2025-01-17")

    shown = [[told(line)["recorded_at"] for line in read(tmp_path / name) if "body" in line] for name in ("one", "two")]
    assert shown == [
        ["2025-01-17T23:30:00.000000Z"],
        ["2025-01-16T08:00:00.000000Z", "2025-01-17T08:00:00.000000Z"],
    ]


def test_the_cover_says_what_how_much_how_complete_who_when_and_with_which_version(export_of: Callable[[str], Path]) -> None:
    folder = export_of("--cycle 2025 --from 14.01.2025")
    document = json.loads((folder / "cover.json").read_text(encoding="utf-8"))
    page = (folder / "cover.txt").read_text(encoding="utf-8")
    last = read(folder)[-1]

    assert document["asked"] == {"cycle": "ip-2025", "from": "2025-01-14", "to": None, "redact": [], "openings": False}
    assert document["cycles"] == {"ip-2025": {"shown": 2, "entries": 4}, "ip-2026": {"shown": 0, "entries": 2}}
    assert document["anchor"] == f"cycle-log/1 {read(folder)[0]['hash'][:16]} {last['seq']} {last['hash']}"
    assert (document["entries"], document["shown"], document["withheld"]) == (last["seq"], 2, last["seq"] - 2)
    assert (document["by"]["name"], document["by"]["role"], document["intact"]) == ("Albrecht Kraut", "auditor", True)
    for said in ("ip-2025: 2 von 4", document["anchor"], "Albrecht Kraut (Prüfung, p:", "20.01.2025 09:00 mit cycle 0."):
        assert said in page


def test_the_table_opens_in_excel_and_runs_nothing(export_of: Callable[[str], Path]) -> None:
    data = (export_of("--with-openings") / "events.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))

    assert data.startswith(b"\xef\xbb\xbfNr;Zeitpunkt;")
    assert [int(row["Nr"]) for row in rows] == list(range(1, len(rows) + 1))
    assert [row["Begründung"] for row in rows if row["Art"] == "comment.added"] == [
        "Frau Çelik (Verein „Brücke“) fragt\nnach dem Raum",
        "'=1+1",
        "Danke",
    ]
    assert [row["Hash"] for row in rows] == [line["hash"] for line in read(export_of("--with-openings"))]


def test_without_openings_no_name_and_no_free_text_is_in_any_file_but_who_made_it(export_of: Callable[[str], Path]) -> None:
    for file in export_of("--cycle 2025").iterdir():
        found = file.read_text(encoding="utf-8")
        assert [word for word in ("nach dem Raum", "Danke", "=1+1", "j.weissenburger") if word in found] == []


def test_the_openings_are_those_of_shown_entries_and_open_them(export_of: Callable[[str], Path]) -> None:
    everything, one_year = openings(export_of("--with-openings")), openings(export_of("--cycle 2026 --with-openings"))

    for each in everything:
        assert commitment(bytes.fromhex(each["salt"]), each["value"]) == each["commitment"]
    assert {each["commitment"] for each in everything} == {
        promise for line in read(export_of("--with-openings")) for promise in told(line)["private"].values()
    }
    assert [each["value"] for each in one_year] == ['"=1+1"']
    assert export_of("--with-openings").stat().st_mode & 0o077 == 0
    assert not [each for each in openings(export_of("--redact comment.added --with-openings")) if "Danke" in each["value"]]


def test_openings_are_for_who_works_on_the_history_and_lines_for_who_reads(history: Any, tmp_path: Path) -> None:
    history('people add d.steinhilber --name "Doris" --role sponsor')
    before = journal(history)

    refused = history(f"history export {tmp_path / 'no'} --with-openings", login="d.steinhilber", code=6)
    history(f"history export --database {tmp_path / 'no.db'}", login="d.steinhilber", code=6)
    history(f"history export {tmp_path / 'no'}", login="x.fremd", code=6)

    assert (journal(history), refused.out, list(tmp_path.glob("*no*"))) == (before, "", [])
    history(f"history export {tmp_path / 'yes'}", login="d.steinhilber")


def test_a_dry_run_tells_the_same_and_leaves_nothing(history: Any, tmp_path: Path) -> None:
    before = journal(history)

    tried = json.loads(history(f"history export {tmp_path / 'out'} --dry-run --json").out)
    history(f"history export --database {tmp_path / 'copy.db'} --dry-run")

    assert (journal(history), list(tmp_path.glob("*out*")), list(tmp_path.glob("*copy*"))) == (before, [], [])
    done = json.loads(history(f"history export {tmp_path / 'out'} --json").out)
    assert (tried["schema"], tried["dry_run"], tried["anchor"]) == ("cycle/done/1", True, done["anchor"])
    assert tried["files"]["events.jsonl"] == done["files"]["events.jsonl"]


REFUSED = {
    "{full}": (2, "ist nicht leer"),
    "{file}": (2, "ist nicht leer"),
    "{file}/below": (2, "below"),
    "": (2, "Wohin?"),
    "{new} --redact mail.snet": (4, "mail.snet"),
    "{new} --redact 99999": (4, "99999"),
    "{new} --cycle 2052": (4, "2052"),
    "{new} --from 2025-02-01 --to 2025-01-01": (2, "liegt vor dem ersten"),
    "{new} --format xlsx": (2, "xlsx"),
    "{new} --database {db}": (2, "kopiert immer die ganze"),
    "--database {db} --cycle 2025": (2, "kopiert immer die ganze"),
    "--database {file}": (2, "gibt es schon"),
}


def test_what_cannot_be_exported_is_one_sentence_and_nothing_is_left(history: Any, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("x")
    before, files = journal(history), sorted(tmp_path.rglob("*"))
    places = {"full": tmp_path / "full", "file": tmp_path / "full" / "x", "new": tmp_path / "new", "db": tmp_path / "c.db"}

    said = {line: history(f"history export {line.format(**places)}", code=None) for line in REFUSED}

    assert {line: each.code for line, each in said.items()} == {line: code for line, (code, _) in REFUSED.items()}
    assert {line: said[line].err for line, (_, words) in REFUSED.items() if words not in said[line].err} == {}
    assert (journal(history), sorted(tmp_path.rglob("*")), places["file"].read_text()) == (before, files, "x")


def test_an_empty_folder_and_one_below_a_new_one_are_taken(history: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    history(f"history export {tmp_path / 'empty'}")
    history(f"history export {tmp_path / 'new' / 'below'}")

    assert [len(read(tmp_path / "empty")) + 1, tmp_path / "new" / "below"] == [
        len(read(tmp_path / "new" / "below")),
        *(tmp_path / "new").iterdir(),
    ]


def test_a_broken_history_goes_out_as_evidence_and_everything_says_so(
    history: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, behind_the_back: Callable[[Path, str], None]
) -> None:
    shell.close()
    tampered = tmp_path / "tampered"
    shutil.copytree(history.home, tampered)
    behind_the_back(tampered / "cycle.db", "UPDATE event SET body = replace(body, '2025-01-13', '2025-01-12') WHERE seq = 4")
    with monkeypatch.context() as patch:
        patch.setenv("CYCLE_HOME", str(tampered))
        said = history(f"history export {tmp_path / 'out'}", code=7)
        as_json = json.loads(history(f"history export {tmp_path / 'more'} --json", code=7).out)
        entry = journal(history)[-1]
        history(f"history export --database {tmp_path / 'copy.db'}", code=7)

    document = json.loads((tmp_path / "out" / "cover.json").read_text(encoding="utf-8"))
    assert (document["intact"], as_json["intact"], entry["data"]["intact"]) == (False, False, False)
    assert "Achtung: Der Verlauf stimmt nicht" in said.err
    assert document["problems"][0] in (tmp_path / "out" / "cover.txt").read_text(encoding="utf-8")
    assert "ACHTUNG" in (tmp_path / "out" / "cover.txt").read_text(encoding="utf-8")
    assert (tmp_path / "copy.db").exists()
    for language in ("perl", "node"):
        answer = verifier(language)(tmp_path / "out")
        assert (answer.code, "Eintrag / entry 4: verändert" in answer.out) == (1, True)


def test_an_export_is_the_same_on_both_databases_and_a_copy_is_sqlites_alone(cycle_anywhere: Any, tmp_path: Path) -> None:
    cycle = cycle_anywhere
    cycle("start 2025")
    cycle('history comment 2025 "Ein Wort – und noch eins"')

    cycle(f"history export {tmp_path / 'out'} --with-openings")
    copied = cycle(f"history export --database {tmp_path / 'copy.db'}", code=None)

    assert [tuple(line.values()) for line in read(tmp_path / "out")] == stored(cycle)[: len(read(tmp_path / "out"))]
    assert [verifier(each)(tmp_path / "out").code for each in ("perl", "node")] == [0, 0]
    assert copied.code == (5 if cycle.site.database.kind == "postgresql" else 0)
