"""Waivers, approvals, hold, cancel and reopen by their commands, on a small plan that has every kind of step."""

import json
from pathlib import Path
from typing import Any

import pytest

from cycle.service.tick import tick

SPONSOR, ADMIN = "d.steinhilber", "t.brenner"
REASON = '--reason "Der Beleg kommt nach"'


def state(cycle: Any) -> tuple[str, int, str]:
    (told,) = json.loads(cycle("status 2025 --json").out)["cycles"]
    return told["phase"], told["round"], told["standing"]


def types(cycle: Any) -> list[str]:
    return [entry["type"] for entry in json.loads(cycle("history list 2025 --json").out)["entries"]]


def refused(cycle: Any, line: str, *, year: int = 2025, **given: Any) -> list[tuple[str | None, str]]:
    """What the history says of a command that the workflow refuses: all checks and keys."""
    cycle(line, code=3, **given)
    (last,) = json.loads(cycle(f"history list {year} --json --last 1").out)["entries"]
    return [(finding.get("check"), finding["key"]) for finding in last["data"]["findings"]]


def file_of(cycle: Any) -> Path:
    file: Path = cycle.home.parent / "beleg.txt"
    file.write_text("Ein Beleg.", encoding="utf-8")
    return file


def to_the_meeting(cycle: Any) -> None:
    cycle("date confirm 2025 talk")
    cycle(f"document file 2025 press_text --file {file_of(cycle)}")
    cycle(f"waive 2025 P2 {REASON}")
    cycle("advance 2025")


def to_the_close(cycle: Any) -> None:
    to_the_meeting(cycle)
    cycle("meeting held 2025 talk --on-site 12", at="2025-05-14T20:00:00+02:00")
    cycle("advance 2025", at="2025-05-15T09:00:00+02:00")


def test_advance_is_refused_with_every_reason_at_once(steps: Any) -> None:
    assert refused(steps, "advance 2025") == [
        ("P1", "dates_confirmed"),
        ("P2", "document_filed"),
        ("P3", "document_filed"),
    ]
    assert state(steps) == ("planned", 1, "open")


def test_waiver_needs_a_reason_of_ten_characters(steps: Any) -> None:
    before = types(steps)

    steps("waive 2025 P2", code=2)
    said = steps('waive 2025 P2 --reason "zu kurz  " --json', code=2)

    assert json.loads(said.out)["error"] == "reason_too_short"
    assert types(steps) == before
    steps('waive 2025 P2 --reason "zehn Zei.."')
    assert types(steps) == [*before, "check.waived"]


def test_hard_check_a_met_one_and_one_waived_already_cannot_be_waived(steps: Any) -> None:
    steps(f"waive 2025 P2 {REASON}")
    steps("date confirm 2025 talk")

    assert refused(steps, f"waive 2025 P3 {REASON}") == [("P3", "check_is_hard")]
    assert refused(steps, f"waive 2025 P2 {REASON}") == [("P2", "already_waived")]
    assert refused(steps, f"waive 2025 P1 {REASON}") == [("P1", "check_is_hard")]
    assert types(steps)[-3:] == ["command.refused"] * 3


def test_check_of_another_phase_cannot_be_waived(steps: Any) -> None:
    before = types(steps)

    steps(f"waive 2025 G1 {REASON}", code=4)

    assert types(steps) == before


def test_waiver_belongs_to_one_pass(steps: Any) -> None:
    to_the_meeting(steps)
    steps('back 2025 --to planned --reason "Der Ort ist verloren"')
    assert state(steps) == ("planned", 2, "open")

    assert refused(steps, "advance 2025") == [("P2", "document_filed")]

    steps(f"waive 2025 P2 {REASON}")
    steps("advance 2025")
    assert state(steps) == ("meeting", 2, "open")


