"""The site that the commands of a process work on, opened once; an entry or a reading of it, and its words.

Imports at the top only what `cycle --help` needs; the rest when a command runs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import typer

from cycle.app.places import home
from cycle.cli.words import wording

if TYPE_CHECKING:
    from sqlmodel import Session

    from cycle.app.site import Site
    from cycle.cycles.records import Year
    from cycle.dates.rules import Calendars
    from cycle.journal.entry import Entry
    from cycle.journal.lastseen import Behind
    from cycle.wording import Wording

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
    return site().files.calendars(about.workflow, as_asked=True)


def words() -> "Wording":
    """The words of the open site, which knows the time zone, else of the command line."""
    return _opened.wording if _opened is not None else wording()


def sentence(key: str, **facts: Any) -> str:
    """A sentence in the language of the open site."""
    return words().sentence(key, **facts)
