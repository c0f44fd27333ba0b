"""What is kept no longer than the settings say: what is due, the offer to the archive, and erasing all of it at once."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from small_town import PARTNERS, confirm_dates, mails, name_everybody, partner, run, settle

from cycle.cli import shell

SENT_ON = "2025-02-25T09:00:00+01:00"
LEFT_ON = "2025-03-03T09:00:00+01:00"


@pytest.fixture(scope="module")
def played(empty_site: Path, tmp_path_factory: pytest.TempPathFactory, command_line: Any) -> Path:
    """The town in which the survey went out; then one partner left, and another has a new contact."""
    home = tmp_path_factory.mktemp("retained") / "home"
    shutil.copytree(empty_site, home)
    with pytest.MonkeyPatch.context() as monkeypatch:
        cycle = settle(command_line(home, monkeypatch), [*PARTNERS, partner(6, "Kolibri", Nachname="Quastenflosser")])
        name_everybody(cycle)
        confirm_dates(cycle)
        cycle("advance 2025", at="2025-02-24T09:00:00+01:00")
        run(cycle)
        run(cycle, SENT_ON)
        cycle('partner leave 6 --reason "Verein aufgelöst"', at=LEFT_ON)
        cycle("partner edit 2 --first-name Zoe --last-name Zander --mail zoe@verein.example.org")
        shell.close()
    return home


@pytest.fixture
def town(played: Path, cycle: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A copy of that town."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    shell.close()
    shutil.copyfile(played / "cycle.db", cycle.home / "cycle.db")
    cycle.at(LEFT_ON)
    return cycle


def due(town: Any, day: str, **how: Any) -> list[tuple[str, int, str, bool]]:
    told = json.loads(town(f"privacy due --on {day} --json", **how).out)
    return [(each["class"], each["partner"], each["kept_until"], each["archive_missing"]) for each in told["due"]]


def test_a_contact_is_due_the_day_after_its_months_and_so_are_the_words_of_a_mail(town: Any) -> None:
    assert due(town, "2026-03-02") == []
    assert due(town, "2026-03-03", login="admin") == [("contact", 2, "2026-03-02", False)]
    assert due(town, "2026-03-04") == [("contact", 2, "2026-03-02", False), ("contact", 6, "2026-03-03", False)]
    mail_days = {each[2] for each in due(town, "2027-02-26") if each[0] == "mail_text"}
    assert mail_days == {"2027-02-24", "2027-02-25"}


def test_everything_due_goes_at_once_in_one_entry(town: Any) -> None:
    town.at("2026-03-10T09:00:00+01:00")
    tried = json.loads(town("privacy due --erase --dry-run --json").out)
    before = len(json.loads(town("history list --json").out)["entries"])

    told = json.loads(town("privacy due --erase --json").out)

    entries = json.loads(town("history list --json").out)["entries"]
    data = entries[-1]["data"]
    assert tried["subjects"] == told["subjects"]
    assert (len(entries), entries[-1]["type"]) == (before + 1, "subject.erased")
    assert (data["contact"], data["mail_text"], data["legal_basis"]) == (2, 0, "Art. 5 Abs. 1 lit. e DSGVO")
    assert b"Quastenflosser" not in (town.home / "cycle.db").read_bytes()
    assert due(town, "2026-03-10") == []
    assert town("privacy due --erase", code=2).err.startswith("Am 10.03.2026 ist nichts fällig")


def test_the_words_of_mails_go_after_their_time_and_the_delivery_stays(town: Any) -> None:
    town.at("2027-03-01T09:00:00+01:00")
    before = [(each["id"], each["state"], each["templates"]) for each in mails(town)]

    town("privacy due --erase")

    assert [(each["id"], each["state"], each["templates"]) for each in mails(town)] == before
    assert {each["to"] for each in mails(town)} == {None}
    assert json.loads(town("partner show 3 --json").out)["contacts"][0]["name"] == "Anna Birke"


def test_what_must_be_offered_to_the_archive_is_refused_before(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYCLE_RETENTION__ARCHIVE_FIRST", '["contact", "mail_text"]')
    shell.close()
    town.at("2026-03-10T09:00:00+01:00")
    law = '--reason "auf Wunsch" --legal-basis "Art. 17 DSGVO"'

    refused = json.loads(town("privacy due --erase --json", code=3).out)
    assert [(each["command"], each["met"]) for each in refused["findings"]] == [
        ("cycle privacy offer 2", False),
        ("cycle privacy offer 6", False),
    ]
    assert "dem Archiv noch nicht" in town(f"partner forget 6 {law}", code=3).err

    town('privacy offer 6 --on 2025-02-01 --reason "zu früh"')
    assert "01.02.2025" in town(f"partner forget 6 {law}", code=3).err  # a mail is younger than the offer
    town('privacy offer 6 --reason "Anbietung 2026"')
    town(f"partner forget 6 {law}")
    assert json.loads(town("history list --json --last 1").out)["entries"][0]["data"]["archive_offered_on"] == "2026-03-10"
    assert due(town, "2026-03-10") == [("contact", 2, "2026-03-02", True)]
    town('privacy offer --due --reason "Anbietung 2026"')
    assert due(town, "2026-03-10") == [("contact", 2, "2026-03-02", False)]
    town("privacy due --erase")


def test_an_auditor_reads_all_of_it_and_erases_nothing(town: Any) -> None:
    town("people add a.kraut --name Kraut --role auditor", login="admin")
    reads = ["privacy report 6", "privacy due", "db erasures", "privacy report 6 --json", "db erasures --json"]
    writes = ["privacy due --erase", "privacy offer 6", "db erasures --apply", "db erasures --note", "db scrub"]

    assert [town(line, login="a.kraut").code for line in reads] == [0] * 5
    assert [town(line, login="a.kraut", code=None).code for line in writes] == [6] * 5
    assert "Quastenflosser" in town("privacy report 6", login="a.kraut").out


def test_a_wrong_day_or_class_is_told(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "liegt in der Zukunft" in town("privacy due --erase --on 2026-03-10", code=2).err
    assert town("privacy offer", code=2).err.startswith("Es ist kein Partner genannt.")
    assert town("privacy offer 77", code=4).err.startswith("Den Partner 77 gibt es nicht.")
    monkeypatch.setenv("CYCLE_RETENTION__ARCHIVE_FIRST", '["letters"]')
    shell.close()
    assert "darf nur sein: contact, mail_text" in town("privacy due", code=2).err
    monkeypatch.delenv("CYCLE_RETENTION__ARCHIVE_FIRST")
    shell.close()


def test_an_offer_says_what_is_wrong_with_it(town: Any) -> None:
    town("privacy offer 6")

    assert (
        town("privacy offer 6", code=2).err
        == "Dass am 03.03.2025 angeboten wurde, ist schon vermerkt; es gibt nichts zu ändern.\n"
    )
    assert town("privacy offer --due", code=2).err.startswith("Zurzeit ist dem Archiv nichts anzubieten.")


@pytest.mark.parametrize("line", ["privacy offer 6", "mail bounce --partner 3", "partner leave 3", "people leave s.stell"])
def test_a_day_that_no_plan_has_is_refused_by_every_command(town: Any, line: str) -> None:
    why = '--reason "nachgetragen, war vergessen"'

    assert town(f"{line} --on 0001-01-01 {why}", code=2).err == (
        "„0001-01-01“ ist kein Tag, den ein Plan haben kann: er muss in den Jahren 1900 bis 2200 liegen.\n"
    )
    assert town(f"{line} --on 1987-01-01 {why}", code=2).err == (
        "Der 01.01.1987 liegt vor der Zeit dieses Plans: der Verlauf beginnt am 09.01.2025, nachtragen lässt sich, was "
        "seit dem 01.01.2015 geschehen ist.\n"
    )
