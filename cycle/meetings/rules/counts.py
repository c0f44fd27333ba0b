"""What counts of people can be: exact, or a lower bound such as ">=100"; hours, modes, links and names. Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from cycle.errors import WrongInput

_COUNT = re.compile(r"(>=|≥|mind\. ?)?\s*(\d{1,6})")
_LINK = re.compile(r"https://[^\s/?#@:<>\"']+(?::\d{1,5})?(?:[/?#][^\s<>\"']*)?")
_LONGEST_LINK = 500
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
MODES = ("on_site", "online", "hybrid")


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


def people(number: int | None) -> Count | None:
    """A number that was counted already, as a count."""
    return Count(number) if number is not None else None


def clock(text: str) -> str:
    """A time of day as HH:MM. Raises WrongInput."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise WrongInput("bad_time", text=text)
    return f"{int(match[1]):02}:{match[2]}"


def mode_of(text: str, *, on_site: Count | None = None, online: Count | None = None) -> str:
    """A mode, and none that the people counted contradict. Raises WrongInput."""
    if text not in MODES:
        raise WrongInput("bad_mode", text=text, known=", ".join(MODES))
    if (text == "on_site" and online and online.people) or (text == "online" and on_site and on_site.people):
        raise WrongInput("mode_contradicts_count", mode=text)
    return text


def told_mode(on_site: int | None, online: int | None) -> str | None:
    """How those come of whom so many come each way; None where nobody said it."""
    if on_site and online:
        return "hybrid"
    return "on_site" if on_site else "online" if online else None


def https(text: str) -> str:
    """The address to dial in at: https, with a host, without a name and password in it (RFC 3986). Raises WrongInput."""
    link = text.strip()
    if not _LINK.fullmatch(link) or len(link) > _LONGEST_LINK or not link.isprintable():
        raise WrongInput("bad_link", text=text)
    return link


def free_name(name: str, taken: Collection[str]) -> str:
    """The name itself, or with the first number that makes it another: `group_session/NG1/2`."""
    if name not in taken:
        return name
    return next(f"{name}/{number}" for number in range(2, len(taken) + 3) if f"{name}/{number}" not in taken)


def meeting_name(rule: str, group: str | None, number: int | None = None) -> str:
    """The name of a meeting in its cycle: `spring`, `group_session/NG1`, `expert_talk/2`."""
    if group is not None:
        return f"{rule}/{group}"
    return rule if number is None else f"{rule}/{number}"
