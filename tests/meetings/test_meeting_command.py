"""The meetings of Musterstadt on the command line: moved with their dates, held, excused; and what checks say of them."""

import json
from pathlib import Path
from typing import Any

import pytest
from played import played_once

from cycle.vocabulary import Finding

DEMO = Path(__file__).parents[2] / "config" / "demo"
IN_MARCH = "2025-03-06T15:40:00+01:00"
AFTER_SPRING = "2025-04-29T19:00:00+02:00"
IN_OCTOBER = "2025-10-10T09:00:00+02:00"


@pytest.fixture
@played_once
def town(cycle: Any) -> Any:
    """A site with groups, partners, a speaker of NG2, and the year 2025."""
    cycle(f"group import {DEMO / 'network_groups.csv'}")
    cycle(f"partner import {DEMO / 'partners_2025.csv'}")
    cycle("people add m.gruenewald --name 'Matthias Grünewald' --mail m.g@vhs.example.de --role speaker --group NG2")
    cycle("start 2025")
    return cycle


def meetings(town: Any) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in json.loads(town("meeting list 2025 --json").out)["meetings"]}


def last_entry(town: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(town("history list 2025 --json").out)["entries"][-1]
    return found


def check(town: Any, name: str, **parameters: Any) -> Finding:
    with town.site.reading(2025) as (_, about):
        found: Finding = about.lent.checks[name](about, **parameters)
        return found


def audience(town: Any, name: str, **fact: Any) -> list[int]:
    with town.site.reading(2025) as (_, about):
        return [one.partner for one in about.lent.audiences[name](about, fact)]


def spring_check(town: Any) -> Finding:
    return check(town, "meeting_held", meeting="spring", attendance=["on_site", "online"], document="minutes")


def test_a_year_begins_with_the_meetings_that_name_a_date(town: Any) -> None:
    found = meetings(town)

    assert {name: (each["day"], each["start"], each["venue"]) for name, each in found.items()} == {
        "spring": ("2025-04-29", "14:00", "Stadthalle"),
        "round_table": ("2025-07-15", "16:30", "Rathaus"),
    }


def test_a_meeting_told_of_days_later_was_held_on_its_planned_day_unless_another_is_named(town: Any) -> None:
    town("meeting held 2025 spring --on-site 62 --online 100", at="2025-05-02T09:00:00+02:00")
    town("meeting held 2025 round_table --on-site 41 --on 2025-07-16", at="2025-07-20T09:00:00+02:00")

    assert {name: each["held_on"] for name, each in meetings(town).items()} == {
        "spring": "2025-04-29",
        "round_table": "2025-07-16",
    }


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        (
            "meeting cancel 2025 spring --reason 'Halle gesperrt'",
            "„Netzwerktreffen“, geplant für den 29.04.2025, ist abgesagt. "
            "Neu ansetzen: cycle meeting move 2025 spring JJJJ-MM-TT",
            "meeting move 2025 spring 2025-05-06 --reason 'Halle wieder frei'",
        ),
        (
            "meeting excuse 2025 group_session --group NG1 --reason 'nichts zu besprechen'",
            "„Sitzung der Netzwerkgruppe NG1“ ist für dieses Jahr entschuldigt. Findet das Treffen doch statt: "
            "cycle meeting add 2025 group_session --group NG1 --on JJJJ-MM-TT",
            "meeting add 2025 group_session --group NG1 --on 2025-10-09",
        ),
        (
            "meeting held 2025 spring --on-site 62 --online 100 --on 2025-04-29",
            "„Netzwerktreffen“ hat am 29.04.2025 stattgefunden; das lässt sich so nicht mehr ändern. "
            "Eine falsche Angabe berichtigen Sie mit: cycle history correct 2025 meeting/spring",
            None,
        ),
    ],
)
def test_what_cannot_be_changed_says_whether_it_was_held_cancelled_or_excused(
    town: Any, before: str, said: str, after: str | None
) -> None:
    town(before, at="2025-05-02T09:00:00+02:00" if "held" in before else IN_MARCH)
    meeting, group = ("group_session", " --group NG1") if "NG1" in before else ("spring", "")

    assert town(f"meeting edit 2025 {meeting}{group} --venue Rathaus", code=2).err == f"{said}\n"
    if after:
        town(after)
        town(f"meeting edit 2025 {meeting}{group} --venue Rathaus")


