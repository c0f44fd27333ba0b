"""A meeting took place: on which day, with how many people, and which partners were there."""

from collections.abc import Sequence
from datetime import date

from cycle.cycles.records import Year
from cycle.errors import WrongInput
from cycle.journal.entry import Entry
from cycle.meetings.actions.looking import day_of, find, named, still_planned
from cycle.meetings.records import Meeting, MeetingStatus
from cycle.meetings.rules import Count, mode_of
from cycle.partners.records import partner_of


def hold_meeting(
    entry: Entry,
    about: Year,
    rule: str,
    *,
    group: str | None = None,
    on_site: Count | None = None,
    online: Count | None = None,
    mode: str | None = None,
    note: str | None = None,
    present: Sequence[int] | None = None,
) -> Meeting:
    """The meeting took place on the entry's day, with so many people, and these partners among them where it was noted.

    Raises:
        WrongInput: if it was held or cancelled already, its day is still to come, no number is given, or the numbers
            contradict the mode.
        NotFound: as `find`, or for an unknown partner.
    """
    meeting = find(about, rule, group)
    still_planned(about, meeting)
    planned = day_of(about, meeting)
    if planned is not None and entry.effective_on < planned:
        raise WrongInput("meeting_still_ahead", meeting=meeting.name, name=meeting.name, day=planned, year=about.cycle.year)
    if on_site is None and online is None:
        raise WrongInput("count_needed", meeting=meeting.name, year=about.cycle.year)
    if on_site is not None and on_site.at_least:
        raise WrongInput("count_exact", meeting=meeting.name)
    entry.tell(**named(meeting), on_site=on_site and on_site.people, online=online and online.people)
    return entry.change(
        meeting,
        status=MeetingStatus.HELD,
        held_on=entry.effective_on,
        on_site=on_site.people if on_site else None,
        online=online.people if online else None,
        online_at_least=bool(online and online.at_least),
        mode=mode_of(mode, on_site=on_site, online=online) if mode else meeting.mode,
        note=note or meeting.note,
        present=known_partners(about, present) if present is not None else meeting.present,
    )


def day_held(about: Year, rule: str, *, group: str | None = None) -> date | None:
    """The day a meeting took place where nobody says one: that it was planned for, once it has passed; None for today.

    Raises:
        WrongInput, NotFound: as `find`.
    """
    planned = day_of(about, find(about, rule, group))
    return planned if planned is not None and planned < about.today else None


def note_present(entry: Entry, about: Year, rule: str, present: Sequence[int], *, group: str | None = None) -> Meeting:
    """Which partners were at a meeting that was held, known only later or better; the last note counts.

    Raises:
        WrongInput: if it was not held, or that is noted already.
        NotFound: as `find`, or for an unknown partner.
    """
    meeting = find(about, rule, group)
    if meeting.status != MeetingStatus.HELD:
        raise WrongInput("present_before_held", meeting=meeting.name, name=meeting.name, year=about.cycle.year)
    numbers = known_partners(about, present)
    if meeting.present == numbers:
        raise WrongInput("meeting_is_so", meeting=meeting.name, name=meeting.name, year=about.cycle.year)
    entry.tell(**named(meeting), fields=["present"])
    return entry.change(meeting, present=numbers)


def known_partners(about: Year, numbers: Sequence[int]) -> list[int]:
    """The numbers in order, each once. Raises NotFound for one that is no partner's."""
    return sorted({partner_of(about.session, number).number for number in numbers})
