"""Four eyes: another person says yes to exactly the facts of the decision, in an entry of its own, before the step."""

import json
from pathlib import Path
from typing import Any

SPONSOR, ADMIN = "d.steinhilber", "t.brenner"


def entries(cycle: Any, *types: str) -> list[dict[str, Any]]:
    wanted = " ".join(f"--type {each}" for each in types)
    found: list[dict[str, Any]] = json.loads(cycle(f"history list 2025 {wanted} --json").out)["entries"]
    return found


def why_not(cycle: Any, line: str = "advance 2025", **given: Any) -> list[str]:
    said = cycle(f"{line} --json", code=3, **given)
    return [finding["sentence"] for finding in json.loads(said.out)["findings"]]


def at_the_meeting(cycle: Any) -> None:
    """The talk was held and counted: nothing is missing but the second person."""
    before_the_meeting(cycle)
    cycle("meeting held 2025 talk --on-site 12", at="2025-05-14T20:00:00+02:00")
    cycle.at("2025-05-15T09:00:00+02:00")


def before_the_meeting(cycle: Any) -> None:
    file: Path = cycle.home.parent / "text.txt"
    file.write_text("Ein Text.", encoding="utf-8")
    cycle("date confirm 2025 talk")
    cycle(f"document file 2025 press_text --file {file}")
    cycle(f"document file 2025 evidence --file {file}")
    cycle("advance 2025")


def standing(cycle: Any, asked: str) -> str:
    return str(json.loads(cycle(f"status 2025 {asked} --json").out)["cycles"][0]["standing"])


def test_status_says_that_a_second_person_is_missing_until_there_is_one(strict: Any) -> None:
    at_the_meeting(strict)

    before = strict("status 2025").out
    strict("approve 2025 advance", login=SPONSOR)

    assert "Eine zweite Person muss zustimmen." in before
    assert "→ cycle approve 2025 advance" in before
    assert "Alles erfüllt. Weiter mit: cycle advance 2025" in strict("status 2025").out


def test_the_step_names_who_approved_and_rests_on_that_entry_and_the_hash_of_the_facts(strict: Any) -> None:
    at_the_meeting(strict)
    assert why_not(strict) == ["Eine zweite Person muss zustimmen."]
    strict("approve 2025 advance", login=SPONSOR, at="2025-05-15T10:00:00+02:00")

    strict("advance 2025", at="2025-05-15T11:00:00+02:00")

    approved, advanced = entries(strict, "phase.approved", "phase.advanced")[1:]
    assert (approved["type"], advanced["type"]) == ("phase.approved", "phase.advanced")
    assert approved["actor"]["ref"] != advanced["actor"]["ref"]
    assert advanced["second"] == {
        "ref": approved["actor"]["ref"],
        "role": "sponsor",
        "approved_at": "2025-05-15T08:00:00.000000Z",
    }
    facts = approved["data"]["facts_sha256"]
    assert (len(facts), advanced["basis"]) == (64, [{"kind": "approval", "ref": approved["id"], "sha256": facts}])
    told = strict("history list 2025 --last 1").out
    assert "Zugestimmt hat Dorothea Steinhilber (Dezernat, 15.05.2025 10:00)." in told
    assert "Dorothea Steinhilber (Dezernat" in strict(f"history show {advanced['seq']}").out


def test_ones_own_approval_does_not_count_and_is_told_so(strict: Any) -> None:
    at_the_meeting(strict)
    strict("approve 2025 advance")

    assert why_not(strict) == ["Die eigene Zustimmung zählt nicht: eine andere Person muss zustimmen."]
    assert [entry["second"] for entry in entries(strict, "phase.approved", "phase.refused")] == [None, None]


def test_facts_that_have_changed_need_a_new_approval(strict: Any) -> None:
    at_the_meeting(strict)
    strict('back 2025 --to planned --reason "doch noch nicht"')
    strict("advance 2025")
    assert why_not(strict) == ["Eine zweite Person muss zustimmen."]
    strict("approve 2025 advance", login=SPONSOR)
    first = entries(strict, "phase.approved")[-1]["data"]["facts_sha256"]

    strict('back 2025 --to planned --reason "noch einmal"')
    strict("advance 2025")
    assert why_not(strict) == ["Eine zweite Person muss zustimmen."]  # another pass, another decision
    strict("approve 2025 advance", login=SPONSOR)

    assert entries(strict, "phase.approved")[-1]["data"]["facts_sha256"] != first
    strict("advance 2025")
    assert json.loads(strict("status 2025 --json").out)["cycles"][0]["phase"] == "closed"


def test_an_approval_given_before_the_facts_came_about_is_outdated(strict: Any) -> None:
    before_the_meeting(strict)
    strict("approve 2025 advance", login=SPONSOR)
    strict("meeting held 2025 talk --on-site 12", at="2025-05-14T20:00:00+02:00")

    assert why_not(strict) == ["Seit der Zustimmung hat sich etwas geändert; sie muss erneuert werden."]

    strict("approve 2025 advance", login=SPONSOR, at="2025-05-15T09:00:00+02:00")
    strict("advance 2025")
    approved = entries(strict, "phase.approved")
    (closed,) = entries(strict, "phase.advanced")[1:]
    assert (closed["basis"][0]["ref"], closed["second"]["approved_at"]) == (approved[-1]["id"], approved[-1]["recorded_at"])


def test_a_step_recorded_late_counts_from_its_day_and_never_before_the_last(steps: Any) -> None:
    at_the_meeting(steps)
    began = entries(steps, "phase.advanced")[-1]["effective_on"]
    early = steps(f"advance 2025 --on {began[:8]}01 --json", code=2)
    steps("advance 2025 --on 2025-05-16 --json", code=2)

    steps("advance 2025 --on 2025-05-14")

    assert json.loads(early.out)["error"] == "step_before_last"
    last = entries(steps, "phase.advanced")[-1]
    assert (last["effective_on"], last["recorded_at"][:10]) == ("2025-05-14", "2025-05-15")
    steps.at("2025-05-20T09:00:00+02:00")
    closed = {
        asked: json.loads(steps(f"status 2025 {asked} --json").out)["cycles"][0]["standing"]
        for asked in (
            "--effective 2025-05-13",
            "--effective 2025-05-14",
            "--as-of 2025-05-14T23:00",
            "--as-of 2025-05-15T10:00",
        )
    }
    assert list(closed.values()) == ["open", "closed", "open", "closed"]


def test_after_the_close_there_are_only_addenda(steps: Any) -> None:
    at_the_meeting(steps)
    steps("advance 2025")

    steps('history comment 2025 "Nachtrag"')
    steps("history correct 2025 meeting/talk --field on_site --value 13 --reason Tippfehler", login=ADMIN)

    lines = ("meeting held 2025 talk --on-site 14", "date move 2025 talk 2025-05-21 --reason anders", "advance 2025")
    assert {line: steps(line, code=None).code for line in lines} == dict.fromkeys(lines, 5)
    held, corrected = entries(steps, "meeting.held", "entry.corrected")
    assert (corrected["supersedes"], corrected["effective_on"]) == (held["id"], "2025-05-14")
