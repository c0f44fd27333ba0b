"""What the tests of dates share: the shipped integration plan's rules and Musterstadt's calendars, without a database."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ruamel.yaml import YAML

from cycle.adapters.holidays import file_days, public_days, range_days
from cycle.dates.rules import Calendar, Calendars
from cycle.workflow.grammar import Rule, When, parse_rule

ROOT = Path(__file__).parents[2]
CALENDAR_FILE = ROOT / "config" / "calendars" / "calendar_bw.csv"
WEEKEND = "Wochenende"


@dataclass(frozen=True)
class ADate:
    rule: Rule
    avoid: tuple[str, ...] = ()
    shift: str = "none"
    when: When | None = None
    anchor: bool = False


def day(text: str) -> date:
    return date.fromisoformat(text)


def calendars() -> Calendars:
    days = {
        "public": public_days("DE-BW", ["12-24", "12-31"]),
        "school": file_days(CALENDAR_FILE, "Schulferien"),
        "religious": file_days(CALENDAR_FILE, "Religiöser Festtag"),
        "quiet": range_days(["08-01..08-31", "12-23..01-06"]),
    }
    return {name: Calendar(name, *known) for name, known in days.items()}


def rules(file: str = "integration.yaml") -> dict[str, ADate]:
    text = (ROOT / "workflows" / file).read_text("utf-8")
    return {
        key: ADate(
            rule=parse_rule(given["rule"]),
            avoid=tuple(given.get("avoid", ())),
            shift=given.get("shift", "none"),
            when=When(**given["when"]) if "when" in given else None,
            anchor=given.get("anchor", False),
        )
        for key, given in YAML(typ="safe").load(text)["dates"].items()
    }
