"""What people need at a meeting, as counts without names: interpretation into Arabic for two. Pure.

Kept as one text in a private column: sorted JSON of words of the workflow's list `attendance_needs`, where a language or
other addition stands behind a space ("interpretation ar"), to counts above zero.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from cycle.errors import WrongInput

_ASKED = re.compile(r"(?P<word>[^=]+?)\s*(?:=\s*(?P<count>\d{1,4}))?")


def need_and_count(text: str) -> tuple[str, int]:
    """`Kinderbetreuung=2` as word and count, a word alone counts once. Raises WrongInput `bad_need_count`."""
    match = _ASKED.fullmatch(text.strip())
    if match is None:
        raise WrongInput("bad_need_count", text=text)
    return match["word"], int(match["count"] or 1)


def merged(before: str | None, said: Mapping[str, int]) -> dict[str, int]:
    """What was kept with what is said now: a count replaces the one of the same need, 0 takes it back."""
    return {need: count for need, count in {**needs_of(before), **said}.items() if count}


def kept(needs: Mapping[str, int]) -> str | None:
    """Needs as the one text that is kept, None for none."""
    return json.dumps(needs, sort_keys=True, ensure_ascii=False, separators=(",", ":")) if needs else None


def needs_of(text: str | None) -> dict[str, int]:
    """The kept text as needs with their counts."""
    return dict(json.loads(text)) if text else {}


def total(several: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The needs of all, added up, by word."""
    found: Counter[str] = Counter()
    for needs in several:
        found.update(needs)
    return dict(sorted(found.items()))
