"""Every cell of a form is judged for itself: taken, repaired where it is plain what was meant, or told."""

from datetime import date, datetime
from typing import Any

import pytest

from cycle.app.lent import LENT
from cycle.app.places import data_root
from cycle.inventory.actions.returned.judge import Judge
from cycle.inventory.actions.returned.sheet import Column, Sheet
from cycle.inventory.rules.form import FormKey, form_key, is_asked, is_true, key_in, questions
from cycle.workflow.load import load

ROOT = data_root()
TEMPLATES = frozenset(file.name.removesuffix(".txt.j2") for file in (ROOT / "templates" / "mail").glob("*/*.txt.j2"))
CELLS: dict[str, Any] = {
    "title": "Sprachcafé", "fields_1": "Sprache", "target_groups_1": "Frauen", "status": "laufend", "starts": date(2023, 9, 1),
}  # fmt: skip


@pytest.fixture(scope="module")
def judge() -> Judge:
    defaults = ROOT / "config" / "workflow_defaults.yaml"
    workflow = load(ROOT / "workflows" / "integration.yaml", lent=LENT, templates=TEMPLATES, defaults=defaults)
    return Judge(workflow, {"verein birke": 3, "lob und dank, e. v.": 4}, date(2025, 3, 5))


def judged(judge: Judge, **cells: Any) -> tuple[str, list[tuple[str | None, str]], Any]:
    """The outcome, what is said of which line, and the values."""
    column = Column(7, None, {each.id: (CELLS | cells).get(each.id) for each in questions()})
    found = judge.of(Sheet("a.xlsx", "", FormKey("ip-2025", 2, ""), False, None, questions(), (column,), (), ""), column)
    return found.level.value, [(each.question, each.key) for each in found.remarks], found.values


@pytest.mark.parametrize(
    ("line", "value", "outcome", "said", "taken"),
    [
        ("status", "läuft noch", "error", "form_word_unknown", None),
        ("status", "LAUFEND", "repaired", "form_word_repaired", "running"),
        ("status", "Running", "taken", None, "running"),
        ("target_groups_1", "Frauen, Kinder", "repaired", "form_words_split", ["women", "children"]),
        ("target_groups_2", "Frauen", "taken", None, ["women"]),
        ("target_groups_2", "Einhörner", "error", "form_word_unknown", ["women"]),
        ("fields_1", None, "error", "form_cell_missing", []),
        ("title", "x" * 201, "error", "form_text_too_long", None),
        ("amount", "etwa 4.500,50 €", "repaired", "form_number_repaired", 4501),
        ("amount", "4500,-", "repaired", "form_number_repaired", 4500),
        ("amount", "12.50", "error", "form_no_number", None),
        ("amount", 99.5, "repaired", "form_number_repaired", 100),
        ("amount", 0, "taken", None, 0),
        ("amount", None, "taken", None, None),
        ("amount", -5, "error", "form_no_number", None),
        ("amount", 10**15, "error", "form_no_number", None),
        ("amount", True, "error", "form_no_number", None),
        ("starts", "im Frühjahr", "error", "form_no_day", None),
        ("starts", "1.9.23", "repaired", "form_day_repaired", date(2023, 9, 1)),
        ("starts", 45170, "repaired", "form_day_repaired", date(2023, 9, 1)),
        ("starts", datetime(2023, 9, 1, 12), "taken", None, date(2023, 9, 1)),  # noqa: DTZ001 - as a cell has it
        ("ends", date(2020, 1, 1), "error", "form_ends_before_start", date(2020, 1, 1)),
        ("ends", date(2024, 1, 1), "warning", "form_ended_but_goes_on", date(2024, 1, 1)),
        ("status", "abgeschlossen", "warning", "form_over_without_end", "completed"),
        ("partners", "Verein Birke; Kreis-AG", "warning", "form_partner_unknown", [3]),
        ("partners", "verein birke, Lob und Dank, e. V.", "warning", "form_partner_unknown", [3]),
        ("partners", "Lob und Dank, e. V.\nVerein Birke", "taken", None, [3, 4]),
        ("remark", '=HYPERLINK("http://x")\x07\r\nzwei', "taken", None, '=HYPERLINK("http://x") \nzwei'),
    ],
)
def test_a_cell_is_taken_repaired_or_told(
    judge: Judge, line: str, value: Any, outcome: str, said: str | None, taken: Any
) -> None:
    name = line.rstrip("123").rstrip("_")
    level, remarks, values = judged(judge, **{line: value})

    assert (level, values[name]) == (outcome, taken)
    assert {key for _, key in remarks} == ({said} if said else set())


def test_a_key_is_true_for_its_cycle_and_its_partner_alone() -> None:
    key = form_key("secret", "ip-2025", 17)

    assert key_in(f"  {key}\n") == key
    assert key_in(str(key).lower()) == key
    assert [key_in(text) for text in ("", "IP-2025-017", f"Kennung: {key} bitte")] == [None, None, None]
    assert is_true(key, "secret")
    assert [
        is_true(other, secret)
        for other, secret in (
            (key, "another"),
            (key, None),
            (FormKey("ip-2026", 17, key.word), "secret"),
            (FormKey("ip-2025", 18, key.word), "secret"),
        )
    ] == [False] * 4


def test_what_ended_before_last_year_is_asked_for_no_more() -> None:
    def asked(year: int | None, ends: date | None) -> bool:
        return is_asked(year, ends, since_year=2024, first_day=date(2024, 1, 1))

    assert [asked(2024, None), asked(2025, None), asked(2024, date(2024, 1, 1))] == [True] * 3
    assert [asked(2023, None), asked(None, None), asked(2024, date(2023, 12, 31))] == [False] * 3
