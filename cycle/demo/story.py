"""The story as data: command lines with their time, login and expected exit code, and the mornings between them."""

import csv
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

MORNING = time(8, 0)
SATURDAY = 5


@dataclass(frozen=True)
class Told:
    """One command line of the story."""

    at: datetime
    login: str
    command: str
    exit_code: int
    remark: str

    @property
    def words(self) -> list[str]:
        """The command line without the word `cycle`."""
        return shlex.split(self.command)[1:]


def read(file: Path) -> list[Told]:
    """The story of a file: Zeitpunkt;Login;Befehl;Erwartet;Bemerkung."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return [
            Told(datetime.fromisoformat(r["Zeitpunkt"]), r["Login"], r["Befehl"], int(r["Erwartet"]), r["Bemerkung"])
            for r in csv.DictReader(stream, delimiter=";")
        ]


def mornings(after: datetime, until: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Eight o'clock of every weekday between two moments, when the service would wake."""
    day = after.astimezone(zone).date()
    while True:
        morning = datetime.combine(day, MORNING, zone)
        if morning >= until:
            return
        if morning > after and morning.weekday() < SATURDAY:
            yield morning
        day += timedelta(days=1)
