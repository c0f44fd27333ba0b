"""Every mistake of a workflow file: mistakes.yaml holds each with the exact line, column, path and sentence."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from cycle.workflow.parts import Follow

EMPTY = "1:1: file: Die Datei ist leer. Bitte kopieren Sie workflows/toy.yaml, und ändern Sie die Kopie."
NO_SECTIONS = "1:1: file: Die Datei hat keine Abschnitte. Bitte schreiben Sie Abschnitte wie „plan:“ und „phases:“."
Problems = Callable[[str | bytes], list[str]]


def cases() -> Iterator[Any]:
    groups = YAML(typ="safe", pure=True).load(Path(__file__).with_name("mistakes.yaml"))
    for entries in groups.values():
        for entry in entries:
            yield pytest.param(entry["written"], entry["instead"], entry["told"], id=entry["case"].replace(" ", "_"))


@pytest.mark.parametrize(("written", "instead", "told"), list(cases()))
def test_a_mistake_is_told_at_its_place(problems: Problems, toy: str, written: str, instead: str, told: list[str]) -> None:
    assert written in toy

    assert problems(toy.replace(written, instead, 1)) == [f"wf.yaml:{line}" for line in told]


def test_all_mistakes_are_told_in_one_go_in_the_order_of_the_file(problems: Problems, integration: str) -> None:
    text = (
        integration.replace("due: theme_decision,          exit: [F1, F2, F3]", "due: theme_decison, exit: [F1, F2, F4]")
        .replace("at_least_percent: 60,", "at_least_percent: sixty,")
        .replace("sponsor_note, level: 4", "sponsor_note, level: 5")
        .replace("max_active: 2", "max_active: 2, max_activ: 2")
    )

    assert problems(text) == [
        "wf.yaml:6:74: cycle.max_activ: Den Schlüssel „max_activ“ gibt es hier nicht. Meinten Sie „max_active“?",
        "wf.yaml:103:91: phases.2.due: Den Termin „theme_decison“ gibt es hier nicht. Meinten Sie „theme_decision“?",
        "wf.yaml:103:121: phases.2.exit.2: Die Prüfung „F4“ gibt es hier nicht. "
        "Möglich sind: A1, A2, A3, C1, C2, C3, C4, F1, F2, F3, M1, M2, …",
        "wf.yaml:115:87: checks.S2.at_least_percent: „sixty“ passt hier nicht. Bitte schreiben Sie eine ganze Zahl.",
        "wf.yaml:202:50: on.second_carry.level: Die Stufe 5 gibt es nicht. "
        "Die Stufen beginnen mit 1; die höchste unter „escalation“ ist 4.",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(b"", EMPTY, id="nothing"),
        pytest.param(b"# only\n", EMPTY, id="a_comment"),
        pytest.param(b"- a\n", NO_SECTIONS, id="a_list"),
        pytest.param(b"a\n", NO_SECTIONS, id="a_word"),
        pytest.param(
            "a: 1\nb: Stück".encode("cp1252"),
            "2:6: file: Die Datei ist nicht in UTF-8 gespeichert. Bitte speichern Sie sie in UTF-8.",
            id="cp1252",
        ),
        pytest.param(
            b"a: 1\nb: \x07",
            "2:4: file: Hier steht ein unsichtbares Steuerzeichen. Bitte löschen Sie es, und prüfen Sie noch einmal.",
            id="a_bell",
        ),
        pytest.param(
            b'a: "\\UFFFFFFFF"',
            "1:1: file: Die Datei enthält eine Umschreibung (\\U…), zu der es kein Zeichen gibt. "
            "Bitte schreiben Sie das Zeichen selbst.",
            id="an_escape_of_no_character",
        ),
        pytest.param(
            b"a: " + b"[" * 5000,
            "1:16: file: Hier ist die Datei zu tief verschachtelt. "
            "Bitte schreiben Sie sie flacher, und prüfen Sie sie noch einmal.",
            id="too_deep",
        ),
    ],
)
def test_a_file_that_is_no_workflow_at_all_gets_one_sentence(problems: Problems, text: bytes, told: str) -> None:
    assert problems(text) == [f"wf.yaml:{told}"]


def test_a_phase_of_some_years_is_due_by_a_date_of_the_same_years(problems: Problems, climate: str) -> None:
    text = climate.replace("exit: [X1, X2, X3], when: {every: 3", "exit: [X1, X2, X3], when: {every: 2")

    assert problems(text) == [
        "wf.yaml:55:101: phases.4.due: Den Termin „external_audit“ gibt es nicht in jedem Jahr dieser Phase. "
        "Bitte geben Sie beiden dasselbe „when“."
    ]


def test_what_a_step_attaches_must_be_lent(problems: Problems, integration: str) -> None:
    text = integration.replace("survey_invitation, to: partners, phase: status_analysis, attach: survey_form", "\0", 1)
    step = "survey_invitation, to: partners, phase: status_analysis, attach: {}"
    line = integration[: integration.index("phase: status_analysis, attach")].count("\n") + 1

    told = [problems(text.replace("\0", step.format(name))) for name in ("survey_from", "[survey_form]")]

    no_text = '„["survey_form"]“ passt hier nicht. Bitte schreiben Sie einen Text, nötigenfalls in Anführungszeichen.'
    assert [[each.split(":", 3)[1::2] for each in found] for found in told] == [
        [[str(line), " ladder.survey_open.0.attach: Die Anlage „survey_from“ gibt es hier nicht. Meinten Sie „survey_form“?"]],
        [[str(line), f" ladder.survey_open.0.attach: {no_text}"]],
    ]


@pytest.mark.parametrize("wrong", ["survey_form", "document_file"])
def test_a_mail_after_a_fact_attaches_only_what_is_called_like_the_fact(
    problems: Problems, integration: str, wrong: str
) -> None:
    text = integration.replace("attach: document_filed}", f"attach: {wrong}}}", 1)

    (told,) = problems(text)

    assert "on.document_filed.0.attach: Die Anlage „" + wrong + "“ gibt es hier nicht." in told


def test_what_goes_with_a_fact_goes_with_no_date(problems: Problems, integration: str) -> None:
    text = integration.replace("attach: survey_form", "attach: document_filed", 1)

    (told,) = problems(text)

    assert "ladder.survey_open.0.attach: Die Anlage „document_filed“ gibt es hier nicht." in told


def test_a_pinned_text_without_an_attachment_after_a_fact_is_what_it_was(integration: str) -> None:
    follow = Follow(mail="survey_thanks", to="answering_partner")

    assert follow.model_dump(mode="json", by_alias=True) == {
        "mail": "survey_thanks",
        "to": "answering_partner",
        "level": None,
        "narrow": {},
    }
    assert Follow.model_validate_json('{"mail":"a","to":null,"level":1,"narrow":{}}') == Follow(mail="a", level=1)


def test_a_mail_after_a_fact_attaches_nothing(problems: Problems, integration: str) -> None:
    written = "{mail: survey_thanks, to: answering_partner"
    text = integration.replace(written, f"{written}, attach: survey_form")

    (told,) = problems(text)

    assert told.endswith(": Den Schlüssel „attach“ gibt es hier nicht. Möglich sind: level, mail, to")
