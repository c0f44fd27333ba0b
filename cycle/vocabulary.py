"""What a house may lend to the workflow file: checks, audiences, ends of dates, dated things and facts.

Each house's `words` fills a `Lent`; only `app` joins them. The first argument of every lent function is the `Year` it is
asked about (`cycles.records.Year`); here it is `Any`, since nothing of a cycle may be known this far down.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any


class Right(StrEnum):
    """What a role may do (the closed list of a workflow file's `may`)."""

    READ = "read"
    RUN = "run"
    RECORD = "record"
    IMPORT = "import"
    MAIL = "mail"
    APPROVE = "approve"
    COMMENT = "comment"
    CORRECT = "correct"
    PEOPLE = "people"
    END = "end"
    REOPEN = "reopen"
    FORGET = "forget"


class Channel(StrEnum):
    """How somebody wants to be reached; anything but mail never becomes a mail."""

    MAIL = "mail"
    POST = "post"
    PHONE = "phone"


@dataclass(frozen=True)
class Finding:
    """One answer of a check: met or not, the key and facts of its sentence, who owes it, the command that supplies it."""

    key: str
    met: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    owed_by: str | None = None
    command: str | None = None
    check: str | None = None
    hard: bool = True
    waived: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who can be written to: a partner's contact or a holder of a role, as of now. `objects`: who does not want
    to be written to at all."""

    person: str
    mail: str | None
    channel: Channel = Channel.MAIL
    language: str = "de"
    partner: int | None = None
    organisation: str = ""
    salutation: str | None = None
    title: str | None = None
    first_name: str = ""
    last_name: str = ""
    phone: str | None = None
    role: str | None = None
    objects: bool = False


@dataclass(frozen=True)
class Enclosed:
    """A file that goes along with a mail: its name (ASCII, without quotation marks), its media type, its bytes."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class Asked:
    """What an attachment may need beside the year and its reader: the `Wording` in the reader's language, the `Settings`, the
    fact that the mail follows (empty for a date), the folder of the filed documents."""

    wording: Any
    settings: Any
    fact: Mapping[str, Any]
    documents: Path


@dataclass(frozen=True)
class DatedItem:
    """A thing with a due day of its own (one open measure): `since` is when it got that day; `fact` goes to the audience."""

    subject: str
    label: str
    day: date
    since: date
    fact: Mapping[str, Any]


def _alone(data: Mapping[str, Any]) -> Sequence[tuple[str, Mapping[str, Any]]]:
    return (("", data),)


@dataclass(frozen=True)
class Fact:
    """A journalled fact that mails may follow: the entry types it comes from, and which of them a narrowed step means.

    `parts` are the things that one entry tells of, each with its data and a name that is "" for the entry's own. One that
    `waits` is told from the day that this gives (of the year, a part's data and the entry's day); until then a later one of
    the same `thing`, or an entry `overtaken_by`, takes its place: who changes twice in a morning writes one mail. One that is
    `replaced` (asked of the year and a part's data) is told no more: another stands in its place, which is told itself.
    """

    types: frozenset[str]
    matches: Callable[[Mapping[str, Any], Mapping[str, str]], bool]
    narrows: frozenset[str] = frozenset()
    parts: Callable[[Mapping[str, Any]], Sequence[tuple[str, Mapping[str, Any]]]] = _alone
    waits: Callable[[Any, Mapping[str, Any], date], date] | None = None
    thing: str = ""
    overtaken_by: frozenset[str] = frozenset()
    replaced: Callable[[Any, Mapping[str, Any]], bool] | None = None


Check = Callable[..., Finding]
Audience = Callable[[Any, Mapping[str, Any]], Sequence[Recipient]]
End = Callable[..., date | None]
Dated = Callable[[Any], Sequence[DatedItem]]
Attachment = Callable[..., Enclosed | None]

# Parameters of lent functions that name something of the same workflow file: the loader checks the name there.
PhaseId = Annotated[str, "phases"]
DateKey = Annotated[str, "dates"]
MeetingKey = Annotated[str, "meetings"]
RoleId = Annotated[str, "roles"]
CheckId = Annotated[str, "checks"]
MailId = Annotated[str, "mails"]
DocumentKind = Annotated[str, "vocab.documents"]
DecisionSubject = Annotated[str, "vocab.decision_subjects"]
NumberId = Annotated[str, "vocab.numbers"]
AudienceName = Annotated[str, "audiences"]


@dataclass(frozen=True)
class Lent:
    """All that one house lends, by the names that a workflow file uses.

    `ends` are asked as `end(year, value)` or, where the workflow's `done` has more keys, `end(year, value, of=…)`; they
    give the day on which a date ended, or None. `attachments` are asked as `attachment(year, recipient, Asked)`;
    they give None for whom there is nothing to enclose, and the same bytes for the same facts. One that has the name of a
    fact goes only with the mails that follow it.
    """

    checks: Mapping[str, Check] = field(default_factory=dict)
    audiences: Mapping[str, Audience] = field(default_factory=dict)
    ends: Mapping[str, End] = field(default_factory=dict)
    dated: Mapping[str, Dated] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    attachments: Mapping[str, Attachment] = field(default_factory=dict)
