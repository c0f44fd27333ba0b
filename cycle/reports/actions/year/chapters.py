"""The parts on what the year was about: theme, inventory, needs, measures, meetings, promises."""

from cycle.reports.actions.year.telling import Told
from cycle.reports.rules.decisions import Decided
from cycle.reports.rules.figures import unowned
from cycle.reports.rules.paper import Cell, Heading, Part, apart, kept, row
from cycle.reports.rules.year import MeasureLine


def theme(told: Told) -> Part:
    """The theme with its reason, and what the bodies decided."""
    year = told.year
    columns = told.columns(day="day", body="word", what="", outcome="word", reference="")
    rows = [_decision(told, each) for each in year.decisions]
    blocks = [
        *(told.items(told.tell("theme_line", each), told.tell("theme_why", each)) for each in year.themes),
        None if year.themes else told.text("no_theme"),
        Heading(told.label("decisions")),
        told.table("decisions_caption", columns, rows) if rows else told.text("no_decisions"),
    ]
    return Part("theme", told.label("theme"), kept(blocks), leaf=True)


def inventory(told: Told) -> Part:
    """The survey, the gaps, the money, who works together."""
    found = told.year.gaps
    gaps = [("target_groups", found.target_groups), ("fields", found.fields)] if found else []
    blocks = [
        told.text("caution", tone="caution") if told.year.caution else None,
        told.text("survey"),
        told.text("gaps_intro"),
        told.items(*(told.tell("ratings", kind, shares) for kind, shares in gaps), told.tell("empty"), told.tell("closure")),
        told.text("funding"),
        told.text("cooperation"),
    ]
    return Part("inventory", told.label("inventory"), kept(blocks))


def needs(told: Told) -> Part:
    """What became of the needs."""
    columns = told.columns(number="nr", need="", field="word", became="", reason="")
    rows = [
        row(
            each.number,
            Cell(apart(each.title), tuple(filter(None, [told.tell("need_measures", each)]))),
            apart(told.names.of("fields", each.field)),
            told.tell("need_became", each),
            apart(each.reason or ""),
        )
        for each in told.year.needs
    ]
    blocks = [told.text("needs_intro"), told.table("needs_caption", columns, rows)]
    return Part("needs", told.label("needs"), kept(blocks))


def measures(told: Told) -> Part:
    """All measures; what is late, carried, without an owner, dropped, and why."""
    found = told.year.measures
    columns = told.columns(number="nr", measure="", owner="", due="day", status="word")
    late = [each for each in found if _behind(each)]
    why = told.columns(number="nr", measure="", late="num", reason="")
    without = [told.tell("titled", each) for each in found if unowned(each)]
    dropped = [told.tell("dropped_measure", each) for each in found if each.status == "dropped"]
    reasons = [_why(told, each) for each in late]
    blocks = [
        told.text("measures_intro"),
        told.table("measures_caption", columns, [_measure(told, each) for each in found]),
        Heading(told.label("late_measures")) if found else None,
        (told.table("late_measures_caption", why, reasons) if late else told.text("none_late")) if found else None,
        told.items(told.tell("unowned_measures", without), *dropped) if found else None,
    ]
    return Part("measures", told.label("measures"), kept(blocks))


def meetings(told: Told) -> Part:
    """Who came, and who was written to."""
    year = told.year
    columns = told.columns(meeting="", first_plan="day", actual="day", on_site="num", online="value")
    rows = [
        row(
            " ".join(filter(None, [told.names.of("meeting", each.rule), each.group])),
            told.day(each.first),
            told.day(each.held_on) if each.held_on else told.wording.sentence(f"meeting_status.{each.status}"),
            told.day(each.on_site),
            told.tell("at_least", each.online) if each.online_at_least else told.day(each.online),
        )
        for each in year.meetings
    ]
    blocks = [told.text("meetings_intro"), told.table("meetings_caption", columns, rows), told.text("mail")]
    return Part("meetings", told.label("meetings"), kept(blocks))


def promises(told: Told) -> Part:
    """What was promised to the council."""
    columns = told.columns(promise="", body="word", until="day", kept="word")
    rows = [
        row(
            apart(each.title),
            apart(told.names.of("decision_bodies", each.body)),
            told.day(each.due),
            told.tell("promise_kept", each),
        )
        for each in told.year.promises
    ]
    blocks = [told.table("promises_caption", columns, rows) if rows else told.text("no_promises")]
    return Part("promises", told.label("promises"), kept(blocks))


def _decision(told: Told, each: Decided) -> tuple[Cell, ...]:
    about = apart(each.title) if each.theme and each.title else told.names.of("decision_subjects", each.subject)
    outcome = told.tell("confirmed", each) if each.confirms else told.names.of("decision_outcomes", each.outcome)
    more = [told.tell("quorum", each) if each.present is not None and each.members is not None else "", each.vote or ""]
    return row(
        told.day(each.decided_on),
        apart("–" if each.confirms else told.names.of("decision_bodies", each.body)),
        about,
        Cell(outcome, tuple(apart(one) for one in more if one)),
        apart(each.reference or "–"),
    )


def _behind(measure: MeasureLine) -> bool:
    return bool(measure.carry_count) or bool(measure.late and measure.status != "dropped")


def _measure(told: Told, each: MeasureLine) -> tuple[Cell, ...]:
    late = told.tell("measure_late", each)
    return row(
        each.number,
        apart(each.title),
        told.tell("owner", each),
        told.day(each.due),
        Cell(told.tell("measure_status", each), tuple(filter(None, [late])), late=bool(late)),
    )


def _why(told: Told, each: MeasureLine) -> tuple[Cell, ...]:
    return row(
        each.number,
        Cell(apart(each.title), tuple(filter(None, [told.tell("measure_carried", each)]))),
        told.day(each.late or None),
        told.tell("why", each.reason),
    )
