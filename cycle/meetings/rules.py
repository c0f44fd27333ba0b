"""What counts of people can be: exact, or a lower bound such as ">=100". Pure."""

import re
from dataclasses import dataclass

from cycle.errors import WrongInput

_COUNT = re.compile(r"(>=|≥|mind\. ?)?\s*(\d{1,6})")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True)
class Count:
    """A number of people; `at_least` marks a lower bound."""

    people: int
    at_least: bool = False


def count(text: str) -> Count:
    """A count as people write it: `62`, `>=100`. Raises WrongInput."""
    match = _COUNT.fullmatch(text.strip())
    if match is None:
        raise WrongInput("bad_count", text=text)
    return Count(int(match[2]), match[1] is not None)


def clock(text: str) -> str:
    """A time of day as HH:MM. Raises WrongInput."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise WrongInput("bad_time", text=text)
    return f"{int(match[1]):02}:{match[2]}"


def meeting_name(rule: str, group: str | None, number: int | None = None) -> str:
    """The name of a meeting in its cycle: `spring`, `group_session/NG1`, `expert_talk/2`."""
    if group is not None:
        return f"{rule}/{group}"
    return rule if number is None else f"{rule}/{number}"
