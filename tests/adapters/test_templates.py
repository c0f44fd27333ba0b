import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from cycle.adapters.templates import LETTER, Letters, Part, Text
from cycle.errors import CycleError, NotFound, WrongInput

SHIPPED = Path(__file__).parents[2] / "templates"
WORKFLOWS = Path(__file__).parents[2] / "workflows"
LANGUAGES = ("de", "en", "leicht")
LETTERS = Letters([SHIPPED], LANGUAGES)


class Days(dict[str, date]):
    """A day for every key that a template asks for."""

    def __missing__(self, key: str) -> date:
        return date(2026, 3, 17)


FULL: dict[str, Any] = {
    "plan": {"title": "Integrationsplan", "ref": "IP"},
    "cycle": {"year": 2026, "label": "2026"},
    "city": "Musterstadt",
    "dates": Days(),
    "meeting": {
        "title": "Netzwerktreffen",
        "date": date(2026, 4, 21),
        "start": "14:00",
        "end": "18:00",
        "venue": "Stadthalle",
        "online": True,
        "link": "https://treffen.example.org/raum",
        "agenda": [{"number": 1, "start": "14:15", "kind": "Vortrag", "title": "Schule und Herkunft", "speaker": "Dr. Kaya"}],
        "register_until": date(2026, 4, 14),
        "old_date": date(2026, 4, 14),
    },
    "survey": {
        "sent_on": date(2026, 2, 17),
        "answered": 31,
        "invited": 57,
        "link": "https://umfrage.example.org/x",
        "form": True,
    },
    "org": {"name": "Alevitischer Kulturkreis Musterstadt e. V."},
    "items": [
        {"kind_label": "Projekt", "id": "P-12", "title": "Sprachcafé", "due": None, "cycle": 2026},
        {"kind_label": "Maßnahme", "id": "M-2025-03", "title": "Beratung", "due": date(2026, 11, 30), "cycle": 2025},
    ],
    "theme": {
        "title": "Bildungsgerechtigkeit",
        "valid_from": date(2025, 1, 1),
        "valid_to": date(2026, 12, 31),
        "reason": "Es fehlen Plätze.",
        "body": "Gemeinderat",
        "decided_on": date(2025, 7, 17),
        "reference": "GR 2025/71",
    },
    "group": {
        "name": "Sprache und Bildung",
        "meeting": {
            **{"date": date(2026, 11, 5), "start": "17:00", "end": "19:00", "venue": "Volkshochschule"},
            **{"online": True, "link": "https://treffen.example.org/gruppe", "agenda": []},
        },
        "needs": ["Ferienbetreuung", "Lernräume"],
    },
    "review": {"link": "https://umfrage.example.org/y"},
    "deadline": {"key": "survey_due", "label": "Antwortfrist", "date": date(2026, 3, 17)},
    "days_late": 3,
    "days_left": 5,
    "phase": {"id": "status_analysis", "label": "Statusanalyse"},
    "failed_checks": [{"id": "S2", "label": "Rücklauf mindestens 60 %", "detail": "54 % (31 von 57)"}],
    "open": [
        {
            "org": "Adria e. V.",
            "contact": "Ivan Šarić",
            "phone": "030 23125 966",
            "reminded": [date(2026, 3, 3), date(2026, 3, 12)],
            "bounced": True,
            "objects": False,
            "call": True,
        },
        {"org": "Birke e. V.", "contact": "", "phone": None, "reminded": [], "bounced": False, "objects": True, "call": False},
    ],
    "total": 57,
    "dependents": [{"label": "Lückenanalyse fertig", "date": date(2026, 4, 7)}],
    "next_escalation": {"date": date(2026, 3, 25), "to_label": "die Amtsleitung"},
    "changed_dates": [{"label": "Protokoll", "date": date(2026, 5, 27), "old": date(2026, 5, 12)}],
    "measure": {
        "id": "M-2025-03",
        "title": "Beratung",
        "due": date(2026, 11, 30),
        "owner": "Lindenhof",
        "status_label": "läuft",
        "carry_count": 2,
        "field_label": "Wohnen",
    },
    "carried": {"kind_label": "Maßnahme", "id": "M-2024-03", "title": "Praktika", "count": 2, "reason_given": True},
    "needs": [{"id": "B-2026-01", "title": "Lernräume"}],
    "costs": {
        "needs": [
            {"id": "B-2026-01", "title": "Lernräume", "amount": 9500, "secured_label": "nein"},
            {"id": "B-2026-02", "title": "Sprachmittlung", "amount": None, "secured_label": None},
        ],
        "total": 9500,
        "unfunded": 9500,
        "unknown": ["B-2026-02"],
        "edge": 5000,
        "large": ["B-2026-01"],
    },
    "minutes": {"title": "Protokoll des Netzwerktreffens", "filed_on": date(2026, 5, 11), "attached": True},
    "result": {
        "answered_on": date(2026, 3, 12),
        "projects": [{"id": "17", "title": "Sprachcafé", "status_label": "laufend"}],
        "measures": [
            {"id": "M-2026-01", "title": "Lernhilfe", "status_label": "läuft", "done_on": None, "due": date(2026, 12, 31)},
            {"id": "M-2026-02", "title": "Fachtag", "status_label": "umgesetzt", "done_on": date(2026, 11, 3), "due": None},
        ],
        "needs": [{"id": "B-2026-01", "title": "Lernräume", "status_label": "offen", "carried_to": 2027}],
        "theme_measures": {"all": 2, "done": 1},
    },
    "weekly": {
        "until": date(2026, 3, 30),
        "due": [{"label": "Antwortfrist", "date": date(2026, 3, 17), "days_left": 1}],
        "overdue": [{"label": "Zyklus eröffnen", "date": date(2026, 1, 12), "days_late": 1}],
        "waiting": [
            {
                "label": "Save the Date",
                "date": date(2026, 3, 20),
                "waits_for": "Netzwerktreffen",
                "command": "cycle date confirm 2026 a",
            }
        ],
        "silent": [{"label": "Antwortfrist", "count": 7, "names": ["Adria e. V.", "Birke e. V."], "more": 5}],
        "unreachable": {"count": 6, "partners": [{"org": "Adria e. V.", "why": "keine Anschrift"}], "more": 5},
        "failed": 1,
        "unclear": 2,
    },
    "sender": {
        "name": "Jana Weißenburger",
        "unit": "Referat Migration",
        "phone": "030 23125 620",
        "mail": "integration@stadt.example.org",
    },
    "recipient": {
        "salutation_label": "Frau",
        "title": "Dr.",
        "first_name": "Zeynep",
        "last_name": "Koçak",
        "role_label": None,
        "by_post": False,
        "mail": "z.kocak@verein.example.org",
        "phone": None,
    },
}
BARE: dict[str, Any] = {
    **FULL,
    "meeting": {**dict.fromkeys(FULL["meeting"]), "agenda": [], "title": "Gespräch", "date": date(2026, 5, 13)},
    "survey": {"sent_on": None, "answered": 0, "invited": 57, "link": None, "form": False},
    "org": None,
    "items": [],
    "theme": {**dict.fromkeys(FULL["theme"]), "title": "Bildungsgerechtigkeit"},
    "group": None,
    "review": {"link": None},
    "days_late": 1,
    "days_left": None,
    "phase": None,
    "failed_checks": [],
    "open": [],
    "total": 0,
    "dependents": [],
    "next_escalation": None,
    "costs": {"needs": [], "total": 0, "unfunded": 0, "unknown": [], "edge": 5000, "large": []},
    "changed_dates": [],
    "measure": {**dict.fromkeys(FULL["measure"]), "id": "M-2025-03", "title": "Beratung"},
    "carried": {**FULL["carried"], "reason_given": False},
    "needs": [],
    "minutes": {"title": "Protokoll", "filed_on": None, "attached": False},
    "result": {"answered_on": None, "projects": [], "measures": [], "needs": [], "theme_measures": {"all": 0, "done": 0}},
    "weekly": {
        "until": date(2026, 3, 30),
        "due": [],
        "overdue": [],
        "waiting": [],
        "silent": [],
        "unreachable": None,
        "failed": 0,
        "unclear": 0,
    },
    "sender": {"name": "Koordination", "unit": None, "phone": None, "mail": None},
    "recipient": {**dict.fromkeys(FULL["recipient"]), "role_label": "Koordination"},
}
NO_THEME = {**BARE, "theme": None}
EVERY_MAIL = [(language, mail) for language in LANGUAGES for mail in sorted(LETTERS.ids(language))]
NEEDS_A_THEME = frozenset({"theme_announcement"})


