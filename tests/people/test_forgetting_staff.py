"""Who has worked with the programme and left can be forgotten: the history tells what was done by a reference, and verifies."""

import json
from pathlib import Path
from typing import Any

import pytest
from small_town import settle

from cycle.journal.verify import verify

LAW = '--reason "auf eigenen Wunsch" --legal-basis "Art. 17 Abs. 1 lit. b DSGVO"'
SAYS = ("Wellensittich", "w.sittich", "wilma@stadt", "0711 4711")


@pytest.fixture
def town(cycle_anywhere: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A town whose deputy was there until January."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    cycle = settle(cycle_anywhere)
    cycle("people add w.sittich --name 'Wilma Wellensittich' --mail wilma@stadt.example.org --phone '0711 4711' --role deputy")
    cycle("people change w.sittich --phone '0711 4711 2' --reason 'Frau Wellensittich hat eine neue Nummer'")
    cycle('need add 2025 "Sprachkurse" --field education --source Netzwerktreffen', login="w.sittich")
    return cycle


def left(town: Any) -> Any:
    town('people leave w.sittich --reason "andere Stelle"')
    town.at("2025-02-01T09:00:00+01:00")
    return town


def kept(town: Any) -> bytes:
    database = town.site.database
    if database.kind == "sqlite":
        return b"".join(each.read_bytes() for each in sorted(town.home.glob("cycle.db*")))
    with database.reader.connect() as connection:
        tables = ("person", "opening", "event", "mail")
        return b"".join(str(row).encode() for name in tables for row in connection.exec_driver_sql(f"SELECT * FROM {name}"))


def test_nothing_is_left_in_any_byte_and_the_history_verifies(town: Any) -> None:
    left(town)
    assert [word for word in SAYS if word.encode() in kept(town)] == list(SAYS)

    tried = json.loads(town(f"people forget w.sittich {LAW} --dry-run --json").out)
    told = json.loads(town(f"people forget w.sittich {LAW} --json").out)

    assert tried["subjects"] == told["subjects"]
    assert [word for word in SAYS if word.encode() in kept(town)] == []
    assert verify(town.site.database).problems == ()
    last = json.loads(town("history list --json --last 1").out)["entries"][0]
    assert (last["type"], last["data"]["refs"], last["data"]["staff"]) == ("subject.erased", [told["ref"]], True)
    by = [each["actor"]["ref"] for each in json.loads(town("history list --json --type need.added").out)["entries"]]
    assert by == [told["ref"]]
    assert "Zu w.sittich" not in town(f"people forget w.sittich {LAW}", code=4).err
    assert "es gibt nichts zu löschen" in town(f"people forget {told['ref']} {LAW}", code=2).err
    assert "gelöscht" in town(f"privacy report --login {told['ref']}").out
    town("people list")


def test_who_still_holds_a_role_or_is_to_hold_one_is_not_forgotten(town: Any) -> None:
    said = town(f"people forget w.sittich {LAW}", code=3)

    assert "Die Person hat noch eine Aufgabe (" in said.err
    assert "cycle people leave w.sittich" in said.err
    body = json.loads(town("history list --json --last 1").out)["entries"][0]
    assert (body["type"], "sittich" in json.dumps(body)) == ("command.refused", False)


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        ("people forget nobody", 4, "nobody"),
        ('people forget w.sittich --reason "auf Wunsch"', 2, "Die Rechtsgrundlage der Löschung fehlt."),
        (f'people forget w.sittich {LAW} --reason "Frau Wellensittich will es"', 2, "Die Begründung nennt die Person"),
        ("privacy report", 2, "Auskunft über wen?"),
        ("privacy report 4 --login w.sittich", 2, "Auskunft über wen?"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(town: Any, line: str, code: int, sentence: str) -> None:
    line = line if "--reason" in line or "report" in line else f"{line} {LAW}"

    assert sentence in left(town)(line, code=code).err


def test_the_report_tells_everything_and_the_class_is_due_in_its_time(town: Any) -> None:
    left(town)
    report = json.loads(town("privacy report --login w.sittich --json").out)["persons"][0]
    town.at("2028-01-10T09:00:00+01:00")
    before = json.loads(town("privacy due --json").out)["due"]
    town.at("2028-01-11T09:00:00+01:00")
    due = json.loads(town("privacy due --json").out)["due"]
    town("privacy due --erase")

    assert (report["name"], report["login"], [each["role"] for each in report["roles"]]) == (
        "Wilma Wellensittich",
        "w.sittich",
        ["deputy"],
    )
    assert "Frau Wellensittich hat eine neue Nummer" in [each["reason"] for each in report["entries"]]
    assert [each for each in before if each["class"] == "person"] == []
    assert [(each["class"], each["kept_until"]) for each in due] == [("person", "2028-01-10")]
    assert [word for word in SAYS if word.encode() in kept(town)] == []
