"""Every command takes the options that its kind promises, and passes on what they say."""

import json
from typing import Any

import pytest
from command_line import COMMENT, COPYING, READING, commands, line_of

from cycle.app.places import data_root

COMMANDS = dict(commands())
# These make a site or a file, or bring a database up to date: there is nothing yet to try out or to read.
MAKING = {"init", "demo", "db upgrade"}
READS_WITHOUT = {"workflow check", "workflow show", "doctor", "config show"}
WRITING = [words for words in COMMANDS if words not in READING | MAKING | COPYING or words == "gap"]
OF_A_YEAR = [words for words, each in COMMANDS.items() if any(param.name == "year" and param.required for param in each.params)]
TOO_MUCH = 2**31


def options(words: str) -> set[str]:
    return {option for param in COMMANDS[words].params for option in param.opts if option.startswith("--")}


def without(wanted: set[str], among: list[str]) -> dict[str, list[str]]:
    return {words: sorted(wanted - options(words)) for words in among if wanted - options(words)}


def test_every_writing_command_can_be_tried_and_answers_in_json() -> None:
    assert COMMENT in WRITING
    assert without({"--dry-run", "--json"}, WRITING) == {}


def test_every_reading_command_answers_in_json() -> None:
    assert without({"--json"}, sorted(READING)) == {}


def test_every_command_of_a_year_takes_the_plan_and_every_writing_one_the_version() -> None:
    begins = {"start"}  # there is no version yet

    assert len(OF_A_YEAR) > 50
    assert without({"--plan"}, OF_A_YEAR) == {}
    assert without({"--expect"}, [words for words in OF_A_YEAR if words in WRITING and words not in begins]) == {}


def test_the_plan_is_passed_on(cycle: Any) -> None:
    cycle("start 2025")
    asked = [words for words in OF_A_YEAR if words != "start"]

    codes = {words: cycle(f"{line_of(words, COMMANDS[words])} --plan elsewhere", code=None).code for words in asked}
    codes["mail list"] = cycle("mail list --year 2025 --plan elsewhere", code=None).code

    assert codes == dict.fromkeys([*asked, "mail list"], 4)


def test_the_version_is_passed_on(cycle: Any) -> None:
    cycle("start 2025")
    lines = [
        'history comment 2025 "Warum?"',
        "history correct 2025 meeting/spring --field venue --value Rathaus --reason Tippfehler",
        "meeting register 2025 spring --partner 4",
        "meeting excuse 2025 spring --partner 4",
        "mail approve 2025 --template cycle_closed",
        "mail withhold 2025 --template cycle_closed --reason Tippfehler",
    ]

    assert {line: cycle(f"{line} --expect 99", code=None).code for line in lines} == dict.fromkeys(lines, 9)


@pytest.mark.parametrize(
    "line",
    ['history comment 2025 "Warum?"', "history correct 2025 meeting/spring --field venue --value Rathaus --reason Tippfehler"],
)
def test_a_comment_and_a_correction_can_be_tried_without_a_trace(cycle: Any, line: str) -> None:
    cycle("start 2025")
    before = cycle("history list --json").out

    cycle(f"{line} --dry-run")
    tried = cycle("history list --json").out
    cycle(line)

    assert tried == before
    assert cycle("history list --json").out != before


@pytest.mark.parametrize(
    "line",
    [
        'need add 2025 "Sprachkurse" --field education --source Netzwerktreffen --amount {}',
        'measure add 2025 "Sprachkurse" --cost {}',
        "decision record 2025 report --body Gemeinderat --outcome noted --present {}",
        "decision record 2025 report --body Gemeinderat --outcome noted --present 1 --members {}",
        "document file 2025 minutes --file x.txt --amount {}",
        "number record 2025 points {}",
        "survey answer 2025 --partner 4 --projects {}",
        "project review 2025 1 --reached {}",
        "survey answer 2025 --partner {}",
        "measure add 2025 x --owner {}",
        "partner show {}",
        "mail show {}",
    ],
)
@pytest.mark.parametrize("number", [-1, TOO_MUCH, 2**63])
def test_a_number_that_no_database_can_hold_is_wrong_use(cycle: Any, line: str, number: int) -> None:
    said = cycle(line.format(number), code=2)

    assert ("range" in said.err, said.err.strip() != "") == (False, True)


