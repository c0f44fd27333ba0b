"""What every command needs: the site it works on, an entry or a reading, and one way to say what was done.

Imports at the top only what `cycle --help` needs; the rest when a command runs.
"""

import json as json_module
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cycle.adapters.numbers import LARGEST
from cycle.app.places import home
from cycle.cli import table
from cycle.cli.choosing import FIRST_YEAR, LAST_YEAR, as_day, choose, choose_template, plan_with_year
from cycle.cli.helping import Commands
from cycle.cli.options import AsOf, Csv, Day, DryRun, Effective, Expect, Json, Notify, OfPlan, Reason, YearArg, Yes
from cycle.cli.planned import of_plan
from cycle.cli.words import language, word, wording
from cycle.errors import WrongInput

if TYPE_CHECKING:
    from sqlmodel import Session

    from cycle.app.site import Site
    from cycle.cycles.records import Year
    from cycle.dates.rules import Calendars
    from cycle.journal.entry import Entry
    from cycle.journal.lastseen import Behind
    from cycle.vocabulary import Finding
    from cycle.wording import Wording

__all__ = [
    "FIRST_YEAR",
    "LARGEST",
    "LAST_YEAR",
    "Answer",
    "AsOf",
    "Csv",
    "Day",
    "DryRun",
    "Effective",
    "Expect",
    "Json",
    "Notify",
    "OfPlan",
    "Reason",
    "YearArg",
    "Yes",
    "as_csv",
    "as_day",
    "as_json_list",
    "as_table",
    "calendars_for",
    "choose",
    "choose_template",
    "confirm",
    "demand",
    "done",
    "is_open",
    "language",
    "note",
    "noun",
    "plan_with_year",
    "reading",
    "say",
    "sentence",
    "show",
    "site",
    "word",
    "wording",
    "writing",
]


def noun(name: str) -> typer.Typer:
    """The commands of one noun (`meeting`, or inside it `meeting.agenda`); its help is the sentence `cli.<noun>`."""
    return Commands(name=name.rpartition(".")[2], help=word(f"cli.{name}"), no_args_is_help=True)


_opened: "Site | None" = None
_behind: "Behind | None" = None


def site() -> "Site":
    """The site of CYCLE_HOME, or of the folder one stands in; opened once in a process."""
    global _opened, _behind
    if _opened is None or _opened.home != home():
        from cycle.app.opening import open_site
        from cycle.app.rollback import behind

        close()
        _opened = open_site(home())
        _behind = behind(_opened)
    return _opened


def say_behind() -> None:
    """Say that the open site's database is not what was seen before, if it is not: whoever only reads is to know it too."""
    if _opened is None or _behind is None:
        return
    from cycle.app.rollback import behind

    still = behind(_opened)  # this very command may have accepted it
    if still is not None:
        refusal = still.refusal()
        typer.echo(f"! {sentence(refusal.key, **refusal.facts)}", err=True)


def is_open() -> bool:
    """Whether a site is open: only then there is something to look words up in."""
    return _opened is not None


def close() -> None:
    """Close the site's connections."""
    global _opened, _behind
    if _opened is not None:
        _keep_seen(_opened)
        _behind = None
        _opened.database.dispose()
        _opened = None


def _keep_seen(here: "Site") -> None:
    """Keep how far the database is, for the next command to compare; where that cannot be, whoever asks is to know it."""
    last_seen = here.journal.last_seen
    problem = last_seen.keep() if last_seen is not None else None
    if last_seen is not None and isinstance(problem, OSError):
        typer.echo(f"! {sentence('last_seen_unkept', file=last_seen.file, problem=problem)}", err=True)


@contextmanager
def writing(
    type: str,
    right: str,
    *,
    year: int | None = None,
    plan: str | None = None,
    reason: str | None = None,
    on: date | None = None,
    expect: int | None = None,
    group: str | None = None,
    dry_run: bool = False,
    closed_too: bool = False,
) -> "Iterator[tuple[Entry, Year]]":
    """An open entry and the year it belongs to (None in place of it for an entry of no cycle)."""
    from cycle.vocabulary import Right

    with site().entry(
        type,
        Right(right),
        year=year,
        plan=plan,
        reason=reason,
        on=on,
        expect=expect,
        group=group,
        dry_run=dry_run,
        closed_too=closed_too,
    ) as (entry, about):
        yield entry, about  # type: ignore[misc]  # commands of no cycle do not look at it


@dataclass(frozen=True)
class Answer:
    """What a reading command without a year works with."""

    session: "Session"
    site: "Site"
    today: date
    now: datetime


@contextmanager
def reading(
    year: int | None = None, *, plan: str | None = None, as_of: str | None = None, effective: date | None = None
) -> "Iterator[Any]":
    """A `Year` to read from, or without a year an `Answer` (session, site, today, now).

    `as_of` gives what was known at that moment, `effective` what held on that day by all that was known: there, too, the
    year's today is that moment's.
    """
    here = site()
    if as_of is None and effective is None:
        with here.reading(year, plan=plan) as (session, about):
            yield about if about is not None else Answer(session, here, here.today(), here.now())
        return
    from cycle.adapters.clock import day_of, parse_instant

    moment = parse_instant(as_of, here.zone) if as_of is not None else here.now()
    seen = moment if effective is None else min(moment, datetime.combine(effective, time(23, 59, 59), here.zone))
    with here.past(moment, effective) as session:
        if year is None:
            yield Answer(session, here, day_of(seen, here.zone), seen)
        else:
            yield here.year(session, here.cycle_then(session, plan, year, seen), seen)


