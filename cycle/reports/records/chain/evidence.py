"""What is on file for a need, a theme or a measure, in whichever year it was filed."""

from sqlmodel import col, select

from cycle.cycles.records import Cycle, Year
from cycle.documents.records import Document
from cycle.reports.rules.chain import Link, LinkKind


def evidence_links(about: Year, number: str) -> list[Link]:
    """The documents filed with `--of NUMBER` that still stand, in the order filed."""
    query = select(Document).join(Cycle, col(Document.cycle_id) == col(Cycle.id))
    query = query.where(Cycle.plan == about.cycle.plan, Document.of == number, col(Document.superseded).is_(False))
    return [
        Link(LinkKind.EVIDENCE, {"documents": d.kind, "filename": d.filename, "sha256": d.sha256, "on": d.filed_on})
        for d in about.session.exec(query.order_by(col(Document.id)))
    ]
