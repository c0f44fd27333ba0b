"""The dossier on the command line: of a young year, of hostile names, of other plans; what it refuses; its pictures."""

import importlib
import json
import re
import sqlite3
import subprocess
import sys
import zlib
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from browser import faults, found, measured
from small_town import partner, write_partners

from cycle.adapters.pdf import Attached, printed
from cycle.adapters.templates import Letters
from cycle.app.places import data_root
from cycle.reports.actions.page import page
from cycle.reports.records.dossier import dossier, json_lines
from cycle.wording import read

HOSTILE = "</title><script>alert('x')</script>{{ 7 * 7 }}\"&<b>"
LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwenversicherungsverein" * 2 + "kassenwart" * 6
VOID = {"meta", "link", "br", "img", "hr", "input"}


@pytest.fixture
def town(cycle: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A year that has begun, in a city and with names that mean no good."""
    monkeypatch.setenv("CYCLE_CITY__NAME", f"Stadt {HOSTILE}")
    monkeypatch.chdir(tmp_path)
    partners = [partner(1, "Amt"), partner(2, "Boote", Name=f"Verein {HOSTILE}"), partner(3, "Lang", Name=LONG)]
    cycle(f"partner import {write_partners(tmp_path / 'partners.csv', partners)}")
    cycle("start 2025")
    cycle("advance 2025", code=3)
    cycle(f'theme propose 2025 "{LONG} <i>Wohnen</i>" --field housing --primary --valid-from 2025-01-01 --valid-to 2025-12-31')
    cycle('meeting move 2025 spring 2025-05-06 --reason "<script>Stadthalle</script> gesperrt"')
    return cycle


@pytest.fixture
def toy(cycle: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A year that has begun, of the smallest plan."""
    monkeypatch.setenv("CYCLE_PLAN", "toy")
    monkeypatch.chdir(tmp_path)
    cycle(f"init {tmp_path / 'toy'} --sandbox", at="2025-01-02T09:00:00+01:00")
    monkeypatch.setenv("CYCLE_HOME", str(tmp_path / "toy"))
    cycle("start 2025")
    return cycle


@pytest.fixture(scope="module")
def weasyprint() -> None:
    """The extra `pdf`, with the system's libraries that it needs."""
    try:
        importlib.import_module("weasyprint")
    except (ImportError, OSError) as error:
        pytest.skip(f"the extra `pdf` cannot be used here: {error}")


class Outline(HTMLParser):
    """The order of a page's headings, what it would fetch, and whether every tag is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.fetched: list[str] = []
        self.open: list[str] = []
        self.landmarks: set[str] = set()
        self.bare_headers = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag in ("header", "main", "nav"):
            self.landmarks.add(tag)
        if tag == "th" and "scope" not in given:
            self.bare_headers += 1
        self.fetched += [value for name in ("src", "href") if (value := given.get(name)) and not value.startswith("#")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes nothing"


def opened(pdf: bytes) -> bytes:
    """A PDF with its streams unpacked."""
    found = [pdf]
    for packed in re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL):
        with suppress(zlib.error):
            found.append(zlib.decompress(packed))
    return b"\n".join(found)


def written(town: Any, options: str = "") -> str:
    """The page of 2025."""
    town(f"report dossier 2025 --out page.html {options}")
    return Path("page.html").read_text(encoding="utf-8")


def test_every_word_of_the_templates_is_in_both_languages() -> None:
    root = data_root() / "templates"
    texts = "".join(file.read_text(encoding="utf-8") for file in sorted((root / "report").rglob("*.j2")))
    asked = set(re.findall(r"[\"'](dossier\.[a-z0-9_.]+)[\"']", texts))
    beginnings = {key for key in asked if key.endswith(".")}
    for language in ("de", "en"):
        known = {key for file in (root / "wording" / language).glob("*.yaml") for key in read(file)}

        assert {key for key in asked - beginnings if key not in known} == set()
        assert {start for start in beginnings if not any(key.startswith(start) for key in known)} == set()


def test_names_that_mean_no_good_stay_text(town: Any) -> None:
    shown = written(town)

    outline = Outline(shown)
    assert outline.open == []
    assert "<script" not in shown
    assert "<i>Wohnen" not in shown
    assert "{{ 7 * 7 }}" in shown
    assert (
        f"Stadt {HOSTILE}".replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("'", "&#39;")
        .replace('"', "&#34;")
        in shown
    )


def test_a_page_has_headings_in_order_landmarks_and_headers_with_a_scope_and_fetches_nothing(town: Any) -> None:
    outline = Outline(written(town))

    steps = [after - before for before, after in zip(outline.headings, outline.headings[1:], strict=False)]
    assert outline.headings[0] == 1
    assert outline.headings.count(1) == 1
    assert max(steps) == 1
    assert outline.landmarks == {"header", "main", "nav"}
    assert outline.bare_headers == 0
    assert outline.fetched == []


def test_the_same_history_gives_the_same_bytes_on_a_later_day(town: Any) -> None:
    first = written(town)
    town.at("2025-02-20T12:00:00+01:00")

    assert written(town) == first


def test_as_of_a_moment_it_tells_what_was_known_then(town: Any) -> None:
    town.at("2025-01-20T09:00:00+01:00")
    then = written(town, "--as-of 2025-01-15")
    assert "T1" in then
    town('theme end 2025 T1 --body committee --reference "Vorlage 2025/001" --reason "Nicht mehr gebraucht" --on 2025-01-20')

    assert written(town, "--as-of 2025-01-15") == then
    assert "Vorlage 2025/001" in written(town)


def test_it_speaks_the_language_asked_for(town: Any) -> None:
    german, english = written(town), written(town, "--language en")

    assert ('<html lang="de">' in german, "Der Beweis" in german) == (True, True)
    assert ('<html lang="en">' in english, "The proof" in english, "Der Beweis" in english) == (True, True, False)


def test_its_proof_can_be_calculated_with_a_checksum_alone(town: Any) -> None:
    told = json.loads(town("report dossier 2025 --json").out)
    proof = told["dossier"]["proof"]
    verified = json.loads(town("history verify --json").out)

    header = f"cycle-log/1\n{proof['entries']}\n{proof['prev']}\n{proof['body_sha256']}\n"
    assert told["schema"] == "cycle/report-dossier/1"
    assert sha256(b"\0" + header.encode()).hexdigest() == proof["hash"] == verified["head"]
    assert told["anchor"] == f"cycle-log/1 {verified['log'][:16]} {verified['entries']} {verified['head']}"


def test_the_command_it_prints_gives_the_checksum_it_prints(town: Any) -> None:
    shown = unescape(written(town))
    command, answer = re.findall(r"(printf '.*sha256sum)</code>.*<code>([0-9a-f]{64})</code>", shown)[0]

    said = subprocess.run(["sh", "-c", command], check=True, capture_output=True, text=True)

    assert said.stdout.split()[0] == answer


def test_the_auditor_reads_it_and_it_leaves_no_entry(town: Any) -> None:
    town("people add a.kraut --name 'Albrecht Kraut' --mail a.k@stadt.example.de --role auditor")
    before = json.loads(town("history verify --json").out)["entries"]

    town("report dossier 2025 --out seen.html", login="a.kraut")

    assert "Albrecht Kraut" in Path("seen.html").read_text(encoding="utf-8")
    assert json.loads(town("history verify --json").out)["entries"] == before


def test_no_address_of_anybody_stands_in_it(town: Any) -> None:
    assert re.findall(r"[\w.]+@[\w.]+", written(town)) == []


def test_what_was_erased_is_said_to_be(town: Any) -> None:
    site = town.site
    with site.reading(2025) as (_, about):
        told = dossier(about, None, municipality="M", asked_by="p:0123456789abcdef", asked_as="auditor")
        (move,) = told.exceptions.moves
        forgotten = replace(move, act=replace(move.act, reason=None))
        exceptions = replace(told.exceptions, moves=(forgotten,))
        told = replace(told, exceptions=exceptions, erased=frozenset({move.act.seq}), names={})
        drawn = page(told, about.workflow, site.wording, Letters(site.files.folders("templates"), ("de",)))

    assert "(Begründung gelöscht)" in drawn
    assert "Name gelöscht (p:01234567)" in drawn


def test_a_history_that_does_not_verify_gets_no_dossier(town: Any) -> None:
    town.site.database.dispose()
    connection = sqlite3.connect(town.home / "cycle.db")
    (name, text), *_ = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%UPDATE ON event%'"
    )
    kept = connection.execute("SELECT body FROM event WHERE seq = 3").fetchone()[0]
    connection.execute(f"DROP TRIGGER {name}")
    connection.execute("UPDATE event SET body = replace(body, '2025', '2024') WHERE seq = 3")
    connection.commit()

    said = town("report dossier 2025 --out none.html", code=7)

    assert "3" in said.err
    assert not Path("none.html").exists()
    connection.execute("UPDATE event SET body = ? WHERE seq = 3", (kept,))
    connection.execute(text)
    connection.commit()
    connection.close()


def test_what_cannot_be_done_is_said_in_one_sentence_and_leaves_no_file(town: Any) -> None:
    before = sorted(Path.cwd().iterdir())
    for options, code, named in (
        ("2025 --format word", 2, "word"),
        ("2025 --language fr", 2, "fr"),
        ("2031", 4, "2031"),
        ("2025 --as-of 2031-01-01", 2, "2031"),
        ("2025 --out missing/page.html", 2, "missing/page.html"),
    ):
        said = town(f"report dossier {options}", code=code)

        assert (named in said.err, len(said.err.splitlines())) == (True, 1), options
    assert sorted(Path.cwd().iterdir()) == before


def test_a_plan_of_another_kind_has_its_dossier_too(toy: Any) -> None:
    shown = written(toy, "--language en")

    assert Outline(shown).open == []


def test_hostile_names_and_long_words_fit_a_telephone_a_desk_and_paper(town: Any, tmp_path: Path) -> None:
    shown = written(town)
    frames = [(f"{width} {scheme}", width, scheme, shown) for width in (360, 800) for scheme in ("light", "dark")]

    told = measured(found(), tmp_path, [*frames, ("672 paper", 672, "light", shown)])  # A4 within its margins

    assert faults(told, least_size=9) == {}
    assert {name: each["ground"] for name, each in told.items()} == {
        "360 light": "rgb(255, 255, 255)",
        "360 dark": "rgb(20, 25, 30)",
        "800 light": "rgb(255, 255, 255)",
        "800 dark": "rgb(20, 25, 30)",
        "672 paper": "rgb(255, 255, 255)",
    }


@pytest.mark.usefixtures("weasyprint")
def test_the_pdf_is_tagged_and_the_same_every_time_and_carries_the_entries(toy: Any) -> None:
    toy("report dossier 2025 --format pdf --language en --out one.pdf")
    content = Path("one.pdf").read_bytes()
    small = '<html lang="en"><title>x</title><h1>x</h1><p>y'
    file = Attached("x.jsonl", "y", b"{}", datetime(2025, 1, 10, tzinfo=UTC))

    assert printed(small, [file]) == printed(small, [file])
    told = opened(content)
    with toy.site.reading(2025) as (session, about):
        lines = "".join(json_lines(session, about.cycle.key)).encode()
    asked = (rb"/MarkInfo\s*<<[^>]*/Marked true", rb"/Lang \(en\)", rb"pdfuaid", rb"/EmbeddedFiles", rb"\.jsonl")
    assert [bool(re.search(each, told)) for each in asked] == [True] * len(asked)
    assert lines in told


def test_the_entries_it_carries_close_the_chain_and_show_those_of_the_year_only(town: Any) -> None:
    with town.site.reading(2025) as (session, about):
        lines = [json.loads(line) for line in json_lines(session, about.cycle.key)]
    proof = json.loads(town("report dossier 2025 --json").out)["dossier"]["proof"]

    before = "0" * 64
    for line in lines:
        digest = line.get("body_sha256") or sha256(line["body"].encode()).hexdigest()
        header = f"cycle-log/1\n{line['seq']}\n{line['prev']}\n{digest}\n"
        assert (line["prev"], sha256(b"\0" + header.encode()).hexdigest()) == (before, line["hash"])
        before = line["hash"]
    assert (before, len(lines)) == (proof["hash"], proof["entries"])
    assert [json.loads(line["body"])["cseq"] for line in lines if "body" in line] == [*range(1, proof["year_entries"] + 1)]


@pytest.mark.usefixtures("weasyprint")
def test_what_is_printed_fetches_nothing() -> None:
    secret = "file:///etc/hostname"

    assert printed(f'<html lang="en"><title>x</title><img src="{secret}" alt="x"><p>y') != b""


def test_without_the_extra_one_sentence_says_what_to_install(
    town: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "weasyprint.py").write_text("raise ImportError", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [each for each in sys.modules if each.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)

    said = town("report dossier 2025 --format pdf --out none.pdf", code=5)

    assert "plan-cycle[pdf]" in said.err
    assert not Path("none.pdf").exists()


def test_a_file_that_is_there_is_replaced_whole(town: Any) -> None:
    Path("page.html").write_text("old", encoding="utf-8")

    shown = written(town)

    assert shown.startswith("<!DOCTYPE html>")
    assert [file.name for file in Path.cwd().iterdir() if file.name.endswith(".part")] == []


@pytest.mark.parametrize("out", ["cycle.db", "config/cycle.toml", ".", "link.html"])
def test_a_dossier_is_written_over_nothing_but_an_earlier_one(cycle: Any, out: str) -> None:
    cycle("start 2025")
    (cycle.home / "link.html").symlink_to(cycle.home / "config" / "cycle.toml")
    before = (cycle.home / "cycle.db").read_bytes(), (cycle.home / "config" / "cycle.toml").read_bytes()

    said = cycle(f"report dossier 2025 --out {cycle.home / out}", code=2)
    twice = [cycle(f"report dossier 2025 --out {cycle.home / 'own.html'}").code for _ in range(2)]

    assert said.err.endswith("gibt es schon und wird nicht überschrieben. Bitte eine andere Datei nennen.\n")
    assert twice == [0, 0]
    assert ((cycle.home / "cycle.db").read_bytes(), (cycle.home / "config" / "cycle.toml").read_bytes()) == before
