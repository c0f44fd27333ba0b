"""What is looked at in what is kept: the database, its journal, the rollback guard, what was erased."""

from collections.abc import Iterator

from cycle.adapters.database import safe_wal, sqlite_file
from cycle.app.erasures import pending
from cycle.app.proof import sentences
from cycle.app.rollback import behind
from cycle.app.site import Site
from cycle.journal.verify import verify
from cycle.service.doctor.examined import Examined, Health


def database(site: Site) -> Iterator[Examined]:
    """Which database it is and how it keeps its journal; that it is a sandbox."""
    if site.database.kind == "sqlite":
        yield Examined(Health.GOOD, "sqlite", {"mode": site.database.journal_mode, "safe": safe_wal()})
    else:
        yield Examined(Health.GOOD, "postgresql")
    if site.sandbox:
        yield Examined(Health.WARNING, "sandbox")


def journal(site: Site) -> Iterator[Examined]:
    """Whether the history is intact; if not, the first thing wrong in it."""
    verdict = verify(site.database)
    if verdict.intact:
        yield Examined(Health.GOOD, "journal", {"entries": verdict.entries})
    else:
        told = sentences(site, verdict)
        yield Examined(Health.BAD, "journal_broken", {"count": len(told), "first": told[0]})


def guard(site: Site) -> Iterator[Examined]:
    """Whether the database is what was seen of it before, and whether that is kept where it outlasts the database."""
    found = behind(site)
    if found is not None:
        refusal = found.refusal()
        yield Examined(Health.BAD, "behind", {"sentence": site.wording.sentence(refusal.key, **refusal.facts)})
        return
    last_seen = site.journal.last_seen
    if last_seen is None:
        return
    problem = last_seen.keep()
    file, beside = last_seen.file, sqlite_file(site.database.url)
    if problem is not None or file is None:
        yield Examined(Health.WARNING, "guard_unwritable", {"problem": problem or "HOME"})
    elif beside is not None and file.absolute().is_relative_to(beside.absolute().parent):
        yield Examined(Health.WARNING, "guard_beside", {"file": file})


def erasures(site: Site) -> Iterator[Examined]:
    """Erasures that this database lacks: it was put back from before them."""
    with site.journal.reading() as session:
        waiting = pending(site, session)
    if waiting:
        yield Examined(Health.BAD, "erasures_wait", {"count": len(waiting)})
