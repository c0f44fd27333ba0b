"""`cycle people`: persons, their roles and the spans in which they hold them."""

import json
from typing import Any

from sqlmodel import select

from cycle.app.places import data_root
from cycle.journal.records import Event

DEMO = data_root() / "config" / "demo"

ADD = 'people add s.reinhardt --name "Sabine Reinhardt" --mail vertretung@stadt.example.de --role deputy'


def people(cycle: Any) -> dict[str, Any]:
    return {each["login"]: each for each in json.loads(cycle("people list --json").out)["people"]}


def spans(cycle: Any, login: str) -> list[tuple[str, str | None, str, str | None]]:
    return [(r["role"], r["group"], r["from"], r["to"]) for r in people(cycle)[login]["roles"]]


def entries(cycle: Any) -> list[str]:
    return [entry["type"] for entry in json.loads(cycle("history list --json").out)["entries"]]


def test_person_is_added_with_a_role_from_that_day_on(cycle: Any) -> None:
    cycle(ADD, at="2025-01-20T09:00:00+01:00")

    told = people(cycle)["s.reinhardt"]
    assert (told["name"], told["mail"], told["phone"]) == ("Sabine Reinhardt", "vertretung@stadt.example.de", None)
    assert spans(cycle, "s.reinhardt") == [("deputy", None, "2025-01-20", None)]
    assert entries(cycle)[-1] == "people.changed"


def test_journal_knows_a_person_only_by_a_random_reference(cycle: Any) -> None:
    cycle(ADD)

    with cycle.site.journal.reading() as session:
        text = "".join(session.exec(select(Event.body)))
    assert [word for word in ("Sabine", "Reinhardt", "s.reinhardt", "vertretung@") if word in text] == []
    assert people(cycle)["s.reinhardt"]["ref"] in text


def test_login_that_is_taken_or_empty_is_refused_and_changes_nothing(cycle: Any) -> None:
    cycle(ADD)
    before = entries(cycle)

    cycle(ADD, code=2)
    cycle('people add S.Reinhardt --name "Eine andere" --role deputy', code=2)
    cycle('people add " " --name "Niemand" --role deputy', code=2)

    assert entries(cycle) == before


def test_login_that_names_the_programme_itself_in_the_history_is_refused(cycle: Any) -> None:
    before = entries(cycle)

    said = [cycle(f'people add {login} --name "Dienst" --role deputy', code=2).err for login in ("service", "Service")]

    assert said[0] == "„service“ heißt im Verlauf das Programm selbst. Wählen Sie einen anderen Anmeldenamen.\n"
    assert entries(cycle) == before


def test_a_name_cannot_be_emptied(cycle: Any) -> None:
    cycle(ADD)
    before = entries(cycle)

    said = [cycle(f"people change s.reinhardt --name {name}", code=2).err for name in ('""', '"   "')]

    assert said == ['Der Name fehlt: --name "Vorname Nachname".\n'] * 2
    assert (entries(cycle), people(cycle)["s.reinhardt"]["name"]) == (before, "Sabine Reinhardt")


def test_wrong_role_mail_or_group_is_refused_and_changes_nothing(cycle: Any) -> None:
    before = entries(cycle)

    for options in ("--role gardener", "--role deputy --mail kein.mail", "--role speaker --group NG99"):
        cycle(f'people add a.neu --name "Anna Neu" {options}', code=None)

    assert entries(cycle) == before
    assert list(people(cycle)) == ["j.weissenburger"]


def test_role_given_anew_ends_the_others_the_day_before(cycle: Any) -> None:
    cycle(ADD, at="2025-01-20T09:00:00+01:00")

    cycle("people change s.reinhardt --role coordinator", at="2025-03-03T09:00:00+01:00")

    assert spans(cycle, "s.reinhardt") == [
        ("deputy", None, "2025-01-20", "2025-03-02"),
        ("coordinator", None, "2025-03-03", None),
    ]


def test_changed_data_leaves_the_roles_as_they_are(cycle: Any) -> None:
    cycle(ADD, at="2025-01-20T09:00:00+01:00")

    cycle('people change s.reinhardt --phone "030 1"', at="2025-03-03T09:00:00+01:00")

    assert people(cycle)["s.reinhardt"]["phone"] == "030 1"
    assert spans(cycle, "s.reinhardt") == [("deputy", None, "2025-01-20", None)]


def test_person_who_leaves_may_do_nothing_from_the_next_day_on(cycle: Any) -> None:
    cycle(ADD, at="2025-01-20T09:00:00+01:00")

    cycle("people leave s.reinhardt", at="2025-03-03T09:00:00+01:00")

    assert spans(cycle, "s.reinhardt") == [("deputy", None, "2025-01-20", "2025-03-03")]
    cycle("start 2025", login="s.reinhardt")
    cycle("advance 2025", login="s.reinhardt", at="2025-03-04T09:00:00+01:00", code=6)
    cycle("status", login="s.reinhardt", code=None)


def test_unknown_login_cannot_be_changed_and_may_do_nothing(cycle: Any) -> None:
    before = entries(cycle)

    cycle("people change x.fremd --role deputy", code=4)
    cycle("people leave x.fremd", code=4)
    cycle("start 2025", login="x.fremd", code=6)

    assert entries(cycle) == before


def test_login_is_known_in_capitals_too(cycle: Any) -> None:
    cycle("start 2025", login="J.Weissenburger")

    (last,) = json.loads(cycle("history list 2025 --json --last 1").out)["entries"]
    assert last["actor"]["ref"] == people(cycle)["j.weissenburger"]["ref"]


def test_dry_run_of_a_new_person_writes_nothing(cycle: Any) -> None:
    before = entries(cycle)

    cycle(f"{ADD} --dry-run")

    assert entries(cycle) == before
    assert list(people(cycle)) == ["j.weissenburger"]


def test_group_alone_is_given_to_the_roles_that_have_one(cycle: Any) -> None:
    cycle(f"group import {DEMO / 'network_groups.csv'}")
    cycle("people add m.gruen --name 'Mia Grün' --role speaker --group NG1", at="2025-01-20T09:00:00+01:00")

    cycle("people change m.gruen --group NG2", at="2025-03-03T09:00:00+01:00")

    assert spans(cycle, "m.gruen") == [
        ("speaker", "NG1", "2025-01-20", "2025-03-02"),
        ("speaker", "NG2", "2025-03-03", None),
    ]


def test_group_for_somebody_without_a_role_of_a_group_is_refused(cycle: Any) -> None:
    cycle(f"group import {DEMO / 'network_groups.csv'}")
    cycle(ADD)
    before = entries(cycle)

    said = cycle("people change s.reinhardt --group NG2", code=2)
    cycle("people change s.reinhardt", code=2)

    assert "--role" in said.err
    assert entries(cycle) == before


def test_person_who_is_a_contact_already_keeps_the_reference(cycle: Any) -> None:
    cycle(f"group import {DEMO / 'network_groups.csv'}")
    cycle(f"partner import {DEMO / 'partners_2025.csv'}")
    (contact, *_) = json.loads(cycle("partner show 7 --json").out)["contacts"]

    cycle(f"people add m.gruen --name 'Mia Grün' --mail {contact['mail'].upper()} --role speaker --group NG2")
    cycle(f"people add m.zwei --name 'Mia Zwei' --mail {contact['mail']} --role speaker --group NG2")

    assert people(cycle)["m.gruen"]["ref"] == contact["ref"]
    assert people(cycle)["m.zwei"]["ref"] not in ("", contact["ref"])
