"""The office's real file of partners: every record gets its class, what is right is taken, a second time changes nothing."""

import csv
import json
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from played import played_once
from workbooks import ods, xlsx

from cycle.partners.records import Rank, contacts_of, partner_of
from cycle.partners.records.recipients import recipients

HERE = Path(__file__).parent
DEMO = HERE.parents[1] / "config" / "demo"
DIRTY = HERE / "partners_dirty.csv"
CP1252 = HERE / "partners_cp1252.csv"


@pytest.fixture
@played_once
def town(cycle: Any) -> Any:
    """A site with its groups and no partner."""
    cycle(f"group import {DEMO / 'network_groups.csv'}")
    return cycle


def expected() -> dict[int, str]:
    """The class that each record of the dirty file must get."""
    with (HERE / "partners_dirty_expected.csv").open(encoding="utf-8-sig", newline="") as stream:
        return {int(row["Datensatz (1 = Kopfzeile)"]): row["Klasse"] for row in csv.DictReader(stream, delimiter=";")}


def classes(town: Any, file: Path, code: int | None = 2, options: str = "") -> dict[int, str]:
    told = json.loads(town(f"partner import {file} --report --json {options}", code=code).out)
    return {record["record"]: record["class"] for record in told["records"]}


def persons(town: Any, number: int) -> list[tuple[str, str | None, str | None]]:
    with town.site.journal.reading() as session:
        rows = contacts_of(session, partner_of(session, number).id or 0)
        return [(row.rank, row.last_name, row.mail) for row in rows if row.valid_to is None]


def entries_of(town: Any) -> int:
    return len(json.loads(town("history list --json").out)["entries"])


def as_workbook(file: Path, write: Any, to: Path) -> Path:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return write(to, {"Hinweise": [["Bitte nur weiße Felder"]], "Partner": list(csv.reader(stream, delimiter=";"))})  # type: ignore[no-any-return]


def test_all_29_records_of_the_dirty_file_get_their_class_in_the_dry_run_and_in_the_import(town: Any) -> None:
    before = entries_of(town)

    assert classes(town, DIRTY, options="--dry-run") == expected()
    assert entries_of(town) == before
    assert classes(town, DIRTY) == expected()
    assert entries_of(town) == before + 1


def test_every_database_takes_the_same(cycle_anywhere: Any) -> None:
    cycle_anywhere(f"group import {DEMO / 'network_groups.csv'}")

    assert classes(cycle_anywhere, DIRTY) == expected()
    assert "Nichts Neues" in cycle_anywhere(f"partner import {DIRTY}", code=2).err


@pytest.mark.parametrize("write", [xlsx, ods])
def test_as_a_workbook_they_get_the_same(town: Any, tmp_path: Path, write: Any) -> None:
    assert classes(town, as_workbook(DIRTY, write, tmp_path / "partner.xlsx"), options="--dry-run") == expected()


def test_what_was_mended_stands_in_the_partners(town: Any) -> None:
    town(f"partner import {DIRTY}", code=2)

    with town.site.journal.reading() as session:
        found = {number: partner_of(session, number) for number in (6, 14, 22, 24, 25, 26, 31, 32, 37, 39)}
    assert [str(found[number].since) for number in (24, 25, 26)] == ["2024-03-01"] * 3
    assert (found[31].postcode, found[32].languages, found[37].budget, found[39].budget) == ("01234", ["ku", "tr"], None, 4800)
    assert (found[22].name, found[6].remark) == (
        "Türkischer Kulturverein Musterstadt e. V.",
        '=HYPERLINK("http://example.org";"hier")',
    )
    assert persons(town, 14) == [
        (Rank.PRIMARY, "Schätzle", "nadine.schaetzle@brueckenschlag.example.org"),
        (Rank.DEPUTY, None, "vertretung@brueckenschlag.example.org"),
        (Rank.FURTHER, "Özdemir", "guel.oezdemir@brueckenschlag.example.org"),
    ]
    assert [(rank, mail) for rank, _, mail in persons(town, 28)] == [
        (Rank.PRIMARY, "farida.noorzai@afg-frauenkreis.example.org"),
        (Rank.DEPUTY, "kontakt@afg-frauenkreis.example.org"),
        (Rank.FURTHER, "vertretung@afg-frauenkreis.example.org"),
    ]
    assert [(rank, mail) for rank, _, mail in persons(town, 17)] == [
        (Rank.PRIMARY, "stjepan.barisic@st-martin.example.org"),
        (Rank.DEPUTY, "vertretung@st-martin.example.org"),
    ]


