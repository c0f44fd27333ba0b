"""Help speaks the site's language throughout, in the words that Typer puts into it too."""

import os
import re
import subprocess
import sys
from typing import Any

from command_line import commands

from cycle.cli.main import NOUNS

ENGLISH = re.compile(
    r"Usage|\[OPTIONS\]|\bOptions\b|Arguments|Commands|Show this|required|default:|<str>|<int|range|<=x|ompletion for"
)
GERMAN = re.compile(r"[äöüß]|\b(Aufruf|Optionen|Angaben|Befehle|Hilfe|nötig|sonst|Zahl|oder|und|der|die|das|nicht)\b")


def test_no_help_holds_an_english_word_of_typer_s(cycle: Any) -> None:
    lines = ["", *NOUNS, *(name for name, _ in commands())]

    helps = {line: cycle(f"{line} --help").out for line in lines}

    assert {line: found[0] for line, text in helps.items() if (found := ENGLISH.search(text))} == {}
    assert all(text.startswith("Aufruf: ") and "Diese Hilfe zeigen." in text for text in helps.values())


def test_in_english_it_is_english() -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "cycle", "report", "--help"],
        env=os.environ | {"CYCLE_LANGUAGE": "en"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert asked.stdout.startswith("Usage: ")
    assert all(word in asked.stdout for word in ("Options:", "Commands:", "Show this help."))
    assert GERMAN.search(asked.stdout) is None
