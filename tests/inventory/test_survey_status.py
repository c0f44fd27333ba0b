"""The survey as a campaign: who has answered, group by group, who could not, and who is to be called."""

import csv
import json
from typing import Any

import pytest
from played import played_once
from small_town import PARTNERS, confirm_dates, mail, name_everybody, partner, run, settle

TOWN = [
    *({**each, "Netzwerkgruppen": groups} for each, groups in zip(PARTNERS, ["", "NG1", "NG1, NG2", "NG2", ""], strict=True)),
    partner(6, "Eibe", Netzwerkgruppen="NG2"),
]
GROUPS = "Kürzel;Name;Sprecher Partner Nr;Mitglieder\r\nNG1;Bildung;;2\r\nNG2;Arbeit;;3\r\n"


@pytest.fixture
@played_once
def town(cycle: Any) -> Any:
    """The town with two groups after its survey and the first reminder; nobody has answered."""
    (cycle.home / "gruppen.csv").write_text(GROUPS, encoding="utf-8-sig", newline="")
    cycle(f"group import {cycle.home / 'gruppen.csv'}")
    settle(cycle, TOWN)
    name_everybody(cycle)
    confirm_dates(cycle)
    cycle("advance 2025", at="2025-02-24T09:00:00+01:00")
    run(cycle, "2025-02-25T09:00:00+01:00")
    cycle("survey answer 2025 --partner 2 --channel Telefon --none", at="2025-03-05T09:00:00+01:00")
    run(cycle, "2025-03-11T09:00:00+01:00")
    return cycle


def status(town: Any, options: str = "") -> dict[str, Any]:
    return dict(json.loads(town(f"survey status 2025 {options} --json").out))


def test_each_group_has_its_own_response(town: Any) -> None:
    told = {each["group"]: (each["invited"], each["answered"], each["net"]) for each in status(town)["groups"]}

    assert told == {"NG1": (2, 1, 0.5), "NG2": (3, 0, 0.0), None: (1, 0, 0.0)}


def test_who_left_or_cannot_be_reached_is_a_neutral_drop_out(town: Any) -> None:
    town('partner leave 6 --on 2025-03-12 --reason "Verein aufgelöst"', at="2025-03-12T09:00:00+01:00")
    town('mail bounce --partner 4 --reason "Empfänger unbekannt"')
    told = status(town)

    assert (told["invited"], told["answered"], told["neutral"], told["neutral_partners"]) == (5, 1, 2, [4, 6])
    assert (told["gross"], told["net"]) == (0.2, 0.3333)
    assert [each["partner"] for each in told["missing"]] == [3, 4, 5]
    assert {each["group"]: (each["invited"], each["neutral"]) for each in told["groups"]} == {
        "NG1": (2, 0),
        "NG2": (3, 2),
        None: (1, 0),
    }
    town("survey close 2025", at="2025-04-02T09:00:00+02:00")
    assert {**status(town), "closed_on": None, "missing": []} == {**told, "missing": []}


def test_the_phone_list_tells_who_was_written_to_when_and_by_which_mail(town: Any) -> None:
    told = {each["partner"]: each for each in status(town)["missing"]}
    file = town.home / "liste.csv"
    town(f"survey status 2025 --csv {file}")
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream, delimiter=";"))

    assert told[3]["reminded"] == [
        {"template": "survey_invitation", "kind": "request", "on": "2025-02-25", "by": "in_mail"},
        {"template": "survey_reminder_1", "kind": "reminder", "on": "2025-03-11", "by": "in_mail"},
    ]
    assert [each["by"] for each in told[5]["reminded"]] == ["letter", "letter"]
    assert (told[3]["phone"], told[3]["contact"], told[5]["channel"]) == ("030 23125 003", "Anna Birke", "post")
    assert rows[0][-2:] == ["Angerufen am", "Ergebnis"]
    assert rows[1] == [
        "3", "Verein Birke", "NG1, NG2", "Anna Birke", "030 23125 003", "E-Mail",
        "25.02.2025; 11.03.2025", "", "",
    ]  # fmt: skip


def test_the_status_of_a_past_day_is_what_was_known_then(town: Any) -> None:
    town("survey answer 2025 --partner 3 --channel E-Mail --projects 2", at="2025-03-26T09:00:00+01:00")

    assert [status(town, option)["answered"] for option in ("", "--as-of 2025-03-12", "--as-of 2025-03-01")] == [2, 1, 0]
    assert [len(each["reminded"]) for each in status(town, "--as-of 2025-03-01")["missing"] if each["partner"] == 3] == [1]


def test_an_answer_by_phone_tells_whether_it_is_late_and_who_is_thanked(town: Any) -> None:
    none = json.loads(town("survey answer 2025 --partner 3 --channel Telefon --none --json").out)
    run(town, "2025-03-12T09:00:00+01:00")
    by_post = town("survey answer 2025 --partner 5 --channel Post --projects 1", at="2025-03-26T09:00:00+01:00")
    late = json.loads(town("survey answer 2025 --partner 4 --projects 1 --json").out)
    run(town)

    assert [(each["late"], each["projects"], each["thanked"]) for each in (none, late)] == [(False, 0, 1), (True, 1, 1)]
    assert ("nach der Frist" in by_post.err, "kein Dank per E-Mail" in by_post.err) == (True, True)
    thanked = [each["to"] for each in json.loads(town("mail list --template survey_thanks --json").out)["mails"]]
    assert thanked == [mail("alba"), mail("birke"), mail("cassia")]