def site(folder: Path, **templates: str) -> Letters:
    """A site's own folder before the shipped one: `de__hello` is mail/de/hello.txt.j2."""
    for name, text in templates.items():
        file = folder / "mail" / f"{name.replace('__', '/')}.txt.j2"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Letters([folder, SHIPPED], LANGUAGES)


def mail(body: str, subject: str = "Betreff") -> str:
    return f"{{% block subject %}}{subject}{{% endblock %}}\n{{% block body %}}\n{body}\n{{% endblock %}}\n"


@pytest.mark.parametrize("workflow", sorted(file.name for file in WORKFLOWS.glob("*.yaml")))
def test_every_mail_of_a_shipped_workflow_has_a_german_text(workflow: str) -> None:
    text = (WORKFLOWS / workflow).read_text(encoding="utf-8")
    listed = re.findall(r"^  (?:request|reminder|information|office|by_hand): +\[([^\]]+)\]", text, re.MULTILINE)
    named = {name.strip() for names in listed for name in names.split(",")} | set(
        re.findall(r"\bmail: (\w+), +(?:to|level)", text)
    )

    assert named - LETTERS.ids("de") == set()


@pytest.mark.parametrize(("language", "name"), EVERY_MAIL)
@pytest.mark.parametrize("context", [FULL, BARE, NO_THEME], ids=["full", "bare", "no theme"])
def test_a_mail_reads_well_with_everything_and_with_nothing(language: str, name: str, context: dict[str, Any]) -> None:
    if name in NEEDS_A_THEME and context["theme"] is None:
        pytest.skip("there is no such mail without a theme")

    part = LETTERS.render(name, language, context)

    whole = part.subject + "\n" + part.body
    assert (
        [mark for mark in ("None", "{", "}", "  ", "\n\n\n", " ,", " .", "..", ",,", "( ", " \n") if mark in whole],
        part.subject[-1] in ".,;:-",
        part.body[-1] in '.!?"',
        (part.language, part.fallback, part.year),
    ) == ([], False, True, (language, False, "2026"))


