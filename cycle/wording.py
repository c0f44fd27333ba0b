"""Every sentence a person reads on the command line, by key and language, from templates/wording/<language>/*.yaml.

The files are a narrow YAML: one `key: "text"` a line, the text a JSON string with {names} for facts. That is read in a
millisecond, which `cycle --help` needs.
"""

import json
import re
import string
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from errno import errorcode
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cycle.errors import Key, WrongInput

# So many of a list a sentence names: who knows more gives that many, with the `count` of all.
LISTED = 20
# A fact that ends with a full stop before that of the sentence, as „Verein Kolibri e. V.“ does.
_TWO_STOPS = re.compile(r"(?<!\.)\.\.(?=\s|$)")
# A sentence, and every line that should be one.
_LINE = re.compile(r'^([a-z0-9_.]+): +(".*")[ \t]*$', re.MULTILINE)
_WRITTEN = re.compile(r"^[^\S\n]*[^\s#].*$", re.MULTILINE)


class WordingError(WrongInput):
    """A wording file that cannot be read: `wording_no_text`, `wording_line_wrong` or `wording_line_twice`."""


class Wording:
    """The sentences of one language; a key that it lacks is looked for in the next language given."""

    def __init__(self, folders: Sequence[Path], languages: Sequence[str], zone: ZoneInfo | None = None) -> None:
        self.language = languages[0]
        self.zone = zone
        self._sentences: dict[str, str] = {}
        for language in reversed(languages):
            for folder in reversed(folders):
                for file in sorted((folder / "wording" / language).glob("*.yaml")):
                    self._sentences.update(read(file))

    def __contains__(self, key: str) -> bool:
        return key in self._sentences

    def sentence(self, key: str, **facts: Any) -> str:
        """The sentence of a key, filled with the facts; a key without one gives itself with the facts, never an error."""
        text = self._sentences.get(key)
        if text is None:
            told = ", ".join(f"{name}={self.value(value)}" for name, value in facts.items())
            return f"{key} ({told})" if told else key
        if not facts and "{" not in text and "}" not in text:
            return _TWO_STOPS.sub(".", text)
        worded = {name: self._listed(value, facts.get("count")) for name, value in facts.items()}
        told = _FORMATTER.vformat(text, (), _Facts(worded))
        return _TWO_STOPS.sub(".", told)

    def problem(self, problem: Any) -> str:
        """A line of an error's `problems`: its place and, if it has a key, its sentence."""
        if isinstance(problem, Key):
            return self.sentence(problem, **problem.facts)
        key = getattr(problem, "key", None)
        return f"{problem.place}: {self.sentence(key, **problem.facts)}" if key else str(problem)

    def _listed(self, value: Any, count: Any) -> Any:
        """A fact; a list that was cut ends with how many more there are."""
        if isinstance(value, list | tuple) and isinstance(count, int) and len(value) == LISTED < count:
            return self.sentence("and_more", listed=self.value(value), more=count - LISTED)
        return self.value(value)

    def value(self, value: Any) -> Any:
        """A fact as a person reads it: days and times in the language's order, lists joined, nothing as a dash."""
        if value is None:
            return "–"
        if isinstance(value, datetime):
            local = value.astimezone(self.zone) if self.zone and value.tzinfo else value
            return local.strftime("%d.%m.%Y %H:%M" if self.language == "de" else "%Y-%m-%d %H:%M")
        if isinstance(value, date):
            return value.strftime("%d.%m.%Y" if self.language == "de" else "%Y-%m-%d")
        if isinstance(value, bool):
            return self._sentences.get("yes" if value else "no", str(value))
        if isinstance(value, Enum):
            return value.value
        if isinstance(value, OSError):
            return self._system(value)
        if isinstance(value, Key):
            return self.sentence(value, **value.facts)
        if isinstance(value, str | int):
            return value
        if isinstance(value, Sequence | set | frozenset):
            return ", ".join(str(self.value(part)) for part in value)
        return str(value)

    def _system(self, error: OSError) -> str:
        """What the operating system refuses, by the name of its code (`os.enoent`); its own words where we have none."""
        name = errorcode.get(error.errno or 0, "").lower()
        return self._sentences.get(f"os.{name}") or error.strerror or str(error)

    @property
    def keys(self) -> frozenset[str]:
        """Every key there is a sentence for."""
        return frozenset(self._sentences)


def read(file: Path) -> dict[str, str]:
    """The sentences of one file. Raises WordingError with file and line."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise WordingError("wording_no_text", file=str(file)) from None
    lines = _LINE.findall(text)
    told = _texts([quoted for _, quoted in lines])
    sentences = dict(zip((key for key, _ in lines), told, strict=True)) if told else {}
    if len(sentences) != len(_WRITTEN.findall(text)):
        raise _wrong(file, text)
    return sentences


def _wrong(file: Path, text: str) -> WordingError:
    """The first line of a file that is none of ours, with what is wrong with it."""
    seen: set[str] = set()
    for number, line in enumerate(text.split("\n"), start=1):
        match = _LINE.fullmatch(line)
        if _WRITTEN.fullmatch(line) and (match is None or _texts([match[2]]) is None):
            return WordingError("wording_line_wrong", file=str(file), line=number)
        if match and match[1] in seen:
            return WordingError("wording_line_twice", file=str(file), line=number, name=match[1])
        seen |= {match[1]} if match else set()
    return WordingError("wording_no_text", file=str(file))


def _texts(quoted: Sequence[str]) -> list[str] | None:
    """What stands between the quotation marks, if Python's formatting can read each; None if not."""
    try:
        texts: list[str] = json.loads(f"[{','.join(quoted)}]")
        for text in texts:
            if "{" in text or "}" in text:
                list(_FORMATTER.parse(text))
    except ValueError:
        return None
    return texts if len(texts) == len(quoted) else None


class _Facts(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


class _Formatter(string.Formatter):
    """Format without attribute or item access: a fact is a name, nothing more. `{count:Brief|Briefe}` is the number with the
    word for one or for several behind it, `{count:=ist|sind}` the word alone, `{count:=der Brief|alle {count} Briefe}` too."""

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        one, several, many = format_spec.partition("|")
        if not several:
            return str(super().format_field(value, format_spec))
        word = one.removeprefix("=") if str(value) == "1" else many
        return word if one.startswith("=") else f"{value} {word}"


_FORMATTER = _Formatter()
