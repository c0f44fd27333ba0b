"""Who reads mails by machine finds the same names in every answer."""

import json
from typing import Any


def test_a_mail_has_the_same_names_wherever_it_is_told(story: Any) -> None:
    cycle = story("two years at once")
    names = {"id", "state", "reason", "template", "templates", "partner", "to", "due"}

    listed = json.loads(cycle("mail list --json").out)["mails"]
    number = listed[0]["id"]
    shown = json.loads(cycle(f"mail show {number} --json").out)
    foreseen = json.loads(cycle("mail preview --on 2026-03-03 --json").out)["mails"]
    letters = json.loads(cycle("mail letters --json").out)["letters"]

    assert [names - each.keys() for each in (listed[0], shown, *foreseen[:1])] == [set()] * (2 + len(foreseen[:1]))
    assert all(each["template"] == each["templates"][0] for each in listed)
    assert {each["id"] for each in foreseen} <= {None}
    assert all(set(each) == {"due", "template", "partner"} for each in letters)
