"""Who comes and who came: registrations with people and needs as counts, the public, partners present; and the press draft."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from played import played_once

DEMO = Path(__file__).parents[2] / "config" / "demo"
LATE = "2025-04-24T09:00:00+02:00"
AFTER_SPRING = "2025-04-29T19:00:00+02:00"


@pytest.fixture
@played_once
def town(cycle: Any) -> Any:
    """A site with partners and the year 2025."""
    cycle(f"group import {DEMO / 'network_groups.csv'}")
    cycle(f"partner import {DEMO / 'partners_2025.csv'}")
    cycle("start 2025")
    return cycle


def shown(town: Any, more: str = "") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(town(f"meeting show 2025 spring --json {more}").out)
    return found


def said(town: Any, partner: int) -> tuple[Any, ...]:
    (one,) = [each for each in shown(town)["said"] if each["partner"] == partner]
    return tuple(one[name] for name in ("status", "on_site", "online", "mode", "needs", "late"))


def last_entry(town: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(town("history list 2025 --json").out)["entries"][-1]
    return found


def test_a_partner_registers_with_people_each_way_and_with_needs_as_counts(town: Any) -> None:
    town("meeting register 2025 spring --partner 4 --on-site 2 --online 1 --need Kinderbetreuung=2 --need 'Sprachmittlung AR'")

    assert said(town, 4) == ("registered", 2, 1, "hybrid", {"child_care": 2, "interpretation ar": 1}, False)


def test_what_somebody_needs_is_never_in_the_chain(town: Any) -> None:
    town("meeting register 2025 spring --partner 4 --on-site 1 --need Rollstuhl=1")

    entry = last_entry(town)
    assert (entry["type"], "step_free" in json.dumps(entry)) == ("meeting.registered", False)


def test_the_last_word_counts_and_what_is_not_said_again_stays(town: Any) -> None:
    town("meeting register 2025 spring --partner 4 --on-site 2 --need Kinderbetreuung=2 --need Vegetarisch")
    town("meeting register 2025 spring --partner 4 --on-site 3 --need Kinderbetreuung=0")
    assert said(town, 4) == ("registered", 3, None, "on_site", {"vegetarian": 1}, False)

    town("meeting excuse 2025 spring --partner 4")

    assert said(town, 4) == ("excused", None, None, None, {}, False)
    assert [entry["type"] for entry in json.loads(town("history list 2025 --json").out)["entries"]][-3:] == [
        "meeting.registered",
        "meeting.registered",
        "meeting.excused",
    ]


def test_who_registers_after_the_closing_day_is_marked(town: Any) -> None:
    town("meeting register 2025 spring --partner 4 --on-site 2", at="2025-04-22T20:00:00+02:00")
    town("meeting register 2025 spring --partner 7 --on-site 1", at=LATE)

    assert (said(town, 4)[-1], said(town, 7)[-1], shown(town)["sums"]["late"]) == (False, True, 1)


def test_the_sums_are_what_house_and_kitchen_ask_for(town: Any) -> None:
    town("meeting register 2025 spring --partner 4 --on-site 2 --online 1 --need Vegetarisch=1")
    town("meeting register 2025 spring --partner 7 --mode online")
    town("meeting register 2025 spring --citizens --on-site 12 --need vegetarisch=3")
    town("meeting register 2025 spring --citizens --on-site 14")
    town("meeting excuse 2025 spring --partner 12")

    assert shown(town)["sums"] == {
        "registered": 2,
        "excused": 1,
        "on_site": 16,
        "online": 1,
        "without_number": 1,
        "citizens": 14,
        "late": 0,
        "needs": {"vegetarian": 4},
        "need_labels": {"vegetarian": "Vegetarisch"},
    }
    assert "aus der Bürgerschaft bis jetzt 14 angemeldet" in town("history list 2025").out


def test_the_list_for_the_host_is_a_table_that_starts_no_formula(town: Any, tmp_path: Path) -> None:
    town("meeting register 2025 spring --partner 4 --on-site 2 --need Vegetarisch=1")
    file = tmp_path / "liste.csv"

    town(f"meeting show 2025 spring --csv {file}")

    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream, delimiter=";"))
    assert rows[:2] == [
        ["Antwort", "Nr", "Organisation", "Vor Ort", "Online", "Bedarf", "Hinweis", "Am"],
        ["Angemeldet", "4", "Stadt Musterstadt – Fachstelle Wohnen", "2", "", "1 × Vegetarisch", "", "10.01.2025"],
    ]
    assert ["Personen vor Ort", "", "", "2", "", "", "", ""] in rows
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    town(f"meeting show 2025 spring --csv {tmp_path / 'fehlt' / 'liste.csv'}", code=2)


WRONG = {
    "register 2025 spring": 2,
    "register 2025 spring --partner 4 --on-site -1": 2,
    "register 2025 spring --partner 4 --on-site viele": 2,
    "register 2025 spring --partner 4 --on-site 0": 2,
    "register 2025 spring --partner 4 --on-site 2 --mode online": 2,
    "register 2025 spring --partner 4 --need Trampolin=2": 2,
    "register 2025 spring --partner 4 --need Kinderbetreuung=viele": 2,
    "register 2025 spring --partner 4 --need 'Kinderbetreuung=-1'": 2,
    "register 2025 spring --partner 999 --on-site 1": 4,
    "register 2025 spring --citizens": 2,
    "register 2025 spring --citizens --partner 4 --on-site 1": 2,
    "held 2025 spring --on-site 3 --online '>=viel'": 2,
    "held 2025 spring --on-site -3": 2,
    "held 2025 spring --on-site 3 --present 4;7": 2,
    "held 2025 spring --on-site 3 --present 4,999": 4,
    "edit 2025 spring --present 4,7": 2,
    "edit 2025 spring --at 25:00": 2,
    "edit 2025 spring --until 13:00": 2,
    "edit 2025 spring --link 'stadt.example.org'": 2,
    "edit 2025 spring --link 'http://stadt.example.org/x'": 2,
    "edit 2025 spring --link 'https://gast:geheim@stadt.example.org/x'": 2,
    "edit 2025 spring --link 'https://stadt.example.org/a b'": 2,
    "edit 2025 spring --venue Stadthalle": 2,
}


def test_a_wrong_command_says_why_and_changes_nothing(town: Any) -> None:
    town.at(AFTER_SPRING)
    before = last_entry(town)["seq"]

    answers = {line: town(f"meeting {line}", code=None) for line in WRONG}

    assert {line: answer.code for line, answer in answers.items()} == WRONG
    assert [line for line, answer in answers.items() if not answer.err.strip() or "Traceback" in answer.err] == []
    assert last_entry(town)["seq"] == before


def test_an_online_registration_does_not_fit_a_meeting_on_site(town: Any) -> None:
    town("meeting edit 2025 spring --mode on_site")
    before = last_entry(town)["seq"]

    assert town("meeting register 2025 spring --partner 4 --online 1", code=None).code == 2
    assert last_entry(town)["seq"] == before


# Who was there


def test_partners_present_give_the_organisations_and_the_share_of_the_active_ones(town: Any) -> None:
    town("meeting held 2025 spring --on-site 64 --online '>=100' --present 12,4,7,7,1", at=AFTER_SPRING)
    town("meeting held 2025 round_table --on-site 20", at="2025-07-15T19:00:00+02:00")
    town("partner merge 7 --into 9 --reason 'Vereine sind zusammengegangen'")

    told = json.loads(town("meeting list 2025 --json").out)["attendance"]

    assert told == {
        "held": 2,
        "noted": 1,
        "on_site": 84,
        "online": 100,
        "at_least": True,
        "active": 56,
        "organisations": [4, 9, 12],
        "active_present": 3,
        "share": 3 * 10_000 // 56,
    }
    assert "3 verschiedene Partnerorganisationen waren da" in town("meeting list 2025").err


def test_who_was_there_can_be_noted_later_and_be_corrected(town: Any) -> None:
    town("meeting held 2025 spring --on-site 64", at=AFTER_SPRING)
    town("meeting edit 2025 spring --present 4,7")
    town("meeting edit 2025 spring --present 4,7,12")
    assert shown(town)["present"] == [4, 7, 12]

    town("meeting edit 2025 spring --present 4,7,12", code=2)
    town("meeting edit 2025 spring --present 4 --venue Rathaus", code=2)

    assert shown(town)["sequence"] == 0
    town("history correct 2025 meeting/spring --field present --value 4,9 --reason 'Liste nachgereicht'")
    town("history correct 2025 meeting/spring --field present --value 4,x --reason 'Vertippt'", code=2)
    assert shown(town)["present"] == [4, 9]


# The text for the press


def test_the_press_draft_tells_what_is_known_and_nothing_goes_out(town: Any, tmp_path: Path) -> None:
    town(f"meeting agenda import 2025 spring {DEMO / 'agenda_2025.csv'}")
    town("meeting held 2025 spring --on-site 64 --online '>=100' --present 4,7", at=AFTER_SPRING)
    town("need add 2025 'Mehr Plätze in Sprachkursen' --field language --source Netzwerktreffen")
    file = tmp_path / "presse.txt"

    answer = town(f"meeting press 2025 spring --to {file}")

    assert file.read_text(encoding="utf-8") == (
        "ENTWURF, nicht freigegeben (Stand 29.04.2025)\n"
        "\n"
        "Netzwerktreffen in Musterstadt\n"
        "\n"
        "Musterstadt. Am Dienstag, 29. April 2025 fand in Musterstadt das Treffen „Netzwerktreffen“ zum Integrationsplan statt "
        "(Ort: Stadthalle, auch online). 64 Menschen waren vor Ort dabei, mindestens 100 nahmen online teil. "
        "Vertreten waren 2 Organisationen des Netzwerks.\n"
        "\n"
        "Auf dem Programm standen:\n"
        "- Begrüßung\n"
        "- Bericht: Ergebnisse der Bestandserhebung 2025\n"
        "- Vortrag: Schule und Herkunft: Wo Wege enden (Prof. Dr. Mara Lindqvist)\n"
        "- Pause\n"
        "- Arbeitsgruppe: Welche Bedarfe sehen Sie? Arbeit in den Netzwerkgruppen\n"
        "- Verabredung: Verabredungen und Ausblick\n"
        "\n"
        "Diesen Bedarf sehen die Beteiligten in diesem Jahr:\n"
        "- Mehr Plätze in Sprachkursen (Sprache)\n"
        "\n"
        "Rückfragen beantwortet Musterstadt, cycle@musterstadt.example.de.\n"
    )
    assert answer.err.splitlines()[-1] == f"Weiter mit: cycle document file 2025 press_text --of spring --file {file}"
    assert town("mail list --json").out.count('"id"') == 0
    town(f"document file 2025 press_text --of spring --file {file}")


def test_before_the_meeting_the_draft_invites_and_after_a_cancellation_it_says_so(town: Any) -> None:
    before = town("meeting press 2025 spring").out
    town("meeting cancel 2025 spring --reason 'Unwetter'")
    off = town("meeting press 2025 spring --json").out

    assert "lädt ein: am Dienstag, 29. April 2025, 14:00 bis 18:00 Uhr, Stadthalle und online." in before
    assert json.loads(off)["text"].splitlines()[2] == "Netzwerktreffen findet nicht statt"


# The journal holds on either database


def test_programme_registration_and_presence_are_kept_and_replayed_on_both_databases(cycle_anywhere: Any) -> None:
    town = cycle_anywhere
    town(f"group import {DEMO / 'network_groups.csv'}")
    town(f"partner import {DEMO / 'partners_2025.csv'}")
    town("start 2025")
    town(f"meeting agenda import 2025 spring {DEMO / 'agenda_2025.csv'}")
    town("meeting agenda drop 2025 spring 4")
    town("meeting edit 2025 spring --link https://konferenz.example.org/n")
    town("meeting register 2025 spring --partner 4 --on-site 2 --need Vegetarisch")
    town("meeting register 2025 spring --citizens --online 3 --need Vegetarisch=2")
    town("meeting held 2025 spring --on-site 5 --online '>=3' --present 4", at=AFTER_SPRING)

    told = shown(town)
    assert (len(told["agenda"]), told["present"], told["sums"]["needs"]) == (5, [4], {"vegetarian": 3})
