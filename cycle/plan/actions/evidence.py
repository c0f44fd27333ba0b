"""What a document may be evidence for."""

from cycle.cycles.records import Year
from cycle.errors import NotFound
from cycle.journal.questions import rows_where
from cycle.plan.records import Measure, Need, Theme
from cycle.plan.rules.terms import is_theme, numbered


def evidence_for(year: Year, of: str | None) -> tuple[str | None, bool]:
    """What a document is evidence for: the number of a need, theme or measure as it is kept, and True; else `of` and False.

    Raises NotFound for a number that is not given.
    """
    number = (of or "").upper()
    for model, like in ((Need, numbered("B")), (Measure, numbered("M")), (Theme, is_theme)):
        if like(number):
            asked: type[Need] | type[Measure] | type[Theme] = model
            if not rows_where(year.session, asked, number=number, plan=year.cycle.plan):
                raise NotFound("unknown_evidence_for", of=number)
            return number, True
    return of, False
