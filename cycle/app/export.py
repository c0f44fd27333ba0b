"""The journal goes out: a folder that anybody can check without this programme, or a copy of the whole SQLite file.

What goes out is in the journal first (`log.exported`): who, what was asked for, up to which entry, the hash of what was
given. A history that does not verify goes out too, since it is evidence; its cover, the entry and the exit code say so.
"""

import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, cast

from cycle.adapters.copying import copy, never_over
from cycle.adapters.database import connect, sqlite_file
from cycle.adapters.files import written_to
from cycle.adapters.tables import write_csv
from cycle.app.cover import Asked, Sink, Tally, cover_document, sha256_of, small_files
from cycle.app.site import Site
from cycle.errors import NotFound, NotReady, WrongInput
from cycle.journal.entry import Entry
from cycle.journal.export import Line, Selection, lines
from cycle.journal.verify import Verdict, verify
from cycle.vocabulary import Right

EVENTS, TABLE, OPENINGS, SUMS = "events.jsonl", "events.csv", "openings.jsonl", "SHA256SUMS"


@dataclass(frozen=True)
class Sheet:
    """How an entry becomes a row of the table."""

    header: Sequence[str]
    row: Callable[[Line], Sequence[object]]


@dataclass(frozen=True)
class Made:
    """What went out: the cover's document, the entry that says so, and whether the history verified."""

    document: dict[str, Any]
    entry: Entry
    verdict: Verdict


def right_for(asked: Asked) -> Right:
    """Whoever reads may have the journal, which names nobody; the openings do, and go to who works on the history."""
    return Right.COMMENT if asked.openings else Right.READ


def export(site: Site, folder: Path, asked: Asked, sheet: Sheet, *, dry_run: bool = False) -> Made:
    """Verify the history, then write its entries into a new folder, with a cover, checksums and what to check them with.

    Raises:
        Forbidden, NotFound: as `Site.reading`; NotFound too for a word of `redact` that names no entry.
        WrongInput: if the folder is not empty or cannot be written, or the last day lies before the first.
    """
    with written_to(folder):
        return _export(site, folder.absolute(), asked, sheet, dry_run=dry_run)


def _export(site: Site, folder: Path, asked: Asked, sheet: Sheet, *, dry_run: bool) -> Made:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WrongInput("folder_not_empty", folder=folder)
    if asked.first and asked.last and asked.last < asked.first:
        raise WrongInput("days_out_of_order", first=asked.first, last=asked.last)
    site.allow(right_for(asked))
    selection = Selection(site.zone, _cycle(site, asked), asked.first, asked.last, asked.redact)
    verdict = verify(site.database)
    part = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
    try:
        if not dry_run:
            part.mkdir(parents=True, mode=0o700 if asked.openings else 0o777)
        sinks = {name: Sink(None if dry_run else part / name) for name in _names(asked)}
        tally = Tally()
        found = _sorted_out(lines(site.journal, verdict.entries, selection, openings=asked.openings), sinks, tally)
        _write(found, sinks, sheet)
        for sink in sinks.values():
            sink.close()
        unknown = sorted(set(asked.redact) - tally.redacted)
        if unknown:
            raise NotFound("redact_names_nothing", words=", ".join(unknown))
        with site.entry("log.exported", right_for(asked), dry_run=dry_run) as (entry, _):
            document = cover_document(site, entry, asked, selection, verdict, tally, sinks)
            if not dry_run:
                for name, content in small_files(site, document, exact=asked.exact).items():
                    sinks[name] = Sink(part / name)
                    sinks[name].take(content)
                    sinks[name].close()
                sums = "".join(f"{sinks[name].sha256}  {name}\n" for name in sorted(sinks))
                (part / SUMS).write_text(sums, encoding="utf-8")
            entry.tell(
                what="entries",
                of_cycle=selection.cycle,
                **{"from": asked.first, "to": asked.last},
                redacted=sorted(asked.redact),
                files=sorted(_names(asked)),
                entries=tally.entries,
                count=tally.shown,
                withheld=tally.entries - tally.shown,
                openings=tally.openings,
                head=verdict.head,
                sha256=sinks[EVENTS if asked.exact else TABLE].sha256,
                intact=verdict.intact,
            )
        if not dry_run:
            part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Made(document, entry, verdict)


def export_database(site: Site, file: Path, *, dry_run: bool = False) -> Made:
    """A copy of the whole SQLite database as one read-only file; verified before it counts. It holds everything, names too.

    Raises:
        Forbidden: for who may not have the openings either.
        NotReady: if the site's database is no SQLite file, or SQLite finds the copy unsound.
        WrongInput: if the file exists already or cannot be written.
    """
    source = sqlite_file(site.database.url)
    if source is None:
        raise NotReady("copy_needs_sqlite")
    right = right_for(Asked(openings=True))
    site.allow(right)
    made: list[Made] = []

    def counts(part: Path | None) -> None:
        verdict = _verified(part) if part else verify(site.database)
        sha256 = sha256_of(part) if part else None
        count = {"entries": verdict.entries, "count": verdict.entries, "withheld": 0}
        found = {**count, "head": verdict.head, "sha256": sha256, "intact": verdict.intact}
        with site.entry("log.exported", right, dry_run=dry_run) as (entry, _):
            entry.tell(what="database", **found)
        made.append(Made({"file": str(file), "log": verdict.log, **found}, entry, verdict))

    file = file.absolute()
    if dry_run:
        never_over(file)
        counts(None)
    else:
        with written_to(file):
            copy(source, file, counts)
    return made[0]


def _verified(part: Path) -> Verdict:
    copied = connect(f"sqlite:///{part}")
    try:
        return verify(copied)
    finally:
        copied.dispose()


def _cycle(site: Site, asked: Asked) -> str | None:
    if asked.year is None:
        return None
    with site.reading(asked.year, plan=asked.plan) as (_, about):
        assert about is not None
        return about.cycle.key


def _names(asked: Asked) -> list[str]:
    wanted = {EVENTS: asked.exact, TABLE: asked.table, OPENINGS: asked.openings}
    return [name for name, is_wanted in wanted.items() if is_wanted]


def _sorted_out(found: Iterable[Line], sinks: dict[str, Sink], tally: Tally) -> Iterator[Line]:
    """The entries that are shown, one after another; every line has been written and counted on the way."""
    for line in found:
        tally.take(line)
        if EVENTS in sinks:
            sinks[EVENTS].write(line.text + "\n")
        for opening in line.openings:
            sinks[OPENINGS].write(opening + "\n")
        if line.told is not None:
            yield line


def _write(found: Iterator[Line], sinks: dict[str, Sink], sheet: Sheet) -> None:
    if TABLE in sinks:
        write_csv(cast(TextIO, sinks[TABLE]), sheet.header, (sheet.row(line) for line in found))
        return
    for _ in found:
        pass
