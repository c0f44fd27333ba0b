"""`cycle history list` and `show`: the entries as sentences, as documents and as lines for a spreadsheet."""

import gc
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli import output, shell
from cycle.cli.choosing import FIRST_YEAR, LAST_YEAR, choose
from cycle.cli.options import AsOf, Csv, Effective, Json, OfPlan
from cycle.cli.words import word, wording
from cycle.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlmodel import Session

    from cycle.journal.history import Told

AT_ONCE = 500
Year = Annotated[
    int | None,
    typer.Argument(metavar="YEAR", min=FIRST_YEAR, max=LAST_YEAR, help=word("arg.year_optional"), show_default=False),
]


def list_entries(
    year: Year = None,
    type: Annotated[list[str] | None, typer.Option("--type", help=word("opt.type"), show_default=False)] = None,
    last: Annotated[int | None, typer.Option("--last", min=1, help=word("opt.last"), show_default=False)] = None,
    backdated: Annotated[bool, typer.Option("--backdated", help=word("opt.backdated"))] = False,
    as_of: AsOf = None,
    effective: Effective = None,
    csv: Csv = False,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    for each in type or ():
        choose("--type", each, (key.removeprefix("type.") for key in wording().keys if key.startswith("type.")))
    listing = _begun(Listing(year, plan, as_of, effective, tuple(type or ()), last, backdated))
    if json:
        facts = {"year": year, "as_of": as_of, "effective": effective, "backdated": backdated}
        documents = (each.document for each in listing)
        output.as_json_list({"schema": "cycle/history/1", **facts}, "entries", documents)
        return
    if csv:
        _csv(listing)
        return
    columns = [("col.no", "right"), ("col.when", "whole"), ("col.who", "left"), ("col.what", "left"), ("col.reason", "left")]
    if backdated:
        columns = [*columns[:2], ("col.effective", "whole"), ("col.delay_days", "right"), *columns[2:]]
    rows = (each.backdated_row if backdated else each.row for each in listing)
    output.as_table(word("title.backdated" if backdated else "title.history"), columns, rows)


def _begun(listing: "Listing") -> "Iterator[Listed]":
    """The list with its first entry read: what stands against reading it is told before a line of it is printed."""
    entries = iter(listing)
    return chain(list(islice(entries, 1)), entries)


@dataclass(frozen=True)
class Listed:
    """One entry of a list, with what is known of it beside its body."""

    told: "Told"
    sentence: str
    who: str
    why: str | None
    late: int
    software: str

    @property
    def row(self) -> list[Any]:
        """As a line of the table."""
        return [self.told.seq, self.told.recorded_at, self.who, self.sentence, self.why]

    @property
    def backdated_row(self) -> list[Any]:
        """The same with the day it counts from, and how many days later it was recorded."""
        return [*self.row[:2], self.told.effective_on, self.late, *self.row[2:]]

    @property
    def document(self) -> dict[str, Any]:
        """In JSON."""
        from cycle.cli.telling import entry_document

        return entry_document(self.told, self.why) | {"delay_days": self.late, "software": self.software}


@dataclass(frozen=True)
class Listing:
    """The entries that were asked for, in their order. They are read some hundred at a time, each time in a reading of its
    own: a long list takes no more memory than a short one, and a slow reader of it holds up nobody who writes."""

    year: int | None
    plan: str | None
    as_of: str | None
    effective: date | None
    types: tuple[str, ...]
    last: int | None
    backdated: bool

    def __iter__(self) -> "Iterator[Listed]":
        from cycle.cli.telling import labels_of, names_of
        from cycle.cycles.records import cycles_of, workflows_of
        from cycle.journal.history import head_seq

        with ExitStack() as past:
            with ExitStack() as now:
                looking = shell.reading(self.year, plan=self.plan, as_of=self.as_of, effective=self.effective)
                about = (past if self._looks_back else now).enter_context(looking)
                scope: dict[str, Any] = {"types": self.types}
                if self.year is not None:
                    scope["cycle"] = about.cycle.key
                elif self.plan is not None:
                    scope["cycles"] = [each.key for each in cycles_of(about.session, self.plan)]
                names, labels = names_of(about.session), labels_of(workflows_of(about.session))
                until = head_seq(about.session)
                after = self._before_the_last(about.session, scope)
            reading = (lambda: nullcontext(about.session)) if self._looks_back else shell.site().journal.reading
            while True:
                with reading() as session:
                    listed = self._some(session, scope, after, until, names, labels)
                if not listed:
                    return
                if len(listed) == AT_ONCE:
                    gc.enable()  # a command begins without it, which a short one never feels
                yield from listed
                after = listed[-1].told.seq

    @property
    def _looks_back(self) -> bool:
        return self.as_of is not None or self.effective is not None

    def _wanted(self, told: "Told") -> bool:
        from cycle.journal.history import delay_days

        return not self.backdated or delay_days(told, shell.site().zone) > 0

    def _before_the_last(self, session: "Session", scope: dict[str, Any]) -> int:
        """After which entry the list begins: 0, or that many of the wanted ones before its end."""
        from cycle.journal.history import entries

        if self.last is None:
            return 0
        newest = (each.seq for each in entries(session, **scope, newest_first=True) if self._wanted(each))
        return min(islice(newest, self.last), default=1) - 1

    def _some(
        self,
        session: "Session",
        scope: dict[str, Any],
        after: int,
        until: int,
        names: dict[str, str],
        labels: dict[str, str],
    ) -> list[Listed]:
        from cycle.cli.telling import entry_sentence
        from cycle.journal.history import delay_days, entries, reason, written_by

        wanted = (each for each in entries(session, **scope, after=after, until=until) if self._wanted(each))
        found = list(islice(wanted, AT_ONCE))
        versions = written_by(session, found)
        return [
            Listed(
                told,
                entry_sentence(told, labels, names),
                names.get(told.body["actor"]["ref"], told.body["actor"]["ref"]),
                reason(session, told),
                delay_days(told, shell.site().zone),
                versions[told.seq],
            )
            for told in found
        ]


def _csv(listing: "Iterable[Listed]") -> None:
    """The same for a spreadsheet, with what an auditor looks for beside it: the number within the year (without a gap),
    role, type, checks, the workflow's hash, the days it was recorded late, the programme's version, who approved."""
    header = ["no", "when", "who", "what", "reason", "of_year", "role", "type", "checks", "workflow", "effective", "hash"]
    header += ["delay_days", "software", "second"]
    output.as_csv(header, (_line(each) for each in listing))


def _line(each: Listed) -> list[Any]:
    entry = each.told
    checks = [f"{c['check']} {'+' if c['met'] else 'waived' if c['waived'] else '-'}" for c in entry.data.get("checks", [])]
    second = entry.body["second"]
    more = [entry.body["cseq"], entry.body["actor"]["role"], entry.type, ", ".join(checks), entry.data.get("workflow")]
    known = [each.late, each.software, second and f"{second['ref']} ({second['role']})"]
    return [*each.row, *more, entry.effective_on, entry.hash, *known]


def show_entry(
    number: Annotated[int, typer.Argument(metavar="NR", min=0, max=LARGEST, help=word("arg.seq"), show_default=False)],
    json: Json = False,
) -> None:
    from cycle.cli.changes import of_an_entry
    from cycle.cli.row_names import row_names
    from cycle.cli.telling import actor_line, entry_document, entry_sentence, labels_of, names_of, second_line
    from cycle.cycles.records import workflows_of
    from cycle.journal.history import by_id, delay_days, entries, reason, written_by

    with shell.reading() as answer:
        told = next(iter(entries(answer.session, after=number - 1, until=number)), None)
        if told is None:
            raise NotFound("unknown_entry", number=number)
        why = reason(answer.session, told)
        names = names_of(answer.session)
        workflows = list(workflows_of(answer.session))
        rows = row_names(answer.session, told.data.get("changes", ()), workflows)
        labels = labels_of(workflows)
        software = written_by(answer.session, [told])[told.seq]
        old = by_id(answer.session, told.body["supersedes"]) if told.body["supersedes"] else None
    late = delay_days(told, shell.site().zone)
    corrects = old.seq if old else None
    if json:
        known = {"delay_days": late, "software": software, "corrects": corrects}
        output.as_json({"schema": "cycle/entry/1", **entry_document(told, why), **known})
        return
    body = told.body
    lines: list[tuple[str, Any]] = [
        ("col.no", told.seq),
        ("col.what", entry_sentence(told, labels, names)),
        ("col.when", told.recorded_at),
        ("col.effective", told.effective_on),
        ("col.delay_days", late or None),
        ("col.who", actor_line(body["actor"], names, labels)),
        ("col.second", second_line(body["second"], names)),
        ("col.reason", why),
        ("col.basis", ", ".join(f"{each['kind']} {each['ref']}" for each in body["basis"]) or None),
        ("col.corrects", corrects),
        ("col.cycle", f"{body['cycle']} / {body['cseq']}" if body["cycle"] else None),
        ("col.software", software),
        ("col.hash", told.hash),
    ]
    output.as_table(
        word("title.entry", number=number),
        [("col.field", "left"), ("col.value", "left")],
        [[word(k), v] for k, v in lines if v is not None],
    )
    for line in of_an_entry(told.data.get("changes", ()), workflows, rows):
        typer.echo(line)
