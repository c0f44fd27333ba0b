"""Who objects, or wants to be called: nothing goes to them, whatever is imported; beside them stands who is mailed."""

import json
from typing import Any

import pytest
from small_town import PARTNERS, mail, mailed, mails, partner, run, send_to, write_partners
from survey_of_small_town import ALBA, BIRKE, CASSIA, FIRST_REMINDER, LAST_REMINDER, SECOND_REMINDER, ledger

from cycle.cli import shell
from cycle.partners.words import partners_reachable
from cycle.reminders.actions.audience import asked_of
from cycle.workflow.model import Step

OBJECTS = '--wish objects --reason "schreibt: bitte keine Mails mehr"'
CALL = '--wish call --reason "hat angerufen"'
LEVEL_2 = {"at": "+6wd", "mail": "survey_overdue", "level": 2}
DEPUTY = mail("birke.vertretung")


def wishes(cycle: Any, number: int) -> dict[str, str | None]:
    told = json.loads(cycle(f"partner show {number} --json").out)
    return {each["rank"]: each["wish"] for each in told["contacts"]}


def text_of_phone_list(cycle: Any) -> str:
    found = next(each for each in mails(cycle) if "phone_list" in each["templates"])
    return str(json.loads(cycle(f"mail show {found['id']} --json").out)["text"])


def test_who_objects_gets_no_mail_and_no_letter(asked: Any) -> None:
    for number in (3, 5):  # 5 is written to by post
        asked(f"partner edit {number} {OBJECTS}", at="2025-03-03T09:00:00+01:00")

    run(asked, FIRST_REMINDER)

    assert ledger(asked, "survey_reminder_1") == [
        (3, "missed", "objects"),
        (5, "missed", "objects"),
        (2, "in_mail", None),
        (4, "in_mail", None),
    ]
    assert mailed(asked, "survey_reminder_1") == [ALBA, CASSIA]


def test_who_wants_a_call_gets_no_mail_and_no_letter(asked: Any) -> None:
    for number in (3, 5):
        asked(f"partner edit {number} {CALL}", at="2025-03-03T09:00:00+01:00")

    run(asked, FIRST_REMINDER)

    assert [each for each in ledger(asked, "survey_reminder_1") if each[0] in (3, 5)] == [
        (3, "missed", "wants_a_call"),
        (5, "missed", "wants_a_call"),
    ]
    assert mailed(asked, "survey_reminder_1") == [ALBA, CASSIA]


