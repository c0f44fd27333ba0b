"""Plays the story in a sandbox and prints the year as a timeline; ends with the history verified."""

import contextlib
import io
import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.text import Text

from cycle.app.furnishing import wording_of
from cycle.app.places import data_root
from cycle.demo.epilogue import MOMENT, answer_forms
from cycle.demo.story import Told, mornings, read
from cycle.errors import INTERRUPTED, WrongInput
from cycle.wording import Wording

Run = Callable[..., int]
FIRST_MOMENT = "2025-01-09T08:45:00+01:00"
COORDINATOR = "j.weissenburger"
YEAR = "2025"
# What the year leaves behind: the word its file is named by, the command that writes it, its forms.
REPORTS = (
    ("report.year_file", ("report", "year", YEAR, "--to"), ("html", "md")),
    ("report.plan_file", ("report", "plan", YEAR, "--to"), ("html",)),
    ("report.gap_file", ("gap", YEAR, "--html"), ("html",)),
    ("report.dossier_file", ("report", "dossier", YEAR, "--out"), ("html",)),
)
# Commands after which the year stands in another phase: what they say is the timeline's heading.
CRON = timedelta(minutes=5)  # as often as the README's cron line looks whether something happened
TURNS = ("start", "advance", "back")


@dataclass
class Played:
    """What came of it: commands done and refused as expected, those that differ, mails by template, the
    reports that were left, the verdict."""

    done: int = 0
    refused: int = 0
    differing: list[str] = field(default_factory=list)
    mails: Counter[str] = field(default_factory=Counter)
    reports: list[Path] = field(default_factory=list)
    verdict: str = ""
    intact: bool = False


def play(
    directory: Path | None,
    run: Run,
    *,
    story: Path | None = None,
    epilogue: bool = False,
    out: Callable[[str], None] | None = None,
) -> Played:
    """Play the story into a new sandbox below `directory` (default: cycle-demo here).

    `run` runs one command line in this process and gives its exit code; `out` takes the lines that are printed. With the
    `epilogue` some partners answer the survey that is open when the story ends, by the forms that their mails brought, and
    the year leaves its reports.

    Raises:
        WrongInput: if the folder holds something already, or a command ends otherwise than the story says.
    """
    home = _new_folder(directory)
    data = data_root() / "config" / "demo"
    told = read(story or data / "story_2025.csv")
    words = wording_of(home, os.environ.get("CYCLE_LANGUAGE", "de"))
    played = Played()
    say = out or _printer()
    say(words.sentence("demo.title", folder=home))
    with _inside(home, data):
        _settle_in(home, data)
        _command(run, ["init", str(home), "--sandbox"], datetime.fromisoformat(FIRST_MOMENT), COORDINATOR)
        zone = ZoneInfo("Europe/Berlin")
        before = datetime.fromisoformat(FIRST_MOMENT)
        for each, following in zip_longest(told, told[1:]):
            for morning in mornings(before, each.at, zone):
                _wake(run, morning, played, words, say)
            _tell(run, each, played, say)
            if following is None or following.at - each.at >= CRON:
                _wake(run, each.at, played, words, say)
            before = each.at
        if epilogue:
            command = answer_forms(home)
            before = MOMENT
            for line in _tell(run, Told(before, COORDINATOR, command, 0, ""), played, say).splitlines():
                say(f"                    {line}")
            _wake(run, before, played, words, say)
        code, verdict, trouble = _command(run, ["history", "verify"], before, COORDINATOR)
        played.intact, played.verdict = code == 0, (verdict or trouble).strip()
        if epilogue:
            _report(run, before, played, words, home)
    _close(played, words, say, home)
    if played.differing or not played.intact:
        raise WrongInput("demo_differs", problems=played.differing or [played.verdict])
    return played


def _tell(run: Run, told: Told, played: Played, say: Callable[[str], None]) -> str:
    code, out, err = _command(run, told.words, told.at, told.login)
    if code != told.exit_code:
        played.differing.append(f"{told.at:%Y-%m-%d %H:%M} {told.command}: {code} != {told.exit_code}\n{out}{err}")
    played.done += code == 0
    played.refused += code != 0
    mark = "✓" if code == told.exit_code == 0 else "✗"
    say(f"{told.at:%d.%m.%Y %H:%M}  {mark} {told.command}")
    if code:
        for line in err.strip().splitlines()[:4]:
            say(f"                    {line.strip()}")
    elif told.words[0] in TURNS:
        say(f"                  ▶ {err.strip().splitlines()[0]}")
    return out


