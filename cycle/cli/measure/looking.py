"""`cycle measure list|show`: what there is, and what became of one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli.measure.options import MeasureArg
from cycle.cli.options import AsOf, Csv, Effective, Json, OfPlan, YearArg
from cycle.cli.output import as_csv, as_json, as_table, show
from cycle.cli.shell import calendars_for, reading
from cycle.cli.words import language, word

if TYPE_CHECKING:
    from cycle.plan.records import MeasureUpdate
    from cycle.plan.records.assessments import Assessment

# A measure's columns that hold a word of the workflow's vocabularies.
_WORDS = {
    "field": "fields",
    "target_groups": "target_groups",
    "status": "measure_status",
    "secured": "funding_secured",
    "funding_source": "funding_sources",
}
_DECIMALS = ("target", "actual")
_HIDDEN = {"id", "version", "plan", "due_since", "done_on", "reason"}
_COLUMNS = ("number", "measure", "owner", "due", "status", "days_late", "percent", "carry_count")
_SEARCHING = ("number", "measure", "interim", "search_until", "due", "status", "carry_count")
_RIGHT = ("percent", "days_late", "carry_count")
_SIDES = {"measure": "title", "status": "title"}
_CSV = (
    "plan.number", "plan.measure", "plan.field", "plan.owner", "plan.owner_name", "plan.due_first", "plan.due",
    "plan.days_late", "plan.status", "plan.percent", "plan.carry_count", "plan.cost", "plan.cost_actual", "plan.secured",
    "plan.funding_source", "plan.indicator", "plan.indicator_unit", "plan.target", "plan.actual", "plan.needs",
    "plan.theme", "plan.at_close",
)  # fmt: skip


def list_(
    year: YearArg,
    open: Annotated[bool, typer.Option("--open", help=word("opt.plan.open_measures"))] = False,
    late: Annotated[bool, typer.Option("--late", help=word("opt.plan.late_measures"))] = False,
    unowned: Annotated[bool, typer.Option("--unowned", help=word("opt.plan.unowned_measures"))] = False,
    carried: Annotated[
        int, typer.Option("--carried", metavar="N", min=0, max=LARGEST, help=word("opt.plan.carried"), show_default=False)
    ] = 0,
    owner: Annotated[
        int | None,
        typer.Option("--owner", metavar="PARTNER", min=0, max=LARGEST, help=word("opt.plan.of_owner"), show_default=False),
    ] = None,
    group: Annotated[
        str | None, typer.Option("--group", metavar="GROUP", help=word("opt.plan.of_group"), show_default=False)
    ] = None,
    field: Annotated[str | None, typer.Option("--field", help=word("opt.plan.field"), show_default=False)] = None,
    csv: Csv = False,
    as_of: AsOf = None,
    effective: Effective = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.dates.rules import public_calendar
    from cycle.plan.records.choosing import Choice, chosen
    from cycle.plan.records.owning import owners
    from cycle.plan.rules.measures import becomes_at_close, days_late
    from cycle.plan.words.measures import measures_at_close

    choice = Choice(open=open, late=late, unowned=unowned, group=group, field=field, owner=owner, carried=carried)
    with reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        public = public_calendar(calendars_for(about))
        listed = chosen(about, choice, public)
        closing = measures_at_close(about)
        owned = owners(about.session, listed)
        found = []
        for each in listed:
            partner = owned.get(each.owner) if each.owner is not None else None
            computed = {
                "days_late": days_late(each, about.today, public),
                "unowned": partner is None,
                "at_close": becomes_at_close(closing, each.number),
            }
            found.append((partner, told_of(each) | computed))
        if json:
            as_json({"schema": "cycle/measures/1", "year": year, "measures": [told for _, told in found]})
        elif csv:
            as_csv(_CSV, [_line(told, partner, about) for partner, told in found])
        else:
            names = _SEARCHING if unowned else _COLUMNS
            rows = [_row(names, partner, told, about) for partner, told in found]
            columns = [(f"column.plan.{name}", "right" if name in _RIGHT else _SIDES.get(name, "left")) for name in names]
            show("title.plan.measures", columns=columns, rows=rows)


def show_(
    year: YearArg, number: MeasureArg, as_of: AsOf = None, effective: Effective = None, plan: OfPlan = None, json: Json = False
) -> None:
    from cycle.cli.links import line_of
    from cycle.dates.rules import public_calendar
    from cycle.plan.records import measure_of, updates_of
    from cycle.plan.records.assessments import assessments_of
    from cycle.plan.records.owning import owners
    from cycle.plan.rules.decimals import reached
    from cycle.plan.rules.measures import becomes_at_close, days_late
    from cycle.plan.words.measures import measures_at_close
    from cycle.reports.records.chain import came_from

    with reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        measure = measure_of(about.session, number, about.cycle.plan)
        links = came_from(about, measure)
        owner = owners(about.session, [measure]).get(measure.owner or 0)
        told = {
            **told_of(measure),
            "days_late": days_late(measure, about.today, public_calendar(calendars_for(about))),
            "reached": reached(measure.target, measure.actual),
            "at_close": becomes_at_close(measures_at_close(about), measure.number),
            "reason": measure.reason,
        }
        updates = [_update(each, about) for each in updates_of(about.session, measure.number)]
        judged = [_assessment(each, about) for each in assessments_of(about.session, measure.number)]
        if json:
            origin = [link.document() for link in links]
            as_json({"schema": "cycle/measure/1", **told, "updates": updates, "assessments": judged, "came_from": origin})
            return
        shown = told | {"owner": f"{owner.short} ({owner.number})" if owner else told["owner"]}
        _print(shown, [line_of(link, about.workflow, {}) for link in links], updates, judged, about)


def told_of(measure: Any) -> dict[str, Any]:
    told = {name: getattr(measure, name) for name in type(measure).model_fields if name not in _HIDDEN}
    return told | {"done": measure.done_on}


def _row(names: Sequence[str], partner: Any, told: dict[str, Any], about: Any) -> list[Any]:
    owner = partner.short if partner else word("plan.unowned")
    known = told | {"measure": told["title"], "owner": owner, "days_late": told["days_late"] or None}
    return [_worded(name, known[name], about) for name in names]


def _line(told: dict[str, Any], partner: Any, about: Any) -> list[Any]:
    known = told | {
        "measure": told["title"],
        "owner": partner.number if partner else None,
        "owner_name": partner.name if partner else None,
    }
    return [_worded(name.removeprefix("plan."), known[name.removeprefix("plan.")], about) for name in _CSV]


def _worded(name: str, value: Any, about: Any) -> Any:
    from cycle.plan.rules.decimals import decimal_shown
    from cycle.plan.rules.terms import label

    if isinstance(value, list):
        return [_worded(name, each, about) for each in value]
    if value is None:
        return None
    if name == "interim":
        role = about.workflow.roles.get(value)
        return role.label(language()) if role else value
    if name == "at_close":
        return word(f"at_close.{value}")
    if name in _DECIMALS:
        return decimal_shown(value, language())
    return label(about.workflow, _WORDS[name], value, language()) if name in _WORDS else value


def _update(each: "MeasureUpdate", about: Any) -> dict[str, Any]:
    return {
        "year": _year_of(each.cycle_id, about),
        "told_on": each.told_on,
        "status": each.status,
        "percent": each.percent,
        "cost_actual": each.cost_actual,
        "actual": each.actual,
        "told_by": _name_of(each.told_by, about),
        "role": each.role,
        "obstacles": each.obstacles,
        "note": each.note,
    }


def _assessment(each: "Assessment", about: Any) -> dict[str, Any]:
    return {
        "year": _year_of(each.cycle_id, about),
        "assessed_on": each.assessed_on,
        "assessor": each.assessor,
        "rating": each.rating,
        "percent": each.percent,
        "told_by": _name_of(each.told_by, about),
        "note": each.note,
    }


def _year_of(cycle_id: int, about: Any) -> int:
    from cycle.cycles.records import Cycle
    from cycle.journal.questions import row_of

    return row_of(about.session, Cycle, cycle_id).year


def _name_of(ref: str | None, about: Any) -> str | None:
    from cycle.people.records import person_by_ref

    person = person_by_ref(about.session, ref) if ref is not None else None
    return person.name or person.login if person else None


def _print(
    told: dict[str, Any], origin: list[str], updates: list[dict[str, Any]], judged: list[dict[str, Any]], about: Any
) -> None:
    from cycle.cli.measure.assessing import assessed_words, assessor_label
    from cycle.inventory.rules.shares import percent_text
    from cycle.plan.records.assessments import assessed_in
    from cycle.plan.rules.assessments import differ

    known = {name: value for name, value in told.items() if value not in (None, [])}
    if "reached" in known:
        known["reached"] = f"{percent_text(known['reached'], language())} %"
    as_table(
        f"{told['number']} {told['title']}",
        [("column.plan.what", "left"), ("column.plan.value", "left")],
        [
            *([word(f"column.plan.{name}"), _worded(name, value, about)] for name, value in known.items()),
            *([word("column.plan.came_from"), line] for line in origin),
        ],
    )
    if updates:
        names = ("year", "told_on", "status", "percent", "cost_actual", "actual", "told_by", "note")
        right = ("year", "percent", "cost_actual", "actual")
        rows = [[*(_worded(name, each[name], about) for name in names[:-1]), _notes(each)] for each in updates]
        as_table(word("title.plan.updates"), [(f"column.plan.{n}", "right" if n in right else "left") for n in names], rows)
    if judged:
        rows = [
            [
                each["year"],
                each["assessed_on"],
                assessor_label(about, each["assessor"]),
                assessed_words(about, each),
                each["note"],
            ]
            for each in judged
        ]
        heads = ("year", "assessed_on", "assessor", "rating", "note")
        sides = [(f"column.plan.{name}", "right" if name == "year" else "left") for name in heads]
        as_table(word("title.plan.assessments"), sides, rows)
        if differ(assessed_in(about).get(told["number"], ())):
            typer.echo(word("plan.assessed_apart", year=about.cycle.year))


def _notes(update: dict[str, Any]) -> str:
    obstacles = word("plan.obstacles", text=update["obstacles"]) if update["obstacles"] else None
    return "; ".join(filter(None, [obstacles, update["note"]]))
