"""`cycle survey show`: every answer of one partner as it was told, and which of them counts."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli.options import AsOf, Json, OfPlan, YearArg
from cycle.cli.output import say, show
from cycle.cli.shell import reading, sentence
from cycle.cli.words import word


def versions(
    year: YearArg,
    partner: Annotated[int, typer.Argument(metavar="PARTNER", min=0, max=LARGEST, help=word("arg.answering_partner"))],
    as_of: AsOf = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.inventory.records import all_answers, answers_of
    from cycle.partners.records import partner_of

    with reading(year, plan=plan, as_of=as_of) as about:
        name = partner_of(about.session, partner).name
        counting = answers_of(about.session, about.cycle_id).get(partner)
        answers: list[dict[str, Any]] = [
            {
                "answered_on": each.answered_on,
                "channel": each.channel,
                "usable": each.usable,
                "late": each.late,
                "after_close": each.after_close,
                "counts": counting is not None and each.id == counting.id and not each.after_close,
                "projects": each.projects,
                "reported": each.reported,
                "remark": each.remark,
                "form_sha256": each.form_sha256,
            }
            for each in all_answers(about.session, about.cycle_id)
            if each.partner == partner
        ]
    columns = ("answered_on", "way", "usable", "late", "counts", "projects")
    show(
        "survey.versions",
        columns=[(f"column.survey.{each}", "right" if each == "projects" else "left") for each in columns],
        rows=[[_way(each) if column == "way" else each[column] for column in columns] for each in answers],
        json=json,
        document={"year": year, "partner": partner, "name": name, "answers": answers},
        schema="cycle/survey-answers/1",
    )
    if json:
        return
    if not answers:
        say("survey.no_answer", partner=partner, name=name)
    for each in answers:
        for project in each["reported"] or ():
            told = {"number": project["number"], "title": project["title"], "day": each["answered_on"]}
            typer.echo(sentence("survey.told", **told))
        if each["remark"]:
            typer.echo(sentence("survey.remark", day=each["answered_on"], text=each["remark"]))


def _way(answer: Mapping[str, Any]) -> str:
    return word(f"answer_way.{answer['channel']}") if answer["channel"] else ""
