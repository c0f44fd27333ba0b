"""A year of the small town with a service that is off for days, and people who answer, move, suspend and object at random."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from small_town import confirm_dates, mail, name_everybody, partner, send_to, write_partners

from cycle.app.places import data_root
from cycle.cli import shell

ZONE = ZoneInfo("Europe/Berlin")
FIRST, LAST = date(2025, 1, 13), date(2025, 12, 19)
REASON = '--reason "so haben wir es verabredet"'
NUMBERS = range(2, 10)
DEMO = data_root() / "config" / "demo" / "documents_2025"
# The steps of the year: from which day on they are tried, and what they need; the last line is the step itself.
STEPS = [
    (date(2025, 2, 24), ["advance 2025"]),
    (
        date(2025, 5, 6),
        [
            "survey close 2025",
            "project import 2025 PROJECTS",
            "gap 2025 --record",
            "meeting held 2025 spring --on-site 3 --online 2",
            f"document file 2025 minutes --of spring --file {DEMO / 'minutes_spring.txt'}",
            "need none 2025",
            f"waive 2025 S2 {REASON}",
            "advance 2025",
        ],
    ),
    (
        date(2025, 6, 30),
        [
            "theme propose 2025 Bildung --field education --primary --valid-from 2025-01-01 --valid-to 2025-12-31"
            " --reason Treffen",
            'theme decide 2025 T1 --body Gemeinderat --reference "GR 1"',
            f"waive 2025 F3 {REASON}",
            "advance 2025",
        ],
    ),
    (
        date(2025, 7, 22),
        [
            "meeting held 2025 round_table --on-site 3 --online 2",
            f"waive 2025 R1 {REASON}",
            f"waive 2025 R2 {REASON}",
            "advance 2025",
        ],
    ),
    (date(2025, 11, 24), [f"waive 2025 A1 {REASON}", f"waive 2025 A2 {REASON}", "advance 2025"]),
]
PROJECTS = "Nr;Projekttitel;Träger Nr;Handlungsfelder;Zielgruppen;Status;Beginn;Ende;Erhebungsjahr\n"
PARTNERS = [
    partner(1, "Referat", **{"E-Mail": "referat@stadt.example.org", "Art": "Städtische Stelle"}),
    *(partner(number, f"Verein{number}", **{"E-Mail Vertretung": mail(f"vertretung{number}")}) for number in (2, 3, 4, 5)),
    partner(6, "Sechs", Sprache="en"),
    partner(7, "Sieben", Versandform="E-Mail Leichte Sprache"),
    partner(8, "Acht", Versandform="Post"),
    partner(9, "Neun", Versandform="Telefon"),
]


class RandomYear:
    """One year, drawn from a seed: every command may be refused, but nothing may break."""

    def __init__(self, cycle: Any, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cycle = cycle
        self.monkeypatch = monkeypatch
        self.draw = Random(seed)
        self.now = datetime(2025, 1, 10, 9, tzinfo=ZONE)
        self.off_until = FIRST
        self.held_until: date | None = None
        self.joined = 0
        self.steps = list(STEPS)
        self.reviewed: dict[int, datetime] = {}
        self.done: list[str] = []

    def play(self) -> None:
        """From January to the week before Christmas, and then a fortnight in which the service is there and nobody acts."""
        self._settle()
        day = FIRST
        while day <= LAST:
            self._day(day)
            day += timedelta(days=1)
        self._end(day)

    def _settle(self) -> None:
        self.cycle(f"partner import {write_partners(self.cycle.home / 'partners.csv', PARTNERS)}", at=self.now.isoformat())
        self.cycle("start 2025")
        name_everybody(self.cycle)
        self.cycle("date confirm 2025 spring_meeting")
        confirm_dates(self.cycle)
        projects = self.projects = self.cycle.home / "projekte.csv"
        rows = [f"{n};Projekt {n};{n};Sprache;Kinder;laufend;01.01.2025;;2025\n" for n in NUMBERS]
        projects.write_text(PROJECTS + "".join(rows), encoding="utf-8")

    def _day(self, day: date) -> None:
        if day >= self.off_until and self.draw.random() < 0.03:
            self.off_until = day + timedelta(days=self.draw.choice([2, 5, 10, 25]))
        if self.steps and day >= self.steps[0][0] and self.held_until is None:
            self.now = datetime(day.year, day.month, day.day, 6, tzinfo=ZONE)
            if [self.command(line.replace("PROJECTS", str(self.projects))) for line in self.steps[0][1]][-1]:
                self.steps.pop(0)
        for hour in sorted(self.draw.sample(range(6, 20), 2)):
            self.now = datetime(day.year, day.month, day.day, hour, self.draw.randrange(60), tzinfo=ZONE)
            if self.draw.random() < 0.25:
                self._something(day)
            if day >= self.off_until and (day.weekday() < 5 or self.draw.random() < 0.2):
                self._run()

    def _run(self) -> None:
        """The service wakes; now and then the mail server is away, and what was queued waits."""
        if self.draw.random() > 0.1:
            self.command("run --once", refusable=False)
            return
        with self.monkeypatch.context() as patch:
            send_to(patch, 1)
            shell.close()
            said = self.cycle("run --once", at=self.now.isoformat(), code=None)
            assert said.code in (0, 8), said.err
            shell.close()

    def _something(self, day: date) -> None:
        if self.held_until is not None:
            if day >= self.held_until:
                self.command(f"resume 2025 {REASON}")
                self.held_until = None
            return
        number = self.draw.choice(NUMBERS)
        spring = date(2025, 2, 26) <= day < date(2025, 5, 1)
        autumn = day >= date(2025, 9, 16)
        what: list[tuple[int, Callable[[], Any]]] = [
            (8 if spring else 1, lambda: self.command(f"survey answer 2025 --partner {number}")),
            (8 if autumn else 0, lambda: self._review(number)),
            (2 if spring else 0, lambda: self._move("survey_due", day, 3, 20)),
            (1 if day.month > 2 else 0, lambda: self._move("spring_meeting", day, 20, 60)),
            (2 if autumn else 0, lambda: self._move("review_due", day, 5, 30)),
            (1, lambda: self._hold(day)),
            (1, lambda: self._wish(number)),
            (1, lambda: self.command(f"mail bounce --partner {number} {REASON}")),
            (1, self._join),
            (2, lambda: self._measure(number, day)),
            (1, lambda: self.command("mail approve 2025 --template theme_announcement")),
            (1 if day.month in (5, 6) else 0, lambda: self.command(f"meeting cancel 2025 spring {REASON}")),
        ]
        (act,) = self.draw.choices([each for _, each in what], [weight for weight, _ in what])
        act()

    def _review(self, number: int) -> None:
        if number not in self.reviewed and self.command(f"project review 2025 {number} --status running"):
            self.reviewed[number] = self.now

    def _move(self, key: str, day: date, least: int, most: int) -> None:
        self.command(f"date move 2025 {key} {day + timedelta(days=self.draw.randint(least, most))} {REASON} --force")

    def _hold(self, day: date) -> None:
        self.held_until = day + timedelta(days=self.draw.randint(1, 12))
        self.command(f"hold 2025 --until {self.held_until} {REASON}")

    def _wish(self, number: int) -> None:
        deputy = " --deputy" if self.draw.random() < 0.3 else ""
        self.command(f"partner edit {number} --wish {self.draw.choice(['objects', 'call', 'none'])}{deputy} {REASON}")

    def _join(self) -> None:
        self.joined += 1
        number = 20 + self.joined
        file = write_partners(self.cycle.home / "neu.csv", [partner(number, f"Neu{number}")])
        self.command(f"partner import {file}")

    def _measure(self, number: int, day: date) -> None:
        due = day + timedelta(days=self.draw.randint(10, 90))
        self.command(f'measure add 2025 "Treff" --field language --target-group all --owner {number} --due {due} {REASON}')

    def _end(self, day: date) -> None:
        self.command(f"resume 2025 {REASON}")
        for template in ("theme_announcement", "cycle_closed"):
            self.command(f"mail withhold 2025 --template {template} {REASON}")
        for _ in range(20):  # as long as the quiet time after it may last
            self.now = datetime(day.year, day.month, day.day, 9, tzinfo=ZONE)
            self.command("run --once", refusable=False)
            day += timedelta(days=1)

    def command(self, line: str, *, refusable: bool = True) -> bool:
        """One command, now; whether it was done."""
        said = self.cycle(line, at=self.now.isoformat(), code=None)
        assert said.code == 0 or (refusable and said.code in (2, 3, 4)), f"{self.now} {line}: {said.code}\n{said.out}{said.err}"
        if said.code == 0:
            self.done.append(" ".join(line.split()[:2]))
        return said.code == 0