def test_a_second_import_changes_nothing_and_a_corrected_file_brings_only_what_was_wrong(town: Any, tmp_path: Path) -> None:
    town(f"partner import {DIRTY}", code=2)
    before = entries_of(town)

    again = town(f"partner import {DIRTY}", code=2)

    assert "Nichts Neues: alle Partner der Datei stehen schon so da." in again.err
    assert entries_of(town) == before

    file = tmp_path / "partners.csv"
    text = DIRTY.read_text(encoding="utf-8-sig").replace("(at)", "@").replace("4,93023E+11", "030 23125 701")
    text = text.replace("NG1, NG9", "NG1").replace("evtl. aktiv", "aktiv").replace(";vertretung@alevi", ";vertretung@alevi")
    text = text.replace("Vorstand;;vertretung@alevi", "Vorstand;z.kocak@alevi-kreis.example.org;vertretung@alevi")
    file.write_text(text, encoding="utf-8-sig")
    told = json.loads(town(f"partner import {file} --json").out)

    assert (told["added"], told["changed"], told["counts"]["error"]) == (5, 0, 0)


def test_the_file_in_cp1252_is_read_with_a_warning_for_every_lost_letter(town: Any) -> None:
    told = json.loads(town(f"partner import {CP1252} --report --json").out)

    lost = [r["record"] for r in told["records"] for note in r["notes"] if note["key"] == "cell_letters_lost"]
    assert (told["encoding"], told["added"], told["counts"]) == (
        "cp1252",
        60,
        {"taken": 12, "repaired": 38, "warning": 10, "error": 0, "skipped": 0},
    )
    assert sorted(set(lost)) == [13, 17, 18, 21, 23, 27, 34, 40, 41]
    with town.site.journal.reading() as session:
        assert [partner_of(session, number).budget for number in (1, 2, 4, 17)] == [32500, 12500, 500, 0]


def test_lost_letters_do_not_take_the_place_of_known_ones(town: Any, tmp_path: Path) -> None:
    text = "Nr;Kürzel;Name;Art;Vorname;Nachname;E-Mail\n7;A;Verein Çınar;Sportverein;Ayşe;Yıldırım;a@x.example.org\n"
    whole, lost = tmp_path / "utf8.csv", tmp_path / "cp1252.csv"
    whole.write_text(text, encoding="utf-8")
    lost.write_bytes(text.encode("cp1252", errors="replace"))
    town(f"partner import {whole}")

    told = json.loads(town(f"partner import {lost} --json").out)

    assert (told["added"], told["changed"], told["counts"]["warning"]) == (0, 0, 1)
    assert persons(town, 7) == [(Rank.PRIMARY, "Yıldırım", "a@x.example.org")]


def test_who_has_no_salutation_is_greeted_by_name(town: Any) -> None:
    town(f"partner import {DIRTY}", code=2)
    town("start 2025")
    for key in ("spring_meeting", "theme_decision", "round_table", "review_request", "report_committee"):
        town(f"date confirm 2025 {key}", code=None)
    town("run --once", at="2025-02-18T09:00:00+01:00")

    mails = [message_from_bytes(file.read_bytes(), policy=default) for file in (town.home / "mail" / "new").iterdir()]
    (mail,) = [mail for mail in mails if "info@bsz-musterland.example.de" in str(mail["To"])]
    assert mail.get_body(("plain",)).get_content().startswith("Guten Tag Silke Mößner,")  # type: ignore[union-attr]
    assert not any("freundeskreis-ost" in str(each["To"]) for each in mails)  # that partner is merged


def test_a_merged_partner_leads_to_the_one_its_remark_names_also_when_that_one_comes_later(town: Any, tmp_path: Path) -> None:
    town(f"partner import {DIRTY}", code=2)
    with town.site.journal.reading() as session:
        assert (partner_of(session, 54).status, partner_of(session, 54).merged_into) == ("merged", None)
        assert list(recipients(session, [54], Rank.PRIMARY)) == []
    town(f"partner import {CP1252}")

    told = json.loads(town(f"partner import {DIRTY} --json", code=2).out)

    with town.site.journal.reading() as session:
        assert (partner_of(session, 54).merged_into, told["changed"] >= 1) == (53, True)


