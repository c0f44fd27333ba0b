"""A good file becomes a typed workflow; what it leaves out comes from the shipped defaults."""

import time
from collections.abc import Callable
from datetime import time as time_of_day
from pathlib import Path

import pytest
from pydantic import ValidationError

from cycle.errors import NotFound, WrongInput
from cycle.vocabulary import Lent, Right
from cycle.workflow.grammar import NthWeekday, Offset, Relative, Unit, When
from cycle.workflow.load import load
from cycle.workflow.model import DateRule, Done, Follow, HolidayCalendar, MailKind, Role, Shift, Step, TransitionKind, Workflow

Shipped = Callable[[str], Workflow]
SHIPPED = ["toy", "integration", "climate_eea", "inclusion"]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_workflow_loads(shipped: Shipped, name: str) -> None:
    workflow = shipped(name)

    assert workflow.plan.id == name


def test_the_toy_becomes_typed_values(shipped: Shipped) -> None:
    toy = shipped("toy")

    assert toy.order == ("planned", "meeting", "closed")
    assert toy.first_phase == "planned"
    assert [toy.is_final(phase) for phase in toy.order] == [False, False, True]
    assert toy.calendars == {"public": HolidayCalendar(kind="holidays", region="DE-BW")}
    assert (toy.send_window.opens, toy.send_window.closes) == (time_of_day(8), time_of_day(16))
    assert toy.send_window.weekdays == frozenset(range(5))
    assert toy.roles["host"] == Role(
        label_de="Gastgeber",
        label_en="Host",
        may=frozenset(
            {
                Right.READ,
                Right.RUN,
                Right.RECORD,
                Right.IMPORT,
                Right.MAIL,
                Right.COMMENT,
                Right.PEOPLE,
                Right.END,
                Right.FORGET,
            }
        ),
    )
    assert toy.dates["invitation_due"] == DateRule(
        rule=Relative("talk", -28, Unit.DAYS),
        avoid=("public",),
        shift=Shift.PREV_WORKDAY,
        done=Done(word="sent", value="invitation"),
        phase="planned",
        label_de="Einladung",
        label_en="Invitation",
    )
    assert toy.dates["talk"].rule == NthWeekday(5, 2, 2)
    assert toy.ladder == {"invitation_due": (Step(at=Offset(0, Unit.DAYS), mail="invitation", to="partners"),)}
    assert toy.checks["G1"].params == {"meeting": "talk", "attendance": ("on_site",)}
    assert toy.checks["G1"].label("de") == "Gespräch gehalten, Teilnehmende gezählt"
    assert toy.mails.kind_of("invitation") is MailKind.INFORMATION


def test_the_toy_gets_the_shipped_transitions_policy_and_words(shipped: Shipped) -> None:
    toy = shipped("toy")

    assert [(each.kind, each.from_, each.needs) for each in toy.transitions] == [
        (TransitionKind.HOLD, "every_active", "review_date"),
        (TransitionKind.CANCEL, "every_active", None),
    ]
    assert toy.on == {}
    assert toy.policy.days_between_reminders == 5
    assert toy.gap.funding_bands_eur == (1000, 5000, 20000, 50000)
    assert toy.word_id("channels", "E-Mail") == "mail"


def test_what_a_file_writes_shorter_is_unfolded(shipped: Shipped) -> None:
    integration = shipped("integration")

    assert integration.dates["spring_registration_due"].done == Done(word="passed")
    assert integration.dates["spring_minutes_due"].done == Done(word="document", value="minutes", narrow={"of": "spring"})
    assert integration.on["theme_decided"] == (Follow(mail="theme_announcement", to="partners"),)
    assert integration.on["document_filed"][1] == Follow(
        mail="minutes_round_table",
        to="partners",
        attach="document_filed",
        narrow={"kind": "minutes", "of": "round_table"},
    )
    assert integration.transitions[0].to == ("autumn_review",)
    assert integration.transitions[3].to == ("status_analysis",)


def test_the_ways_out_of_a_phase_are_its_own_and_those_of_every_active_one(shipped: Shipped) -> None:
    integration = shipped("integration")

    assert [each.kind for each in integration.transitions_from("round_table")] == [
        TransitionKind.BACK,
        TransitionKind.HOLD,
        TransitionKind.CANCEL,
    ]
    assert [each.kind for each in integration.transitions_from("closed")] == [TransitionKind.REOPEN]


def test_a_phase_with_when_exists_in_its_years_only(shipped: Shipped) -> None:
    climate = shipped("climate_eea")

    assert climate.phase("external_audit").when == When(3, 2026)
    assert [phase.id for phase in climate.phases_in(2026)] == list(climate.order)
    assert [phase.id for phase in climate.phases_in(2027)] == [each for each in climate.order if each != "external_audit"]


