"""Commands in any order, the clock going on between them: what must hold, holds after each of them."""

import csv
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cycle.app.places import data_root
from cycle.cli import shell
from cycle.journal.verify import verify

DEMO = data_root() / "config" / "demo"
ZONE = ZoneInfo("Europe/Berlin")
OPENED = datetime(2025, 1, 10, 9, 0, tzinfo=ZONE)
SUMMER = datetime(2025, 7, 4, 9, 0, tzinfo=ZONE)
PHASES = ["focus_theme", "round_table", "status_analysis", "closed"]
CHECKS = ["C2", "S1", "S2", "R1", "R2", "A1", "A2", "XX"]
ANCHORS = ["spring_meeting", "theme_decision", "round_table", "review_request", "report_committee"]
MOVABLE = [*ANCHORS, "survey_due", "gap_analysis_due", "cycle_close", "no_such_date"]
# What the checks ask for, in pieces; given too early or twice they are refused, and that is meant.
FACTS = [
    "survey close 2025",
    "project import 2025 PROJECTS",
    "gap 2025 --record",
    "meeting held 2025 spring --on-site 3 --online 2",
    f"document file 2025 minutes --of spring --file {DEMO / 'documents_2025' / 'minutes_spring.txt'}",
    "need none 2025",
    "theme propose 2025 Bildung --field education --primary --valid-from 2025-01-01 --valid-to 2025-12-31 --reason Treffen",
    'theme decide 2025 T1 --body Gemeinderat --reference "GR 1"',
    "meeting held 2025 round_table --on-site 3 --online 2",
    "mail approve 2025 --template theme_announcement",
    "measure none 2025",
    "partner leave 3 --reason aufgelöst",
    "mail bounce --partner 4 --reason unbekannt",
]
REFUSALS = {"phase.refused", "command.refused"}
NOT_SENT = ("held", "cancelled", "missed")


