"""`cycle measure list|show`: what there is, and what became of one."""

from typing import Annotated, Any

import typer

from cycle.cli.shell import AsOf, Effective, Json, OfPlan, YearArg, calendars_for, language, reading, show, word

# A measure's columns that hold a word of the workflow's vocabularies.
_WORDS = {
    "field": "fields",
    "target_groups": "target_groups",
    "status": "measure_status",
    "funding_secured": "funding_secured",
}
_HIDDEN = {"id", "version", "plan", "due_since", "done_on", "reason"}
MeasureArg = Annotated[str, typer.Argument(metavar="NUMBER", help=word("arg.plan.measure"), show_default=False)]


def list_(
    year: YearArg,
    open: Annotated[bool, typer.Option("--open", help=word("opt.plan.open_measures"))] = False,
    as_of: AsOf = None,
    effective: Effective = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.dates.rules import public_calendar
    from cycle.plan.records import measures_all, owners
    from cycle.plan.rules.measures import days_late, unfinished
    from cycle.plan.rules.terms import label

    with reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        found = [each for each in measures_all(about.session, about.cycle.plan) if each.year <= year]
        listed = unfinished(found) if open else found
        public = public_calendar(calendars_for(about))
        late = {each.number: days_late(each, about.today, public) for each in listed}
        shorts = {number: partner.short for number, partner in owners(about.session, listed).items()}
        rows = [
            [
                each.number,
                each.title,
                shorts.get(each.owner, each.owner) if each.owner is not None else each.interim,
                each.due,
                label(about.workflow, "measure_status", each.status, language()),
                each.percent,
                late[each.number] or None,
                each.carry_count,
            ]
            for each in listed
        ]
        document = {"year": year, "measures": [told_of(each) | {"days_late": late[each.number]} for each in listed]}
    show(
        "title.plan.measures",
        columns=[
            ("column.plan.number", "left"),
            ("column.plan.measure", "left"),
            ("column.plan.owner", "left"),
            ("column.plan.due", "left"),
            ("column.plan.status", "left"),
            ("column.plan.percent", "right"),
            ("column.plan.days_late", "right"),
            ("column.plan.carry_count", "right"),
        ],
        rows=rows,
        json=json,
        document=document,
        schema="cycle/measures/1",
    )


def show_(
    year: YearArg, number: MeasureArg, as_of: AsOf = None, effective: Effective = None, plan: OfPlan = None, json: Json = False
) -> None:
    from cycle.cli.links import line_of
    from cycle.dates.rules import public_calendar
    from cycle.plan.records import measure_of, updates_of
    from cycle.plan.rules.measures import days_late
    from cycle.plan.rules.terms import label
    from cycle.reports.records.chain import came_from

    with reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        measure = measure_of(about.session, number, about.cycle.plan)
        links = came_from(about, measure)
        late = days_late(measure, about.today, public_calendar(calendars_for(about)))
        told = {**told_of(measure), "days_late": late, "reason": measure.reason}
        updates = [
            {"told_on": each.told_on, "status": each.status, "percent": each.percent, "note": each.note}
            for each in updates_of(about.session, measure.number)
        ]

    def worded(name: str, value: Any) -> Any:
        if isinstance(value, list):
            return [worded(name, each) for each in value]
        words = _WORDS.get(name)
        return label(about.workflow, words, value, language()) if words and value is not None else value

    history = [[each["told_on"], f"{worded('status', each['status'])} {each['percent']} %", each["note"]] for each in updates]
    show(
        "title.plan.measure",
        columns=[("column.plan.what", "left"), ("column.plan.value", "left"), ("column.plan.note", "left")],
        rows=[
            *(
                [word(f"column.plan.{name}"), worded(name, value), None]
                for name, value in told.items()
                if value not in (None, [])
            ),
            *([word("column.plan.came_from"), line_of(link, about.workflow, {}), None] for link in links),
            *history,
        ],
        json=json,
        document=told | {"updates": updates, "came_from": [link.document() for link in links]},
        schema="cycle/measure/1",
    )


def told_of(measure: Any) -> dict[str, Any]:
    told = {name: getattr(measure, name) for name in type(measure).model_fields if name not in _HIDDEN}
    return told | {"done": measure.done_on}
