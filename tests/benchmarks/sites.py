"""The sites that are measured: a small plan that goes to and fro, many open cycles, and the story's own year."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cycle.app.opening import open_site
from cycle.app.places import data_root
from cycle.app.site import Site
from cycle.app.start import make_site
from cycle.cli import shell
from cycle.cli.main import run
from cycle.service.tick import tick
from tests.small_town import PARTNERS, SAVE_THE_DATE, partner, write_partners

NOW = "2025-03-03T09:00:00+01:00"
LOGIN = "j.weissenburger"
PARTNERS_A_FILE = 10_000
BACK = "transitions:\n  - {kind: back, from: meeting, to: [planned]}\n"


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Environment variables for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def small_plan(folder: Path, journal: str) -> Iterator[Site]:
    """A site of toy.yaml with a way back, its year open and its day confirmed; `journal` is wal or delete."""
    home = folder / f"toy-{journal}"
    (home / "workflows").mkdir(parents=True)
    text = (data_root() / "workflows" / "toy.yaml").read_text(encoding="utf-8")
    (home / "workflows" / "toy.yaml").write_text(text.replace("\nmeetings:", f"\n{BACK}\nmeetings:", 1), encoding="utf-8")
    with environment(CYCLE_HOME=str(home), CYCLE_NOW=NOW, CYCLE_ACTOR=LOGIN, CYCLE_PLAN="toy", CYCLE_DATABASE__JOURNAL=journal):
        make_site(home, sandbox=True, login=LOGIN, now=NOW).database.dispose()
        for line in ("start 2025", "date confirm 2025 talk"):
            _quietly(line)
        site = open_site(home)
        try:
            yield site
        finally:
            site.database.dispose()


@contextmanager
def empty_town(folder: Path) -> Iterator[Site]:
    """A fresh site of the shipped plan."""
    home = folder / "town"
    with environment(CYCLE_HOME=str(home), CYCLE_NOW=NOW, CYCLE_ACTOR=LOGIN):
        site = make_site(home, sandbox=True, login=LOGIN, now=NOW)
        try:
            yield site
        finally:
            site.database.dispose()


@contextmanager
def same_site(home: Path, to: Path) -> Iterator[Site]:
    """A copy of a site, so that what was done to one does not weigh on the next."""
    shutil.copytree(home, to)
    site = open_site(to)
    try:
        yield site
    finally:
        site.database.dispose()


def _quietly(line: str) -> None:
    code = run(line.split(), keep_open=True)
    shell.close()
    if code:
        raise RuntimeError(f"cycle {line}: exit {code}")


@contextmanager
def town_to_be_mailed(folder: Path, people: int, port: int, *, ticked: bool = True, **more: str) -> Iterator[Path]:
    """The home of a site whose mails to so many partners are queued for a mail server on 127.0.0.1, or due where it has not
    `ticked` yet; open it in here."""
    home = folder / f"mailed-{people}"
    settings = {
        "CYCLE_HOME": str(home),
        "CYCLE_ACTOR": LOGIN,
        "CYCLE_NOW": "2025-01-10T09:00:00+01:00",
        "CYCLE_MAIL__TRANSPORT": "smtp",
        "CYCLE_SMTP__HOST": "127.0.0.1",
        "CYCLE_SMTP__PORT": str(port),
        "CYCLE_SMTP__TLS": "none",
    }
    with environment(**settings, **more):
        make_site(home, sandbox=True, login=LOGIN, now="2025-01-09T09:00:00+01:00").database.dispose()
        members = [PARTNERS[0], *(partner(number, f"verein{number:06}") for number in range(2, people + 2))]
        for first in range(0, len(members), PARTNERS_A_FILE):  # a file that is read may have 20 MB
            _quietly(f"partner import {write_partners(home / 'partners.csv', members[first : first + PARTNERS_A_FILE])}")
        _quietly("start 2025")
        _quietly("date confirm 2025 spring_meeting")
        with environment(CYCLE_NOW=SAVE_THE_DATE):
            if ticked:
                site = open_site(home)
                tick(site)
                site.database.dispose()
            yield home
