"""How a command speaks: sentences to the person, documents, tables and files of what it found, a question before a danger.

Talk goes to standard error, data to standard output.
"""

import json as json_module
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cycle.cli import shell, table
from cycle.cli.planned import of_plan
from cycle.cli.words import word
from cycle.errors import WrongInput

if TYPE_CHECKING:
    from cycle.journal.entry import Entry
    from cycle.vocabulary import Finding


def say(key: str, **facts: Any) -> None:
    """A sentence to the person: talk goes to standard error, data to standard output."""
    typer.echo(shell.sentence(key, **facts), err=True)


def note(finding: "Finding") -> None:
    """A warning, as a sentence."""
    from cycle.cli.main import finding_sentence

    typer.echo(f"! {finding_sentence(finding)}", err=True)


def done(
    key: str,
    *,
    entry: "Entry | None" = None,
    json: bool = False,
    dry_run: bool = False,
    next: str | None = None,
    document: Mapping[str, Any] | None = None,
    **facts: Any,
) -> None:
    """Say that a command did its work (`done.<key>`), and the next command; with `json` as a document."""
    next = of_plan(next) if next else None
    if json:
        told: dict[str, Any] = {
            "schema": "cycle/done/1",
            "done": key,
            "dry_run": dry_run,
            "entry": entry.seq or None if entry else None,
            "type": entry.type if entry else None,
            "changes": entry.changes if entry else [],
            "next": next,
            **(document or {}),
        }
        as_json(told)
        return
    if dry_run:
        typer.echo(word("dry_run"), err=True)
        for line in _changes(entry):
            typer.echo(f"  {line}")
    typer.echo(shell.sentence(f"done.{key}", **facts), err=True)
    if next and not dry_run:
        typer.echo(word("next", command=next), err=True)


def as_json(document: Mapping[str, Any]) -> None:
    """A document on standard output."""
    typer.echo(json_module.dumps(document, ensure_ascii=False, indent=1, default=_plain))


def as_json_list(document: Mapping[str, Any], name: str, members: Iterable[Mapping[str, Any]]) -> None:
    """A document whose last value, by that name, is a list of any length: written member by member, as `as_json` would."""
    head = json_module.dumps({**document, name: []}, ensure_ascii=False, indent=1, default=_plain)
    typer.echo(head.removesuffix("]\n}"), nl=False)
    between = "\n"
    for member in members:
        text = json_module.dumps(member, ensure_ascii=False, indent=1, default=_plain)
        typer.echo(between + "\n".join(f"  {line}" for line in text.splitlines()), nl=False)
        between = ",\n"
    typer.echo("]\n}" if between == "\n" else "\n ]\n}")


def show(
    title: str,
    *,
    columns: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[Any]],
    json: bool = False,
    schema: str = "",
    document: Mapping[str, Any] | None = None,
) -> None:
    """A table: rich on a terminal, tab-separated lines when piped, with `json` the document with its schema."""
    if json:
        as_json({"schema": schema, **(document or {})})
        return
    as_table(shell.sentence(title), columns, rows)


def as_table(title: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]) -> None:
    """A table of cells in the words of the open site; what the columns mean stands at `cycle.cli.table.as_table`."""
    value = shell.words().value
    table.as_table(title, columns, ([str(value(cell)) if cell is not None else "" for cell in row] for row in rows))


def as_csv(header: Sequence[str], lines: Iterable[Sequence[Any]], *, file: Path | None = None, prefix: str = "col.") -> None:
    """Lines for a spreadsheet, on standard output or in a file; `header` are the names of columns (`<prefix><name>`)."""
    from cycle.adapters.files import write_whole
    from cycle.adapters.tables import write_csv

    value = shell.words().value
    titles = [word(f"{prefix}{name}") for name in header]
    cells = (["" if cell is None else str(value(cell)) for cell in line] for line in lines)
    if file is None:
        write_csv(sys.stdout, titles, cells)
        return
    stream = StringIO(newline="")
    write_csv(stream, titles, cells)
    write_whole(file, stream.getvalue().encode())


def confirm(key: str, *, yes: bool, **facts: Any) -> None:
    """Ask before something dangerous. Raises WrongInput naming --yes where nobody can answer, or when the answer is no."""
    if yes:
        return
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr)):  # None: it was closed
        raise WrongInput("needs_yes", question=shell.sentence(key, **facts))
    if not typer.confirm(shell.sentence(key, **facts), err=True):
        raise WrongInput("not_confirmed")


def _changes(entry: "Entry | None") -> Iterator[str]:
    from cycle.cli.changes import of_a_trial
    from cycle.cli.row_names import row_names
    from cycle.cycles.records import workflows_of

    if entry is None:
        return iter(())
    with shell.site().journal.reading() as session:
        workflows = list(workflows_of(session))
        return of_a_trial(entry.changes, workflows, row_names(session, entry.changes, workflows))


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)