def test_a_number_has_dots_for_thousands_as_in_a_table(cycle: Any) -> None:
    cycle("start 2025")

    cycle('measure add 2025 "Sprachkurse" --cost 12.000')
    cycle('measure add 2025 "Begegnung" --cost 1.250.000')
    cycle('measure add 2025 "Lotsen" --cost 800')

    told = json.loads(cycle("measure list 2025 --json").out)["measures"]
    assert [each["cost"] for each in told] == [12_000, 1_250_000, 800]


@pytest.mark.parametrize("number", ["12.0", "4.00", "12.5", "12,5", "1_000", "1.0000", ".000", "' 12'", "zwölf", "+5", "''"])
@pytest.mark.parametrize("line", ['measure add 2025 "Sprachkurse" --cost {}', "mail explain 4 {}", "status {}"])
def test_what_is_no_whole_number_is_not_taken_for_one(cycle: Any, line: str, number: str) -> None:
    said = cycle(line.format(number), code=2)

    assert said.err.startswith("So versteht cycle den Befehl nicht: ")
    assert said.err.endswith(" muss eine Zahl sein. Hilfe gibt --help.\n")


@pytest.mark.parametrize("line", ["status abc --help", 'measure add 2025 "Sprachkurse" --cost 1.5 --help'])
def test_help_is_given_whatever_else_is_wrong(cycle: Any, line: str) -> None:
    assert cycle(line).out.startswith("Aufruf: ")


def test_a_workflow_is_told_in_json(cycle: Any) -> None:
    told = json.loads(cycle("workflow show --json").out)

    assert (told["schema"], told["plan"], set(told["rows"][0])) == (
        "cycle/workflow-rows/1",
        "integration",
        {"section", "key", "label", "rule", "end"},
    )


def test_an_unknown_plan_is_told_by_every_command_that_takes_one(cycle: Any) -> None:
    cycle("start 2025")
    taking = [words for words in COMMANDS if "--plan" in options(words)]

    said = {words: cycle(f"{line_of(words, COMMANDS[words])} --plan nirgends", code=None) for words in taking}

    assert {
        words: (each.code, "Den Plan „nirgends“ gibt es nicht. Bekannt sind: " in each.err) for words, each in said.items()
    } == dict.fromkeys(taking, (4, True))


def test_a_plan_without_its_year_chooses_its_entries_or_is_asked_for_the_year(cycle: Any) -> None:
    cycle("start 2025")

    of_plan = json.loads(cycle("history list --plan integration --json").out)["entries"]
    lines = ("mail list", "mail log", "mail forecast", "mail preview", "history export beweis")
    said = {line: cycle(f"{line} --plan integration", code=None) for line in lines}

    assert [each["type"] for each in of_plan] == ["cycle.started"]
    assert {line: (each.code, each.err) for line, each in said.items()} == dict.fromkeys(
        lines, (2, "--plan integration allein wählt hier nichts aus: bitte auch das Jahr angeben.\n")
    )


def test_what_a_person_is_told_to_go_on_with_keeps_the_plan_that_was_named(cycle: Any) -> None:
    text = (data_root() / "workflows" / "toy.yaml").read_text(encoding="utf-8")
    text = text.replace("host: {label", "coordinator: {label").replace("[host]", "[coordinator]")
    (cycle.home / "workflows" / "toy.yaml").write_text(text, encoding="utf-8")

    started = cycle("start 2025 --plan toy", at="2025-01-10T09:00:00+01:00")
    stays = json.loads(cycle("advance 2025 --plan toy --json", code=3).out)
    named = json.loads(cycle("date confirm 2025 talk --plan toy --dry-run --json").out)["next"]
    of_both = [cycle(line).out for line in ("start 2025", "status")][1]

    assert "    → cycle date confirm 2025 talk --plan toy" in started.out.splitlines()
    assert started.err.splitlines()[-1] == "Weiter mit: cycle date list 2025 --plan toy"
    assert [each["command"] for each in stays["findings"]] == ["cycle date confirm 2025 talk --plan toy"]
    assert named == "cycle status 2025 --plan toy"
    assert "     → cycle date confirm 2025 talk --plan toy\n" in of_both
    assert "     → cycle date confirm 2025 spring_meeting\n" in of_both


def test_a_command_that_takes_no_plan_is_told_without_one(cycle: Any) -> None:
    cycle("start 2025", at="2025-01-10T09:00:00+01:00")

    told = cycle("status 2025 --takeover --plan integration").out

    assert "cycle date confirm 2025 spring_meeting --plan integration" in told
    assert "cycle people add LOGIN --name … --role auditor\n" in told