def test_dry_run_of_a_step_says_the_same_and_writes_nothing(steps: Any) -> None:
    before = types(steps)

    refusal = steps("advance 2025 --dry-run --json", code=3)
    assert [each["check"] for each in json.loads(refusal.out)["findings"]] == ["P1", "P2", "P3"]
    held = json.loads(steps('hold 2025 --until 2025-09-01 --reason "Umzug" --dry-run --json').out)

    assert (held["standing"], held["dry_run"], held["entry"]) == ("held", True, None)
    assert types(steps) == before
    assert state(steps) == ("planned", 1, "open")


def test_hold_stops_mails_at_once_and_resume_lets_them_go(steps: Any) -> None:
    steps("date confirm 2025 talk")
    steps.at("2025-04-16T08:00:00+02:00")
    tick(steps.site)
    assert [mail["state"] for mail in json.loads(steps("mail list --json").out)["mails"]] == ["queued"]

    steps('hold 2025 --until 2025-04-23 --reason "Umzug des Amtes"')
    steps("run --once")

    assert json.loads(steps("mail preview --json").out)["mails"] == []
    assert [mail["state"] for mail in json.loads(steps("mail list --json").out)["mails"]] == ["queued"]
    assert state(steps) == ("planned", 1, "held")
    assert refused(steps, "advance 2025")[0] == (None, "not_open")

    steps('resume 2025 --reason "Der Umzug ist geschafft"')
    steps("run --once", at="2025-04-16T09:00:00+02:00")

    assert [mail["state"] for mail in json.loads(steps("mail list --json").out)["mails"]] == ["sent"]


def test_hold_needs_a_reason_and_a_day_to_come(steps: Any) -> None:
    before = types(steps)

    steps("hold 2025 --until 2025-09-01", code=2)

    assert types(steps) == before
    assert refused(steps, 'hold 2025 --until 2025-03-03 --reason "Umzug"') == [(None, "review_day_needed")]


def test_resumed_year_stands_where_it_stood(steps: Any) -> None:
    to_the_meeting(steps)
    steps('hold 2025 --until 2025-04-01 --reason "Umzug des Amtes"')

    steps('resume 2025 --reason "Der Umzug ist fertig"', at="2025-04-01T09:00:00+02:00")

    assert state(steps) == ("meeting", 1, "open")
    assert refused(steps, 'resume 2025 --reason "noch einmal"') == [(None, "wrong_standing")]


def test_held_year_says_until_when_and_how_it_goes_on(steps: Any) -> None:
    to_the_meeting(steps)
    steps('hold 2025 --until 2025-04-01 --reason "Umzug des Amtes"')

    said, advance = steps("status 2025").out, steps("advance 2025", code=3).err

    way = ["Ausgesetzt; Wiedervorlage am 01.04.2025. Weiter geht es mit:", "  → cycle resume 2025 --reason …"]
    assert said.splitlines()[1:3] == way
    assert "cycle advance" not in said
    assert "cycle resume 2025 --reason …" in advance


