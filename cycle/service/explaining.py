"""Why mails went, will go or do not, for some partners: the site as it is, beside the site as it will be."""

from datetime import date, timedelta

from cycle.app.site import Site
from cycle.cycles.records import Cycle, cycle_of, running
from cycle.journal.questions import row_of
from cycle.partners.records import partner_of
from cycle.reminders.actions.explain import explain, last_step
from cycle.reminders.rules.explain import Explained
from cycle.service.ahead import lived

# A mail may wait so long after its day: a quiet time, and the days between two reminders.
WAITS = timedelta(days=45)


def explained(
    site: Site, partners: list[int], *, year: int | None = None, plan: str | None = None, on: date | None = None
) -> list[Explained]:
    """What the ladders and facts of the running years (or of one year) did and will do for these partners; with `on` only
    what fell on that day, or happened or will happen on it.

    Raises:
        NotFound: for an unknown partner or year.
    """
    now = site.now()
    with site.journal.reading() as session:
        for number in partners:
            partner_of(session, number)
        wanted = plan or site.settings.plan
        cycles = [cycle_of(session, wanted, year)] if year is not None else running(session, plan)
        abouts = [site.year(session, cycle, now) for cycle in cycles]
        until = max((last_step(about, site.files.calendars(about.workflow)) for about in abouts), default=site.today()) + WAITS
        if on is not None:
            until = min(until, max(on, site.today()))
        with lived(site, until) as ahead, ahead.site.journal.reading() as later:
            found = [
                each
                for about in abouts
                for each in explain(
                    about,
                    ahead.site.year(later, row_of(later, Cycle, about.cycle_id)),
                    site.files.calendars(about.workflow),
                    partners,
                    last_item=ahead.last_item,
                )
            ]
    return [each for each in found if on is None or on in (each.due_on, each.on)]