def test_a_label_names_its_years(shipped: Shipped) -> None:
    assert shipped("integration").cycle.label_of(2027) == "2027"
    assert shipped("inclusion").cycle.label_of(2027) == "2027/2028"


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("fields", "work", "work"),
        ("fields", " ARBEIT ", "work"),
        ("fields", "Housing", "housing"),
        ("target_groups", "Haupt-/Ehrenamtliche", "multipliers"),
        ("target_groups", "Ma\u0308nner", "men"),
        ("need_sources", "Netzwerkgruppe NG2", "group"),
        ("need_sources", "Netzwerktreffen NG2", None),
        ("fields", "Mond", None),
        ("no_such_list", "Arbeit", None),
    ],
)
def test_a_word_is_found_by_id_label_or_spelling(shipped: Shipped, words: str, text: str, found: str | None) -> None:
    assert shipped("integration").word_id(words, text) == found


def test_a_word_with_number_gives_its_number(shipped: Shipped) -> None:
    integration = shipped("integration")

    assert integration.word_and_number("need_sources", "netzwerkgruppe NG2") == ("group", "NG2")
    assert integration.word_and_number("need_sources", "Netzwerkgruppe") == ("group", None)


def test_an_unknown_phase_is_not_found(shipped: Shipped) -> None:
    with pytest.raises(NotFound) as caught:
        shipped("toy").phase("summer")

    assert (caught.value.key, caught.value.facts) == ("unknown_phase", {"phase": "summer", "known": "planned, meeting, closed"})


def test_a_mail_of_no_kind_is_a_key_error(shipped: Shipped) -> None:
    with pytest.raises(KeyError):
        shipped("toy").mails.kind_of("letter")


def test_a_workflow_cannot_be_changed(shipped: Shipped) -> None:
    with pytest.raises(ValidationError):
        shipped("toy").plan.id = "other"  # type: ignore[misc]  # the point of the test


def test_the_engines_words_may_be_renamed_and_the_rest_stays(
    tmp_path: Path, toy: str, shipped_from: Callable[[Path], Workflow]
) -> None:
    path = tmp_path / "renamed.yaml"
    path.write_text(
        toy + "\nvocab:\n  channels: {post: {de: Brief, en: Letter}}\n  documents: {photo: {de: Foto, en: Photo}}\n"
    )

    workflow = shipped_from(path)

    assert (workflow.word_id("channels", "Brief"), workflow.word_id("channels", "Telefon")) == ("post", "phone")
    assert list(workflow.vocab["documents"]) == ["photo"]


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path, shipped_from: Callable[[Path], Workflow]) -> None:
    path = tmp_path / "none.yaml"

    with pytest.raises(NotFound) as caught:
        shipped_from(path)

    assert (caught.value.key, caught.value.facts) == ("workflow_not_found", {"file": str(path)})


def test_a_folder_is_wrong_input(tmp_path: Path, shipped_from: Callable[[Path], Workflow]) -> None:
    with pytest.raises(WrongInput) as caught:
        shipped_from(tmp_path)

    assert (caught.value.key, caught.value.facts) == ("file_is_folder", {"file": str(tmp_path)})


def test_the_refusal_counts_its_lines(tmp_path: Path, toy: str, shipped_from: Callable[[Path], Workflow]) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(toy.replace("max_active: 1", "max_active: 0").replace("to: partners", "to: partner"))

    with pytest.raises(WrongInput) as caught:
        shipped_from(path)

    assert (caught.value.key, caught.value.facts) == ("workflow_invalid", {"file": str(path), "count": 2})
    assert [line.split(":")[1] for line in caught.value.problems] == ["4", "30"]


def test_with_nothing_lent_every_lent_name_is_unknown(tmp_path: Path, toy: str, defaults: Path) -> None:
    path = tmp_path / "toy.yaml"
    path.write_text(toy)

    with pytest.raises(WrongInput) as caught:
        load(path, lent=Lent(), templates=frozenset({"invitation"}), defaults=defaults)

    assert [(each.line, each.path, each.key, each.facts) for each in caught.value.problems] == [
        (17, "dates.invitation_due.done.sent", "mistake.unknown_none", {"what": "mistake.a.word", "name": "sent"}),
        (18, "dates.talk.done.held", "mistake.unknown_none", {"what": "mistake.a.word", "name": "held"}),
        (24, "checks.P1.check", "mistake.unknown_none", {"what": "mistake.a.check", "name": "dates_confirmed"}),
        (25, "checks.G1.check", "mistake.unknown_none", {"what": "mistake.a.check", "name": "meeting_held"}),
        (
            30,
            "ladder.invitation_due.0.to",
            "mistake.unknown",
            {"what": "mistake.a.recipient", "name": "partners", "known": ["host"]},
        ),
    ]


def test_the_whole_workflow_loads_in_well_under_half_a_second(shipped: Shipped) -> None:
    shipped("integration")
    began = time.process_time()

    shipped("integration")

    assert time.process_time() - began < 0.5