def demand(right: str, year: int, *, plan: str | None = None) -> None:
    """Be sure that the person has a right in a year's cycle, where a command may end without writing. Raises Forbidden."""
    from cycle.vocabulary import Right

    here = site()
    with here.reading(year, plan=plan) as (session, about):
        assert about is not None
        here.actor(session, about.workflow, Right(right), about.today)


def calendars_for(about: "Year") -> "Calendars":
    """The calendars of the workflow a cycle is pinned to."""
    return site().calendars(about.workflow, as_asked=True)


def say(key: str, **facts: Any) -> None:
    """A sentence to the person: talk goes to standard error, data to standard output."""
    typer.echo(sentence(key, **facts), err=True)


def note(finding: "Finding") -> None:
    """A warning, as a sentence."""
    from cycle.cli.main import finding_sentence

    typer.echo(f"! {finding_sentence(finding)}", err=True)


def done(
    key: str,
    *,
    entry: "Entry | None" = None,
    json: bool = False,
    dry_run: bool = False,
    next: str | None = None,
    document: Mapping[str, Any] | None = None,
    **facts: Any,
) -> None:
    """Say that a command did its work (`done.<key>`), and the next command; with `json` as a document."""
    next = of_plan(next) if next else None
    if json:
        told: dict[str, Any] = {
            "schema": "cycle/done/1",
            "done": key,
            "dry_run": dry_run,
            "entry": entry.seq or None if entry else None,
            "type": entry.type if entry else None,
            "changes": entry.changes if entry else [],
            "next": next,
            **(document or {}),
        }
        as_json(told)
        return
    if dry_run:
        typer.echo(word("dry_run"), err=True)
        for line in _changes(entry):
            typer.echo(f"  {line}")
    typer.echo(sentence(f"done.{key}", **facts), err=True)
    if next and not dry_run:
        typer.echo(word("next", command=next), err=True)


def as_json(document: Mapping[str, Any]) -> None:
    """A document on standard output."""
    typer.echo(json_module.dumps(document, ensure_ascii=False, indent=1, default=_plain))


def as_json_list(document: Mapping[str, Any], name: str, members: Iterable[Mapping[str, Any]]) -> None:
    """A document whose last value, by that name, is a list of any length: written member by member, as `as_json` would."""
    head = json_module.dumps({**document, name: []}, ensure_ascii=False, indent=1, default=_plain)
    typer.echo(head.removesuffix("]\n}"), nl=False)
    between = "\n"
    for member in members:
        text = json_module.dumps(member, ensure_ascii=False, indent=1, default=_plain)
        typer.echo(between + "\n".join(f"  {line}" for line in text.splitlines()), nl=False)
        between = ",\n"
    typer.echo("]\n}" if between == "\n" else "\n ]\n}")


def show(
    title: str,
    *,
    columns: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[Any]],
    json: bool = False,
    schema: str = "",
    document: Mapping[str, Any] | None = None,
) -> None:
    """A table: rich on a terminal, tab-separated lines when piped, with `json` the document with its schema."""
    if json:
        as_json({"schema": schema, **(document or {})})
        return
    as_table(sentence(title), columns, rows)


def as_table(title: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]) -> None:
    """A table of cells in the words of the open site; what the columns mean stands at `cycle.cli.table.as_table`."""
    value = words().value
    table.as_table(title, columns, ([str(value(cell)) if cell is not None else "" for cell in row] for row in rows))


def as_csv(header: Sequence[str], lines: Iterable[Sequence[Any]], *, file: Path | None = None, prefix: str = "col.") -> None:
    """Lines for a spreadsheet, on standard output or in a file; `header` are the names of columns (`<prefix><name>`)."""
    from cycle.adapters.files import write_whole
    from cycle.adapters.tables import write_csv

    value = words().value
    titles = [word(f"{prefix}{name}") for name in header]
    cells = (["" if cell is None else str(value(cell)) for cell in line] for line in lines)
    if file is None:
        write_csv(sys.stdout, titles, cells)
        return
    stream = StringIO(newline="")
    write_csv(stream, titles, cells)
    write_whole(file, stream.getvalue().encode())


def confirm(key: str, *, yes: bool, **facts: Any) -> None:
    """Ask before something dangerous. Raises WrongInput naming --yes where nobody can answer, or when the answer is no."""
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise WrongInput("needs_yes", question=sentence(key, **facts))
    if not typer.confirm(sentence(key, **facts), err=True):
        raise WrongInput("not_confirmed")


def words() -> "Wording":
    """The words of the open site, which knows the time zone, else of the command line."""
    return _opened.wording if _opened is not None else wording()


def sentence(key: str, **facts: Any) -> str:
    """A sentence in the language of the open site."""
    return words().sentence(key, **facts)


def _changes(entry: "Entry | None") -> Iterator[str]:
    from cycle.cli.changes import of_a_trial
    from cycle.cli.row_names import row_names
    from cycle.cycles.records import workflows_of

    if entry is None:
        return iter(())
    with site().journal.reading() as session:
        workflows = list(workflows_of(session))
        return of_a_trial(entry.changes, workflows, row_names(session, entry.changes, workflows))


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)
