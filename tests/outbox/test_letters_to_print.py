"""`cycle mail letters --to FILE`: sheets for window envelopes, one a letter, without what speaks of mail."""

import json
import re
from pathlib import Path
from typing import Any

from tests.browser import found, violations
from tests.reminders.survey_of_small_town import FIRST_REMINDER, LAST_REMINDER, SECOND_REMINDER, SURVEY_OUT
from tests.small_town import SAVE_THE_DATE, confirm_dates, name_everybody, partner, run, settle

POST = {"Versandform": "Post"}
SPOKEN = {2: "de", 3: "leicht", 4: "en"}
CHECKED = "2025-04-03T09:00:00+02:00"


def sheets(file: Path) -> list[str]:
    return re.findall(r'<article class="sheet".*?</article>', file.read_text(encoding="utf-8"), re.DOTALL)


def test_each_letter_is_a_sheet_with_its_address_in_the_window(cycle: Any, tmp_path: Path) -> None:
    town = settle(cycle, [partner(1, "Referat"), partner(2, "Alba", **POST), partner(3, "Birke", **POST), partner(4, "Cassia")])
    run(town, SAVE_THE_DATE)
    file = tmp_path / "briefe.html"

    said = town(f"mail letters --to {file}")

    first, second = sheets(file)
    assert said.err == f"Briefe in {file}: 2.\n"
    assert '<p class="address">Verein Alba<br>Anna Alba<br>Marktplatz 1<br>01234 Musterstadt</p>' in first
    assert '<p class="about">Musterstadt<br>Marktplatz 1<br>01234 Musterstadt<br>' in first  # of the organiser, to answer to
    assert "Sehr geehrte Frau Alba," in first
    assert "automatisch erstellt" not in first + second
    assert "Verein Birke" in second


def test_what_makes_no_sense_any_more_and_who_has_no_postal_address_are_named(cycle: Any, tmp_path: Path) -> None:
    nowhere = POST | {"Straße": "", "PLZ": "", "Ort": ""}
    town = settle(cycle, [partner(1, "Referat"), partner(2, "Alba", **nowhere), partner(3, "Birke", **POST)])
    run(town, SAVE_THE_DATE)
    town('partner leave 3 --reason "aufgelöst"')
    file = tmp_path / "briefe.html"

    told = json.loads(town(f"mail letters --to {file} --json").out)

    assert [(each["partner"], each["reason"], each.get("complete")) for each in told["letters"]] == [
        (2, None, False),
        (3, "answered", None),
    ]
    assert len(sheets(file)) == 1


def test_only_the_letters_of_some_days_are_printed(cycle: Any, tmp_path: Path) -> None:
    town = settle(cycle, [partner(1, "Referat"), partner(2, "Alba", **POST)])
    run(town, SAVE_THE_DATE)
    file = tmp_path / "briefe.html"

    town(f"mail letters --from 2025-02-19 --to {file}")

    assert sheets(file) == []
    assert "Es liegen keine Briefe vor" in file.read_text(encoding="utf-8")


def test_a_place_that_cannot_be_written_is_told(cycle: Any) -> None:
    town = settle(cycle)
    assert "lässt sich nicht schreiben" in town("mail letters --to /nirgends/briefe.html", code=2).err


def test_the_sheets_are_fit_for_a_screen_reader(cycle: Any, tmp_path: Path) -> None:
    town = settle(cycle, [partner(1, "Referat"), partner(2, "Alba", **POST)])
    run(town, SAVE_THE_DATE)
    file = tmp_path / "briefe.html"
    town(f"mail letters --to {file}")

    assert violations(found(), tmp_path, file.read_text(encoding="utf-8")) == []


def test_no_letter_on_paper_speaks_of_a_mail_or_of_something_attached(cycle: Any, tmp_path: Path) -> None:
    written_to = [partner(number, f"V{number}", Sprache=spoken, **POST) for number, spoken in SPOKEN.items()]
    town = settle(cycle, [partner(1, "Referat"), *written_to])
    name_everybody(town)
    confirm_dates(town)
    said: dict[tuple[int, str], str] = {}
    for moment in (SAVE_THE_DATE, SURVEY_OUT, FIRST_REMINDER, SECOND_REMINDER, LAST_REMINDER, CHECKED):
        if moment == SURVEY_OUT:
            town("advance 2025", at="2025-02-24T09:00:00+01:00")
        run(town, moment)
        if moment == CHECKED:
            town("mail queue 2025 --template contact_check --to partners")
        told = json.loads(town(f"mail letters --to {tmp_path / 'briefe.html'} --json").out)["letters"]
        said |= {(each["partner"], each["template"]): "\n".join(each["paragraphs"]) for each in told if not each["reason"]}

    asked = {"survey_invitation", "survey_reminder_1", "survey_reminder_2", "survey_overdue", "contact_check"}
    assert {(number, template) for number in SPOKEN for template in asked} <= set(said)
    of_mail = re.compile(r"^(?!(?:E-Mail|Mail): ).*(?:Mail\b|\bmail\b|Anhang|attach|häng|Excel)", re.MULTILINE)
    assert {key: of_mail.findall(text) for key, text in said.items() if of_mail.search(text)} == {}