def test_what_cannot_be_mailed_stays_a_task_of_the_status(town: Any) -> None:
    town(f"partner import {DIRTY}", code=2)
    town("start 2025")

    said = town("status 2025").out

    assert "Nummern 60" in said
    assert "cycle partner edit 60 --mail" in said


def test_a_city_with_other_headings_and_words_needs_its_workflow_file_alone(town: Any, tmp_path: Path) -> None:
    workflow = town.home / "workflows" / "integration.yaml"
    text = (HERE.parents[1] / "workflows" / "integration.yaml").read_text(encoding="utf-8")
    workflow.write_text(
        text.replace('"Sportverein"', '"Turn- und Sportverein"').replace('de: "Bildung", ', 'de: "Schule und Lernen", '),
        encoding="utf-8",
    )
    (town.home / "config" / "tables.toml").write_text('[headings]\n"Kürzel" = ["Signatur"]\n', encoding="utf-8")
    file = tmp_path / "vereine.csv"
    file.write_text(
        "Mail,Organisation,Organisationsform,Signatur,Partnernummer,Stufe,Themenfelder\n"
        "a@x.example.org,TSV Nord,Turn- und Sportverein,TSV,7,,Schule und Lernen\n",
        encoding="utf-8",
    )

    said = town(f"partner import {file}")

    with town.site.journal.reading() as session:
        found = partner_of(session, 7)
    assert (found.name, found.kind, found.fields) == ("TSV Nord", "sports", ["education"])
    assert "Nicht gelesen werden die Spalten: Stufe." in said.err


def test_the_report_names_every_record_and_without_it_only_what_matters(town: Any) -> None:
    lines = town(f"partner import {DIRTY} --report", code=2).out.splitlines()
    short = town(f"partner import {DIRTY}", code=2).err.splitlines()

    assert (lines[0], lines[1], len(lines)) == ("Datensatz\tZeile\tEinstufung\tBemerkung", "2\t2\tübernommen\t", 30)
    assert [line.split(": ")[0] for line in short if line.startswith(("Fehler", "Warnung"))] == [
        "Warnung", "Warnung", "Warnung", "Fehler", "Fehler", "Fehler", "Warnung", "Fehler", "Fehler", "Warnung",
    ]  # fmt: skip


def test_a_template_is_an_empty_table_that_can_be_filled_in(town: Any, tmp_path: Path) -> None:
    file = tmp_path / "vorlage.csv"

    town(f"partner import {file} --template")

    head = file.read_text(encoding="utf-8-sig").splitlines()
    assert (len(head), head[0].split(";")[:4]) == (1, ["Nr", "Kürzel", "Name", "Art"])
    assert "0 Datensätze gelesen" in town(f"partner import {file}").err
    assert "gibt es schon" in town(f"partner import {file} --template", code=2).err


@pytest.mark.parametrize(
    ("text", "grade", "key", "mail"),
    [
        ("mailto:a@x.example.org", "repaired", "cell_mended", "a@x.example.org"),
        ("Anna Ahorn <a@x.example.org>", "repaired", "cell_mended", "a@x.example.org"),
        ("a @ x.example.org", "repaired", "cell_mended", "a@x.example.org"),
        ("a@gmial.com", "warning", "cell_mailbox_meant", "a@gmial.com"),
        ("a@@x.example.org", "error", "partner_address_meant", None),
        ("a@x,example.org", "error", "partner_address_meant", None),
        ("kommt noch", "error", "partner_address_invalid", None),
    ],
)
def test_a_slip_in_an_address_is_mended_doubted_or_told(
    town: Any, tmp_path: Path, text: str, grade: str, key: str, mail: str | None
) -> None:
    file = tmp_path / "partner.csv"
    file.write_text(f"Nr;Kürzel;Name;Art;E-Mail\n7;A;Verein A;Sportverein;{text}\n", encoding="utf-8")

    (record,) = json.loads(town(f"partner import {file} --report --json", code=None).out)["records"]

    assert (record["class"], [note["key"] for note in record["notes"]]) == (grade, [key])
    if mail:
        assert persons(town, 7) == [(Rank.PRIMARY, None, mail)]
