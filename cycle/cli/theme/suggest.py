"""`cycle theme suggest`: which themes the recorded gap analysis and the open needs would bear. Nothing is written."""

from textwrap import fill
from typing import TYPE_CHECKING, Any

import typer

from cycle.cli.options import AsOf, Effective, Json, OfPlan, YearArg
from cycle.cli.output import as_json, say
from cycle.cli.shell import reading, sentence
from cycle.cli.words import language, word

if TYPE_CHECKING:
    from cycle.cycles.records import Year
    from cycle.reports.rules.suggest import Rated, Suggestion
    from cycle.workflow.model import Workflow


def suggest(year: YearArg, as_of: AsOf = None, effective: Effective = None, plan: OfPlan = None, json: Json = False) -> None:
    from cycle.reports.records.suggest import suggested

    with reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        snapshot, found = suggested(about)
        told = [_told(each, about) for each in found]
        recorded_on = snapshot.recorded_on
    if json:
        as_json({"schema": "cycle/theme-suggestions/1", "year": year, "recorded": recorded_on, "suggestions": told})
        return
    typer.echo(fill(sentence("suggest.head", year=year, on=recorded_on), 79))
    for number, each in enumerate(told, start=1):
        typer.echo("")
        typer.echo(sentence("suggest.title", place=number, label=each["label"], weight=each["weight"]))
        typer.echo(fill(each["reason"], 79, initial_indent="   ", subsequent_indent="   ", break_on_hyphens=False))
        typer.echo(f"   → {each['command']}")
    if not told:
        say("suggest.nothing", year=year)


def _told(each: "Suggestion", about: "Year") -> dict[str, Any]:
    workflow = about.workflow
    label = _label(workflow, "fields", each.field.word)
    reason = _reason(each, workflow)
    options = "".join(f" --target-group {group.word}" for group in each.groups)
    options += "".join(f" --need {need.number}" for need in each.needs)
    propose = f"cycle theme propose {about.cycle.year}"
    span = f"--valid-from {about.first_day} --valid-to {about.last_day}"
    return {
        "field": each.field.word,
        "label": label,
        "share": each.field.share / 10_000,
        "status": each.field.status.value,
        "target_groups": [{"id": g.word, "share": g.share / 10_000, "status": g.status.value} for g in each.groups],
        "needs": [{"number": n.number, "title": n.title, "age": n.age} for n in each.needs],
        "weight": each.weight,
        "reason": reason,
        "command": f'{propose} "{label}" --field {each.field.word} --primary {span}{options} --reason …',
    }


def _reason(each: "Suggestion", workflow: "Workflow") -> str:
    parts = [sentence("suggest.field", field=_label(workflow, "fields", each.field.word), **_standing(each.field))]
    if each.needs:
        oldest = each.needs[0]
        key = "suggest.need" if len(each.needs) == 1 else "suggest.needs"
        parts.append(sentence(key, count=len(each.needs), number=oldest.number, title=oldest.title, age=oldest.age))
    else:
        parts.append(word("suggest.without_need"))
    if each.groups:
        named = [
            sentence("suggest.group", group=_label(workflow, "target_groups", group.word), **_standing(group))
            for group in each.groups
        ]
        parts.append(sentence("suggest.groups", groups=named))
    return " ".join(parts)


def _standing(rated: "Rated") -> dict[str, str]:
    from cycle.inventory.rules.shares import percent_text

    return {"share": percent_text(rated.share, language()), "status": word(f"gap.status.{rated.status.value}")}


def _label(workflow: "Workflow", words: str, id: str) -> str:
    from cycle.plan.rules.terms import label

    return label(workflow, words, id, language())
