"""When the items of a programme begin, from the meeting's hour, the hours said and how long each lasts. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from cycle.errors import WrongInput

_HOUR = 60
_DAY = 24 * _HOUR


@dataclass(frozen=True)
class Slot:
    """What was said of an item's time: its beginning as HH:MM, its length in minutes; None where nothing was."""

    starts: str | None = None
    minutes: int | None = None


def hours(opens: str | None, slots: Sequence[Slot]) -> list[str | None]:
    """The beginning of each item as HH:MM: as said, else when the one before ends; None where that is not known.

    Raises:
        WrongInput: `agenda_not_in_order` with the number of an item (`at`) that would begin before the one before it.
    """
    found: list[str | None] = []
    now = _minutes(opens) if opens else None
    last = None
    for at, slot in enumerate(slots, start=1):
        if slot.starts is not None:
            now = _minutes(slot.starts)
        if now is not None and last is not None and now < last:
            raise WrongInput("agenda_not_in_order", at=at, starts=_clock(now), before=_clock(last))
        found.append(_clock(now) if now is not None else None)
        last = now if now is not None else last
        now = now + slot.minutes if now is not None and slot.minutes is not None else None
    return found


def ends_at(opens: str | None, slots: Sequence[Slot]) -> str | None:
    """When the programme ends as HH:MM, where the last item tells; after midnight the hour of the next day. Raises as
    `hours`."""
    begins = hours(opens, slots)
    if not slots or begins[-1] is None or slots[-1].minutes is None:
        return None
    return _clock(_minutes(begins[-1]) + slots[-1].minutes)


def longer_than(opens: str | None, closes: str | None, slots: Sequence[Slot]) -> bool:
    """Whether the programme goes on after the meeting's end, both on one day. Raises as `hours`."""
    begins = hours(opens, slots)
    if closes is None or not slots or begins[-1] is None:
        return False
    return _minutes(begins[-1]) + (slots[-1].minutes or 0) > _minutes(closes)


def _minutes(text: str) -> int:
    return int(text[:2]) * _HOUR + int(text[3:])


def _clock(minutes: int) -> str:
    return f"{minutes % _DAY // _HOUR:02}:{minutes % _HOUR:02}"
