"""Meetings of a cycle, their programme, who comes, who was there. A meeting that names a date has no day of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint, bindparam
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, col, select

from cycle.adapters.prepared import Question
from cycle.cycles.records import Year
from cycle.journal.questions import asked, asked_once, row_of, rows_of_cycle, rows_where
from cycle.journal.records import Row, private
from cycle.meetings.rules import Slot, hours
from cycle.partners.records import PartnerStatus, network, resolve


class MeetingStatus(StrEnum):
    """What became of a meeting."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"
    EXCUSED = "excused"


class Meeting(Row, table=True):
    """One meeting. `rule` is its key in the workflow file, `name` unique in the cycle (spring, group_session/NG1).

    `day` is None where `date_key` names a date: its planned day is the meeting's. `online_at_least` marks a lower bound.
    `present` are the numbers of the partners who were there, None where nobody noted them; `citizens_…` how many of the
    public have registered, with what they need (`rules.needs`). `sequence` counts what an attendee must see (RFC 5546).
    """

    __tablename__ = "meeting"
    __table_args__ = (UniqueConstraint("cycle_id", "name"),)

    cycle_id: int = Field(foreign_key="cycle.id")
    name: str
    rule: str
    kind: str
    group: str | None = None
    date_key: str | None = None
    day: date | None = None
    opens: str | None = None
    closes: str | None = None
    venue: str | None = None
    mode: str | None = None
    sequence: int = 0
    status: str = MeetingStatus.PLANNED
    held_on: date | None = None
    on_site: int | None = None
    online: int | None = None
    online_at_least: bool = False
    note: str | None = private()
    link: str | None = private()
    present: list[int] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    citizens_on_site: int | None = None
    citizens_online: int | None = None
    citizens_needs: str | None = private()


class Word(StrEnum):
    """What a partner said of a meeting."""

    REGISTERED = "registered"
    EXCUSED = "excused"


class Participation(Row, table=True):
    """A partner's last word on a meeting: registered, with so many people on site and online, or excused.

    `needs` counts what they need there (`rules.needs`): private, since with one person it tells of that person.
    """

    __tablename__ = "participation"
    __table_args__ = (UniqueConstraint("meeting_id", "partner"),)

    meeting_id: int = Field(foreign_key="meeting.id")
    partner: int
    status: str
    mode: str | None = None
    said_on: date
    needs: str | None = private()
    on_site: int | None = None
    online: int | None = None


class AgendaItem(Row, table=True):
    """One item of a meeting's programme. `position` is its place, 1 first; `starts` HH:MM where it was said; `fee` whole
    euros; `dropped` items stay in the history only."""

    __tablename__ = "agenda_item"

    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    position: int
    title: str
    kind: str | None = None
    starts: str | None = None
    minutes: int | None = None
    theme: str | None = None
    document_id: int | None = Field(default=None, foreign_key="document.id")
    fee: int | None = None
    dropped: bool = False
    speaker: str | None = private()

    @property
    def slot(self) -> Slot:
        """When it begins and how long it lasts, as far as it was said."""
        return Slot(self.starts, self.minutes)


@dataclass(frozen=True)
class Attendance:
    """Who came to a year's meetings. `on_site` and `online` are people of all meetings held, `at_least` whether one of the
    counts is a lower bound; `organisations` the partners of today that were noted as present at least once, of the
    `active` ones `active_present`; `noted` how many of the meetings `held` have such a note."""

    held: int
    noted: int
    on_site: int
    online: int
    at_least: bool
    organisations: tuple[int, ...]
    active: int
    active_present: int

    @property
    def share(self) -> int | None:
        """The share of active partners present at least once, in ten-thousandths; None where nobody noted anything."""
        return self.active_present * 10_000 // self.active if self.noted and self.active else None


def meetings_of(session: Session, cycle_id: int) -> list[Meeting]:
    """Every meeting of a cycle in the order entered."""
    return rows_of_cycle(session, Meeting, cycle_id)


def days_held(session: Session, cycle_id: int) -> Sequence[tuple[str, date]]:
    """The rule and the day of each meeting of a cycle that was held, in the order entered; asked once."""
    key = ("days_held", cycle_id)
    return asked_once(session, Meeting, key, lambda: asked(session, _days_held(), cycle_id=cycle_id))


@cache
def _days_held() -> Question:
    of_cycle = (col(Meeting.cycle_id) == bindparam("cycle_id"), col(Meeting.status) == MeetingStatus.HELD)
    days = sa_select(col(Meeting.rule), col(Meeting.held_on)).where(*of_cycle, col(Meeting.held_on).is_not(None))
    return days.order_by(col(Meeting.id))


def participations(session: Session, meeting_id: int) -> list[Participation]:
    """Who said what of a meeting."""
    return list(session.exec(select(Participation).where(Participation.meeting_id == meeting_id)))


def needs_said_by(session: Session, number: int) -> list[tuple[Meeting, Participation]]:
    """What a partner said of meetings, each with the meeting, as far as it may tell what one person needs: of one person
    only, or of a meeting that is over, where nobody has to provide for it any more."""
    found = []
    for said in rows_where(session, Participation, partner=number):
        meeting = row_of(session, Meeting, said.meeting_id)
        people = (said.on_site or 0) + (said.online or 0)
        if people <= 1 or meeting.status != MeetingStatus.PLANNED:
            found.append((meeting, said))
    return found


def agenda_of(session: Session, meeting_id: int) -> list[AgendaItem]:
    """The programme of a meeting in its order, without what was dropped."""
    rows = rows_where(session, AgendaItem, meeting_id=meeting_id, dropped=False)
    return sorted(rows, key=lambda item: item.position)


def programme(year: Year, meeting: Meeting, language: str) -> list[dict[str, Any]]:
    """The programme of a meeting as it is told: number, start (HH:MM where it is known), kind (its label, unless the title
    says no more), title, speaker."""
    items = agenda_of(year.session, meeting.id or 0)
    kinds = year.workflow.vocab.get("agenda_kinds", {})
    labels = [kinds[item.kind].label(language) if item.kind in kinds else item.kind for item in items]
    begins = hours(meeting.opens, [item.slot for item in items])
    return [
        {
            "number": item.position,
            "start": start,
            "kind": label if label and label.casefold() != item.title.casefold() else None,
            "title": item.title,
            "speaker": item.speaker,
        }
        for item, label, start in zip(items, labels, begins, strict=True)
    ]


def attendance_of(session: Session, cycle_id: int, organiser: int | None) -> Attendance:
    """Who came to the meetings of a cycle; a partner that was merged away counts as the one it went into (DOMAIN.md §4.4:
    the organiser is no partner of its own network)."""
    held = [meeting for meeting in meetings_of(session, cycle_id) if meeting.status == MeetingStatus.HELD]
    noted = [meeting.present for meeting in held if meeting.present is not None]
    there = {resolve(session, number) for numbers in noted for number in numbers} - {organiser}
    active = network(session, organiser, statuses=(PartnerStatus.ACTIVE,))
    return Attendance(
        held=len(held),
        noted=len(noted),
        on_site=sum(meeting.on_site or 0 for meeting in held),
        online=sum(meeting.online or 0 for meeting in held),
        at_least=any(meeting.online_at_least for meeting in held),
        organisations=tuple(sorted(there)),
        active=len(active),
        active_present=len(there & set(active)),
    )
