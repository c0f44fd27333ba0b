"""What is wrong with a site's settings: the file and line or the variable, and the key of the sentence about it."""

import difflib
import os
import re
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cycle.errors import Key, WrongInput

_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
_HEADER = re.compile(r"\s*\[([\w.-]+)\]")
_KEY = re.compile(r"\s*([\w-]+)\s*=")
_LIMITS = {"greater_than": "gt", "greater_than_equal": "ge", "less_than": "lt", "less_than_equal": "le"}
# What a fault of TOML is called in the wording, by how Python's sentence about it begins.
_TOML = {
    "toml.quote": ("Unterminated string", "Illegal character"),
    "toml.backslash": ("Unescaped", "Invalid hex", "Escaped"),
    "toml.equals": ("Expected '='",),
    "toml.rest": ("Expected newline",),
    "toml.bracket": ("Expected ']", "Unclosed"),
    "toml.twice": ("Cannot", "Duplicate"),
    "toml.value": ("Invalid value", "Invalid date"),
}
# The first word of pydantic's error type, and the sentence for it.
_KEYS = {
    "finite": "setting_not_a_number",
    "tuple": "setting_not_a_list",
    "int": "setting_not_a_number",
    "float": "setting_not_a_number",
    "string": "setting_not_a_text",
    "model": "setting_not_a_section",
    "unsubscribe": "setting_unsubscribe_url",
}


@dataclass(frozen=True)
class SettingProblem:
    """One setting that is wrong: in which file and line (or variable), the key of its sentence, and the facts."""

    file: str
    line: int | None
    key: str
    facts: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.place}: {self.key}: {', '.join(str(value) for value in self.facts.values())}"

    @property
    def place(self) -> str:
        """File and line, or the variable."""
        return f"{self.file}:{self.line}" if self.line else self.file


def toml_problem(error: tomllib.TOMLDecodeError) -> Key:
    """What is wrong with a TOML file, as a fact for a sentence."""
    return Key(next((key for key, begins in _TOML.items() if str(error).startswith(begins)), "toml.other"))


def demand_readable(file: Path) -> None:
    """Be sure that a file is there and is TOML.

    Raises:
        WrongInput: `settings_broken` with line and column, `settings_not_utf8`, `settings_missing`.
    """
    try:
        with file.open("rb") as stream:
            tomllib.load(stream)
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.search(str(error))
        lines = file.read_text(encoding="utf-8").splitlines() or [""]
        line, column = (int(found[1]), int(found[2])) if found else (len(lines), len(lines[-1]) + 1)
        raise WrongInput("settings_broken", file=file, line=line, column=column, problem=toml_problem(error)) from error
    except RecursionError as error:
        raise WrongInput("settings_broken", file=file, line=1, column=1, problem=Key("toml.bracket")) from error
    except UnicodeDecodeError as error:
        raise WrongInput("settings_not_utf8", file=file) from error
    except OSError as error:
        raise WrongInput("settings_missing", file=file, problem=error) from error


def problem_of(site: Path, part: Any, known: Sequence[str]) -> SettingProblem:
    """What pydantic found wrong with a setting, where the file or a variable gives it; `known` are the settings there are."""
    setting = ".".join(str(step) for step in part["loc"])
    variable = "CYCLE_" + setting.replace(".", "__").upper()
    given = next((name for name in os.environ if name.upper() == variable), None)
    line = None if given else _line_of(site, part["loc"])
    place = given or (str(site) if line else setting)
    facts: dict[str, Any] = {"setting": setting}
    kind = part["type"]
    if kind == "extra_forbidden":
        near = nearest(setting, known)
        key, facts = ("setting_unknown_but", facts | {"nearest": near}) if near else ("setting_unknown", facts)
    elif kind == "literal_error":
        key, facts = "setting_not_allowed", facts | {"known": part["ctx"]["expected"].replace(" or ", ", ").replace("'", "")}
    elif kind == "string_pattern_mismatch":
        key = "setting_not_an_address"
    elif kind in _LIMITS:
        key, facts = "setting_out_of_range", facts | {"limit": part["ctx"][_LIMITS[kind]]}
    else:
        key, facts = _KEYS.get(kind.partition("_")[0], "setting_wrong"), facts
    return SettingProblem(place, line, key, facts)


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name most like one that is not, if any is like it."""
    return next(iter(difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.5)), None)


def _line_of(site: Path, steps: Sequence[str | int]) -> int | None:
    """The line in which a key of a section stands, as far as the eye finds it."""
    section: list[str] = []
    for number, text in enumerate(site.read_text(encoding="utf-8").splitlines(), start=1):
        if header := _HEADER.match(text):
            section = header[1].split(".")
        if (key := _KEY.match(text)) and [*section, key[1]] == [str(step) for step in steps]:
            return number
        if header and section == [str(step) for step in steps]:
            return number
    return None
