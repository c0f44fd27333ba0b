"""The survey form: what it asks, which projects it is filled in with, and the key by which it is known again.

A form is recognised by its key alone: neither the name of the file nor the sender says whose it is.
"""

import base64
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from cycle.inventory.rules.review import ProjectStatus

NEW_PROJECTS = 4  # places for projects that the form does not know yet
LEAST_FIELDS, LEAST_GROUPS = 2, 3  # drop-down cells for each project; more where a project has more
LONGEST_TITLE, LONGEST_TEXT = 200, 2_000

_KEY = re.compile(r"(.{1,40}-[0-9]{4})-([0-9]{3,9})-([A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4})", re.IGNORECASE)


class Kind(StrEnum):
    """What may stand in a cell of the form."""

    TEXT = "text"
    WORD = "word"
    DAY = "day"
    EURO = "euro"
    COUNT = "count"


@dataclass(frozen=True)
class Question:
    """One line of the form, asked of every project: `id` names the line, `name` the column of `Project` it goes into,
    `words` the list of the vocabulary that it offers. Several lines may go into one column."""

    id: str
    name: str
    kind: Kind
    words: str | None = None

    @property
    def more(self) -> bool:
        """Whether it is a further line of a column that has one already."""
        return not self.id.endswith("_1") and self.id != self.name


@dataclass(frozen=True)
class FormKey:
    """What a key says: the cycle and the partner, and the word that proves it."""

    cycle: str
    partner: int
    word: str

    def __str__(self) -> str:
        return f"{self.cycle.upper()}-{self.partner:03d}-{self.word}"


def questions(fields: int = LEAST_FIELDS, target_groups: int = LEAST_GROUPS) -> tuple[Question, ...]:
    """What is asked of every project, in the order of the form, with so many lines for fields and target groups."""
    return (
        Question("title", "title", Kind.TEXT),
        *(Question(f"fields_{at}", "fields", Kind.WORD, "fields") for at in range(1, fields + 1)),
        *(Question(f"target_groups_{at}", "target_groups", Kind.WORD, "target_groups") for at in range(1, target_groups + 1)),
        Question("direction", "direction", Kind.WORD, "directions"),
        Question("status", "status", Kind.WORD, "project_status"),
        Question("starts", "starts", Kind.DAY),
        Question("ends", "ends", Kind.DAY),
        Question("amount", "amount", Kind.EURO),
        Question("funding", "funding", Kind.WORD, "funding_sources"),
        Question("partners", "partners", Kind.TEXT),
        Question("participants", "participants", Kind.COUNT),
        Question("district", "district", Kind.TEXT),
        Question("remark", "remark", Kind.TEXT),
    )


def form_key(secret: str, cycle: str, partner: int) -> FormKey:
    """The key of a partner's form in a cycle: nobody can make one without the cycle's secret (HMAC-SHA256, 60 bits of it)."""
    digest = hmac.new(secret.encode(), f"{cycle}/{partner}".encode(), hashlib.sha256).digest()
    word = base64.b32encode(digest)[:12].decode("ascii")
    return FormKey(cycle, partner, "-".join((word[:4], word[4:8], word[8:])))


def key_in(text: str) -> FormKey | None:
    """The key that a cell holds, true or not; None where it holds none."""
    found = _KEY.fullmatch(text.strip())
    return FormKey(found[1].lower(), int(found[2]), found[3].upper()) if found else None


def is_true(key: FormKey, secret: str | None) -> bool:
    """Whether a key was made with this secret."""
    return secret is not None and hmac.compare_digest(form_key(secret, key.cycle, key.partner).word, key.word)


def is_asked(inventory_year: int | None, ends: date | None, *, since_year: int, first_day: date) -> bool:
    """Whether the form asks again for a project: it was reported since that year, and had not ended before `first_day` (of
    the cycle before): what ended in the last year is asked for once more."""
    return inventory_year is not None and inventory_year >= since_year and (ends is None or ends >= first_day)


def offered(words: str, labels: Mapping[str, str]) -> list[str]:
    """What a partner may choose of a list (`labels` by id), in the order in which it is offered: a project's life from its
    beginning on, without that it has no carrier; every other list by the alphabet."""
    if words == "project_status":
        return [labels[status] for status in ProjectStatus if status in labels and status is not ProjectStatus.UNOWNED]
    return sorted(labels.values(), key=lambda label: unicodedata.normalize("NFKD", label).casefold())


class Level(StrEnum):
    """What became of a file, or of one project in it: the worst that was found."""

    TAKEN = "taken"
    REPAIRED = "repaired"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Remark:
    """One thing that is told about a form: its sentence `key` and facts; `question` where one cell is meant."""

    level: Level
    key: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    question: str | None = None


def worst(remarks: Iterable[Remark]) -> Level:
    """The worst of what was found; TAKEN where nothing was."""
    return max((remark.level for remark in remarks), key=list(Level).index, default=Level.TAKEN)


def remarks_on_span(starts: date | None, ends: date | None, status: str | None, today: date) -> Iterator[Remark]:
    """What does not fit together in a project's beginning, end and status."""
    over = status in (ProjectStatus.COMPLETED, ProjectStatus.ENDED_EARLY)
    if starts is not None and ends is not None and ends < starts:
        yield Remark(Level.ERROR, "form_ends_before_start", {"starts": starts, "ends": ends}, "ends")
    elif over and ends is None:
        yield Remark(Level.WARNING, "form_over_without_end", {}, "ends")
    elif not over and status is not None and ends is not None and ends < today:
        yield Remark(Level.WARNING, "form_ended_but_goes_on", {"ends": ends}, "status")