def test_end_needs_its_role_a_reason_and_somebody_elses_yes_and_is_final(steps: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    steps('cancel 2025 --reason "Kein Geld" --yes', code=6)
    steps('cancel 2025 --reason "Kein Geld"', login=SPONSOR, code=2)
    with monkeypatch.context() as patch:
        patch.setattr("sys.stdin", None)  # as where it was closed: <&-
        assert "--yes" in steps('cancel 2025 --reason "Kein Geld"', login=SPONSOR, code=2).err
    steps("cancel 2025 --yes", login=SPONSOR, code=2)
    assert refused(steps, 'cancel 2025 --reason "Kein Geld" --yes', login=SPONSOR) == [(None, "approval_missing")]
    steps("approve 2025 cancel", login=SPONSOR)
    assert refused(steps, 'cancel 2025 --reason "Kein Geld" --yes', login=SPONSOR) == [(None, "approval_own")]

    steps("approve 2025 cancel")
    steps('cancel 2025 --reason "Kein Geld" --yes', login=SPONSOR)

    assert state(steps) == ("planned", 1, "cancelled")
    (last,) = json.loads(steps("history list 2025 --json --last 1").out)["entries"]
    assert (last["type"], last["actor"]["role"], last["second"]["role"]) == ("phase.cancelled", "sponsor", "coordinator")
    steps("advance 2025", code=5)
    steps('resume 2025 --reason "doch weiter"', code=5)
    assert refused(steps, 'reopen 2025 --reason "doch weiter" --yes', login=ADMIN) == [
        (None, "not_open"),
        (None, "step_not_allowed"),
    ]


def test_approval_is_only_given_to_a_step_that_asks_for_one(steps: Any) -> None:
    before = types(steps)

    said = steps("approve 2025 advance --json", code=2)
    steps("approve 2025 sommerfest", code=2)

    assert json.loads(said.out)["error"] == "needs_no_approval"
    assert types(steps) == before


def test_closed_year_is_reopened_by_admin_within_thirty_days_with_a_second_yes(steps: Any) -> None:
    to_the_close(steps)
    assert state(steps) == ("closed", 1, "closed")
    steps('reopen 2025 --reason "Nachtrag" --yes', code=6)
    assert refused(steps, 'reopen 2025 --reason "Nachtrag" --yes', login=ADMIN) == [(None, "approval_missing")]

    steps("approve 2025 reopen", login=SPONSOR, at="2025-06-14T09:00:00+02:00")
    steps('reopen 2025 --reason "Nachtrag" --yes', login=ADMIN)

    assert state(steps) == ("meeting", 2, "open")


def test_closed_year_stays_closed_after_thirty_days(steps: Any) -> None:
    to_the_close(steps)
    steps("approve 2025 reopen", login=SPONSOR)

    late = refused(steps, 'reopen 2025 --reason "Nachtrag" --yes', login=ADMIN, at="2025-06-15T09:00:00+02:00")

    assert late == [(None, "too_late_to_reopen")]
    assert state(steps) == ("closed", 1, "closed")


def test_skip_needs_its_own_checks_and_a_code_that_the_workflow_has(steps: Any) -> None:
    steps("date confirm 2025 talk")
    steps(f"document file 2025 press_text --file {file_of(steps)}")

    assert refused(steps, 'skip 2025 --to closed --code force_majeure --reason "Hochwasser"') == [("G1", "meeting_not_held")]
    assert refused(steps, 'skip 2025 --to closed --code sommerfest --reason "Hochwasser"') == [(None, "step_not_allowed")]
    steps("skip 2025 --to closed --code force_majeure", code=2)
    assert state(steps) == ("planned", 1, "open")


def test_skip_leads_to_the_close_when_its_checks_are_met(steps: Any) -> None:
    steps("date confirm 2025 talk")
    steps(f"document file 2025 press_text --file {file_of(steps)}")
    steps("meeting held 2025 talk --on-site 12", at="2025-05-14T20:00:00+02:00")

    steps('skip 2025 --to closed --code force_majeure --reason "Hochwasser"')

    assert state(steps) == ("closed", 1, "closed")
    (last,) = json.loads(steps("history list 2025 --json --last 1").out)["entries"]
    assert (last["type"], last["data"]["code"], last["data"]["skipped"]) == ("phase.skipped", "force_majeure", ["meeting"])


def test_later_year_waits_for_the_earlier_before_the_phase_that_says_so(steps: Any) -> None:
    steps("start 2026")
    steps(f"document file 2026 press_text --file {file_of(steps)}")
    steps("date confirm 2026 talk")
    steps(f"waive 2026 P2 {REASON}")

    assert refused(steps, "advance 2026", year=2026) == [(None, "previous_still_open")]


def test_script_with_an_old_version_loses_and_is_told_who_won(steps: Any) -> None:
    to_the_meeting(steps)

    said = steps("advance 2025 --expect 1 --json", code=9)

    assert json.loads(said.out)["error"] == "somebody_was_first"
    assert state(steps) == ("meeting", 1, "open")