def _wake(run: Run, moment: datetime, played: Played, words: Wording, say: Callable[[str], None]) -> None:
    code, out, err = _command(run, ["run", "--once", "--json"], moment, COORDINATOR)
    if code:
        played.differing.append(f"{moment:%Y-%m-%d %H:%M} cycle run --once: {code}\n{out}{err}")
        return
    told = json.loads(out)
    when = f"{moment:%d.%m.%Y %H:%M}"
    if told["overdue"]:
        say(f"{when}  ⏰ {words.sentence('demo.overdue', dates=told['overdue'])}")
    if told["held"]:
        say(f"{when}  ✉ {words.sentence('demo.held', count=told['held'])}")
    if told["templates"]:
        played.mails.update(told["templates"])
        what = ", ".join(f"{count} × {template}" for template, count in sorted(told["templates"].items()))
        say(f"{when}  ✉ {what}")


def _report(run: Run, moment: datetime, played: Played, words: Wording, home: Path) -> None:
    """Leave the reports of the year in a folder of the site."""
    folder = home / words.sentence("demo.reports_folder")
    folder.mkdir(exist_ok=True)
    for name, line, forms in REPORTS:
        for form in forms:
            file = folder / f"{words.sentence(name)}-{YEAR}.{form}"
            code, out, err = _command(run, [*line, str(file)], moment, COORDINATOR)
            if code:
                played.differing.append(f"cycle {' '.join(line)}: {code}\n{out}{err}")
            else:
                played.reports.append(file)


def _command(run: Run, words: Sequence[str], moment: datetime, login: str) -> tuple[int, str, str]:
    os.environ["CYCLE_NOW"] = moment.isoformat()
    os.environ["CYCLE_ACTOR"] = login
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(list(words), keep_open=True)
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    return code, out.getvalue(), err.getvalue()


def _close(played: Played, words: Wording, say: Callable[[str], None], home: Path) -> None:
    say("")
    say(words.sentence("demo.mails"))
    for template, count in sorted(played.mails.items(), key=lambda pair: (-pair[1], pair[0])):
        say(f"  {count:5}  {template}")
    say(f"  {sum(played.mails.values()):5}  {words.sentence('demo.all_mails')}")
    say("")
    say(words.sentence("demo.commands", done=played.done, refused=played.refused))
    say(played.verdict)
    for line in played.differing:
        say(line)
    if played.reports:
        names = [file.name for file in played.reports]
        say(words.sentence("demo.reports", folder=played.reports[0].parent, files=names))
    say(words.sentence("demo.look", folder=home))


@contextlib.contextmanager
def _inside(home: Path, data: Path) -> Iterator[None]:
    """Work in the data's folder, with the environment of the sandbox; afterwards as before."""
    kept = {name: os.environ.get(name) for name in ("CYCLE_HOME", "CYCLE_NOW", "CYCLE_ACTOR")}
    where = Path.cwd()
    os.environ["CYCLE_HOME"] = str(home)
    os.chdir(data)
    try:
        yield
    finally:
        os.chdir(where)
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _settle_in(home: Path, data: Path) -> None:
    """The city's own settings lie in the folder before `cycle init`, which keeps what is there."""
    (home / "config").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(data / "cycle.toml", home / "config" / "cycle.toml")


def _new_folder(directory: Path | None) -> Path:
    if directory is not None:
        if directory.exists() and any(directory.iterdir()):
            raise WrongInput("folder_not_empty", folder=directory)
        return directory.absolute()
    number = 1
    folder = Path.cwd() / "cycle-demo"
    while folder.exists():
        number += 1
        folder = Path.cwd() / f"cycle-demo-{number}"
    return folder


def _printer() -> Callable[[str], None]:
    """Lines on standard output: in colour on a terminal, plain when piped."""
    stream = sys.stdout
    if not stream.isatty():
        return lambda line: print(line, file=stream, flush=True)
    console = Console(file=stream, highlight=False, soft_wrap=True)
    colours = {"✓": "green", "✗": "red", "✉": "cyan", "⏰": "yellow", "▶": "bold magenta"}

    def show(line: str) -> None:
        mark = next((colour for sign, colour in colours.items() if f"  {sign} " in line), "")
        console.print(Text(line, style=mark))

    return show
