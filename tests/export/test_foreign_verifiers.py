"""Programs that know nothing of ours accept what we export, and refuse it once anything has been changed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from vector import HASHES, VECTOR
from verifiers import Lines, chained, exact, read, sealed, telling, told, verifier, write

from cycle.journal.form import NO_HASH, commitment

LANGUAGES = ("perl", "node")
ANCHOR_OF_VECTOR = f"cycle-log/1 {HASHES[0][:16]} 3 {HASHES[2]}"
OPTIONS = {
    "everything": "--with-openings",
    "one year": "--cycle 2025",
    "one year with its openings": "--cycle 2026 --with-openings",
    "a span": "--from 2025-01-13 --to 2025-01-15",
    "a year from a day on": "--cycle 2025 --from 14.01.2025",
    "without a type": "--redact comment.added --with-openings",
    "without a family and an entry": "--redact meeting --redact 3",
    "lines alone": "--format jsonl",
}


@pytest.fixture(params=LANGUAGES)
def check(request: pytest.FixtureRequest) -> Callable[..., object]:
    return verifier(request.param)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_an_export_is_accepted_by_both_verifiers_in_the_same_words(export_of, tmp_path: Path, options: str) -> None:
    folder = export_of(options)
    anchor = json.loads((folder / "cover.json").read_text())["anchor"]
    (tmp_path / "anchors.txt").write_text(f"17.01.2025 aus der Vorlage\n{anchor}\n")

    perl, node = (verifier(each)(folder, tmp_path / "anchors.txt") for each in LANGUAGES)

    assert (perl.code, perl.err, perl) == (0, "", node)
    assert perl.out.endswith(f"Anker / anchor: {anchor}\ngeprüft gegen 1 Anker / checked against 1 anchors\n")


def test_an_export_without_an_anchor_is_accepted_and_said_to_be_not_anchored(check, export_of) -> None:
    answer = check(export_of("--with-openings"))

    assert (answer.code, answer.err) == (0, "")
    assert "ohne Anker geprüft: ein abgeschnittenes Ende oder ein Austausch ist nicht auszuschließen" in answer.out


def test_a_year_is_told_to_be_complete_or_how_much_of_it_was_withheld(check, export_of) -> None:
    whole, from_a_day = check(export_of("--cycle 2025")).out, check(export_of("--cycle 2025 --from 14.01.2025")).out

    assert "\nip-2025: 1–4, lückenlos / no gap\n" in whole
    assert "ip-2026" not in whole
    assert "\nip-2025: 1–4, davon zurückgehalten / of these withheld: 2\n" in from_a_day


def test_the_vector_of_the_published_form_is_accepted(check, tmp_path: Path) -> None:
    prevs = (NO_HASH, *HASHES)
    rows = enumerate(zip(prevs, VECTOR, HASHES, strict=False), start=1)
    write(tmp_path, [{"seq": seq, "prev": prev, "body": body, "hash": digest} for seq, (prev, body, digest) in rows])
    salt, value = bytes(range(32)), '"Vorschlag von Frau Çelik (Verein „Brücke“)"'
    opening = {"commitment": told(read(tmp_path)[1])["private"]["reason"], "salt": salt.hex(), "value": value, "subject": "x:1"}
    (tmp_path / "openings.jsonl").write_text(exact(opening) + "\n", encoding="utf-8")

    answer = check(tmp_path, ANCHOR_OF_VECTOR)

    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("IN ORDNUNG / INTACT: 3 Einträge / entries, 0 zurückgehalten / withheld, 1 Angaben")


def edited(lines: Lines) -> Lines:
    return _at(lines, 3, telling(lines[3], effective_on="2025-01-01"))


def hash_edited(lines: Lines) -> Lines:
    return _at(lines, 3, lines[3] | {"hash": "a" * 64})


def wrong_prev(lines: Lines) -> Lines:
    return _at(lines, 3, sealed(lines[3] | {"prev": lines[1]["hash"]}))


def spaced(lines: Lines) -> Lines:
    return _at(lines, 3, lines[3] | {"body": json.dumps(told(lines[3]), ensure_ascii=False, sort_keys=True)})


def unsorted(lines: Lines) -> Lines:
    body = json.dumps(dict(reversed(told(lines[3]).items())), ensure_ascii=False, separators=(",", ":"))
    return chained(_at(lines, 3, lines[3] | {"body": body}))


def escaped(lines: Lines) -> Lines:
    return chained(_at(lines, 3, lines[3] | {"body": lines[3]["body"].replace("comment", "\\u0063omment")}))


def with_a_fact(lines: Lines, value: object) -> Lines:
    body = json.dumps(told(lines[3]) | {"data": {"x": value}}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return chained(_at(lines, 3, lines[3] | {"body": body}))


def renumbered(lines: Lines) -> Lines:
    place = next(at for at, line in enumerate(lines) if told(line)["cseq"] == 2)
    return chained(_at(lines, place, telling(lines[place], cseq=7)))


def opening_changed(folder: Path) -> None:
    _openings(
        folder, lambda each: each | {"value": each["value"].replace("fragt", "bittet")} if "fragt" in each["value"] else each
    )


def opening_foreign(folder: Path) -> None:
    own = commitment(bytes(32), '"anders"')
    _openings(folder, lambda each: each | {"commitment": own, "salt": bytes(32).hex(), "value": '"anders"'})


# What is done to an export, and what both verifiers must find.
TAMPERED = {
    "an edited body": (edited, "Eintrag / entry 4: verändert"),
    "an edited hash": (hash_edited, "Eintrag / entry 4: verändert"),
    "a gap": (lambda lines: lines[:3] + lines[4:], "Eintrag / entry 4: fehlt, doppelt oder vertauscht"),
    "swapped lines": (lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]], "Eintrag / entry 4: fehlt, doppelt"),
    "a cut first line": (lambda lines: lines[1:], "Eintrag / entry 1: fehlt, doppelt oder vertauscht"),
    "a duplicated line": (lambda lines: [*lines[:4], *lines[3:]], "Eintrag / entry 5: fehlt, doppelt oder vertauscht"),
    "a wrong prev": (wrong_prev, "Eintrag / entry 4: schließt nicht an"),
    "a gap that was renumbered in one place": (
        lambda lines: [*lines[:3], sealed(lines[4] | {"seq": 4}), *lines[5:]],
        "Eintrag / entry 4: schließt nicht an",
    ),
    "a body with spaces, re-hashed in one place": (
        lambda lines: _at(lines, 3, sealed(spaced(lines)[3])),
        "Eintrag / entry 4: nicht in der kanonischen Form",
    ),
    "an edited body, re-hashed in one place": (
        lambda lines: _at(lines, 3, sealed(edited(lines)[3])),
        "Eintrag / entry 5: schließt nicht an",
    ),
    "a body with spaces, the chain re-hashed": (lambda lines: chained(spaced(lines)), "entry 4: nicht in der kanonischen Form"),
    "unsorted keys, the chain re-hashed": (unsorted, "entry 4: nicht in der kanonischen Form"),
    "a needless escape, the chain re-hashed": (escaped, "entry 4: nicht in der kanonischen Form"),
    "a float, the chain re-hashed": (lambda lines: with_a_fact(lines, 1.5), "entry 4: nicht in der kanonischen Form"),
    "a whole float, the chain re-hashed": (lambda lines: with_a_fact(lines, 2.0), "entry 4: nicht in der kanonischen Form"),
    "a number too large, the chain re-hashed": (lambda lines: with_a_fact(lines, 10**18), "nicht in der kanonischen Form"),
    "text that is not composed, the chain re-hashed": (lambda lines: with_a_fact(lines, "u\u0308"), "nicht in der kanonischen"),
    "a control character, the chain re-hashed": (lambda lines: with_a_fact(lines, "\x07"), "nicht in der kanonischen Form"),
    "a wrong cseq, the chain re-hashed": (renumbered, "count of the year ip-2025 (cseq)"),
    "an entry taken out, the chain re-hashed": (
        lambda lines: chained([line for line in lines if told(line)["cseq"] != 2 or told(line)["cycle"] != "ip-2025"]),
        "count of the year ip-2025 (cseq)",
    ),
    "a time that falls, the chain re-hashed": (
        lambda lines: chained(_at(lines, 4, telling(lines[4], recorded_at="2025-01-01T00:00:00.000000Z"))),
        "Eintrag / entry 5: Zeit fällt",
    ),
    "an opening in the middle, the chain re-hashed": (
        lambda lines: chained(_at(lines, 3, telling(lines[3], type="log.opened"))),
        "Eintrag / entry 4: Anfang",
    ),
    "no line at all": (lambda lines: [], "leer / empty"),
    "a further field": (lambda lines: _at(lines, 3, lines[3] | {"note": "x"}), "nicht in der vereinbarten Form"),
    "a number as text": (lambda lines: _at(lines, 3, lines[3] | {"seq": "4"}), "Eintrag / entry 4: fehlt, doppelt"),
    "no object": (lambda lines: [*lines[:3], [], *lines[4:]], "Eintrag / entry 4: unlesbar"),
}


@pytest.fixture
def copy(export_of, tmp_path: Path) -> Path:
    """An export of everything, to be tampered with; without its checksums, which would find it at once."""
    folder = tmp_path / "export"
    shutil.copytree(export_of("--with-openings"), folder)
    (folder / "SHA256SUMS").unlink()
    return folder


def test_the_copy_is_accepted_as_it_is_and_when_it_is_hashed_anew_without_a_change(check, copy: Path) -> None:
    lines = read(copy)
    write(copy, lines)
    assert check(copy).code == 0

    assert chained(lines) == lines


@pytest.mark.parametrize("change", TAMPERED)
def test_a_tampered_export_is_refused_and_the_place_named(check, copy: Path, change: str) -> None:
    tamper, finding = TAMPERED[change]
    write(copy, tamper(read(copy)))

    answer = check(copy)

    assert (answer.code, answer.out.count("\n")) == (1, 1)
    assert answer.out.startswith("NICHT IN ORDNUNG / NOT INTACT – ")
    assert finding in answer.out


def test_a_cut_tail_is_found_by_an_anchor_and_only_by_it(check, copy: Path) -> None:
    anchor = json.loads((copy / "cover.json").read_text())["anchor"]
    write(copy, read(copy)[:-1])
    (copy / "openings.jsonl").unlink()  # with the opening of the last reason left, it would show

    assert (check(copy).code, check(copy, anchor).code) == (0, 1)
    assert "die Ausgabe endet bei" in check(copy, anchor).out


def test_a_history_written_anew_is_found_by_an_anchor_and_only_by_it(check, copy: Path) -> None:
    lines = read(copy)
    anchor = f"cycle-log/1 {lines[0]['hash'][:16]} 5 {lines[4]['hash']}"
    write(copy, chained(edited(lines)))

    assert (check(copy).code, check(copy, anchor).code) == (0, 1)
    assert "Eintrag / entry 5: widerspricht dem Anker" in check(copy, anchor).out


def test_an_anchor_of_another_history_and_a_word_that_is_no_anchor_are_refused(check, copy: Path) -> None:
    assert "widerspricht dem Anker" in check(copy, ANCHOR_OF_VECTOR).out
    assert "keine Ankerzeile" in check(copy, "cycle-log/1 abc").out


@pytest.mark.parametrize("tamper", [opening_changed, opening_foreign])
def test_an_opening_that_does_not_fit_is_refused(check, copy: Path, tamper: Callable[[Path], None]) -> None:
    assert check(copy).code == 0

    tamper(copy)

    answer = check(copy)
    assert (answer.code, "passt zu keinem Eintrag" in answer.out) == (1, True)


def test_a_withheld_line_cannot_be_exchanged_or_hide_a_missing_entry(check, export_of, tmp_path: Path) -> None:
    lines = read(export_of("--cycle 2025"))
    place = next(at for at, line in enumerate(lines) if "body_sha256" in line and at > 0)

    write(tmp_path, _at(lines, place, lines[place] | {"body_sha256": "a" * 64}))
    exchanged = check(tmp_path)
    later = [line for line in lines if "body_sha256" in line or told(line)["cseq"] != 2]
    write(tmp_path, chained([lines[0], *[line for line in later[1:] if "body" in line or line is later[-1]]]))
    hidden = check(tmp_path)

    assert f"Eintrag / entry {place + 1}: verändert" in exchanged.out
    assert "count of the year ip-2025 (cseq)" in hidden.out


def test_a_line_that_says_two_things_is_refused(check, copy: Path) -> None:
    """Two bodies in one line: a reader would see the first, a parser takes the last."""
    file = copy / "events.jsonl"
    lines = file.read_text(encoding="utf-8").split("\n")
    lines[3] = lines[3].replace('"body":', '"body":"{}","body":', 1)
    file.write_text("\n".join(lines), encoding="utf-8")

    assert "Eintrag / entry 4: nicht in der vereinbarten Form" in check(copy).out


def test_a_file_that_breaks_off_and_one_that_is_no_text_are_refused(check, copy: Path) -> None:
    file = copy / "events.jsonl"
    whole = file.read_bytes()

    file.write_bytes(whole[:-1])
    broken_off = check(copy)
    file.write_bytes(whole + b"\xff\n")
    no_text = check(copy)

    assert (broken_off.code, "nicht in der vereinbarten Form" in broken_off.out) == (1, True)
    assert (no_text.code, "kein Text" in no_text.out) == (1, True)


def test_a_file_changed_on_its_way_is_found_by_its_checksum(check, export_of, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    shutil.copytree(export_of("--with-openings"), folder)
    (folder / "cover.txt").write_text("anders")
    changed = check(folder)
    (folder / "cover.txt").unlink()

    assert (changed.code, check(folder).code) == (1, 1)
    assert "cover.txt: Prüfsumme" in changed.out


def _at(lines: Lines, place: int, line: dict[str, object]) -> Lines:
    return [*lines[:place], line, *lines[place + 1 :]]


def _openings(folder: Path, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    file = folder / "openings.jsonl"
    found = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n")[:-1]]
    file.write_text("".join(f"{exact(change(each))}\n" for each in found), encoding="utf-8")
