"""What a dossier holds: what an auditor asks of a year, answered, and what it is read with. Ids, days and numbers of no
language; the page gives them their words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from cycle.journal.form import anchor_line
from cycle.reports.rules.acts import Act
from cycle.reports.rules.decisions import Decisions
from cycle.reports.rules.exceptions import Exceptions
from cycle.reports.rules.lateness import Lateness


@dataclass(frozen=True)
class Head:
    """Whose year it is: the cover. `seen` is the moment it is told of, `asked_by`
    the reference of who asked for it, in the role `asked_as`."""

    municipality: str
    plan: str
    year: int
    label: str
    edition: str
    workflow_sha256: str
    phase: str
    round: int
    standing: str
    started_on: date
    closed_on: date | None
    seen: datetime
    seen_on: date
    asked_by: str
    asked_as: str


@dataclass(frozen=True)
class Stay:
    """One pass through a phase, `left_on` None while it lasts."""

    round: int
    entered_on: date
    left_on: date | None
    left_by: str | None


@dataclass(frozen=True)
class PhaseTold:
    """A phase, planned and real: when it was to end by the first plan and by the last, its passes, working days late."""

    phase: str
    first_planned: date | None
    planned: date | None
    stays: tuple[Stay, ...]
    late: int


@dataclass(frozen=True)
class MeetingTold:
    """A meeting: the day it first had, the day it has, whether it was held and how many came."""

    rule: str
    name: str
    group: str | None
    date_key: str | None
    first: date | None
    day: date | None
    status: str
    held_on: date | None
    on_site: int | None
    online: int | None
    online_at_least: bool
    excused: int


@dataclass(frozen=True)
class Filed:
    """A document that was filed."""

    act: Act
    kind: str
    of: str | None
    filename: str
    filed_on: date
    sha256: str
    superseded: bool


@dataclass(frozen=True)
class Told:
    """One kind of mail: how often it reached somebody by mail and by letter, how many organisations,
    how often it did not arrive or was not sent, first and last day."""

    template: str
    kind: str
    mails: int
    letters: int
    partners: int
    failed: int
    not_sent: int
    first: date
    last: date


@dataclass(frozen=True)
class Missed:
    """A mail that did not reach an organisation, and the next day on which something did (None: nothing since)."""

    partner: int
    name: str
    template: str
    on: date
    again: date | None


@dataclass(frozen=True)
class ThemeTold:
    number: str
    title: str
    field: str
    primary: bool
    valid_from: date
    valid_to: date
    status: str


@dataclass(frozen=True)
class NeedTold:
    number: str
    title: str
    field: str
    target_group: str | None
    status: str
    carried_to: int | None
    carry_count: int
    act: Act | None


@dataclass(frozen=True)
class MeasureTold:
    """A measure as it stands; `late` in working days against the date that holds."""

    number: str
    title: str
    owner: str | None
    interim: str | None
    due_first: date | None
    due: date | None
    done_on: date | None
    status: str
    percent: int
    carry_count: int
    late: int


@dataclass(frozen=True)
class Carried:
    """A measure's carry into another year."""

    act: Act
    number: str
    title: str
    to: int
    due_first: date | None
    due: date
    count: int


@dataclass(frozen=True)
class Asked:
    """The survey and the review in numbers; shares in ten-thousandths."""

    invited: int
    answered: int
    usable: int
    late: int
    neutral: int
    gross: int | None
    net: int | None
    closed_on: date | None
    reviewed: int
    to_review: int


@dataclass(frozen=True)
class Share:
    word: str
    count: int
    share: int
    status: str


@dataclass(frozen=True)
class Gaps:
    """A gap analysis as it was recorded; shares in ten-thousandths, money in whole euros."""

    recorded_on: date
    scope: str
    projects: int
    target_groups: tuple[Share, ...]
    fields: tuple[Share, ...]
    funding_known: int
    funding_unknown: int
    funding_total: int
    funding_median: int | None
    cooperation: int | None


@dataclass(frozen=True)
class Proof:
    """The history up to the moment told of: its first and last hash, and what was sealed of it."""

    log: str
    entries: int
    hash: str
    prev: str
    body_sha256: str
    year_entries: int
    opened_at: datetime
    recorded_at: datetime
    sealed: int
    sealed_at: datetime | None

    @property
    def anchor(self) -> str:
        """The anchor line (cycle-log/1): 16 hex digits of hash(1), the number of entries, the hash of the last."""
        return anchor_line(self.log, self.entries, self.hash)


@dataclass(frozen=True)
class Dossier:
    """One year, whole. `names` who is behind a reference (None: erased); `erased` the numbers of the entries whose reason
    was; `organisations` what partners are called; `types` of what type the entries are that somebody was not told of."""

    head: Head
    started: Act
    phases: tuple[PhaseTold, ...]
    meetings: tuple[MeetingTold, ...]
    lateness: Lateness
    decisions: Decisions
    approvals: tuple[Act, ...]
    documents: tuple[Filed, ...]
    exceptions: Exceptions
    told: tuple[Told, ...]
    bounced: tuple[Missed, ...]
    partners: int
    themes: tuple[ThemeTold, ...]
    theme_acts: tuple[Act, ...]
    needs: tuple[NeedTold, ...]
    measures: tuple[MeasureTold, ...]
    carried: tuple[Carried, ...]
    asked: Asked
    gaps: Gaps | None
    proof: Proof
    names: Mapping[str, str | None]
    organisations: Mapping[int, str]
    types: Mapping[str, str]
    erased: frozenset[int]
