"""`cycle theme list|show`: which there are, which one holds, and the whole story of one."""

from typing import Annotated, Any

import typer

from cycle.cli.options import AsOf, Effective, Json, OfPlan, YearArg
from cycle.cli.output import as_json, show
from cycle.cli.shell import calendars_for, reading
from cycle.cli.words import language, word

ThemeArg = Annotated[str, typer.Argument(metavar="THEME", help=word("arg.plan.theme"), show_default=False)]


def list_(year: YearArg, as_of: AsOf = None, effective: Effective = None, plan: OfPlan = None, json: Json = False) -> None:
    from cycle.plan.records import themes_all, themes_of_year
    from cycle.plan.rules.terms import label

    with reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        found = themes_all(about.session, about.cycle.plan)
        holding = {theme.number for theme in themes_of_year(about)}
        rows = [
            [
                theme.number,
                theme.title,
                label(about.workflow, "theme_status", theme.status, language()),
                word("yes") if theme.number in holding else "" if theme.primary else word("plan.side_theme"),
                theme.valid_from,
                theme.valid_to,
                label(about.workflow, "fields", theme.field, language()),
                label(about.workflow, "decision_bodies", theme.body, language()),
                theme.decided_on,
                theme.reference,
            ]
            for theme in found
        ]
        document = {"year": year, "themes": [told_of(theme, about) | {"holds": theme.number in holding} for theme in found]}
    show(
        "title.plan.themes",
        columns=[
            ("column.plan.number", "left"),
            ("column.plan.title", "left"),
            ("column.plan.status", "left"),
            ("column.plan.holds", "left"),
            ("column.plan.valid_from", "left"),
            ("column.plan.valid_to", "left"),
            ("column.plan.field", "left"),
            ("column.plan.body", "left"),
            ("column.plan.decided_on", "left"),
            ("column.plan.reference", "left"),
        ],
        rows=rows,
        json=json,
        document=document,
        schema="cycle/themes/1",
    )


def show_(
    year: YearArg, number: ThemeArg, as_of: AsOf = None, effective: Effective = None, plan: OfPlan = None, json: Json = False
) -> None:
    from cycle.cli.links import print_links
    from cycle.cli.telling import names_of
    from cycle.dates.rules import public_calendar
    from cycle.plan.records import theme_of
    from cycle.reports.records.chain import theme_links

    with reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        theme = theme_of(about.session, number, about.cycle.plan)
        link = theme_links(about, theme, public_calendar(calendars_for(about)))
        told = told_of(theme, about)
        names = names_of(about.session)
        workflow = about.workflow
    if json:
        as_json({"schema": "cycle/theme/1", **told, "chain": [each.document() for each in link.below]})
        return
    print_links(link, workflow, names)


def told_of(theme: Any, about: Any) -> dict[str, Any]:
    from cycle.plan.rules.terms import label

    told = {name: getattr(theme, name) for name in type(theme).model_fields if name not in {"id", "version", "plan"}}
    return told | {"body_label": label(about.workflow, "decision_bodies", theme.body, language()) or None}