def test_a_refusal_names_the_commands_with_the_meeting_they_are_about(town: Any) -> None:
    held = town("meeting held 2025 spring --on-site 1", at=IN_MARCH, code=2).err
    town("meeting add 2025 group_session --group NG1 --on 2025-10-09")
    added = town("meeting add 2025 group_session --group NG1 --on 2025-10-09", code=2).err

    assert held.endswith("cycle meeting held 2025 spring; verlegen mit: cycle meeting move 2025 spring\n")
    assert added == (
        "„Sitzung der Netzwerkgruppe NG1“ ist schon angelegt. Ändern mit: cycle meeting edit 2025 group_session/NG1 "
        "oder cycle meeting move 2025 group_session/NG1\n"
    )
    town("meeting edit 2025 group_session/NG1 --venue Rathaus")


def test_a_programme_is_not_changed_of_a_meeting_that_is_cancelled(town: Any) -> None:
    town("meeting cancel 2025 spring --reason 'Halle gesperrt'")

    assert "geplant für den 29.04.2025, ist abgesagt." in town("meeting agenda add 2025 spring Begrüßung", code=2).err


def test_status_says_in_time_which_mail_waits_for_a_day_to_be_confirmed(town: Any) -> None:
    told = [
        json.loads(town("status 2025 --json", at=at).out)["cycles"][0]["unconfirmed_mails"]
        for at in ("2025-01-18T09:00:00+01:00", "2025-01-20T09:00:00+01:00")
    ]
    shown = town("status 2025").out
    town("date confirm 2025 spring_meeting")

    save_the_date = {
        "template": "save_the_date_spring",
        "label": "Save the Date Netzwerktreffen",
        "day": "2025-02-18",
        "late": False,
        "unconfirmed": "spring_meeting",
        "unconfirmed_label": "Netzwerktreffen Frühjahr",
        "command": "cycle date confirm 2025 spring_meeting",
    }
    assert told == [[], [save_the_date]]
    assert shown.partition("An die Partner geht erst, wenn der Termin bestätigt ist:\n")[2].splitlines()[:3] == [
        "  18.02.2025  Save the Date Netzwerktreffen",
        "     „Netzwerktreffen Frühjahr“ ist nicht bestätigt.",
        "     → cycle date confirm 2025 spring_meeting",
    ]
    assert json.loads(town("status 2025 --json").out)["cycles"][0]["unconfirmed_mails"] == []


def test_moving_the_spring_meeting_moves_its_date_and_the_followers(town: Any) -> None:
    line = "meeting move 2025 spring 2025-05-06 --venue 'Bürgerhaus Bergfeld' --reason 'Stadthalle gesperrt' --json"
    tried = json.loads(town(f"{line} --dry-run", at=IN_MARCH).out)
    before = meetings(town)["spring"]

    moved = json.loads(town(line).out)

    after = meetings(town)["spring"]
    assert tried["moves"] == moved["moves"]
    assert [each["key"] for each in moved["moves"] if each["follows"] is None] == ["spring_meeting"]
    assert (before["day"], before["sequence"]) == ("2025-04-29", 0)
    assert (after["day"], after["venue"], after["sequence"]) == ("2025-05-06", "Bürgerhaus Bergfeld", 1)
    data = last_entry(town)["data"]
    assert {name: data[name] for name in ("meeting", "rule", "group", "from", "to")} == {
        "meeting": "spring",
        "rule": "spring",
        "group": None,
        "from": "2025-04-29",
        "to": "2025-05-06",
    }


def test_a_meeting_is_asked_for_until_it_is_held_counted_and_minuted(town: Any, tmp_path: Path) -> None:
    before = spring_check(town)
    town("meeting held 2025 spring --on-site 62 --online '>=100' --mode hybrid --note '1 Gastvortrag'", at=AFTER_SPRING)
    unminuted = spring_check(town)
    (tmp_path / "minutes.txt").write_text("Protokoll", encoding="utf-8")
    town(f"document file 2025 minutes --of spring --file '{tmp_path / 'minutes.txt'}'")

    assert (before.key, before.met, before.command) == (
        "meeting_not_held_without_document",
        False,
        "cycle meeting held 2025 spring --on-site N --online N",
    )
    assert (unminuted.key, unminuted.met, unminuted.owed_by, unminuted.command) == (
        "meeting_without_document",
        False,
        "coordinator",
        "cycle document file 2025 minutes --of spring --file FILE",
    )
    assert (spring_check(town).key, spring_check(town).met) == ("meeting_held", True)
    spring = meetings(town)["spring"]
    assert (spring["status"], spring["held_on"], spring["on_site"], spring["online"], spring["online_at_least"]) == (
        "held",
        "2025-04-29",
        62,
        100,
        True,
    )