def test_a_wish_is_shown_told_and_can_be_taken_back(asked: Any) -> None:
    asked(f"partner edit 3 {CALL}", at="2025-03-03T09:00:00+01:00")
    shown = asked("partner show 3").out
    told = asked("history list").out
    asked('partner edit 3 --wish none --reason "jetzt doch wieder schreiben"')
    run(asked, FIRST_REMINDER)

    assert "Möchte angerufen und nicht angeschrieben werden." in shown
    assert "Der Partner 3 ist geändert: Wunsch." in told
    assert wishes(asked, 3) == {"primary": None, "deputy": None}
    assert mailed(asked, "survey_reminder_1") == [ALBA, BIRKE, CASSIA]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("--wish objects", "reason"),
        ("--wish never --reason egal", "„never“ ist kein Wunsch. Möglich sind: objects, call, none"),
        ("--wish call --deputy --reason egal", "Der Partner 2 hat keine Vertretung."),
        ("--wish none --reason egal", "Beim Partner 2 steht das schon so"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_and_changes_nothing(asked: Any, line: str, sentence: str) -> None:
    before = asked("history list --json").out

    said = asked(f"partner edit 2 {line}", code=2)

    assert sentence in said.err
    assert (wishes(asked, 2), asked("history list --json").out) == ({"primary": None}, before)


def test_a_mail_that_waits_while_its_reader_objects_does_not_go(asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        send_to(patch, 1)
        shell.close()
        run(asked, FIRST_REMINDER, code=8)
        shell.close()
    asked(f"partner edit 2 {OBJECTS}", at="2025-03-11T09:30:00+01:00")
    asked(f"partner edit 3 {CALL}")

    told = run(asked, "2025-03-11T10:00:00+01:00")

    assert (told["sent"], told["cancelled"]) == (1, 2)
    assert sorted((m["to"], m["reason"]) for m in mails(asked) if m["state"] == "cancelled") == [
        (ALBA, "objects"),
        (BIRKE, "wants_a_call"),
    ]


def test_an_import_never_resets_a_wish_nor_does_a_new_address(asked: Any) -> None:
    asked(f"partner edit 2 {OBJECTS}", at="2025-03-03T09:00:00+01:00")
    asked(f"partner edit 3 --deputy {CALL}")
    fresh = [
        {**each, "Telefon": "030 99999", "Letzte Aktualisierung": "01.03.2025"}
        | ({"E-Mail": mail("neu")} if each["Nr"] == "2" else {})
        for each in PARTNERS
    ]
    file = write_partners(asked.home / "neu.csv", fresh)

    asked(f"partner import {file}")
    asked("partner edit 2 --mail nochmal@verein.example.org")

    assert wishes(asked, 2) == {"primary": "objects"}
    assert wishes(asked, 3) == {"primary": None, "deputy": "call"}
    assert "030 99999" in asked("partner show 4").out


def test_a_wish_is_the_persons_for_whomever_it_stands(asked: Any) -> None:
    asked(f"partner edit 2 {OBJECTS}", at="2025-03-03T09:00:00+01:00")
    asked(f"partner import {write_partners(asked.home / 'neu.csv', [*PARTNERS, partner(6, 'Eibe', **{'E-Mail': ALBA})])}")

    assert (wishes(asked, 6), wishes(asked, 4)) == ({"primary": "objects"}, {"primary": None})


def test_an_address_that_objected_objects_when_it_comes_back(asked: Any) -> None:
    asked(f"partner edit 3 --deputy {OBJECTS}", at="2025-03-03T09:00:00+01:00")
    for address, day in (("andere@verein.example.org", "02.03.2025"), (DEPUTY, "03.03.2025")):
        rows = [
            {**each, "E-Mail Vertretung": address, "Letzte Aktualisierung": day} if each["Nr"] == "3" else each
            for each in PARTNERS
        ]
        asked(f"partner import {write_partners(asked.home / 'neu.csv', rows)}")

    assert wishes(asked, 3) == {"primary": None, "deputy": "objects"}


def test_somebody_new_has_no_wish(asked: Any) -> None:
    asked(f"partner edit 2 {OBJECTS}", at="2025-03-03T09:00:00+01:00")
    asked("partner edit 2 --last-name Neumann --mail neumann@verein.example.org")

    assert wishes(asked, 2) == {"primary": None}


def test_the_deputy_who_objects_is_left_out_at_the_level_of_deputies(asked: Any) -> None:
    def deputies() -> list[tuple[str | None, bool]]:
        with asked.site.reading(2025) as (_, about):
            found = asked_of(about, Step.model_validate(LEVEL_2), about.workflow.ladder["survey_due"], {"date": "survey_due"})
            return [(one.mail, one.objects) for one in found]

    before = deputies()
    asked(f"partner edit 3 --deputy {OBJECTS}", at="2025-03-03T09:00:00+01:00")

    assert (before, deputies()) == ([(DEPUTY, False)], [(DEPUTY, True)])


def test_the_list_for_the_telephone_names_who_wants_a_call_and_only_notes_who_objects(asked: Any) -> None:
    asked(f"partner edit 3 {CALL}", at="2025-03-03T09:00:00+01:00")
    asked(f"partner edit 4 {OBJECTS}")
    for moment in (FIRST_REMINDER, SECOND_REMINDER, LAST_REMINDER):
        run(asked, moment)

    text = text_of_phone_list(asked)

    assert [line for line in text.splitlines() if "Birke" in line or "Cassia" in line] == [
        "- Verein Birke – Anna Birke, Tel. 030 23125 003; möchte angerufen und nicht angeschrieben werden",
        "- Verein Cassia: widerspricht",
    ]
    assert "- Verein Alba – Anna Alba, Tel. 030 23125 002; erinnert am 11.03.2025, 20.03.2025, 26.03.2025" in text


def test_the_list_for_the_telephone_of_a_measure_names_its_owner(asked: Any) -> None:
    asked(
        'measure add 2025 "Sprachcafé" --field language --target-group all --owner 2 --due 2025-06-02'
        ' --reason "aus dem Netzwerktreffen"',
        at="2025-03-03T09:00:00+01:00",
    )

    run(asked, "2025-07-02T09:00:00+02:00")

    assert "- Verein Alba – Anna Alba, Tel. 030 23125 002" in text_of_phone_list(asked)


def test_who_objects_keeps_no_check_from_being_met(asked: Any) -> None:
    asked("mail bounce --partner 3 --reason unbekannt", at="2025-03-03T09:00:00+01:00")
    with asked.site.reading(2025) as (_, about):
        before = partners_reachable(about)
    asked(f"partner edit 3 {OBJECTS}")

    with asked.site.reading(2025) as (_, about):
        assert (before.facts["missing"], partners_reachable(about).facts["missing"]) == ([3], [])


def test_who_wishes_for_letters_after_a_mail_was_made_gets_a_letter_and_no_mail(
    asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_to(monkeypatch, 1)  # nobody is there: what is made waits
    shell.close()
    run(asked, FIRST_REMINDER, code=8)
    asked('partner edit 3 --channel Post --reason "hat keinen Anschluss mehr"')
    monkeypatch.setenv("CYCLE_MAIL__TRANSPORT", "maildir")
    shell.close()

    run(asked, FIRST_REMINDER)

    assert (3, "letter", None) in ledger(asked, "survey_reminder_1")
    waiting = next(each for each in mails(asked) if each["partner"] == 3 and "survey_reminder_1" in each["templates"])
    assert (waiting["state"], waiting["reason"]) == ("cancelled", "by_post")
    assert "Verein Birke" in asked("mail letters").out
