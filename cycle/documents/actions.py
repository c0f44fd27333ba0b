"""Filing a document: copied into the site, its SHA-256 into the journal. Recording a number. With an open entry."""

import errno
import hashlib
import os
import tempfile
from functools import lru_cache
from pathlib import Path

from cycle.adapters.files import read_file
from cycle.cycles.records import Year
from cycle.documents.records import Document, RecordedNumber, documents_of
from cycle.documents.rules import MOST_ATTACHED, plain_name
from cycle.errors import WrongInput
from cycle.journal.entry import Entry

MOST_BYTES = 100_000_000
READABLE = 0o640


def file_document(
    entry: Entry,
    about: Year,
    kind: str,
    file: Path,
    *,
    folder: Path | None,
    of: str | None = None,
    beside: bool = False,
    amount: int | None = None,
    note: str | None = None,
) -> Document:
    """File a document of a kind, as the minutes of a meeting where `of` names one; an older one is superseded, unless this
    one is to stand `beside` it (evidence for a need).

    The file is copied to `folder`/<cycle>/<first 16 of its SHA-256>-<name> before the entry closes; if the entry fails,
    at most a file that nobody refers to is left. Without a folder (a dry run) nothing is copied.

    Raises:
        WrongInput: for an unknown kind, a file that is empty, too large or filed already.
        NotFound: if there is no such file.
    """
    if kind not in about.workflow.vocab.get("documents", {}):
        known = ", ".join(about.workflow.vocab.get("documents", {}))
        raise WrongInput("unknown_document_kind", kind=kind, known=known)
    content = _content(file)
    digest = hashlib.sha256(content).hexdigest()
    before = [d for d in documents_of(about.session, about.cycle_id) if d.kind == kind and d.of == of and not d.superseded]
    if any(document.sha256 == digest for document in before):
        raise WrongInput("filed_already", file=file.name, kind=kind, year=about.cycle.year)
    name = plain_name(file.name)
    path = f"{about.cycle.key}/{digest[:16]}-{name}"
    if folder is not None:
        _keep(content, folder / path)
    for document in () if beside else before:
        entry.change(document, superseded=True)
    document = entry.add(
        Document(
            cycle_id=about.cycle_id,
            kind=kind,
            of=of,
            phase=about.cycle.phase,
            filename=name,
            path=path,
            sha256=digest,
            size=len(content),
            amount=amount,
            filed_on=entry.effective_on,
            note=note,
        )
    )
    entry.tell(document=document.id, kind=kind, of=of)
    entry.rest_on("document", kind, digest)
    return document


def attachable(file: Path, sha256: str, size: int) -> bytes | None:
    """A filed document to go along with a mail; None if it is too large for that, gone, or not what was filed any more."""
    if size > MOST_ATTACHED:
        return None
    try:
        return _as_filed(file, sha256)
    except OSError:
        return None


def record_number(entry: Entry, about: Year, number: str, value: int) -> RecordedNumber:
    """Record a number that the workflow asks for; the last one counts. Raises WrongInput for an unknown one or below 0."""
    if number not in about.workflow.vocab.get("numbers", {}):
        raise WrongInput("unknown_number", number=number, known=", ".join(about.workflow.vocab.get("numbers", {})) or "-")
    if value < 0:
        raise WrongInput("number_negative", number=number, value=value)
    entry.tell(number=number, value=value)
    return entry.add(RecordedNumber(cycle_id=about.cycle_id, number=number, value=value, recorded_on=entry.effective_on))


@lru_cache(maxsize=2)  # one document goes to everybody; a failure is not kept, the file may be put back
def _as_filed(file: Path, sha256: str) -> bytes:
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    return content


def _content(file: Path) -> bytes:
    content = read_file(file, MOST_BYTES)
    if not content:
        raise WrongInput("document_empty", file=file)
    return content


def _keep(content: bytes, target: Path) -> None:
    """Written beside its place and renamed, so that there is never half a file; then the folder's entry is on disk too."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as stream:
            written = Path(stream.name)
            try:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
                written.chmod(READABLE)
                written.replace(target)
            except OSError:
                written.unlink(missing_ok=True)
                raise
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise WrongInput("document_not_kept", folder=target.parent, problem=error) from error
