"""The erasures that were made, in a file outside the database's folder: a backup brought back is older than they are, and
gets them again.

The file holds references, row numbers, commitments and citations of the law; nothing personal.
"""

import errno
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlmodel import Session

from cycle.adapters.files import read_file
from cycle.app.furnishing import state_folder
from cycle.app.site import Site
from cycle.errors import NotFound, NotReady, WrongInput
from cycle.journal.actor import Actor
from cycle.journal.entry import Entry
from cycle.journal.erasure import ERASED, Erasure, erase, erasures, scrub, still_open
from cycle.journal.form import parse_instant
from cycle.journal.history import entries

MOST_BYTES = 100_000_000


@dataclass(frozen=True)
class Finished:
    """What is left to do after an erasure: both true is nothing. `kept_in` is the file of the erasures."""

    scrubbed: bool
    noted: bool
    kept_in: Path


def finish(site: Site) -> Finished:
    """After an erasure: clean the database's files of what was deleted, and note the erasure for a later restore."""
    scrubbed = scrub(site.database)
    with site.journal.reading() as session:
        file = erasures_file(site, session)
        try:
            note(site, session)
        except (OSError, NotReady):
            return Finished(scrubbed, False, file)
    return Finished(scrubbed, True, file)


def note(site: Site, session: Session) -> list[Erasure]:
    """Write the erasures of the journal that the file does not know yet into it; those that are new.

    Raises:
        OSError: if it cannot be written.
        NotReady: as `noted`.
    """
    file = erasures_file(site, session)
    known = {each.entry for each in noted(file)}
    if {told.id for told in entries(session, types=[ERASED])} <= known:
        return []
    fresh = [each for each in erasures(session) if each.entry not in known]
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as stream:
        whole = stream.read().rfind(b"\n") + 1
        stream.truncate(whole)  # a line that was cut off; the journal tells it once more
        stream.seek(whole)
        for each in fresh:
            stream.write((json.dumps(asdict(each), ensure_ascii=False, sort_keys=True) + "\n").encode())
        stream.flush()
        os.fsync(stream.fileno())
    return fresh


def noted(file: Path) -> list[Erasure]:
    """The erasures of a file, none where there is no file. Its last line, if it was cut off, is left out: the journal has it.

    Raises:
        NotReady: if it cannot be read, or a line says something else: whom it names would come back with an old backup.
    """
    try:
        content = read_file(file, MOST_BYTES)
    except NotFound:
        return []
    except WrongInput as error:
        code = errno.EISDIR if error.key == "file_is_folder" else errno.EINVAL
        problem = error.facts.get("problem") or OSError(code, os.strerror(code))
        raise NotReady("erasures_unreadable", file=file, problem=problem) from error
    *lines, _cut_off = content.split(b"\n")
    return [_told(file, number, line) for number, line in enumerate(lines, start=1)]


def erasures_noted(site: Site) -> list[Erasure]:
    """The erasures noted for the site's journal. Raises NotReady as `noted`."""
    with site.journal.reading() as session:
        return noted(erasures_file(site, session))


def _told(file: Path, number: int, line: bytes) -> Erasure:
    try:
        told = json.loads(line)
        subjects = {name: _texts(made) for name, made in told["subjects"].items()}
        found = Erasure(told["entry"], _texts(told["refs"]), told["legal_basis"], told["recorded_at"], subjects)
        parse_instant(found.recorded_at)
        _texts([found.entry, found.legal_basis])
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise NotReady("erasures_garbled", file=file, line=number) from error
    return found


def _texts(values: object) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise TypeError("a list of texts")
    return tuple(values)


def pending(site: Site, session: Session) -> list[tuple[Erasure, list[str]]]:
    """The erasures that this database does not have, each with the subjects of which it still can open something."""
    made = {told.id for told in entries(session, types=[ERASED])}
    found = [(each, still_open(session, each)) for each in noted(erasures_file(site, session)) if each.entry not in made]
    return [(each, subjects) for each, subjects in found if subjects]


def reapply(entry: Entry, waiting: Sequence[tuple[Erasure, Sequence[str]]]) -> int:
    """Erase again, in one open entry `subject.erased`, what `pending` gave; how many openings that were.

    Whoever opens the entry calls `finish` after it.
    """
    refs = sorted({ref for each, _ in waiting for ref in each.refs})
    basis = sorted({each.legal_basis for each, _ in waiting})
    entry.tell(refs=refs, legal_basis="; ".join(basis), again=[each.entry for each, _ in waiting])
    return erase(entry, [subject for _, subjects in waiting for subject in subjects])


def reapply_erasures(site: Site, by: Actor) -> int:
    """After a restore was accepted: erase again what had been erased since the backup; how many openings that were.

    One entry of its own, none where nothing is missing. Called outside any entry.
    """
    with site.journal.reading() as session:
        waiting = pending(site, session)
    if not waiting:
        return 0
    with site.journal.entry(ERASED, by=by, now=site.now()) as entry:
        count = reapply(entry, waiting)
    finish(site)
    return count


def erasures_file(site: Site, session: Session) -> Path:
    """Where the erasures of this journal are noted: not beside the database, which is replaced as a whole."""
    first = next(entries(session, until=1)).hash
    return (state_folder(site.settings) or site.home / "state") / f"{first[:16]}.erasures.jsonl"
