"""Which filed documents cannot go along with the mails that should bring them."""

from cycle.app.site import Site
from cycle.cycles.records import running
from cycle.documents.actions import attachable
from cycle.documents.records import Document, documents_of
from cycle.documents.rules import MOST_ATTACHED


def not_enclosed(site: Site) -> tuple[list[str], list[str]]:
    """The names of documents of the running years that a mail should bring but that are gone or altered, and of those that are
    too large for a mail."""
    gone, large = [], []
    with site.journal.reading() as session:
        for cycle in running(session):
            about = site.year(session, cycle, site.now())
            wanted = [each.narrow for follows in about.workflow.on.values() for each in follows if each.attach is not None]
            for document in documents_of(session, about.cycle_id):
                if document.superseded or not any(_is_meant(document, narrow) for narrow in wanted):
                    continue
                if document.size > MOST_ATTACHED:
                    large.append(document.filename)
                elif attachable(site.home / "documents" / document.path, document.sha256, document.size) is None:
                    gone.append(document.filename)
    return gone, large


def _is_meant(document: Document, narrow: dict[str, str]) -> bool:
    return all(getattr(document, name, None) == value for name, value in narrow.items())