@pytest.mark.parametrize(("language", "name"), [*EVERY_MAIL, *((language, LETTER) for language in LANGUAGES)])
def test_a_mail_uses_only_the_known_names(language: str, name: str) -> None:
    assert LETTERS.variables(name, language) - set(FULL) - {"parts", "reference"} == set()


def test_a_mail_missing_in_a_language_is_written_in_the_first() -> None:
    part = LETTERS.render("cycle_closed", "leicht", FULL)

    assert part == Part(**{**vars(LETTERS.render("cycle_closed", "de", FULL)), "fallback": True})


def test_a_mail_that_nobody_wrote_is_not_found() -> None:
    with pytest.raises(NotFound) as missing:
        LETTERS.render("no_such_mail", "en", FULL)

    assert (missing.value.key, missing.value.facts) == (
        "unknown_mail_text",
        {"mail": "no_such_mail", "language": "en"},
    )


@pytest.mark.parametrize(
    ("language", "long", "short"),
    [
        ("de", "Montag, 1. März 2027", "01.03.2027, 02.03.2027"),
        ("en", "Monday, 1 March 2027", "1 Mar 2027, 2 Mar 2027"),
        ("leicht", "Montag, 1. März 2027", "01.03.2027, 02.03.2027"),
    ],
)
def test_a_day_is_written_in_the_language_of_the_template(tmp_path: Path, language: str, long: str, short: str) -> None:
    letters = site(tmp_path, **{f"{language}__day": mail('{{ days|map("date_short")|join(", ") }}', "{{ days[0]|date_long }}")})

    part = letters.render("day", language, {"days": [date(2027, 3, 1), date(2027, 3, 2)]})

    assert (part.subject, part.body) == (long, short)


def test_the_sites_own_text_goes_before_the_shipped_one(tmp_path: Path) -> None:
    letters = site(tmp_path, de__cycle_closed=mail("Danke."))

    assert (letters.render("cycle_closed", "de", {}), "survey_thanks" in letters.ids("de")) == (
        Part("Betreff", "Danke.", "de"),
        True,
    )


