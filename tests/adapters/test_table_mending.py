"""Cells as people fill them in: what is taken as it is, what is mended and how, what cannot be meant."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cycle.adapters.languages import language_named
from cycle.adapters.tables import CellError, Mended, Report, Source, count, habits_of, read, value
from cycle.adapters.tables.cells import folded
from cycle.adapters.tables.mending import (
    amounts,
    any_day,
    filled_line,
    had_lost_letters,
    line,
    mailbox_meant,
    name,
    postcode,
    telephone,
    words,
)
from cycle.errors import WrongInput

HABITS = habits_of([Path(__file__).parents[2] / "config" / "tables.toml"])


def told(parse: Any, text: str) -> Any:
    """The value as it is, key and value where it was mended, the key of an error."""
    try:
        found = parse(text)
    except CellError as error:
        return error.key
    return (found.key, found.value) if isinstance(found, Mended) else found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4800", 4800), ("12.500", 12500), ("7.500,00", 7500), ("00012", 12), ("", None),
        ("12.500,50 €", ("cell_cents", 12500)), ("0,90", ("cell_cents", 0)), ("12,500.50", ("cell_cents", 12500)),
        ("33333,333333", ("cell_cents", 33333)), ("ca. 5000", ("cell_about", 5000)), ("rund 2.000 EUR", ("cell_about", 2000)),
        ("~300", ("cell_about", 300)), ("5.000 Euro", ("cell_number_mended", 5000)),
        ("4.800,- €", ("cell_number_mended", 4800)), ("EUR 500", ("cell_number_mended", 500)),
        ("5 000", ("cell_number_mended", 5000)), ("30 Personen", ("cell_number_mended", 30)),
        ("12500.00", ("cell_number_mended", 12500)),
        ("12,500", "cell_no_whole_number"), ("1.25", "cell_no_whole_number"), ("-5", "cell_no_whole_number"),
        ("5000-7000", "cell_no_whole_number"), ("9" * 20, "cell_no_whole_number"), ("viel", "cell_no_whole_number"),
    ],
)  # fmt: skip
def test_an_amount_is_in_whole_euros(text: str, found: Any) -> None:
    assert told(amounts(HABITS), text) == found


@pytest.mark.parametrize(
    "text",
    [
        "1.3.24", "2024-03-01", "45352", "01.03.2024 00:00:00", "2024-03-01T00:00:00", "1. März 2024", "1 March 2024",
        "01 . 03 . 2024",
    ],
)  # fmt: skip
def test_a_day_written_otherwise_is_the_same_day(text: str) -> None:
    assert told(any_day, text) == ("cell_day_mended", date(2024, 3, 1))


def test_a_day_is_as_it_is_or_none_at_all() -> None:
    assert (told(any_day, "01.03.2024"), told(any_day, "")) == (date(2024, 3, 1), None)
    assert told(any_day, "1.3.98") == ("cell_day_mended", date(1998, 3, 1))
    for text in ("03/04/2024", "30.02.2024", "2024", "März 2024", "1.3.0024", "bald"):
        assert told(any_day, text) == "cell_no_day"


def test_misread_letters_are_put_right_and_lost_ones_told() -> None:
    assert told(words, "TÃ¼rkischer Verein – GÃ¼ndoÄŸdu") == ("cell_misread", "Türkischer Verein – Gündoğdu")
    assert told(name, "Akta?") == ("cell_letters_lost", "Akta?")
    assert told(words, "Ay?e") == ("cell_letters_lost", "Ay?e")
    assert told(words, "Wer bist du?") == "Wer bist du?"
    assert told(words, "Größe, Ânes, Ångström") == "Größe, Ânes, Ångström"
    assert (had_lost_letters("Y?ld?r?m", "Yıldırım"), had_lost_letters("Akta?", "Aktan s")) == (True, False)


def test_formulas_line_breaks_and_control_characters_are_told() -> None:
    assert told(words, "=1+1") == ("cell_formula", "=1+1")
    assert told(line, "zwei\r\nZeilen") == ("cell_one_line", "zwei Zeilen")
    assert told(words, "zwei\r\nZeilen") == "zwei\nZeilen"
    assert told(words, "a\x01") == "cell_control_character"


def test_numbers_that_a_spreadsheet_spoilt_are_told() -> None:
    assert told(telephone, "4,93023E+11") == "cell_number_lost"
    assert told(telephone, "302312561") == ("cell_zero_lost", "302312561")
    assert told(telephone, "+49 30 1") == "+49 30 1"
    assert told(postcode, "1234") == ("cell_postcode", "01234")
    assert told(postcode, "D-01234") == ("cell_mended", "01234")


def test_languages_have_codes_and_mailboxes_have_names() -> None:
    named = [language_named(text) for text in ("Kurdisch (Kurmandschi)", "türkisch", "Turkish", "Klingonisch?")]
    meant = [mailbox_meant(f"a@{domain}", HABITS) for domain in ("gmial.com", "t-onlien.de", "gmx.de", "verein.example.org")]

    assert named == ["ku", "tr", "tr", None]
    assert meant == ["a@gmail.com", "a@t-online.de", None, None]


def test_a_row_is_tidied_up_and_what_says_nothing_is_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("NR.;Bezeichnung\n1; Ga\u0308rten\u00a0am\u200bSee \n2;k. A.\nSumme:;3\n", encoding="utf-8")
    found = read(Source(file, habits=HABITS), columns={"number": ("Nr",), "title": ("Projekttitel",)}, required=("title",))
    report = Report()
    report.begin(found)

    assert [row.values["title"] for row in found.rows] == ["G\u00e4rten amSee", ""]
    assert [(record.line, record.grade, [note.key for _, note in record.notes]) for record in report.records] == [
        (2, "repaired", ["cell_tidied"]),
        (3, "repaired", ["cell_means_nothing"]),
        (4, "skipped", ["sum_row"]),
    ]


def test_a_columns_own_heading_goes_before_what_others_call_it(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("sep=,\nTräger,Name,Nr\nx,a,1\n", encoding="utf-8")

    found = read(Source(file, habits=HABITS), columns={"number": ("Nr",), "name": ("Name",)}, required=("name",))

    assert ([dict(row.values) for row in found.rows], found.unknown) == ([{"number": "1", "name": "a"}], ("Träger",))


def test_a_citys_own_headings_come_from_a_file_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    own = tmp_path / "tables.toml"
    own.write_text('[headings]\n"Nr" = ["Kennziffer"]\n', encoding="utf-8")
    file = tmp_path / "a.csv"
    file.write_text("Kennziffer\n7\n", encoding="utf-8")

    found = read(
        Source(file, habits=habits_of([own, tmp_path / "none.toml"])), columns={"number": ("Nr",)}, required=("number",)
    )

    assert found.rows[0].values == {"number": "7"}
    for wrong in ("[headings", '[headings]\n"Nr" = "x"\n', "[cells]\nunknown = []\n", "[other]\n"):
        own.write_text(wrong, encoding="utf-8")
        with pytest.raises(WrongInput, match="habits_wrong"):
            habits_of([own])


def test_no_heading_of_the_shipped_list_is_two_columns_of_one_table() -> None:
    from cycle.inventory.rules.columns import PROJECTS, REVIEWS, SURVEY  # noqa: PLC0415 - their tables
    from cycle.partners.actions.files import COLUMNS  # noqa: PLC0415
    from cycle.plan.actions.imports import MEASURE_COLUMNS, NEED_COLUMNS  # noqa: PLC0415

    for columns in (COLUMNS, PROJECTS, REVIEWS, SURVEY, NEED_COLUMNS, MEASURE_COLUMNS):
        own = {folded(heading) for headings in columns.values() for heading in headings}
        called = [each for own_ in columns.values() for each in {folded(text) for text in HABITS.headings_of(own_)} - own]
        assert sorted(each for each in set(called) if called.count(each) > 1) == []


@pytest.mark.parametrize(("parse", "most"), [(line, 200), (filled_line, 200), (name, 200), (telephone, 200), (words, 2_000)])
def test_a_cell_holds_no_more_than_can_be_meant(parse: Any, most: int) -> None:
    assert told(parse, "x" * most) == "x" * most
    assert told(parse, "x" * (most + 1)) == "cell_too_long"


def test_a_sentence_quotes_the_beginning_of_a_long_cell_only(tmp_path: Path) -> None:
    file = tmp_path / "lang.csv"
    file.write_text(f"Nr\n{'7a' * 50_000}\n", encoding="utf-8")
    table = read(file, columns={"number": ("Nr",)}, required=("number",))
    seen = Report()
    seen.begin(table)

    assert value(table, table.rows[0], "number", count, seen) is None

    (problem,) = seen.errors
    assert (problem.key, problem.facts) == ("cell_no_whole_number", {"text": f"{'7a' * 60} …"})
