"""One item of one mail, as every answer sees it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cycle.cycles.records import Year
from cycle.dates.rules import Calendar
from cycle.reminders.records import LedgerItem
from cycle.settings import Settings
from cycle.vocabulary import Recipient


@dataclass(frozen=True)
class Scene:
    """One item of one mail: whose it is, what it is about, and the fact it follows (empty for a date). `form` is whether a
    file goes along: a form to fill in, the minutes."""

    about: Year
    item: LedgerItem
    recipient: Recipient
    fact: Mapping[str, Any]
    settings: Settings
    public: Calendar | None
    sentence: Callable[..., str]
    form: bool = False

    @property
    def language(self) -> str:
        """The language of labels: English for English mails, else German."""
        return "en" if self.recipient.language == "en" else "de"

    @property
    def date_key(self) -> str | None:
        """The date the item is about, None for another thing."""
        kind, _, key = self.item.subject.partition("/")
        return key if kind == "date" else None
