"""A gap analysis on the terminal (bars of block characters, statuses in words, the matrix with a legend), as lines in a
pipe, and in JSON."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from shutil import get_terminal_size
from string import ascii_uppercase
from textwrap import fill
from typing import TYPE_CHECKING, Any

import typer

from cycle.cli.table import as_table
from cycle.cli.words import word
from cycle.reports.actions.gap_words import PERCENT

if TYPE_CHECKING:
    from cycle.reports.actions.gap_words import GapWords
    from cycle.reports.rules.gap import GapTold, Line

BAR = 8  # block characters of the longest bar
EIGHTHS = " ▏▎▍▌▋▊▉"
NOTHING = "·"
CELL = 4
WIDTH = 80
LABEL = 26


def shown(told: "GapTold", words: "GapWords", label: str) -> None:
    """Print it all: what was counted, the sentences, both tables, the matrix and the money."""
    say = words.wording.sentence
    recorded = "gap.head.recorded" if told.recorded_on else "gap.head.computed"
    typer.echo(say("gap.title", year=label))
    typer.echo(say(recorded, day=told.recorded_on, as_of=told.as_of))
    scope, net = say(f"gap.scope.{told.scope}"), words.percent(told.response)
    typer.echo(say("gap.head.counted", scope=scope, projects=words.whole(told.projects), net=net))
    if told.caution:
        _paragraphs([f"! {say('gap.caution', net=net.removesuffix(PERCENT))}"])
    typer.echo("")
    _paragraphs(words.headlines(told))
    if not told.projects:
        return
    for kind, lines in (("target_group", told.groups), ("field", told.fields)):
        typer.echo("")
        _shares(kind, lines, told, words)
    _paragraphs([_rule(told, words)])
    if told.groups and told.fields:
        typer.echo("")
        _matrix(told, words)
    typer.echo("")
    typer.echo(say("gap.bands"))
    for each in told.bands:
        name = words.band(each.band.key, each.band.above, each.band.up_to)
        typer.echo(f"  {say('gap.band_count', band=name, count=words.whole(each.count))}")
    typer.echo("")
    _paragraphs(words.notes(told))


def document(told: "GapTold", result: Mapping[str, Any], words: "GapWords") -> dict[str, Any]:
    """The result as it is stored, its shares as parts of one, with what was said of it and the labels of all words."""
    found = {name: _parts_of_one(name, value) for name, value in result.items() if name not in ("survey", "compared", "other")}
    survey = result.get("survey")
    compared, other = result.get("compared"), result.get("other")
    return {
        "recorded": told.recorded_on,
        "response": _decimal(told.response),
        **found,
        "as_of": told.as_of,
        "survey": survey and survey | {name: _decimal(survey[name]) for name in ("gross", "net")},
        "compared": compared and _compared(compared),
        "other": other and {name: _parts_of_one(name, value) for name, value in other.items()},
        "differing": [
            {"kind": line.kind, "word": line.word, "share": _decimal(line.share), "status": line.status}
            for line in told.differing
        ],
        "matrix_empty": [list(pair) for pair in told.empty],
        "caution": told.caution,
        "rule": told.rule.model_dump(),
        "headlines": words.headlines(told),
        "notes": words.notes(told),
        "labels": {f"{kind}s": dict(entries) for kind, entries in words.labels.items()},
    }


def _compared(compared: Mapping[str, Any]) -> dict[str, Any]:
    kinds = {
        kind: compared[kind] | {"before": {word: _decimal(share) for word, share in compared[kind]["before"].items()}}
        for kind in ("target_group", "field")
    }
    return {**compared, "gap_closure": _decimal(compared["gap_closure"]), **kinds}


def _parts_of_one(name: str, value: Any) -> Any:
    # Shares are kept in ten-thousandths; a reader of JSON gets them as parts of one.
    if not name.endswith("_share"):
        return value
    return {word: _decimal(part) for word, part in value.items()} if isinstance(value, dict) else _decimal(value)


def _decimal(ten_thousandths: int | None) -> float | None:
    return None if ten_thousandths is None else ten_thousandths / 10_000


def _shares(kind: str, lines: Sequence["Line"], told: "GapTold", words: "GapWords") -> None:
    terminal = sys.stdout.isatty()
    columns = [(f"col.gap.{kind}", "left"), ("column.gap.count", "right"), ("column.gap.share", "right")]
    columns += [("column.gap.bar", "whole")] if terminal else []
    columns += [("column.gap.status", "left")]
    columns += [("column.gap.change", "whole")] if told.changed else []
    longest = max((line.share for line in lines), default=0)
    rows = []
    for line in lines:
        cells = [words.label(kind, line.word), words.whole(line.count), words.share(line).removesuffix(PERCENT)]
        cells += [bar(line.share, longest)] if terminal else []
        cells += [words.wording.sentence("gap.focus") if line.focus else words.status(line)]
        rows.append([*cells, words.change(line)] if told.changed else cells)
    as_table(word(f"gap.page.{kind}"), columns, rows)


def bar(value: int, longest: int, width: int = BAR) -> str:
    """A bar of block characters, to an eighth of one; what is not nothing shows at least the thinnest."""
    eighths = max(value * width * 8 // longest, 1) if value and longest else 0
    return f"{'█' * (eighths // 8)}{EIGHTHS[eighths % 8]}".strip()


def _rule(told: "GapTold", words: "GapWords") -> str:
    rule = told.rule
    edges = {"gap": rule.gap_below_percent, "expandable": rule.expandable_below_percent, "focus": rule.focus_from_percent}
    if told.changed:
        return words.wording.sentence("gap.rule", label=told.changed.label, **edges)
    return words.wording.sentence("gap.rule_alone", **edges)


def _matrix(told: "GapTold", words: "GapWords") -> None:
    """The counts: on a terminal as many fields beside each other as it has room for, by a letter; in a pipe all by name."""
    names = [words.label("field", line.word) for line in told.fields]
    typer.echo(words.wording.sentence("gap.matrix", empty=NOTHING))
    if not sys.stdout.isatty():
        typer.echo("\t".join([word("col.gap.target_group"), *(_one_line(name) for name in names)]))
        for group in told.groups:
            counts = [str(told.matrix[group.word][field.word] or NOTHING) for field in told.fields]
            typer.echo("\t".join([_one_line(words.label("target_group", group.word)), *counts]))
        return
    letters = list(_letters(len(names)))
    for first in range(0, len(names), (WIDTH - LABEL) // CELL):
        some = range(first, min(first + (WIDTH - LABEL) // CELL, len(names)))
        typer.echo(" " * LABEL + "".join(letters[number].rjust(CELL) for number in some))
        for group in told.groups:
            row = told.matrix[group.word]
            found = (str(row[told.fields[number].word] or NOTHING).rjust(CELL) for number in some)
            typer.echo(_cut(words.label("target_group", group.word)) + "".join(found))
    _paragraphs([" · ".join(f"{letter} {_one_line(name)}" for letter, name in zip(letters, names, strict=True))])


def _letters(count: int) -> Iterator[str]:
    for number in range(count):
        turn, letter = divmod(number, len(ascii_uppercase))
        yield f"{ascii_uppercase[turn - 1] if turn else ''}{ascii_uppercase[letter]}"


def _cut(label: str) -> str:
    label = _one_line(label)
    return (label if len(label) < LABEL else f"{label[: LABEL - 2]}…").ljust(LABEL)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _paragraphs(sentences: Sequence[str]) -> None:
    """Each sentence by itself; on a terminal broken between words."""
    if not sys.stdout.isatty():
        for sentence in sentences:
            typer.echo(sentence)
        return
    width = get_terminal_size().columns
    for sentence in sentences:
        typer.echo(fill(sentence, width, break_on_hyphens=False))
