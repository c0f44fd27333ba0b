"""A theme with everything that hangs on it: evidence, needs, and the measures for them."""

from cycle.cycles.records import Year
from cycle.dates.rules import Calendar
from cycle.plan.records import Theme, measures_all, needs_all
from cycle.reports.records.chain.evidence import evidence_links
from cycle.reports.records.chain.measure import measure_links
from cycle.reports.records.chain.need import need_link
from cycle.reports.records.chain.theme import theme_link
from cycle.reports.rules.chain import Link


def theme_links(about: Year, theme: Theme, public: Calendar | None) -> Link:
    """The whole of a theme: its story, evidence, needs with their measures, and the measures that follow from no need of it."""
    head = theme_link(about, theme)
    plan = about.cycle.plan
    needs = [each for each in needs_all(about.session, plan) if each.number in theme.needs or each.theme == theme.number]
    served = {each.number for each in needs}
    own = [
        each.number for each in measures_all(about.session, plan) if each.theme == theme.number and not served & set(each.needs)
    ]
    below = (
        *head.below,
        *evidence_links(about, theme.number),
        *(need_link(about, each, public) for each in needs),
        *measure_links(about, own, public),
    )
    return Link(head.kind, head.facts, below)