class AnyOrder(RuleBasedStateMachine):
    """One site; every rule is a command or a step of the clock."""

    def __init__(self, cycle: Any, home: Path) -> None:
        super().__init__()
        self.cycle = cycle
        self.home = home
        self.now = OPENED

    @initialize(begun=st.sampled_from(["in summer", "in winter"]))
    def year_has_begun(self, begun: str) -> None:
        shell.close()
        shutil.copytree(self.cycle.home.parent / begun, self.home)
        self.now = SUMMER if begun == "in summer" else OPENED

    def command(self, line: str) -> None:
        """Run it; if it was not done, nothing has changed but that its refusal stands in the history."""
        before, head = self._tables(), self._head()
        line = line.replace("PROJECTS", str(self.cycle.home.parent / "projects.csv"))
        said = self.cycle(line, at=self.now.isoformat(), code=None)
        if said.code == 0:
            return
        assert said.code in (2, 3, 4, 5, 9), f"{line}: {said.code}\n{said.out}{said.err}"
        assert self._tables() == before, line
        new = [kind for (kind,) in self._ask("SELECT type FROM event WHERE seq > ?", head)]
        assert (len(new), set(new) <= REFUSALS) == (1 if said.code == 3 else 0, True), f"{line}: {new}"

    @rule(days=st.sampled_from([0, 1, 1, 2, 5, 7, 14, 28]), hour=st.sampled_from([7, 8, 9, 15, 17]))
    def time_goes_on(self, days: int, hour: int) -> None:
        self.now = max(self.now, (self.now + timedelta(days=days)).replace(hour=hour))

    @rule(weeks=st.sampled_from([1, 2]))
    def weeks_pass_with_the_service_running(self, weeks: int) -> None:
        for _ in range(weeks * 7):
            self.now = (self.now + timedelta(days=1)).replace(hour=8)
            self.command("run --once")

    @rule()
    def service_looks_twice(self) -> None:
        self.command("run --once")
        head = self._head()
        self.command("run --once")
        assert self._head() == head

    @rule()
    def advance(self) -> None:
        self.command("advance 2025")

    @rule(to=st.sampled_from(PHASES), notify=st.booleans())
    def back(self, to: str, notify: bool) -> None:
        self.command(f'back 2025 --to {to} --reason "Es fehlt noch etwas"{" --notify" if notify else ""}')

    @rule(check=st.sampled_from(CHECKS))
    def waive(self, check: str) -> None:
        self.command(f'waive 2025 {check} --reason "Es geht ausnahmsweise ohne"')

    @rule(key=st.sampled_from(ANCHORS))
    def confirm(self, key: str) -> None:
        self.command(f"date confirm 2025 {key}")

    @rule()
    def confirm_all(self) -> None:
        for key in ANCHORS:
            self.command(f"date confirm 2025 {key}")

    @rule(key=st.sampled_from(MOVABLE), days=st.integers(-10, 60), force=st.booleans())
    def move(self, key: str, days: int, force: bool) -> None:
        day = self.now.date() + timedelta(days=days)
        self.command(f'date move 2025 {key} {day} --reason "Saal belegt"{" --force" if force else ""}')

    @rule(days=st.integers(-1, 40), passed=st.sampled_from([0, 1, 10]), resumed=st.sampled_from([True, True, True, False]))
    def hold(self, days: int, passed: int, resumed: bool) -> None:
        self.command(f'hold 2025 --until {self.now.date() + timedelta(days=days)} --reason "Umzug"')
        self.now += timedelta(days=passed)
        self.command("run --once")
        if resumed:
            self.resume_the_year()

    @rule()
    def resume(self) -> None:
        self.resume_the_year()

    def resume_the_year(self) -> None:
        self.command('resume 2025 --reason "Umzug fertig"')

    @rule()
    def waive_all_and_advance(self) -> None:
        for check in CHECKS:
            self.command(f'waive 2025 {check} --reason "Es geht ausnahmsweise ohne"')
        self.command("advance 2025")

    @rule(partner=st.integers(1, 9))
    def answer(self, partner: int) -> None:
        self.command(f"survey answer 2025 --partner {partner}")

    @rule(line=st.sampled_from(FACTS))
    def record(self, line: str) -> None:
        self.command(line)

    @rule()
    def record_what_the_phase_asks_for(self) -> None:
        for line in FACTS[:10]:
            self.command(line)

    @rule(expect=st.integers(1, 3))
    def advance_what_may_have_changed(self, expect: int) -> None:
        self.command(f"advance 2025 --expect {expect}")

    @invariant()
    def nobody_has_two_mails_a_day(self) -> None:
        sent = self._ask(f"SELECT person, day FROM mail WHERE state NOT IN {NOT_SENT}")
        assert [pair for pair, count in Counter(sent).items() if count > 1] == []

    @invariant()
    def nobody_is_told_the_same_twice_or_reminded_too_often(self) -> None:
        told = self._ask("SELECT cycle_id, subject, day, step, person FROM ledger")
        assert len(told) == len(set(told))
        days: dict[tuple[str, str], list[date]] = {}
        for subject, person, day in self._ask(
            "SELECT subject, person, made_on FROM ledger "
            "WHERE kind = 'reminder' AND state IN ('in_mail', 'letter') ORDER BY made_on"
        ):
            days.setdefault((subject, person), []).append(date.fromisoformat(day))
        for reminded in days.values():
            assert len(reminded) <= 3
            assert all((later - earlier).days >= 5 for earlier, later in pairwise(reminded))

    def teardown(self) -> None:
        assert verify(shell.site().database).problems == ()
        shell.close()
        shutil.rmtree(self.home)

    def _ask(self, question: str, *values: Any) -> list[Any]:
        with closing(sqlite3.connect(f"file:{self.home / 'cycle.db'}?mode=ro", uri=True)) as connection:
            return connection.execute(question, values).fetchall()

    def _head(self) -> int:
        return int(self._ask("SELECT max(seq) FROM event")[0][0])

    def _tables(self) -> dict[str, list[Any]]:
        """Every table but the journal's own, whole; the reason of a refused command is kept beside its entry."""
        names = [name for (name,) in self._ask("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: self._ask(f"SELECT * FROM {name} ORDER BY 1") for name in names if name not in ("event", "opening")}


def excerpt(name: str, file: Path, wanted: Callable[[dict[str, str]], bool]) -> None:
    """Some rows of one of Musterstadt's files."""
    with (DEMO / name).open(encoding="utf-8-sig", newline="") as stream:
        rows = [row for row in csv.DictReader(stream, delimiter=";") if wanted(row)]
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


def through_the_spring(cycle: Any) -> None:
    """The year comes to its round table, as quickly as it may."""
    lines = [
        ("2025-02-24T09:00:00+01:00", [*(f"date confirm 2025 {key}" for key in ANCHORS), "advance 2025", "run --once"]),
        ("2025-02-25T09:00:00+01:00", ["run --once", "survey answer 2025 --partner 2"]),
        ("2025-04-29T19:00:00+02:00", ['waive 2025 S2 --reason "Zu wenige Antworten"', *FACTS[:6], "advance 2025"]),
        ("2025-07-04T08:00:00+02:00", [*FACTS[6:8], "advance 2025", "run --once"]),
    ]
    for moment, words in lines:
        for line in words:
            cycle(line.replace("PROJECTS", str(cycle.home.parent / "projects.csv")), at=moment)


@pytest.mark.parametrize("examples", [4, pytest.param(60, marks=(pytest.mark.long, pytest.mark.timeout(1800)))])
def test_whatever_is_done_in_whatever_order_the_promises_hold(
    cycle: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, examples: int
) -> None:
    excerpt("partners_2025.csv", tmp_path / "partners.csv", lambda row: int(row["Nr"]) <= 9)
    excerpt(
        "projects_2025.csv",
        tmp_path / "projects.csv",
        lambda row: row["Träger Nr"] in "2 3 4 5 6 7 8" and not row["Kooperation mit Nr"],
    )
    cycle(f"group import {DEMO / 'network_groups.csv'}", at=OPENED.isoformat())
    cycle(f"partner import {tmp_path / 'partners.csv'}")
    cycle('people add s.reinhardt --name "Sabine Reinhardt" --mail vertretung@stadt.example.de --role deputy')
    cycle("start 2025")
    shell.close()
    shutil.copytree(cycle.home, tmp_path / "in winter")
    through_the_spring(cycle)
    shell.close()
    shutil.copytree(cycle.home, tmp_path / "in summer")
    played: list[Path] = []

    def begin() -> AnyOrder:
        home = tmp_path / f"town-{len(played)}"
        played.append(home)
        monkeypatch.setenv("CYCLE_HOME", str(home))
        return AnyOrder(cycle, home)

    steps = settings(max_examples=examples, stateful_step_count=15, deadline=None, derandomize=True)
    try:
        run_state_machine_as_test(begin, settings=steps)  # type: ignore[arg-type]  # a factory will do
    finally:
        monkeypatch.setenv("CYCLE_HOME", str(cycle.home))
    assert len(played) >= steps.max_examples
