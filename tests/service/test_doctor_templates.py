"""`cycle doctor` tries every template in every language, so that a mistake is found by it and not by a partner."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from small_town import PARTNERS, partner, run, settle

from cycle.partners.records import Rank
from cycle.partners.records.recipients import recipients
from cycle.reminders.actions.scene import ANSWERS, Scene, context
from cycle.reminders.actions.scene.specimen import VALUES, specimen
from cycle.reminders.records import LedgerItem

UNKNOWN = "{% block subject %}{{ nobody }}{% endblock %}{% block body %}{{ nothing }}{% endblock %}"


@pytest.fixture
def town(cycle: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv("CYCLE_TEST_GUARD")
    return settle(
        cycle, [*PARTNERS, partner(6, "Eibe", Sprache="en"), partner(7, "Fichte", Versandform="E-Mail Leichte Sprache")]
    )


def template(cycle: Any, language: str, name: str, text: str) -> str:
    """A template of the site's own; its path."""
    file = cycle.home / "templates" / "mail" / language / f"{name}.txt.j2"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return str(file)


def body(text: str) -> str:
    return f"{{% block subject %}}x{{% endblock %}}\n{{% block body %}}\n{text}\n{{% endblock %}}\n"


def findings(cycle: Any, key: str, code: int) -> list[dict[str, Any]]:
    told = json.loads(cycle("doctor --json", code=code).out)
    return [each["facts"] for each in told["findings"] if each["key"] == key]


def test_an_unknown_name_is_found_in_every_language(town: Any) -> None:
    template(town, "en", "survey_invitation", UNKNOWN)
    template(town, "leicht", "letter", UNKNOWN)

    assert findings(town, "template_unknown", 5) == [
        {"template": "survey_invitation", "language": "en", "names": ["nobody", "nothing"]},
        {"template": "letter", "language": "leicht", "names": ["nobody", "nothing"]},
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{{ meeting.date|date_lang }}", "den Filter „date_lang“ gibt es nicht"),
        ("{{ city|date_long }}", "an dieser Stelle muss ein Tag stehen, nicht 'City'"),
        (
            "{% for item in days_left %}{{ item }}{% endfor %}",
            "Jinja meldet „'int' object is not iterable“",
        ),
        ("{{ recipient.lastname }}", "den Namen „lastname“ gibt es hier nicht"),
        ("{{ dates.survey_dew }}", "den Namen „survey_dew“ gibt es hier nicht"),
    ],
)
def test_what_cannot_be_filled_is_found_with_its_line_and_hides_no_other_template(town: Any, text: str, problem: str) -> None:
    broken = template(town, "en", "survey_overdue", body(text))
    template(town, "leicht", "meeting_reminder", UNKNOWN)

    said = town("doctor", code=5).out

    assert f"Die Vorlage {broken} hat in Zeile 3 einen Fehler: {problem}" in said
    assert "Die Vorlage meeting_reminder (leicht) verwendet Namen, die es nicht gibt: nobody, nothing" in said


def test_a_language_that_partners_have_and_templates_lack_is_a_warning(town: Any) -> None:
    (told,) = findings(town, "template_untranslated", 0)

    there = {"letter", "save_the_date_spring", "survey_invitation", "survey_reminder_1", "survey_reminder_2", "survey_overdue"}
    there |= {"invitation_spring", "meeting_changed", "meeting_reminder", "meeting_rescheduled"}
    there |= {"survey_thanks", "contact_check"}
    mails = town.site.workflow().mails
    wanted = [*mails.request, *mails.reminder, *mails.information]
    assert told == {
        "language": "leicht",
        "partners": 1,
        "templates": [each for each in wanted if each not in there],
        "first": "de",
    }


def test_nobody_is_warned_of_a_language_that_no_partner_has(town: Any) -> None:
    town('partner leave 7 --reason "aufgelöst"')

    assert findings(town, "template_untranslated", 0) == []


def test_every_answer_has_a_made_up_value() -> None:
    assert {*VALUES, "dates"} == set(ANSWERS)


def differing(real: Any, made_up: Any, at: str) -> list[str]:
    """Where a made-up value has other keys than a real one; what is empty in the real one says nothing."""
    if isinstance(real, Mapping) and real.keys() == made_up.keys():
        return [each for key in real for each in differing(real[key], made_up[key], f"{at}.{key}")]
    if isinstance(real, list) and real:
        return differing(real[0], made_up[0], f"{at}[]")
    return [f"{at}: {sorted(real)}, not {sorted(made_up)}"] if isinstance(real, Mapping) else []


def test_made_up_values_have_the_shape_of_the_answers(town: Any) -> None:
    run(town, "2025-03-26T09:00:00+01:00")
    made_up = specimen(town.site.workflow().dates)
    names = {"plan", "cycle", "city", "sender", "recipient", "org", "survey", "deadline", "open", "phase", "meeting", "weekly"}
    with town.site.reading(2025) as (session, about):
        (to,) = recipients(session, [2], Rank.PRIMARY)
        when = {"day": about.today, "due_on": about.today, "made_on": about.today}
        found = {}
        for key in ("survey_due", "spring_meeting"):
            item = LedgerItem(
                cycle_id=about.cycle_id, subject=f"date/{key}", step="x", person=to.person, template="x", kind="request", **when
            )
            scene = Scene(about, item, to, {}, town.site.settings, None, town.site.wording.sentence)
            found |= {name: value for name, value in context(scene, names, {}).items() if value}

    assert set(found) == names
    assert [each for name, value in found.items() for each in differing(value, made_up[name], name)] == []


def test_a_template_of_blocks_without_its_two_macros_is_found(town: Any) -> None:
    own = town.home / "templates" / "mail" / "block.html.j2"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("{% macro line(spans) %}{% endmacro %}\n", encoding="utf-8")

    said = town("doctor", code=5)

    assert "der Abschnitt „macro block“ fehlt" in said.out
