"""Judges what a form says of one project: a cell becomes a value, repaired where it is plain what was meant, or a remark."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cycle.adapters.numbers import LARGEST
from cycle.adapters.tables import CellError, repaired_day
from cycle.adapters.tables.books import Value
from cycle.inventory.actions.returned.sheet import Column, Sheet, text_of
from cycle.inventory.rules.form import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    Kind,
    Level,
    Question,
    Remark,
    remarks_on_span,
    worst,
)
from cycle.workflow.model import Workflow, folded

NEEDED = ("title", "fields", "target_groups", "status")

_AROUND = re.compile(r"(?i)^(ca\.?|etwa|rund|about)\s*|\s*(€|eur|euro)\s*$")
_GERMAN = re.compile(r"([0-9]{1,3}(?:[. ][0-9]{3})+|[0-9]+)(?:,([0-9]{1,2}|-{1,2}))?")
_SEVERAL = re.compile(r"[;|,/\n]")


@dataclass(frozen=True)
class Judged:
    """One project of a form: its values by column of `Project`, as far as they could be read, and what is to be said."""

    number: int | None
    place: int | None
    title: str | None
    values: Mapping[str, Any]
    remarks: tuple[Remark, ...]
    empty: bool

    @property
    def level(self) -> Level:
        """The worst that was found."""
        return worst(self.remarks)


class Judge:
    """Judges the columns of forms by a workflow's words and the partners there are (by every name they may be written as)."""

    def __init__(self, workflow: Workflow, partners: Mapping[str, int], today: date) -> None:
        self._workflow = workflow
        self._partners = partners
        self._today = today

    def of(self, sheet: Sheet, column: Column) -> Judged:
        """What a column of a form says."""
        values: dict[str, Any] = {}
        remarks: list[Remark] = []
        for question in sheet.questions:
            told = self._cell(question, column.cells.get(question.id), remarks)
            if question.words in ("fields", "target_groups"):
                values[question.name] = list(dict.fromkeys([*values.get(question.name, []), *(told or [])]))
            else:
                values[question.name] = told
        if not column.empty:
            wrong = {remark.question for remark in remarks if remark.level is Level.ERROR}
            remarks += [
                Remark(Level.ERROR, "form_cell_missing", {}, name)
                for name in NEEDED
                if name in values and not values[name] and not any((each or "").startswith(name) for each in wrong)
            ]
            span = [values.get(name) for name in ("starts", "ends", "status")]
            remarks += remarks_on_span(span[0], span[1], span[2], self._today)
        return Judged(column.number, column.place, values.get("title"), values, tuple(remarks), column.empty)

    def _cell(self, question: Question, value: Value, remarks: list[Remark]) -> Any:
        if value is None:
            return [] if question.name == "partners" else None

        def say(level: Level, key: str, **facts: Any) -> None:
            remarks.append(Remark(level, key, {"text": text_of(value), **facts}, question.id))

        if question.name == "partners":
            return self._cooperating(text_of(value) or "", say)
        if question.kind is Kind.WORD:
            return self._word(question, text_of(value) or "", say)
        if question.kind is Kind.DAY:
            return _day(value, say)
        if question.kind in (Kind.EURO, Kind.COUNT):
            return _number(value, say)
        return _text(value, LONGEST_TITLE if question.name == "title" else LONGEST_TEXT, say)

    def _word(self, question: Question, text: str, say: Callable[..., None]) -> Any:
        words = question.words or ""
        found = self._workflow.word_id(words, text)
        several = question.words in ("fields", "target_groups")
        if found is not None:
            entry = self._workflow.vocab[words][found]
            if text not in (entry.de, entry.en):
                say(Level.REPAIRED, "form_word_repaired", meant=entry.de)
            return [found] if several else found
        parts = [part.strip() for part in _SEVERAL.split(text) if part.strip()]
        ids = [self._workflow.word_id(words, part) for part in parts]
        if several and len(parts) > 1 and all(ids):
            say(Level.REPAIRED, "form_words_split", count=len(parts))
            return ids
        say(Level.ERROR, "form_word_unknown", known=[each.de for each in self._workflow.vocab.get(words, {}).values()])
        return None

    def _cooperating(self, text: str, say: Callable[..., None]) -> list[int]:
        found: list[int] = []
        for part in re.split(r"[;\n]", text):
            pieces = [part] if folded(part) in self._partners else part.split(",")
            for piece in filter(None, map(str.strip, pieces)):
                number = self._partners.get(folded(piece))
                if number is None:
                    say(Level.WARNING, "form_partner_unknown", name=piece)
                else:
                    found.append(number)
        return sorted(dict.fromkeys(found))


def _day(value: Value, say: Callable[..., None]) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        found = repaired_day((text_of(value) or "").rstrip("."))
    except CellError:
        found = None
    if found is None or not 1900 <= found.year <= 2200:
        say(Level.ERROR, "form_no_day")
        return None
    say(Level.REPAIRED, "form_day_repaired", day=found)
    return found


def _number(value: Value, say: Callable[..., None]) -> int | None:
    if isinstance(value, bool | date):
        say(Level.ERROR, "form_no_number")
        return None
    if isinstance(value, int | float):
        if not 0 <= value <= LARGEST:
            say(Level.ERROR, "form_no_number")
            return None
        whole = round(value)
        if whole != value:
            say(Level.REPAIRED, "form_number_repaired", number=whole)
        return whole
    found = _GERMAN.fullmatch(_AROUND.sub("", _AROUND.sub("", (text_of(value) or "").strip())).strip())
    whole = int(re.sub(r"[. ]", "", found[1])) if found else LARGEST + 1
    if found is None or whole > LARGEST:
        say(Level.ERROR, "form_no_number")
        return None
    cents = (found[2] or "0").strip("-") or "0"
    whole += int(cents.ljust(2, "0")) >= 50
    say(Level.REPAIRED, "form_number_repaired", number=whole)
    return whole


def _text(value: Value, longest: int, say: Callable[..., None]) -> str | None:
    text = text_of(value)
    if text is not None and len(text) > longest:
        say(Level.ERROR, "form_text_too_long", longest=longest, length=len(text))
        return None
    return text