def test_a_letter_greets_once_and_closes_with_the_sender_and_the_notice() -> None:
    part = Part("Bitte um Antwort", "wir bitten Sie um Antwort.", "de", year="2026")

    text = LETTERS.letter([part], "de", {**FULL, "reference": "IP-2026-023"})

    assert text == Text(
        "[IP-2026-023] Bitte um Antwort",
        """Sehr geehrte Frau Dr. Koçak,

wir bitten Sie um Antwort.

Mit freundlichen Grüßen

Jana Weißenburger
Referat Migration
Telefon: 030 23125 620
E-Mail: integration@stadt.example.org

---
Diese Nachricht wurde automatisch erstellt und versandt; Ihre Antwort darauf lesen wir.
Sie erhalten sie, weil diese Adresse beim Integrationsplan für Alevitischer Kulturkreis Musterstadt e. V. eingetragen ist.
Möchten Sie Ihre Daten ändern oder löschen lassen, eine andere Person benennen oder weiteren Nachrichten widersprechen? """
        """Dann antworten Sie einfach auf diese Nachricht oder schreiben Sie an integration@stadt.example.org.
""",
    )


def test_the_items_of_two_years_make_one_letter_with_two_headings() -> None:
    parts = [
        Part("Erinnerung", "am Montag haben wir gefragt.", "de", year="2026"),
        Part("Einladung", "wir laden Sie ein.", "de", year="2027"),
        Part("Absage", "der Termin entfällt.", "de", year="2027"),
    ]

    text = LETTERS.letter(parts, "de", {**BARE, "reference": None})

    assert text == Text(
        "Erinnerung und 2 weitere Nachrichten",
        """Sehr geehrte Damen und Herren,

heute haben wir 3 Nachrichten für Sie, die wir in diesem Schreiben zusammenfassen.

=== Integrationsplan 2026 ===

1. Erinnerung

Am Montag haben wir gefragt.

=== Integrationsplan 2027 ===

2. Einladung

Wir laden Sie ein.

3. Absage

Der Termin entfällt.

Mit freundlichen Grüßen

Koordination

---
Diese Nachricht wurde automatisch erstellt und versandt; Ihre Antwort darauf lesen wir.
Sie erhalten sie, weil Sie beim Integrationsplan mit der Aufgabe „Koordination“ eingetragen sind.
Möchten Sie Ihre Daten ändern oder löschen lassen, eine andere Person benennen oder weiteren Nachrichten widersprechen? """
        """Dann antworten Sie einfach auf diese Nachricht.
""",
    )


@pytest.mark.parametrize(
    ("language", "person", "greeting"),
    [
        ("de", {"salutation_label": "Herr", "title": None, "last_name": "Tesfay"}, "Sehr geehrter Herr Tesfay,"),
        ("de", {"salutation_label": None, "first_name": "Silke", "last_name": "Mößner"}, "Guten Tag Silke Mößner,"),
        ("de", {"salutation_label": None, "last_name": ""}, "Sehr geehrte Damen und Herren,"),
        ("en", {"salutation_label": "Ms", "title": None, "last_name": "Okafor"}, "Dear Ms Okafor,"),
        ("en", {"salutation_label": None, "first_name": "Grace", "last_name": "Okafor"}, "Dear Grace Okafor,"),
        ("en", {"salutation_label": None, "last_name": ""}, "Dear Sir or Madam,"),
        ("leicht", {"salutation_label": "Frau", "title": None, "last_name": "Noorzai"}, "Sehr geehrte Frau Noorzai,"),
    ],
)
def test_a_person_is_greeted_as_they_are_known(language: str, person: dict[str, Any], greeting: str) -> None:
    recipient = {"title": None, "first_name": "", "role_label": None, **person}
    context = {**FULL, "recipient": recipient, "reference": None}

    text = LETTERS.letter([Part("Betreff", "ein Text.", language)], language, context)

    assert text.body.splitlines()[0] == greeting


