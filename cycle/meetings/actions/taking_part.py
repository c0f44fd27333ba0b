"""Who comes to a meeting: partners with their people and what they need, the public as counts; who is excused.

A later word takes the place of the earlier one; the earlier stays in the history. No names, and of needs only counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import select

from cycle.cycles.records import Year
from cycle.cycles.rules import need_reason
from cycle.errors import WrongInput
from cycle.journal.entry import Entry
from cycle.meetings.actions.looking import find, of_a_group, rule_of, still_planned
from cycle.meetings.records import Meeting, MeetingStatus, Participation, Word, meetings_of
from cycle.meetings.rules import kept, meeting_name, merged, mode_of, need_and_count, people, told_mode
from cycle.partners.records import group_of, partner_of
from cycle.workflow.words import unknown_word

NEEDS = "attendance_needs"  # the workflow's list of what people may need at a meeting


@dataclass(frozen=True)
class Coming:
    """How somebody registers: so many people each way (None: not said), the way alone, and needs as `WORD=COUNT`."""

    on_site: int | None = None
    online: int | None = None
    mode: str | None = None
    needs: Sequence[str] = ()

    @property
    def says_how(self) -> bool:
        """Whether anything is said of numbers or way."""
        return (self.on_site, self.online, self.mode) != (None, None, None)


def register(
    entry: Entry, about: Year, rule: str, partners: Sequence[int], coming: Coming, *, group: str | None = None
) -> list[Participation]:
    """Partners register for a meeting; numbers and needs that are not said again stay as they were.

    Raises:
        NotFound: for an unknown meeting or partner.
        WrongInput: if nobody is named, the meeting is over, a need is none of the workflow's, or nobody would come.
    """
    meeting = find(about, rule, group)
    needs = _needs(about, coming.needs)
    fields: dict[str, Any] = {"status": Word.REGISTERED}
    if coming.says_how:
        fields |= {"on_site": coming.on_site, "online": coming.online, "mode": _mode(meeting, coming)}
    return _said(entry, about, meeting, partners, fields, needs)


def excuse(entry: Entry, about: Year, rule: str, partners: Sequence[int], *, group: str | None = None) -> list[Participation]:
    """Partners are excused, also those who had registered; their numbers and needs are no more.

    Raises:
        NotFound: for an unknown meeting or partner.
        WrongInput: if nobody is named, or the meeting is over.
    """
    meeting = find(about, rule, group)
    fields = {"status": Word.EXCUSED, "on_site": None, "online": None, "mode": None, "needs": None}
    return _said(entry, about, meeting, partners, fields, None)


def register_citizens(entry: Entry, about: Year, rule: str, coming: Coming, *, group: str | None = None) -> Meeting:
    """So many of the public have registered up to now: the last number counts, nobody is named.

    Raises:
        NotFound: for an unknown meeting.
        WrongInput: without a number, with a form in place of one, if the meeting is over or a need is none of the workflow's.
    """
    meeting = find(about, rule, group)
    still_planned(about, meeting)
    if coming.mode is not None or (coming.on_site is None and coming.online is None):
        raise WrongInput("citizens_are_counted", meeting=meeting.name, year=about.cycle.year)
    _mode(meeting, coming, nobody_too=True)
    needs = _needs(about, coming.needs)
    entry.tell(meeting=meeting.name, partners=None, citizens=(coming.on_site or 0) + (coming.online or 0))
    return entry.change(
        meeting,
        citizens_on_site=coming.on_site,
        citizens_online=coming.online,
        citizens_needs=kept(merged(meeting.citizens_needs, needs)),
    )


def excuse_group(entry: Entry, about: Year, rule: str, group: str) -> Meeting:
    """A group does not meet this year, with the reason: its session counts as excused.

    Raises:
        WrongInput: without a reason, for a meeting that is not held by each group, or if it has met.
        NotFound: for an unknown meeting or group.
    """
    need_reason(entry.reason)
    known = rule_of(about, rule)
    of_a_group(about, rule, group)
    group_of(about.session, group)
    name = meeting_name(rule, group)
    meeting = next((m for m in meetings_of(about.session, about.cycle_id) if m.name == name), None)
    entry.tell(meeting=name, rule=rule, group=group)
    if meeting is None:
        return entry.add(
            Meeting(cycle_id=about.cycle_id, name=name, rule=rule, kind=known.kind, group=group, status=MeetingStatus.EXCUSED)
        )
    if meeting.status != MeetingStatus.CANCELLED:
        still_planned(about, meeting)
    return entry.change(meeting, status=MeetingStatus.EXCUSED)


def _said(
    entry: Entry,
    about: Year,
    meeting: Meeting,
    partners: Sequence[int],
    fields: Mapping[str, Any],
    needs: Mapping[str, int] | None,
) -> list[Participation]:
    still_planned(about, meeting)
    if not partners:
        raise WrongInput("partners_needed", meeting=meeting.name, year=about.cycle.year)
    numbers = list(dict.fromkeys(partners))
    said = []
    for number in numbers:
        partner_of(about.session, number)
        query = select(Participation).where(Participation.meeting_id == meeting.id, Participation.partner == number)
        before = about.session.exec(query).first()
        now = {**fields, "said_on": entry.effective_on}
        if needs is not None:
            now["needs"] = kept(merged(before.needs if before else None, needs))
        if before is not None:
            said.append(entry.change(before, **now))
        else:
            said.append(entry.add(Participation(meeting_id=meeting.id or 0, partner=number, **now)))
    entry.tell(meeting=meeting.name, partners=numbers)
    return said


def _mode(meeting: Meeting, coming: Coming, *, nobody_too: bool = False) -> str | None:
    """The way that somebody comes, as said or as the numbers tell. Raises WrongInput where the meeting has no such way, or
    the two contradict each other."""
    if (coming.on_site, coming.online) != (None, None) and not (coming.on_site or coming.online) and not nobody_too:
        raise WrongInput("nobody_comes", meeting=meeting.name)
    counted = told_mode(coming.on_site, coming.online)
    mode = mode_of(coming.mode, on_site=people(coming.on_site), online=people(coming.online)) if coming.mode else counted
    if meeting.mode not in (None, "hybrid") and mode not in (None, meeting.mode):
        raise WrongInput("meeting_has_no_such_way", meeting=meeting.name, mode=mode, way=meeting.mode)
    return mode


def _needs(about: Year, said: Sequence[str]) -> dict[str, int]:
    """Each need by its word of the workflow, with what stands behind it where it takes that (a language)."""
    found = {}
    for text in said:
        asked, count = need_and_count(text)
        word = about.workflow.word_and_number(NEEDS, asked)
        if word is None:
            raise unknown_word(about.workflow, NEEDS, asked)
        found[" ".join(filter(None, (word[0], (word[1] or "").casefold())))] = count
    return found
