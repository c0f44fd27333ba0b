"""No text counts one thing as several: a bare number never stands before a word that another text bends by its number."""

import re
import string
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from cycle.wording import Wording, read

TEMPLATES = Path(__file__).parent.parent / "templates"
LANGUAGES = ("de", "en")
# Facts and sentences whose number is never one, or whose word no number stands for.
NEVER_ONE = {
    "parts|length",
    "parts|length - 1",
    "n.carry_count",
    "m.carry_count",
    "d.days_left",
    "meeting.organisations",
    "amount_below_zero",
}
NEVER_ONE |= {"bounced_since", "forms_or_table", "usage.needs_values", "usage.option_needs_value", "role_needed"}
NO_ADJECTIVE = "(?!(?:der|die|das|the|of|no|und|and|has|brings) )"
WORD = r"[\wäöüÄÖÜß-]+"


@cache
def sentences(language: str) -> Mapping[str, str]:
    files = sorted((TEMPLATES / "wording" / language).glob("*.yaml"))
    return {key: text for file in files for key, text in read(file).items()}


@cache
def bent(language: str) -> frozenset[str]:
    """Every word that some text has in two numbers, as it is of several: of the wording and of the reports' `some(…)`."""
    pairs = [pair for text in sentences(language).values() for pair in _pairs(text)]
    files = [*(TEMPLATES / "report").glob(f"*/{language}/*.j2")]
    pairs += [
        pair for file in files for pair in re.findall(r'some\([^"]*"[^"]*", "([^"]*)", "([^"]*)"\)', file.read_text("utf-8"))
    ]
    return frozenset(word for one, several in pairs for word in _differing(one, several))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for _, _, spec, _ in string.Formatter().parse(text):
        if spec and "|" in spec:
            one, _, several = spec.removeprefix("=").partition("|")
            yield one, several


def _differing(one: str, several: str) -> set[str]:
    """The nouns of the second that are not in the first: with a capital in German, with an s in English."""
    words = [re.findall(WORD, re.sub(r"\{\w+\}", "", text)) for text in (one, several)]
    return {word for word in words[1] if word not in words[0] and len(word) > 3 and word[0].isupper()} | {
        word for word in words[1] if word not in words[0] and word.endswith("s") and word + "s" not in words[0]
    }


def test_a_word_can_be_bent_beside_its_number_and_apart_from_it(tmp_path: Path) -> None:
    (tmp_path / "wording" / "de").mkdir(parents=True)
    lines = (
        'with: "{n:Brief wartet|Briefe warten}."',
        'apart: "Von {all:Brief|Briefen} {n:=ist|sind} {n} hier."',
        'whole: "{n:=Der Brief ist|Alle {n} Briefe sind} hier."',
    )
    (tmp_path / "wording" / "de" / "x.yaml").write_text("\n".join(lines), "utf-8")
    words = Wording([tmp_path], ["de"])

    assert [[words.sentence(key, n=n, all=2) for n in (0, 1, "1", "1.000")] for key in ("with", "apart", "whole")] == [
        ["0 Briefe warten.", "1 Brief wartet.", "1 Brief wartet.", "1.000 Briefe warten."],
        [
            "Von 2 Briefen sind 0 hier.",
            "Von 2 Briefen ist 1 hier.",
            "Von 2 Briefen ist 1 hier.",
            "Von 2 Briefen sind 1.000 hier.",
        ],
        ["Alle 0 Briefe sind hier.", "Der Brief ist hier.", "Der Brief ist hier.", "Alle 1.000 Briefe sind hier."],
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_counts_one_as_several(language: str) -> None:
    found = {
        key: list(_bare([(name, spec, after) for name, spec, after in _facts(text)], language))
        for key, text in sentences(language).items()
    }

    assert len(bent(language)) > 30
    assert {key: bare for key, bare in found.items() if bare and key not in NEVER_ONE} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_letter_and_no_report_counts_one_as_several(language: str) -> None:
    shown = re.compile(r"\{\{[+-]? *(.*?) *[+-]?\}\}([^{]*)")
    files = sorted(file for file in TEMPLATES.rglob("*.j2") if language in file.parts)
    found = {
        str(file.relative_to(TEMPLATES)): list(
            _bare([(what, "", after) for what, after in shown.findall(file.read_text("utf-8"))], language)
        )
        for file in files
    }

    assert {name: bare for name, bare in found.items() if bare} == {}


def _facts(text: str) -> Iterator[tuple[str, str, str]]:
    """The facts of a sentence, each with what is said of its form and the text behind it."""
    parts = list(string.Formatter().parse(text))
    for (_, name, spec, _), (after, *_) in zip(parts, [*parts[1:], ("",)], strict=True):
        if name is not None:
            yield name, spec or "", after


def _bare(facts: list[tuple[str, str, str]], language: str) -> Iterator[str]:
    """The facts whose number stands before a word of several, whatever the number is."""
    several = re.compile(rf" (?:{NO_ADJECTIVE}{WORD} )?(?:{'|'.join(sorted(bent(language)))})(?!{WORD})")
    for name, spec, after in facts:
        if (
            "|" not in spec
            and name not in NEVER_ONE
            and not name.startswith(("some(", "ratio("))
            and (word := several.match(after))
        ):
            yield f"{{{name}}}{word[0]}"