@pytest.mark.parametrize(
    ("body", "line", "problem", "facts"),
    [
        ("eins\n{{ nam }}", 4, "template.undefined", {"name": "nam"}),
        (
            "\n{{ name.__class__ }}",
            4,
            "template.other",
            {"told": "access to attribute '__class__' of 'str' object is unsafe."},
        ),
        ("{{ name|date_long }}", 3, "template.no_day", {"name": "'Ada'"}),
        ("{{ moment|date_long }}", 3, "template.no_day", {"name": f"{datetime(2026, 3, 1, 23, tzinfo=UTC)!r}"}),
        ("{{ 1 // 0 }}", 3, "template.other", {"told": "integer division or modulo by zero"}),
        ('eins\n{{ "x" * 999999999 }}', 4, "template.too_long", {"name": "1000000"}),
        ('{{ 999999999 * ["x"] }}', 3, "template.too_long", {"name": "1000000"}),
        ('{{ "%999999999s" % name }}', 3, "template.too_long", {"name": "1000000"}),
        ('{{ "{:999999999}".format(name) }}', 3, "template.too_long", {"name": "1000000"}),
        ("{{ name.ljust(999999999) }}", 3, "template.too_long", {"name": "1000000"}),
        ("{{ name|center(999999999) }}", 3, "template.too_long", {"name": "1000000"}),
        ("{{ 9 ** 999999999 }}", 3, "template.big_power", {"name": "100"}),
    ],
)
def test_a_mistake_in_a_template_is_told_with_file_and_line(
    tmp_path: Path, body: str, line: int, problem: str, facts: dict[str, str]
) -> None:
    letters = site(tmp_path, de__broken=mail(body))

    with pytest.raises(WrongInput) as wrong:
        letters.render("broken", "de", {"name": "Ada", "moment": datetime(2026, 3, 1, 23, tzinfo=UTC)})

    file = str(tmp_path / "mail" / "de" / "broken.txt.j2")
    assert (wrong.value.key, wrong.value.facts) == (
        "template_error",
        {"template": file, "line": line, "problem": problem},
    )
    assert wrong.value.facts["problem"].facts == facts


def test_what_repeats_within_bounds_is_filled_as_ever(tmp_path: Path) -> None:
    body = '{{ "-" * 5 }} {{ 3 * 4 }} {{ 7 % 4 }} {{ "%03d" % 7 }} {{ 2 ** 3 }} {{ "ab"|center(6) }}| {{ "{}".format(name) }}'
    letters = site(tmp_path, de__whole=mail(body))

    assert letters.render("whole", "de", {"name": "Ada 999999999"}).body == "----- 12 3 007 8   ab  | Ada 999999999"


def test_a_tag_left_open_is_told_with_file_and_line(tmp_path: Path) -> None:
    letters = site(tmp_path, de__broken="{% block subject %}x{% endblock %}\n{% block body %}\n{% if x }\n{% endblock %}")

    with pytest.raises(WrongInput) as wrong:
        letters.render("broken", "de", {})

    file = str(tmp_path / "mail" / "de" / "broken.txt.j2")
    assert (wrong.value.facts["template"], wrong.value.facts["line"]) == (file, 3)


def test_a_template_without_its_blocks_is_told(tmp_path: Path) -> None:
    letters = site(tmp_path, de__broken="{% block subject %}x{% endblock %}")

    with pytest.raises(WrongInput) as wrong:
        letters.render("broken", "de", {})

    problem = wrong.value.facts["problem"]
    assert (problem, problem.facts) == ("template.no_block", {"name": "body"})


def test_a_template_cannot_change_what_it_is_given(tmp_path: Path) -> None:
    letters = site(tmp_path, de__broken=mail("{{ names.append('x') }}"))
    names = ["Ada"]

    with pytest.raises(CycleError):
        letters.render("broken", "de", {"names": names})

    assert names == ["Ada"]


def test_any_other_template_is_filled_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "report" / "en" / "year.md.j2"
    file.parent.mkdir(parents=True)
    file.write_text("# {{ title }}   \n\n\n\n{{ day|date_long }}\n")

    text = Letters([tmp_path], LANGUAGES).text("report/en/year.md.j2", {"title": "Year", "day": date(2027, 3, 1)})

    assert text == "# Year\n\nMonday, 1 March 2027\n"


def test_a_path_that_leads_nowhere_or_out_of_the_folder_is_not_found(tmp_path: Path) -> None:
    for name in ("report/none.j2", "../pyproject.toml"):
        with pytest.raises(NotFound):
            Letters([SHIPPED], LANGUAGES).text(name, {})
