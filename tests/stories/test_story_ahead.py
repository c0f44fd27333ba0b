"""What the coordinator of Musterstadt knows before it goes, and why it went: two years at once, and a year looked back on."""

import json
from collections import Counter
from typing import Any


def answered(cycle: Any, line: str) -> dict[str, Any]:
    return dict(json.loads(cycle(f"{line} --json").out))


def test_with_two_years_running_each_address_is_in_a_days_preview_once(story: Any) -> None:
    cycle = story("two years at once")

    mails = answered(cycle, "mail preview --on 2026-03-03")["mails"]
    (day,) = answered(cycle, "run --dry-run --from 2026-03-03")["days"]

    by_mail = Counter(each["to"] for each in mails if each["channel"] == "mail")
    assert set(by_mail.values()) == {1}
    assert sum(by_mail.values()) == day["mails"]
    assert [(each["templates"], each["years"]) for each in day["lines"] if len(each["years"]) == 2] == [
        (["measure_due", "survey_reminder_1"], ["ip-2025", "ip-2026"])
    ]
