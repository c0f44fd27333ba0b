"""A site: one city's folder with its settings, database and workflows, opened for one person at one time."""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session

from cycle.adapters.clock import Clock, SetClock, SystemClock, day_of, parse_instant
from cycle.adapters.database import Database
from cycle.app.files import SiteFiles
from cycle.app.furnishing import wording_of, zone_of
from cycle.app.lent import LENT
from cycle.app.rights import actor_of
from cycle.cycles.records import Cycle, Standing, Year, cycle_of, cycles_of, glimpse, pinned, workflow_of, workflows_of
from cycle.errors import Broken, NotFound, NotReady, WrongInput
from cycle.journal.actor import Actor
from cycle.journal.entry import Entry
from cycle.journal.history import entries, head_seq
from cycle.journal.journal import Journal
from cycle.journal.lastseen import LastSeen
from cycle.journal.past import as_of
from cycle.journal.questions import Asks, row_of
from cycle.phases.actions import settle_dates
from cycle.settings import Settings
from cycle.vocabulary import Right
from cycle.wording import Wording
from cycle.workflow.model import Workflow

# So many years before the history begins something may have happened that is told to it later.
YEARS_BEFORE = 10
FINISHED = (Standing.CLOSED, Standing.CANCELLED)


class Site:
    """Everything a command needs, built once from the settings. `now` and `login` are asked at each call."""

    def __init__(
        self,
        home: Path,
        settings: Settings,
        database: Database,
        *,
        sandbox: bool,
        clock: Clock | None = None,
        last_seen: LastSeen | None = None,
    ) -> None:
        self.home = home
        self.settings = settings
        self.database = database
        self.sandbox = sandbox
        self.zone = zone_of(settings.timezone)
        self.journal = Journal(database, self.zone, last_seen)
        self.files = SiteFiles(home)
        self._clock = clock
        self._spoken: dict[str, Wording] = {}

    def beside(self, database: Database, clock: Clock) -> "Site":
        """The same site on another database and clock, to try things out: what was read of its files is shared, and it
        has no mail server and no pace."""
        mail = self.settings.mail.model_copy(update={"transport": "maildir"})
        smtp = self.settings.smtp.model_copy(update={"per_minute": 0})
        settings = self.settings.model_copy(update={"mail": mail, "smtp": smtp})
        other = Site(self.home, settings, database, sandbox=self.sandbox, clock=clock)
        other.files = self.files
        return other

    @property
    def clock(self) -> Clock:
        """The clock: CYCLE_NOW in a sandbox, else the machine's."""
        if self._clock is not None:
            return self._clock
        set_to = os.environ.get("CYCLE_NOW")
        if set_to is None:
            return SystemClock()
        if not self.sandbox:
            raise WrongInput("clock_outside_sandbox", variable="CYCLE_NOW")
        return SetClock(parse_instant(set_to, self.zone))

    def now(self) -> datetime:
        """This instant in UTC."""
        return self.clock.now()

    def today(self) -> date:
        """The day it is in the site's time zone."""
        return day_of(self.now(), self.zone)

    @property
    def login(self) -> str:
        """Who is asking: the login name; CYCLE_ACTOR in a sandbox only."""
        given = os.environ.get("CYCLE_ACTOR")
        if given is None:
            return pwd.getpwuid(os.getuid()).pw_name  # not the environment, which anybody may set
        if not self.sandbox:
            raise WrongInput("clock_outside_sandbox", variable="CYCLE_ACTOR")
        return given

    @property
    def wording(self) -> Wording:
        """The sentences of the site's language."""
        return self._wording(self.settings.language)

    def wording_for(self, language: str) -> Wording:
        """The sentences for somebody who reads a language: English for English, German for every other, as labels are."""
        return self._wording("en" if language == "en" else "de")

    def _wording(self, spoken: str) -> Wording:
        if spoken not in self._spoken:
            self._spoken[spoken] = wording_of(self.home, spoken, self.zone)
        return self._spoken[spoken]

    def workflow(self, plan: str | None = None) -> Workflow:
        """The workflow file of a plan as it is now.

        Raises:
            NotFound, WrongInput: as `workflow.load`.
        """
        return self.files.workflow_file(self.files.workflow_path(plan or self.settings.plan))

    def plans(self) -> list[str]:
        """The plans there are: those with a workflow file, and those of the cycles."""
        with self.journal.reading() as session:
            return sorted({*self.files.plans(), *(cycle.plan for cycle in cycles_of(session))})

    def year(self, session: Session, cycle: Cycle, now: datetime | None = None, workflow: Workflow | None = None) -> Year:
        """What checks and audiences are asked about, as the session sees it."""
        moment = now or self.now()
        pinned_to = workflow or workflow_of(session, cycle)
        if cycle.phase not in pinned_to.order:
            raise Broken("phase_not_in_workflow", phase=cycle.phase, year=cycle.year)
        return Year(
            session=session,
            cycle=cycle,
            workflow=pinned_to,
            now=moment,
            today=day_of(moment, self.zone),
            organiser=self.settings.city.organiser,
            lent=LENT,
        )

    def actor(self, session: Asks, workflow: Workflow, right: Right, today: date, group: str | None = None) -> Actor:
        """Who acts, with the role that allows it.

        Raises:
            Forbidden: for an unknown login, or if no role of that person allows it.
        """
        return actor_of(session, self.login, workflow, right, today, group=group, language=self.settings.language)

    def _newest(self, session: Session, plan: str | None = None) -> Workflow:
        """The workflow that says who may read: the newest one a cycle is pinned to, before any cycle the file."""
        kept = workflows_of(session)
        return kept[-1] if kept else self.workflow(plan)

    @contextmanager
    def reading(self, year: int | None = None, *, plan: str | None = None) -> Iterator[tuple[Session, Year | None]]:
        """A reading session, of one cycle or none, for somebody who may read.

        Raises:
            Forbidden, NotFound: as `actor` and `cycle_of`.
        """
        now = self.now()
        with self.journal.reading() as session:
            cycle = cycle_of(session, plan or self.settings.plan, year) if year is not None else None
            workflow = workflow_of(session, cycle) if cycle else self._newest(session, plan)
            self.actor(session, workflow, Right.READ, day_of(now, self.zone))
            yield session, self.year(session, cycle, now) if cycle else None

    def allow(self, right: Right) -> Actor:
        """Be sure that who asks may do something that takes no entry of `entry`; who it is. Raises Forbidden."""
        with self.journal.reading() as session:
            return self.actor(session, self._newest(session), right, self.today())

    @contextmanager
    def past(self, moment: datetime, held_on: date | None = None) -> Iterator[Session]:
        """What the journal knew at a moment, as a reading session; `year(session, cycle, moment)` asks it. With `held_on`
        only what counts from that day or earlier.

        Raises:
            WrongInput: for a moment or day that is still to come.
            NotFound: for one before anything was recorded.
        """
        if moment > self.now():
            raise WrongInput("as_of_in_future", day=moment, now=self.now())
        if held_on is not None and held_on > self.today():
            raise WrongInput("as_of_in_future", day=held_on, now=self.today())
        with self.journal.reading() as session, as_of(session, moment, held_on) as past:
            self.actor(session, self._newest(session), Right.READ, self.today())
            if head_seq(past) == 0:
                since = next(entries(session, until=1)).recorded_at
                raise NotFound("nothing_recorded_then", moment=held_on or moment, since=since)
            yield past

    def cycle_then(self, past: Session, plan: str | None, year: int, moment: datetime) -> Cycle:
        """A year as a look back sees it. Raises NotFound: which years there were then, or since when there is this one."""
        try:
            return cycle_of(past, plan or self.settings.plan, year)
        except NotFound:
            with self.journal.reading() as session:
                cycle = cycle_of(session, plan or self.settings.plan, year)
                begun = next(entries(session, cycle=cycle.key, types=["cycle.started"])).recorded_at
            raise NotFound("year_not_begun_then", year=year, moment=moment, since=begun) from None

    @contextmanager
    def opening(
        self, key: str, right: Right, *, plan: str | None = None, reason: str | None = None, dry_run: bool = False
    ) -> Iterator[Entry]:
        """The entry that starts a cycle of that key. Raises Forbidden if the person may not."""
        now = self.now()
        with self.journal.reading() as session:
            actor = self.actor(session, self.workflow(plan), right, day_of(now, self.zone))
        with self.journal.entry("cycle.started", by=actor, now=now, cycle=key, reason=reason, dry_run=dry_run) as entry:
            yield entry

    @contextmanager
    def entry(
        self,
        type: str,
        right: Right,
        *,
        year: int | None = None,
        plan: str | None = None,
        reason: str | None = None,
        on: date | None = None,
        expect: int | None = None,
        group: str | None = None,
        dry_run: bool = False,
        closed_too: bool = False,
    ) -> Iterator[tuple[Entry, Year | None]]:
        """One entry by the person who asks, of one cycle or none; afterwards the cycle's dates that ended get their day.

        Raises:
            Forbidden: if the person may not.
            NotFound: for an unknown year.
            NotReady: if the cycle is closed or cancelled (unless `closed_too`).
            WrongInput: if `on` lies in the future, or long before the history begins.
            Conflict: if the cycle has changed since `expect`, or since it was read here.
        """
        now = self.now()
        today = day_of(now, self.zone)
        if on is not None:
            self._lived_through(on, today)
        with self.journal.turn() as turn:
            cycle = glimpse(turn, plan or self.settings.plan, year) if year is not None else None
            workflow = pinned(turn, cycle.workflow_sha256) if cycle else self.workflow(plan)
            actor = self.actor(turn, workflow, right, today, group)
            if cycle is not None and cycle.standing in FINISHED and not closed_too:
                raise NotReady("cycle_finished", year=cycle.year, standing=cycle.standing, on=cycle.closed_on)
            with self.journal.entry(
                type,
                by=actor,
                now=now,
                cycle=cycle.key if cycle else None,
                reason=reason,
                effective_on=on,
                dry_run=dry_run,
                turn=turn,
            ) as entry:
                about = None
                if cycle is not None:
                    fresh = row_of(entry.session, Cycle, cycle.id)
                    entry.expect(fresh, cycle.version if expect is None else expect)
                    about = self.year(entry.session, fresh, now)
                yield entry, about
                if about is not None:
                    settle_dates(entry, about)

    def _lived_through(self, day: date, today: date) -> None:
        """Be sure that something may have happened on a day that an entry of today tells of. Raises WrongInput."""
        if day > today:
            raise WrongInput("day_in_future", day=day, today=today)
        with self.journal.reading() as session:
            opened = day_of(next(entries(session, until=1)).recorded_at, self.zone)
        earliest = date(opened.year - YEARS_BEFORE, 1, 1)
        if day < earliest:
            raise WrongInput("day_before_plan", day=day, earliest=earliest, opened=opened)
