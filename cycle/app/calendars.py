"""The calendars of a workflow, as the rules of days ask them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cycle.adapters.holidays import days_of
from cycle.dates.rules import Calendar


class SiteCalendars(Mapping[str, Calendar]):
    """Calendars by name, each read when it is first asked.

    Asking one raises NotFound or WrongInput where its file is missing or wrong, see `adapters.holidays.days_of`.
    """

    def __init__(self, wanted: Mapping[str, Any], folders: Sequence[Path]) -> None:
        self._wanted, self._folders = wanted, folders
        self._read: dict[str, Calendar] = {}

    def whole(self) -> "SiteCalendars":
        """The same, with every calendar read."""
        for name in self:
            self[name]
        return self

    def __getitem__(self, name: str) -> Calendar:
        if name not in self._read:
            self._read[name] = Calendar(name, *days_of(self._wanted[name], self._folders))
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._wanted)

    def __len__(self) -> int:
        return len(self._wanted)
