"""The last part: every figure of the year with what it rests on."""

from collections.abc import Mapping

from cycle.reports.actions.grammar import ratio
from cycle.reports.actions.names import percent, whole
from cycle.reports.actions.year.telling import Told
from cycle.reports.rules.paper import Part, kept, row
from cycle.reports.rules.year import YearTold

# Figures that several rows share the basis of.
BASES = {"secured": "of_measures", "theme": "of_measures", "need": "of_measures"}


def figures(told: Told) -> Part:
    """All figures of DOMAIN.md §4.4."""
    columns = told.columns(figure="", value="value", basis="")
    rows = [
        row(told.label(f"kpi_{name}"), value, told.tell(f"kpi_{BASES.get(name, name)}"))
        for name, value in _values(told.year, told).items()
    ]
    return Part("figures", told.label("figures"), kept([told.table("figures_caption", columns, rows)]))


def _values(year: YearTold, told: Told) -> Mapping[str, str]:
    language = told.wording.language
    all = year.figures
    mail, measures, dates = all.mail, all.measures, all.punctuality

    def share(value: int | None) -> str:
        return percent(value, language)

    def count(value: int | None) -> str:
        return whole(value, language)

    return {
        "gross": share(year.asked.gross),
        "net": share(year.asked.net),
        "closure": share(all.closure.share if all.closure else None),
        "funding": share(all.funding.small if all.funding else None),
        "needs": count(all.needs.all),
        "measures": count(measures.all),
        "median": told.tell("days", measures.median_days_late),
        "secured": share(measures.secured),
        "theme": share(measures.linked_to_theme),
        "need": share(measures.linked_to_need),
        "together": share(all.cooperation.share),
        "pairs": count(all.cooperation.new_pairs),
        "attendance": count(all.attendance.on_site + all.attendance.online),
        "present": share(all.attendance.share),
        "dates": count(dates.dates - dates.late),
        "exceptions": count(dates.moves + dates.back_steps + dates.waivers),
        "mail": count(mail.sent + mail.letters),
        "reminders": ratio(mail.reminders_per_answer, language),
        "contacts": share(mail.confirmed_share),
    }
