"""Needs and measures of the years before, from a file as people keep it; what is known already is left alone."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from cycle.adapters.tables import (
    CellError,
    Mended,
    Report,
    Row,
    Source,
    Table,
    as_cell,
    codes,
    count,
    filled,
    labels,
    read,
    value,
    whole,
)
from cycle.adapters.tables.mending import amounts, any_day, filled_any_day, filled_line, words
from cycle.cycles.records import Year
from cycle.errors import WrongInput
from cycle.journal.entry import Entry
from cycle.partners.records import partners_all
from cycle.plan.records import Measure, Need, numbers_given
from cycle.plan.rules.decimals import decimal_text
from cycle.plan.rules.status import SETTLED, MeasureStatus, NeedStatus, Priority, Secured
from cycle.plan.rules.terms import engine_term, numbered, numbered_term
from cycle.workflow.model import Workflow
from cycle.workflow.words import word_of

NEED_COLUMNS = {
    "number": ("Nr", "Bedarfsnummer"),
    "year": ("Zyklus",),
    "title": ("Bedarf",),
    "field": ("Handlungsfeld",),
    "target_group": ("Zielgruppe",),
    "source": ("Quelle",),
    "priority": ("Priorität",),
    "status": ("Status",),
    "theme": ("Schwerpunktthema",),
    "amount": ("Kosten EUR",),
    "secured": ("Finanzierung gesichert",),
    "reported_on": ("Gemeldet am",),
    "carry_count": ("Übertragungen",),
}
MEASURE_COLUMNS = {
    "number": ("Nr", "Maßnahmennummer"),
    "year": ("Zyklus",),
    "title": ("Maßnahme",),
    "field": ("Handlungsfeld",),
    "target_groups": ("Zielgruppe",),
    "needs": ("Bedarf Nr",),
    "theme": ("Schwerpunktthema",),
    "owner": ("Federführung Nr",),
    "partners": ("Beteiligte Nr",),
    "due_first": ("Frist",),
    "due": ("Neue Frist",),
    "status": ("Status",),
    "percent": ("Umsetzungsgrad %",),
    "cost": ("Kosten EUR", "Kosten geplant EUR"),
    "cost_actual": ("Kosten bisher EUR",),
    "secured": ("Finanzierung gesichert",),
    "funding_source": ("Geldgeber",),
    "indicator": ("Indikator",),
    "indicator_unit": ("Einheit",),
    "target": ("Ziel",),
    "actual": ("Ist",),
    "done_on": ("Abgeschlossen am",),
    "carry_count": ("Übertragungen",),
    "carried_to": ("Übertragen in Zyklus",),
    "reason": ("Grund",),
    "updated_on": ("Stand", "Stand vom"),
}
_CARRIED = "carried"  # a file may say so where the engine keeps the status and counts the carry

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


@dataclass(frozen=True)
class Imported:
    """What an import did: the numbers added, and those that were known already and stay as they are."""

    added: tuple[str, ...]
    known: tuple[str, ...]


def import_needs(entry: Entry, about: Year, file: Path | Source, report: Report | None = None) -> Imported:
    """The needs of a file, into the plan's stock; those with a carry go on in this cycle.

    With a `report` wrong rows are told there and left out.

    Raises:
        NotFound, WrongInput: as `tables.read`, or without a report `plan_rows_wrong` with every wrong cell.
    """
    table = read(file, columns=NEED_COLUMNS, required=("number", "year", "title", "field", "source", "status", "reported_on"))
    reader = _Reader(about.workflow, table, report)
    known, rows, seen = frozenset(numbers_given(about.session, Need)), list[Need](), list[str]()
    for row in table.rows:
        number = reader.number(row, "B", seen)
        source = reader.cell(row, "source", reader.source)
        status = reader.cell(row, "status", reader.need_status)
        carries = reader.cell(row, "carry_count", count) or 0
        groups = reader.cell(row, "target_group", reader.words("target_groups")) or []
        amount = reader.cell(row, "amount", amounts(table.habits))
        need: dict[str, Any] = {
            "year": reader.year(row, about),
            "title": reader.cell(row, "title", filled_line),
            "field": reader.cell(row, "field", reader.word("fields")),
            "target_group": next(iter(groups), None),
            "further_groups": groups[1:] or None,
            "priority": reader.cell(row, "priority", reader.engine("priorities", Priority, Priority.MEDIUM)),
            "theme": row.values["theme"].upper() or None,
            "amount": amount,
            "costs": None if amount is None else amount > 0,
            "secured": reader.cell(row, "secured", reader.engine_or_none("funding_secured", Secured)),
            "reported_on": reader.cell(row, "reported_on", filled_any_day),
        }
        if number and source and status and number not in known and not reader.report.is_wrong(row.line):
            goes_on = carries > 0 and status not in SETTLED
            rows.append(
                Need(
                    number=number,
                    plan=about.cycle.plan,
                    source=source[0],
                    source_group=source[1],
                    status=status,
                    carry_count=carries,
                    carried_to=about.cycle.year if goes_on else None,
                    **need,
                )
            )
    reader.finish()
    entry.add_all(rows)
    return _imported(entry, [row.number for row in rows], seen, known)


def import_measures(entry: Entry, about: Year, file: Path | Source, report: Report | None = None) -> Imported:
    """The measures of a file under their numbers; nobody is told that they own one. As `import_needs`."""
    table = read(file, columns=MEASURE_COLUMNS, required=("number", "year", "title", "status"))
    reader = _Reader(about.workflow, table, report, {partner.number for partner in partners_all(about.session)})
    known, rows, seen = frozenset(numbers_given(about.session, Measure)), list[Measure](), list[str]()
    for row in table.rows:
        number = reader.number(row, "M", seen)
        first = reader.cell(row, "due_first", any_day)
        status = reader.cell(row, "status", reader.engine("measure_status", MeasureStatus, None))
        measure: dict[str, Any] = {
            "year": reader.year(row, about),
            "title": reader.cell(row, "title", filled_line),
            "field": reader.cell(row, "field", reader.word_or_none("fields")),
            "target_groups": reader.cell(row, "target_groups", reader.words("target_groups")),
            "needs": [each.upper() for each in codes(row.values["needs"])],
            "theme": row.values["theme"].upper() or None,
            "owner": next(iter(reader.cell(row, "owner", reader.partners) or ()), None),
            "partners": reader.cell(row, "partners", reader.partners),
            "due": reader.cell(row, "due", any_day) or first,
            "percent": reader.cell(row, "percent", _percent) or 0,
            "cost": reader.cell(row, "cost", amounts(table.habits)),
            "cost_actual": reader.cell(row, "cost_actual", amounts(table.habits)),
            "secured": reader.cell(row, "secured", reader.engine_or_none("funding_secured", Secured)),
            "funding_source": reader.cell(row, "funding_source", reader.word_or_none("funding_sources")),
            "indicator": row.values["indicator"] or None,
            "indicator_unit": row.values["indicator_unit"] or None,
            "target": reader.cell(row, "target", reader.decimal_or_none),
            "actual": reader.cell(row, "actual", reader.decimal_or_none),
            "done_on": reader.cell(row, "done_on", any_day),
            "updated_on": reader.cell(row, "updated_on", any_day),
            "carry_count": reader.cell(row, "carry_count", count) or 0,
            "carried_to": reader.cell(row, "carried_to", _years),
            "reason": reader.cell(row, "reason", words),
        }
        if number and status and number not in known and not reader.report.is_wrong(row.line):
            since = entry.today if measure["due"] else None
            rows.append(
                Measure(number=number, plan=about.cycle.plan, due_first=first, due_since=since, status=status, **measure)
            )
    reader.finish()
    entry.add_all(rows)
    return _imported(entry, [row.number for row in rows], seen, known)


class _Reader:
    """A file's cells in the workflow's words; every wrong one is a problem with its place."""

    def __init__(self, workflow: Workflow, table: Table, report: Report | None, partners: Collection[int] = ()) -> None:
        self.workflow = workflow
        self.table = table
        self.known_partners = partners
        self.stops = report is None
        self.report = Report() if report is None else report
        self.report.begin(table)

    def cell(self, row: Row, column: str, parse: Callable[[str], T | Mended[T]]) -> T | None:
        return value(self.table, row, column, parse, self.report)

    def number(self, row: Row, letter: str, seen: list[str]) -> str | None:
        def parse(text: str) -> str:
            if not numbered(letter)(text.upper()):
                raise CellError("cell_no_plan_number", text=text, letter=letter)
            if text.upper() in seen:
                raise CellError("cell_plan_number_twice", text=text)
            seen.append(text.upper())
            return text.upper()

        return self.cell(row, "number", parse)

    def year(self, row: Row, about: Year) -> int | None:
        def parse(text: str) -> int:
            year = whole(filled(text))
            if year is None or year > about.cycle.year:
                raise CellError("cell_later_year", text=text, year=about.cycle.year)
            return year

        return self.cell(row, "year", parse)

    def word(self, words: str) -> Callable[[str], str]:
        return lambda text: self._told(lambda: word_of(self.workflow, words, filled(text)))

    def word_or_none(self, words: str) -> Callable[[str], str | None]:
        return lambda text: self.word(words)(text) if text else None

    def words(self, words: str) -> Callable[[str], list[str]]:
        return lambda text: [self.word(words)(each) for each in labels(text)]

    def engine(self, words: str, kind: type[E], default: E | None) -> Callable[[str], E]:
        def parse(text: str) -> E:
            if not text and default is not None:
                return default
            return self._told(lambda: engine_term(self.workflow, words, kind, filled(text)))

        return parse

    def engine_or_none(self, words: str, kind: type[E]) -> Callable[[str], E | None]:
        return lambda text: self.engine(words, kind, None)(text) if text else None

    def decimal_or_none(self, text: str) -> str | None:
        return self._told(lambda: decimal_text(text)) if text else None

    def source(self, text: str) -> tuple[str, str | None]:
        return self._told(lambda: numbered_term(self.workflow, "need_sources", filled(text)))

    def need_status(self, text: str) -> NeedStatus:
        if self.workflow.word_id("need_status", text) == _CARRIED:
            return NeedStatus.OPEN
        return self.engine("need_status", NeedStatus, None)(text)

    def partners(self, text: str) -> list[int]:
        numbers = [whole(each) for each in codes(text)]
        for number in numbers:
            if number not in self.known_partners:
                raise CellError("cell_partner_unknown", partner=number)
        return [number for number in numbers if number is not None]

    def finish(self) -> None:
        errors = self.report.errors
        if self.stops and errors:
            raise WrongInput("plan_rows_wrong", problems=errors, file=self.table.file, count=len(errors))

    def _told(self, parse: Callable[[], T]) -> T:
        try:
            return parse()
        except WrongInput as error:
            raise as_cell(error) from None


def _percent(text: str) -> int | None:
    percent = whole(text)
    if percent is not None and not 0 <= percent <= 100:
        raise CellError("cell_no_percent", text=text)
    return percent


def _years(text: str) -> list[int]:
    return [year for each in codes(text) if (year := whole(each)) is not None]


def _imported(entry: Entry, added: list[str], seen: list[str], known: Collection[str]) -> Imported:
    left_alone = tuple(number for number in seen if number in known)
    if not added:
        entry.leave_out()
    entry.tell(added=len(added), known=len(left_alone))
    return Imported(tuple(added), left_alone)
