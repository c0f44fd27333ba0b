"""Who spoke at a meeting from outside can be forgotten by name: nothing of the person is left, what was spoken about stays."""

import json
from pathlib import Path
from typing import Any

import pytest
from small_town import SAVE_THE_DATE, confirm_dates, name_everybody, run, settle

from cycle.journal.verify import verify

LAW = '--reason "auf eigenen Wunsch" --legal-basis "Art. 17 Abs. 1 lit. b DSGVO"'
NAME = "Prof. Dr. Karla Quittenbaum"
FORGET = f'meeting agenda forget "{NAME}" {LAW}'
INVITATION = "2025-03-25T09:00:00+01:00"


@pytest.fixture
def town(cycle_anywhere: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A town whose guest of the spring meeting is named in the programme, was dropped from another, and stands in a mail."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    cycle = settle(cycle_anywhere)
    name_everybody(cycle)
    confirm_dates(cycle)
    cycle(f'meeting agenda add 2025 spring "Schule und Herkunft" --speaker "{NAME}" --minutes 45')
    cycle('meeting agenda add 2025 round_table "Gespräch" --speaker "Karla Quittenbaum"')
    cycle('meeting agenda drop 2025 round_table 1 --reason "Frau Quittenbaum hat abgesagt"')
    cycle('meeting agenda add 2025 round_table "Grußwort" --speaker "Erste Bürgermeisterin"')
    cycle("advance 2025", at="2025-02-17T09:00:00+01:00")
    run(cycle, SAVE_THE_DATE)
    run(cycle, INVITATION)
    return cycle


def kept(town: Any) -> bytes:
    database = town.site.database
    if database.kind == "sqlite":
        return b"".join(each.read_bytes() for each in sorted(town.home.glob("cycle.db*")))
    with database.reader.connect() as connection:
        tables = ("agenda_item", "opening", "event", "mail")
        return b"".join(str(row).encode() for name in tables for row in connection.exec_driver_sql(f"SELECT * FROM {name}"))


def test_nothing_is_left_in_any_byte_and_what_was_spoken_about_stays(town: Any) -> None:
    assert b"Quittenbaum" in kept(town)

    tried = json.loads(town(f"{FORGET} --dry-run --json").out)
    told = json.loads(town(f"{FORGET} --json").out)
    (reason,) = told["named_in"]
    between = b"Quittenbaum" in kept(town)
    town(f'meeting agenda add 2025 spring "Ausblick" --speaker "{NAME}"')
    town(FORGET)
    again = town(f"{FORGET} --also {reason}").err

    assert tried["subjects"] == told["subjects"]
    assert {each.partition(":")[0] for each in told["subjects"]} == {"agenda_item", "mail"}
    assert (reason.partition(":")[0], between) == ("event", True)
    assert b"Quittenbaum" not in kept(town)
    assert "aus 0 Programmpunkten, mit dem Wortlaut von 0 Nachrichten und aus 1 anderen Stelle." in again
    assert verify(town.site.database).problems == ()
    items = [json.loads(town(f"meeting agenda list 2025 {name} --json").out)["items"] for name in ("spring", "round_table")]
    assert [[(item["title"], item["speaker"]) for item in each] for each in items] == [
        [("Schule und Herkunft", None), ("Ausblick", None)],
        [("Grußwort", "Erste Bürgermeisterin")],
    ]


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        (f'meeting agenda forget "Dr. Niemand" {LAW}', 4, "„Dr. Niemand“ spricht in keinem Programm (mehr)"),
        (f'meeting agenda forget "{NAME}" --reason "auf Wunsch"', 2, "Die Rechtsgrundlage der Löschung fehlt."),
        (f'{FORGET} --reason "Frau Quittenbaum will es"', 2, "Die Begründung nennt die Person"),
        (f"{FORGET} --also need:1", 4, "need:1"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_erases_nothing(town: Any, line: str, code: int, sentence: str) -> None:
    assert sentence in town(line, code=code).err
    assert b"Quittenbaum" in kept(town)


def test_only_who_may_forget_does_and_a_title_that_names_the_person_is_told(town: Any) -> None:
    town('meeting agenda add 2025 spring "Fragen an Frau Quittenbaum"')

    refused = town(FORGET, code=6, login="s.stell").err
    said = town(FORGET).err

    assert "Recht: forget" in refused
    assert "Der öffentliche Titel dieser Programmpunkte nennt die Person" in said
    assert "Die Person ist gelöscht: aus 2 Programmpunkten, mit dem Wortlaut von" in said


def test_only_the_person_named_is_erased_and_who_bears_the_same_family_name_is_for_somebody_to_look_at(cycle: Any) -> None:
    settle(cycle)
    name_everybody(cycle)
    run(cycle, SAVE_THE_DATE)
    spoken = (
        "Prof. Dr. Berta Alba, Hochschule",
        "Alba, Berta",
        "Dr. Carl Alba",
        "Frau Alba-Meier",
        "Prof. Alba",
        "Roberta Alban",
        "Berta  Alba und Dora Kern",
    )
    for number, name in enumerate(spoken, 1):
        cycle(f'meeting agenda add 2025 spring "Punkt {number}" --speaker "{name}"')
    cycle('meeting agenda add 2025 round_table "Ausblick" --speaker "Dr. Alba"')
    greeted = next(each["id"] for each in json.loads(cycle("mail list --json").out)["mails"] if each["partner"] == 2)

    tried = cycle(f'meeting agenda forget "Dr. Berta Alba" {LAW} --dry-run').err
    told = json.loads(cycle(f'meeting agenda forget "Dr. Berta Alba" {LAW} --json').out)
    left = json.loads(cycle("meeting agenda list 2025 spring --json").out)["items"]

    assert told["subjects"] == ["agenda_item:1", "agenda_item:2", "agenda_item:7"]
    assert [item["speaker"] for item in left] == [
        None,
        None,
        "Dr. Carl Alba",
        "Frau Alba-Meier",
        "Prof. Alba",
        "Roberta Alban",
        None,
    ]
    assert "das mit gelöscht wird (eine Organisation, eine zweite Person): agenda_item:1 (2025 spring, Punkt 1), " in tried
    assert told["with_others"] == ["agenda_item:1", "agenda_item:7"]
    assert told["named_in"] == ["agenda_item:3", "agenda_item:4", "agenda_item:5", "agenda_item:8", f"mail:{greeted}"]
    assert "Sehr geehrte Frau Alba" in json.loads(cycle(f"mail show {greeted} --json").out)["text"]


def test_half_a_name_erases_nobody(cycle: Any) -> None:
    settle(cycle)
    cycle(f'meeting agenda add 2025 spring "Schule" --speaker "{NAME}"')
    cycle('meeting agenda add 2025 spring "Pause"')

    for half in ("", " ", "Dr.", "Quittenbaum", "Karla", "K. Quittenbaum", "Quitten", "Karla Quitten", ".*", "("):
        said = cycle(f'meeting agenda forget "{half}" {LAW}', code=4).err
        assert "Bitte den ganzen Namen angeben, wie er im Programm steht oder stand" in said

    assert json.loads(cycle("meeting agenda list 2025 spring --json").out)["items"][0]["speaker"] == NAME


@pytest.mark.parametrize("only", ["Ali", "Prof. Quittenbaum", "N.N."])
def test_of_whom_a_programme_has_one_name_only_that_is_found_with_the_letters_that_print_it_so(cycle: Any, only: str) -> None:
    settle(cycle)
    name_everybody(cycle)
    confirm_dates(cycle)
    cycle(f'meeting agenda add 2025 spring "Schule und Herkunft" --speaker "{only}"')
    cycle('meeting agenda add 2025 spring "Ausblick" --speaker "Dr. Ali Quittenbaum"')
    cycle("advance 2025", at="2025-02-17T09:00:00+01:00")
    run(cycle, INVITATION)
    invited = [
        each["id"] for each in json.loads(cycle("mail list --json").out)["mails"] if "invitation_spring" in each["templates"]
    ]

    told = json.loads(cycle(f'meeting agenda forget "{only.upper()}" {LAW} --json').out)

    assert told["subjects"] == ["agenda_item:1", *(f"mail:{number}" for number in sorted(invited))]
    assert invited != []