def test_a_missing_count_and_missing_minutes_are_told_together(town: Any) -> None:
    town("meeting held 2025 spring --on-site 62", at=AFTER_SPRING)

    found = spring_check(town)

    assert (found.key, found.facts["missing"], found.command) == (
        "meeting_not_counted_without_document",
        ["online"],
        "cycle history correct 2025 meeting/spring --field online --value N --reason …",
    )


def test_too_few_people_are_told_with_their_number(town: Any) -> None:
    town("meeting held 2025 spring --on-site 3", at=AFTER_SPRING)

    found = check(town, "meeting_held", meeting="spring", attendance=["on_site"], present_at_least=4)

    assert (found.key, found.met, found.facts["present"], found.facts["least"]) == ("meeting_too_few", False, 3, 4)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("meeting held 2025 spring --on-site 62", 2),  # it is still ahead
        ("meeting held 2025 spring --on-site 62 --on 2025-12-24", 2),
        ("meeting held 2025 sommerfest --on-site 3", 4),
        ("meeting held 2025 group_session --group NG1 --on-site 3", 4),
        ("meeting move 2025 spring 2025-05-06", 2),
        ("meeting move 2025 spring 2025-04-29 --reason x", 2),
        ("meeting add 2025 group_session --on 2025-10-15 --at 17:30", 2),
        ("meeting add 2025 group_session --group NG9 --on 2025-10-15", 4),
        ("meeting add 2025 group_session --group NG1 --on 2025-10-15 --at 25:00", 2),
        ("meeting add 2025 spring --on 2025-05-06", 2),
        ("meeting add 2025 spring --on 2025-04-29", 2),
        ("meeting excuse 2025 spring --partner 99", 4),
        ("meeting excuse 2025 spring", 2),
        ("meeting excuse 2025 spring --group NG1 --reason 'keine Zeit'", 2),
        ("meeting excuse 2025 group_session --group NG1", 2),
        ("meeting cancel 2025 spring", 2),
        ("meeting edit 2025 spring", 2),
        ("meeting edit 2025 spring --mode telepathisch", 2),
    ],
)
def test_a_wrong_command_says_why_and_changes_nothing(town: Any, line: str, code: int) -> None:
    before = last_entry(town)["seq"]

    said = town(line, code=code)

    assert said.err.strip() != ""
    assert last_entry(town)["seq"] == before


def test_a_meeting_that_was_held_can_be_neither_moved_nor_held_again(town: Any) -> None:
    town("meeting held 2025 spring --on-site 62 --online 5", at=AFTER_SPRING)
    before = last_entry(town)["seq"]

    town("meeting move 2025 spring 2025-05-20 --reason zu spät", code=2)
    town("meeting move 2025 spring 2025-05-20 --reason verschoben", code=2)
    town("meeting held 2025 spring --on-site 61", code=2)
    town("meeting cancel 2025 spring --reason x", code=2)
    town("meeting held 2025 spring --on-site 61 --mode online", code=2)

    assert last_entry(town)["seq"] == before


def test_the_excused_are_not_reminded_of_their_meeting_only(town: Any) -> None:
    asked = audience(town, "invited", date="spring_meeting")

    town("meeting excuse 2025 spring --partner 12 --partner 13 --partner 34")
    town("meeting register 2025 spring --partner 13 --partner 14 --mode online")

    assert len(asked) == 59
    assert sorted(set(asked) - set(audience(town, "not_declined", date="spring_meeting"))) == [12, 34]
    assert audience(town, "not_declined", date="round_table") == asked


def test_a_group_meets_and_only_its_members_hear_of_it(town: Any) -> None:
    town("meeting add 2025 group_session --group NG2 --on 2025-11-05 --at 17:30 --venue Schulzentrum", at=IN_OCTOBER)
    town("meeting move 2025 group_session/NG2 2025-11-18 --reason vertagt --note '3 anwesend'")

    session = meetings(town)["group_session/NG2"]
    fact = last_entry(town)["data"]
    members = audience(town, "invited", **fact)
    assert (session["day"], session["start"], session["sequence"]) == ("2025-11-18", "17:30", 1)
    assert (fact["meeting"], fact["rule"], fact["group"]) == ("group_session/NG2", "group_session", "NG2")
    assert (7 in members, 58 in members, 60 in members, 1 in members) == (True, True, False, False)


