"""Musterstadt's 2025, played only as far as a test needs it: each stage once for all workers, then copied."""

import contextlib
import fcntl
import io
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cycle.app.places import data_root
from cycle.cli import main, shell
from cycle.demo.story import mornings, read
from cycle.demo.telling import CRON
from cycle.journal.verify import verify

ZONE = ZoneInfo("Europe/Berlin")
FIRST = datetime.fromisoformat("2025-01-09T08:45:00+01:00")
DEMO = data_root() / "config" / "demo"
# Each stage holds everything before its moment: the commands of the story and the mornings between them.
STAGES = {
    "spring moved": datetime.fromisoformat("2025-03-06T15:39:00+01:00"),
    "minutes missing": datetime.fromisoformat("2025-05-20T08:59:00+02:00"),
    "council changed the theme": datetime.fromisoformat("2025-07-18T08:29:00+02:00"),
    "reviews missing": datetime.fromisoformat("2025-11-24T08:44:00+01:00"),
    "measures to carry": datetime.fromisoformat("2026-02-10T08:59:00+01:00"),
    "two years at once": datetime.fromisoformat("2026-02-20T09:00:00+01:00"),
    "the whole story": datetime.fromisoformat("2026-03-04T12:00:00+01:00"),
}


@pytest.fixture(scope="session")
def stage_folder(
    empty_site: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Callable[[str], Path]:
    """Gives the site's folder of a stage, not to be written to; plays what is missing of it."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if hasattr(request.config, "workerinput") else base) / "stages"
    shared.mkdir(exist_ok=True)

    def folder(stage: str) -> Path:
        source, before = empty_site, FIRST
        for number, (name, until) in enumerate(STAGES.items()):
            home = shared / str(number)
            with _alone(shared / f"{number}.lock"):
                if not home.exists():
                    playing = shared / f"{number}.playing"
                    shutil.rmtree(playing, ignore_errors=True)
                    _copy(source, playing)
                    _play(playing, before, until)
                    playing.rename(home)
            if name == stage:
                return home
            source, before = home, until
        raise KeyError(stage)

    return folder


@pytest.fixture
def story(cycle: Any, stage_folder: Callable[[str], Path]) -> Callable[[str], Any]:
    """`story("reviews missing")`: the command line of a copy of that stage, at its moment."""

    def tell(stage: str) -> Any:
        folder = stage_folder(stage)
        shell.close()
        shutil.rmtree(cycle.home)
        _copy(folder, cycle.home)
        cycle.at(STAGES[stage].isoformat())
        cycle.verified = cycle.content()
        return cycle

    return tell


def _play(home: Path, before: datetime, until: datetime) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(DEMO)
        patch.setenv("CYCLE_HOME", str(home))
        patch.delenv("CYCLE_TEST_GUARD", raising=False)
        told = [each for each in read(DEMO / "story_2025.csv") if before <= each.at < until]
        for each, following in zip_longest(told, told[1:]):
            _wake(patch, before, each.at)
            assert _run(patch, each.words, each.at, each.login) == each.exit_code, each.command
            if following is None or following.at - each.at >= CRON:
                assert _run(patch, ["run", "--once"], each.at) == 0, each.at
            before = each.at
        _wake(patch, before, until)
        assert verify(shell.site().database).problems == ()
        shell.close()


def _wake(patch: pytest.MonkeyPatch, after: datetime, until: datetime) -> None:
    for morning in mornings(after, until, ZONE):
        assert _run(patch, ["run", "--once"], morning) == 0, morning


def _run(patch: pytest.MonkeyPatch, words: list[str], moment: datetime, login: str = "j.weissenburger") -> int:
    patch.setenv("CYCLE_NOW", moment.isoformat())
    patch.setenv("CYCLE_ACTOR", login)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return main.run(words, keep_open=True)


def _copy(source: Path, target: Path) -> None:
    """A site without the mails in its mail folder: they are in the outbox too, and there are a thousand of them."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("mail") if (source / "mail").is_dir() else None)


@contextlib.contextmanager
def _alone(file: Path) -> Iterator[None]:
    with file.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(stream, fcntl.LOCK_UN)
