"""What the coordinator of Musterstadt knows before it goes, and why it went: two years at once, and a year looked back on."""

import hashlib
import json
from collections import Counter
from typing import Any


def answered(cycle: Any, line: str, login: str | None = None) -> dict[str, Any]:
    return dict(json.loads(cycle(f"{line} --json", login=login).out))


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


def test_the_deliveries_of_the_autumn_review_are_told_with_the_address_of_their_day(story: Any) -> None:
    cycle = story("two years at once")
    primary, deputy = "claudia.huebner@wirtschaftsforum.example.com", "vertretung@wirtschaftsforum.example.com"

    told = answered(cycle, "mail log 2025 --partner 58")["deliveries"]

    review = [each for each in told if "autumn_review" in each["template"]]
    assert [(each["day"], each["template"], each["to"], each["state"]) for each in review] == [
        ("2025-09-16", "autumn_review_request", primary, "sent"),
        ("2025-10-07", "autumn_review_reminder", primary, "sent"),
        ("2025-10-15", "autumn_review_overdue", primary, "sent"),
        ("2025-10-22", "autumn_review_overdue", deputy, "sent"),
    ]
    texts = [json.loads(cycle(f"mail show {each['id']} --json").out)["text"] for each in review]
    assert [each["text_sha256"] for each in review] == [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    assert {each["partner"] for each in told} == {58}


def test_what_came_back_stays_in_the_log_with_the_address_it_went_to(story: Any) -> None:
    cycle = story("two years at once")

    told = answered(cycle, "mail log 2025 --partner 23")["deliveries"]

    assert [(each["to"], each["bounced"]) for each in told[:2]] == [
        ("vorstand-alt@alevi-kreis.example.org", True),
        ("zeynep.kocak@alevi-kreis.example.org", False),
    ]


def test_an_auditor_may_ask_what_went(story: Any) -> None:
    cycle = story("two years at once")

    assert answered(cycle, "mail log")["schema"] == "cycle/mail-log/1"
    cycle("mail log 2025 --partner 58", login="a.kraut")
    cycle("mail log --partner 999", code=4)


def test_a_year_of_one_partner_is_explained_to_an_auditor_on_one_screen(story: Any) -> None:
    """Each line says which rule, and what became of it; what was sent is what the log has."""
    cycle = story("two years at once")

    steps = answered(cycle, "mail explain 58 --year 2025", login="a.kraut")["steps"]
    log = answered(cycle, "mail log 2025 --partner 58")["deliveries"]

    assert [each["state"] for each in steps if each["rule"] == "review_due"] == ["sent"] * 3
    assert sorted({each["mail"] for each in steps if each["state"] == "sent"}) == [
        each["id"] for each in log if each["state"] == "sent"
    ]