def test_a_speaker_may_touch_the_own_group_only(town: Any) -> None:
    town("meeting add 2025 group_session --group NG1 --on 2025-10-15", at=IN_OCTOBER)
    town("meeting add 2025 group_session --group NG2 --on 2025-10-16", login="m.gruenewald")

    for line in (
        "meeting move 2025 group_session 2025-10-22 --group NG1 --reason 'Raum belegt'",
        "meeting move 2025 group_session/NG1 2025-10-22 --reason 'Raum belegt'",
        "meeting move 2025 spring 2025-05-06 --reason 'Raum belegt'",
        "meeting held 2025 group_session --group NG1 --on-site 3",
    ):
        town(line, login="m.gruenewald", code=6)
    town("meeting move 2025 group_session/NG1 2025-10-22 --group NG2 --reason x", login="m.gruenewald", code=4)
    town("meeting move 2025 group_session 2025-10-23 --group NG2 --reason 'Raum belegt'", login="m.gruenewald")
    assert {name: each["day"] for name, each in meetings(town).items() if each["group"]} == {
        "group_session/NG1": "2025-10-15",
        "group_session/NG2": "2025-10-23",
    }


def test_every_group_has_met_or_is_excused(town: Any) -> None:
    town("meeting add 2025 group_session --group NG1 --on 2025-10-10", at=IN_OCTOBER)
    first = check(town, "every_group_met_or_excused")
    town("meeting held 2025 group_session --group NG1 --on-site 0 --note 'nichts zu besprechen'")
    town("meeting add 2025 group_session --group NG2 --on 2025-10-20")
    town("meeting cancel 2025 group_session --group NG2 --reason 'Raum belegt'")
    second = check(town, "every_group_met_or_excused")
    for group in ("NG2", "NG3", "NG4", "NG5"):
        town(f"meeting excuse 2025 group_session --group {group} --reason 'keine Vorhaben'")

    assert (first.met, first.facts["count"], first.owed_by, first.command) == (
        False,
        5,
        "speaker",
        "cycle meeting held 2025 group_session --group NG1 --on-site N",
    )
    assert (second.facts["count"], second.facts["missing"][0], second.command) == (
        4,
        "NG2 Arbeit und Ausbildung",
        "cycle meeting add 2025 group_session --group NG2 --on DAY --at HH:MM",
    )
    assert check(town, "every_group_met_or_excused").met is True


def test_a_cancelled_session_is_planned_again_and_a_held_one_followed_by_another(town: Any) -> None:
    town("meeting add 2025 group_session --group NG1 --on 2025-10-10", at=IN_OCTOBER)
    town("meeting add 2025 group_session --group NG1 --on 2025-10-17", code=2)
    town("meeting cancel 2025 group_session --group NG1 --reason 'Raum belegt'")
    town("meeting add 2025 group_session --group NG1 --on 2025-10-10")
    town("meeting held 2025 group_session --group NG1 --on-site 9")
    town("meeting add 2025 group_session --group NG1 --on 2025-11-07")
    town("meeting move 2025 group_session 2025-11-06 --group NG1 --reason 'Elternabend'")

    assert {name: (each["status"], each["day"]) for name, each in meetings(town).items() if each["group"]} == {
        "group_session/NG1": ("held", "2025-10-10"),
        "group_session/NG1/2": ("planned", "2025-11-06"),
    }


def test_the_date_ends_on_the_day_the_meeting_was_held(town: Any) -> None:
    town("meeting held 2025 spring --on-site 62 --online 5 --on 2025-04-29", at="2025-05-02T09:00:00+02:00")

    with town.site.reading(2025) as (_, about):
        end = about.lent.ends["held"]
        assert (str(end(about, "spring")), end(about, "round_table")) == ("2025-04-29", None)


def test_facts_of_meetings_are_narrowed_by_their_rule(town: Any) -> None:
    with town.site.reading(2025) as (_, about):
        facts = [about.lent.facts[name] for name in ("meeting_moved", "meeting_cancelled")]
    told = {"meeting": "group_session/NG1", "rule": "group_session", "group": "NG1"}

    narrows: list[dict[str, str]] = [{}, {"meeting": "group_session"}, {"meeting": "spring"}]
    assert [[fact.matches(told, narrow) for narrow in narrows] for fact in facts] == [[True, True, False], [True, True, False]]


def test_a_meeting_is_shown_with_who_is_excused(town: Any) -> None:
    town("meeting excuse 2025 spring --partner 12")
    town("meeting edit 2025 spring --at 15:00 --venue Rathaus")

    told = json.loads(town("meeting show 2025 spring --json").out)

    said = [(each["partner"], each["status"], each["mode"], each["on"]) for each in told["said"]]
    assert (told["start"], told["venue"], said) == ("15:00", "Rathaus", [(12, "excused", None, "2025-01-10")])
    assert "Entschuldigt\t12" in town("meeting show 2025 spring").out
