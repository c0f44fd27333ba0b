"""The way of a survey form: with the mail to its reader, filled in by another programme, back into answers and projects."""

import json
import shutil
import subprocess
from datetime import date
from email import message_from_bytes
from email.policy import SMTP as POLICY
from pathlib import Path
from typing import Any

import pytest
from filled_form import PROJECTS, FilledForm, attached
from small_town import confirm_dates, mailed, mails, name_everybody, run, settle

from cycle.inventory.records import projects_all

BEFORE = "2025-02-24T09:00:00+01:00"
SURVEY_OUT = "2025-02-25T09:00:00+01:00"
BACK = "2025-03-05T09:00:00+01:00"
LATE = "2025-03-27T09:00:00+01:00"


@pytest.fixture(scope="module")
def played(command_line: Any, empty_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town on the day its survey went out, once for all tests here."""
    home = tmp_path_factory.mktemp("town") / "home"
    shutil.copytree(empty_site, home)
    with pytest.MonkeyPatch.context() as patch:
        town = settle(command_line(home, patch))
        (home / "projekte.csv").write_text(PROJECTS, encoding="utf-8-sig", newline="")
        town(f"project import 2025 {home / 'projekte.csv'}")
        name_everybody(town)
        confirm_dates(town)
        town("advance 2025", at=BEFORE)
        run(town, SURVEY_OUT)
    return home


@pytest.fixture
def town(cycle: Any, played: Path) -> Any:
    """The town after the survey went out; nobody has answered."""
    shutil.rmtree(cycle.home)
    shutil.copytree(played, cycle.home)
    cycle.at(BACK)
    return cycle


def sent(town: Any, template: str = "survey_invitation") -> dict[int, bytes]:
    """The bytes of each partner's mail, as they lie in the Maildir."""
    numbers = {each["message_id"]: each["partner"] for each in mails(town) if template in each["templates"]}
    found = {}
    for file in (town.home / "mail").rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            mail_id = str(message_from_bytes(content, policy=POLICY)["Message-ID"])
            if mail_id in numbers:
                found[numbers[mail_id]] = content
    return found


def body(message: bytes) -> str:
    """The text of a mail."""
    return str(message_from_bytes(message, policy=POLICY).get_body(("plain",)).get_content())  # type: ignore[attr-defined]


def form_of(town: Any, number: int) -> FilledForm:
    """The form that a partner got with the survey's mail."""
    ((_, content),) = attached(sent(town)[number]).items()
    return FilledForm(content)


def back(town: Any, options: str = "", code: int = 0) -> dict[str, Any]:
    """Import the folder of forms that came back; what was told of each file, by its name."""
    told = json.loads(town(f"survey import 2025 {town.home / 'back'} {options} --json", code=code).out)
    return {each["file"]: each for each in told["files"]}


def projects(town: Any) -> dict[int, tuple[str, str]]:
    told = json.loads(town("project list 2025 --json").out)["projects"]
    return {each["number"]: (each["title"], each["status"]) for each in told}


def test_the_mail_brings_the_form_filled_in_with_what_was_reported_last(town: Any) -> None:
    files = {number: list(attached(content)) for number, content in sent(town).items()}
    form = form_of(town, 2)

    assert files == {number: [f"Fragebogen-2025-Partner-{number:03d}.xlsx"] for number in (2, 3, 4)}
    assert list(form.columns) == ["#7", "#8", "+1", "+2", "+3", "+4"]
    told = [form["#7", line] for line in form.lines if line not in ("none", "missing", "column", "project")]
    assert [f"{each:%Y-%m-%d}" if isinstance(each, date) else each for each in told] == [
        "Sprachcafé", "Sprache", None, "Frauen", "Familien", None, "Zugewanderte", "laufend", "2023-09-01", None,
        450, "Spenden", "Verein Birke", 60, "Oststadt", None,
    ]  # fmt: skip
    assert "mit dem Fragebogen im Anhang" in body(sent(town)[2])


def test_only_input_cells_are_open_and_they_offer_the_words_of_the_plan(town: Any) -> None:
    form = form_of(town, 2)
    status = form.sheet.cell(form.lines["status"], form.columns["+1"]).coordinate
    (offered,) = (each for each in form.sheet.data_validations.dataValidation if status in each.sqref)
    where = offered.formula1.rpartition("!")[2].replace("$", "")
    words = [row[0].value for row in form.book["Listen"][where]]
    locked = {
        (name, line): form.sheet.cell(form.lines[line], form.columns[name]).protection.locked
        for name in form.columns
        for line in form.lines
        if line not in ("none", "missing")
    }

    assert form.sheet.protection.sheet
    assert form.book["Listen"].sheet_state == "veryHidden"
    assert {place for place, is_locked in locked.items() if is_locked} == {
        (name, line) for name in form.columns for line in ("column", "project")
    }
    assert words == ["geplant", "laufend", "pausiert", "abgeschlossen", "vorzeitig beendet"]
    assert (offered.type, bool(offered.prompt), bool(offered.error)) == ("list", True, True)


def test_the_same_form_is_the_same_bytes_in_the_preview_the_mail_and_by_hand(town: Any) -> None:
    number = next(each["id"] for each in mails(town) if "survey_invitation" in each["templates"] and each["partner"] == 2)
    ((name, content),) = attached(sent(town)[2]).items()
    town(f"mail preview {number} --eml {town.home / 'p.eml'}")
    town(f"survey form 2025 2 --to {town.home / 'hand.xlsx'}")

    assert attached((town.home / "p.eml").read_bytes()) == {name: content}
    assert (town.home / "hand.xlsx").read_bytes() == content
    assert json.loads(town(f"mail preview {number} --json").out)["mails"][0]["attached"] == [name]


def test_a_reminder_brings_the_form_again_and_the_table_by_post_is_written_by_hand(town: Any) -> None:
    run(town, "2025-03-11T09:00:00+01:00")
    first, again = attached(sent(town)[3]), attached(sent(town, "survey_reminder_1")[3])
    written = json.loads(town(f"survey form 2025 --by-post --to {town.home / 'post'} --json").out)["forms"]

    assert again == first
    assert [each["partner"] for each in written] == [5]
    on_paper = FilledForm(Path(written[0]["file"]).read_bytes())
    assert [key.value[:11] for key in on_paper.keys] == ["IP-2025-005"] * 2
    texts = [str(cell.value) for row in on_paper.sheet for cell in row if cell.value]
    assert [text for text in texts if "E-Mail" in text or "Datei speichern" in text] == []
    assert [text for text in texts if "Brief" in text] == [
        "Bitte füllen Sie die hellen Felder aus und schicken Sie den Bogen bis 25.03.2025 an uns zurück; die Anschrift steht "
        "in unserem Brief. Als Datei geht er an cycle@musterstadt.example.de. Das dauert etwa 15 Minuten."
    ]


def test_what_was_filled_in_becomes_answer_projects_and_thanks(town: Any) -> None:
    form = form_of(town, 2)
    form["#8", "status"] = "abgeschlossen"
    form["#7", "amount"] = "ca. 1.200 €"
    form.add(starts=date(2025, 5, 1), amount=0, partners="Verein Birke; Verein Cassia", remark="beginnt klein")
    form.once("missing", "=Räume für Treffen")
    form.save(town.home / "back" / "egal wie sie heißt.xlsx")
    tried = back(town, "--dry-run")
    untouched = projects(town)
    told = back(town)["egal wie sie heißt.xlsx"]
    run(town)

    assert tried == {"egal wie sie heißt.xlsx": told}
    assert untouched == {}
    assert (told["partner"], told["outcome"], told["state"], told["late"]) == (2, "repaired", "counts", False)
    assert [(p["project"], p["outcome"], p["change"], p["changed"]) for p in told["projects"]] == [
        (7, "repaired", "changed", ["amount"]),
        (8, "taken", "changed", ["status"]),
        (10, "taken", "new", []),
    ]
    assert projects(town) == {
        7: ("Sprachcafé", "running"),
        8: ("Nähtreff", "completed"),
        10: ("Lesepatinnen", "planned"),
    }
    assert mailed(town, "survey_thanks") == ["alba@verein.example.org"]
    noted = [line for line in body(sent(town, "survey_thanks")[2]).splitlines() if line.startswith("- Projekt")]
    assert noted == ["- Projekt 7 „Sprachcafé“", "- Projekt 8 „Nähtreff“", "- Projekt 10 „Lesepatinnen“"]
    status = json.loads(town("survey status 2025 --json").out)
    assert (status["answered"], [each["partner"] for each in status["missing"]]) == (1, [3, 4, 5])


def test_what_the_office_has_noted_is_not_sent_and_stays(town: Any) -> None:
    form = form_of(town, 2)
    form["#8", "remark"] = "ab Mai im neuen Saal"
    form.save(town.home / "back" / "a.xlsx")
    sent_out = form["#7", "remark"]
    back(town)

    with town.site.journal.reading() as session:
        noted = {each.number: each.remark for each in projects_all(session)}
    assert (sent_out, noted[7], noted[8]) == (None, "bitte nachfassen", "ab Mai im neuen Saal")


def test_a_folder_read_again_changes_nothing_and_thanks_nobody_twice(town: Any) -> None:
    form = form_of(town, 3)
    form.add()
    form.save(town.home / "back" / "a.xlsx")
    back(town)
    before = town("history list --json").out
    again = back(town)
    run(town)
    run(town, "2025-03-06T09:00:00+01:00")

    assert (again["a.xlsx"]["state"], again["a.xlsx"]["taken_before"]) == ("known", "2025-03-05")
    assert town("history list --json").out.startswith(before.rstrip("\n]} "))
    assert mailed(town, "survey_thanks") == ["birke@verein.example.org"]


def test_every_version_is_kept_and_the_last_one_counts(town: Any) -> None:
    form = form_of(town, 3)
    form.add(title="Lesepatinnen")
    form.save(town.home / "back" / "b.xlsx", saved=b"2025-03-04T09:00:00Z")
    form["#9", "status"] = "pausiert"
    form["+1", "title"] = "Lesepaten"
    form.save(town.home / "back" / "a.xlsx", saved=b"2025-03-04T12:00:00Z")
    told = back(town)
    form["+1", "amount"] = 300
    form.save(town.home / "back" / "c.xlsx", saved=b"2025-03-06T12:00:00Z")
    later = back(town, "--on 2025-03-05")

    shown = json.loads(town("survey show 2025 3 --json").out)["answers"]

    assert [(each["counts"], [p["title"] for p in each["reported"]]) for each in shown] == [
        (False, ["Fahrradkurs", "Lesepatinnen"]),
        (False, ["Fahrradkurs", "Lesepaten"]),
        (True, ["Fahrradkurs", "Lesepaten"]),
    ]
    assert {name: each["state"] for name, each in told.items()} == {"b.xlsx": "superseded", "a.xlsx": "counts"}
    assert {name: each["state"] for name, each in later.items()} == {"b.xlsx": "known", "a.xlsx": "known", "c.xlsx": "counts"}
    assert projects(town) == {9: ("Fahrradkurs", "paused"), 10: ("Lesepaten", "planned")}
    assert [p["changed"] for p in later["c.xlsx"]["projects"]] == [[], ["amount"]]


def test_no_project_is_an_answer(town: Any) -> None:
    form = form_of(town, 3)
    form.once("none", "ja, kein Projekt")
    form.save(town.home / "back" / "a.xlsx")
    told = back(town)["a.xlsx"]
    status = json.loads(town("survey status 2025 --json").out)
    run(town)

    assert "- Projekt" not in body(sent(town, "survey_thanks")[3])
    assert (told["none"], told["state"], len(told["notes"]), projects(town)) == (True, "counts", 1, {})
    assert (status["answered"], status["usable"]) == (1, 1)


def test_a_form_after_the_close_is_kept_and_changes_nothing(town: Any) -> None:
    form = form_of(town, 3)
    form.save(town.home / "back" / "a.xlsx")
    form_of(town, 2).save(town.home / "late" / "b.xlsx")
    assert back(town, code=0)["a.xlsx"]["late"] is False
    town("survey close 2025", at="2025-04-02T09:00:00+02:00")
    before = projects(town)
    told = json.loads(town(f"survey import 2025 {town.home / 'late'} --json").out)["files"][0]
    status = json.loads(town("survey status 2025 --json").out)

    assert (told["state"], told["late"]) == ("after_close", True)
    assert projects(town) == before == {9: ("Fahrradkurs", "running")}
    assert (status["answered"], status["late"]) == (1, 0)


def test_a_form_after_the_date_is_late_and_counts(town: Any) -> None:
    form_of(town, 3).save(town.home / "back" / "a.xlsx")
    town.at(LATE)
    told = back(town)["a.xlsx"]

    assert (told["state"], told["late"], projects(town)) == ("counts", True, {9: ("Fahrradkurs", "running")})


def test_the_whole_way_goes_on_both_databases(cycle_anywhere: Any) -> None:
    town = settle(cycle_anywhere)
    (town.home / "projekte.csv").write_text(PROJECTS, encoding="utf-8-sig", newline="")
    town(f"project import 2025 {town.home / 'projekte.csv'}")
    town(f"survey form 2025 3 --to {town.home / 'form.xlsx'}")
    form = FilledForm((town.home / "form.xlsx").read_bytes())
    form.add()
    form.once("missing", "Räume")
    form.save(town.home / "back" / "a.xlsx")

    assert back(town)["a.xlsx"]["state"] == "counts"
    assert projects(town) == {9: ("Fahrradkurs", "running"), 10: ("Lesepatinnen", "planned")}
    assert "Räume" not in town("history show 2025 --json", code=None).out


@pytest.mark.long
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_libreoffice_saves_the_form_and_it_is_still_the_same(town: Any, kind: str) -> None:
    form = form_of(town, 2)
    form.add()
    file = form.save(town.home / "filled" / "a.xlsx")
    command = ["soffice", "--headless", "--convert-to", kind, "--outdir", str(town.home / "back"), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=120, env={"HOME": str(town.home), "PATH": "/usr/bin:/bin"})
    told = back(town)[f"a.{kind}"]
    form.save(town.home / "back" / "b.xlsx")

    assert (told["partner"], told["outcome"], projects(town)[10]) == (2, "taken", ("Lesepatinnen", "planned"))
    assert back(town)["b.xlsx"]["state"] == "known"


def test_a_form_that_says_something_else_than_what_was_approved_waits_again(cycle: Any) -> None:
    file = cycle.home / "workflows" / "integration.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("approval: [theme_announcement", "approval: [survey_invitation"), encoding="utf-8")
    town = settle(cycle)
    (town.home / "projekte.csv").write_text(PROJECTS, encoding="utf-8-sig", newline="")
    town(f"project import 2025 {town.home / 'projekte.csv'}")
    name_everybody(town)
    confirm_dates(town)
    town("advance 2025", at=BEFORE)
    run(town, SURVEY_OUT)
    town("mail approve 2025 --template survey_invitation", at="2025-02-25T17:00:00+01:00")
    (town.home / "neu.csv").write_text(PROJECTS.replace("Sprachcafé", "Sprachtreff"), encoding="utf-8-sig", newline="")
    town(f"project import 2025 {town.home / 'neu.csv'}")
    run(town, "2025-02-26T09:00:00+01:00")

    told = {each["partner"]: each["state"] for each in mails(town) if "survey_invitation" in each["templates"]}
    assert told == {2: "held", 3: "sent", 4: "sent"}
