"""`cycle mail queue`: a mail that a person starts goes once, in the window, to whom it is meant for."""

import json
from typing import Any

from tests.small_town import partner, run, settle

CHECK = "mail queue 2025 --template contact_check"
TUESDAY = "2025-03-04T09:00:00+01:00"
FRIDAY_EVENING = "2025-03-07T19:00:00+01:00"


def mails(cycle: Any) -> list[tuple[int, str, str]]:
    told = json.loads(cycle("mail list --template contact_check --json").out)["mails"]
    return [(mail["partner"], mail["due"], mail["state"]) for mail in told]


def test_the_contact_check_goes_to_all_partners_and_as_a_letter_to_who_wants_post(cycle: Any) -> None:
    town = settle(cycle)

    said = town(f"{CHECK} --to partners", at=TUESDAY)

    assert "3 Nachrichten" in said.out + said.err
    assert mails(town) == [(2, "2025-03-04", "queued"), (3, "2025-03-04", "queued"), (4, "2025-03-04", "queued")]
    letters = json.loads(town("mail letters --json").out)["letters"]
    assert [(letter["partner"], letter["template"]) for letter in letters] == [(5, "contact_check")]
    run(town)
    assert [state for _, _, state in mails(town)] == ["sent"] * 3
    shown = town("mail show 1").out.splitlines()
    assert "E-Mail: alba@verein.example.org" in shown
    assert "Telefon: 030 23125 002" in shown
    town("history verify")


def test_nobody_gets_it_again_within_the_days_between_two_reminders(cycle: Any) -> None:
    town = settle(cycle)
    town(f"{CHECK} --to partners --partner 3", at=TUESDAY)

    again = json.loads(town(f"{CHECK} --to partners --json").out)
    later = json.loads(town(f"{CHECK} --to partners --dry-run --json", at="2025-03-10T09:00:00+01:00").out)

    assert [(each["partner"], each["reason"]) for each in again["left_out"]] == [(3, "had_it_lately")]
    assert [partner for partner, _, _ in mails(town)] == [3, 2, 4]
    assert later["left_out"] == []


def test_who_has_a_mail_today_gets_it_on_the_next_day_and_on_friday_evening_it_waits_for_monday(cycle: Any) -> None:
    town = settle(cycle)
    town(f"{CHECK} --to partners --partner 2", at=FRIDAY_EVENING)
    assert mails(town) == [(2, "2025-03-10", "queued")]

    town(f"{CHECK} --to coordinator", at=TUESDAY.replace("03-04", "03-11"))
    run(town, FRIDAY_EVENING)
    assert [state for partner, _, state in mails(town) if partner == 2] == ["queued"]
    run(town, "2025-03-10T09:00:00+01:00")
    assert [state for partner, _, state in mails(town) if partner == 2] == ["sent"]


def test_who_leaves_before_it_goes_does_not_get_it_and_the_reason_is_told(cycle: Any) -> None:
    town = settle(cycle)
    town(f"{CHECK} --to partners --partner 4", at=FRIDAY_EVENING)
    town('partner leave 4 --reason "Der Verein ist aufgelöst"')

    run(town, "2025-03-10T09:00:00+01:00")

    assert [(partner, state) for partner, _, state in mails(town)] == [(4, "cancelled")]


def test_who_has_no_address_or_objects_is_named(cycle: Any) -> None:
    town = settle(cycle, [partner(1, "Referat"), partner(2, "Alba"), partner(3, "Birke")])
    town('mail bounce --partner 3 --reason "Adresse unbekannt"')
    town('partner edit 2 --wish objects --reason "am Telefon gesagt"')

    told = json.loads(town(f"{CHECK} --to partners --json", at=TUESDAY).out)

    assert [(each["partner"], each["reason"]) for each in told["left_out"]] == [(2, "objects"), (3, "no_address")]
    assert mails(town) == []


def test_what_no_person_starts_an_unknown_audience_and_a_stranger_are_refused_in_a_sentence(cycle: Any) -> None:
    town = settle(cycle)

    other = town("mail queue 2025 --template survey_thanks --to partners", code=4)
    nobody = town(f"{CHECK} --to partner", code=4)
    stranger = town(f"{CHECK} --to partners --partner 99", code=4)

    assert "contact_check, press_text" in other.err
    assert "active_partners" in nobody.err
    assert stranger.err == "Partner 99 gehört nicht zu partners.\n"
    assert mails(town) == []


def test_nothing_is_started_while_the_year_is_on_hold(cycle: Any) -> None:
    town = settle(cycle)
    town('hold 2025 --until 2025-06-01 --reason "Krisenstab geht vor"', at=TUESDAY)

    assert "cycle resume 2025" in town(f"{CHECK} --to partners", code=5).err


def test_who_speaks_for_two_partners_gets_it_once(cycle: Any) -> None:
    both = {"E-Mail": "anna@verein.example.org", "Nachname": "Alba"}
    town = settle(cycle, [partner(1, "Referat"), partner(2, "Alba", **both), partner(3, "Birke", **both)])

    town(f"{CHECK} --to partners", at=TUESDAY)

    assert mails(town) == [(2, "2025-03-04", "queued")]
