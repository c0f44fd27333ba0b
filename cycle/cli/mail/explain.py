"""`cycle mail explain`: what happened or will happen to a partner's mails, step by step, and why."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli import output, shell
from cycle.cli.choosing import FIRST_YEAR, LAST_YEAR
from cycle.cli.mail.forecast import confirming
from cycle.cli.options import Day, Json, OfPlan
from cycle.cli.words import language, word

if TYPE_CHECKING:
    from cycle.reminders.rules.explain import Explained


def explain(
    partners: Annotated[list[int], typer.Argument(metavar="PARTNER…", min=0, max=LARGEST, help=word("arg.explained"))],
    on: Day = None,
    year: Annotated[
        int | None, typer.Option("--year", min=FIRST_YEAR, max=LAST_YEAR, help=word("opt.year"), show_default=False)
    ] = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.service.explaining import explained

    with shell.reading():  # only who may read may ask
        pass
    asked = list(dict.fromkeys(partners))
    found = explained(shell.site(), asked, year=year, plan=plan, on=on)
    if json:
        steps = [_document(each) for each in found]
        output.as_json({"schema": "cycle/explain/1", "assumes": word("forecast.assumes"), "steps": steps})
        return
    several = len({each.cycle for each in found}) > 1
    rows = [
        [
            each.partner,
            each.due_on,
            each.template,
            " ".join(filter(None, [each.cycle if several else "", each.rule, each.at, f"→ {each.audience}" if on else ""])),
            _told(each),
        ]
        for each in found
    ]
    columns = [("col.no", "right"), ("col.due", "left"), ("col.template", "whole"), ("col.rule", "left"), ("col.fate", "left")]
    output.as_table(shell.sentence("title.explain", partners=asked), columns, rows)
    awaited = dict.fromkeys(each.awaits for each in found if each.awaits is not None)
    if awaited:
        typer.echo(word("waits.head"), err=True)
    for date in awaited:
        typer.echo(f"  → {confirming(date)}", err=True)
    if not found:
        output.say("explain.nothing")
    typer.echo(word("forecast.assumes"), err=True)


def _told(each: "Explained") -> str:
    """What became of a step, when and why, and how the mail fared."""
    parts = [word(f"fate.{each.fate}")]
    if each.on is not None:
        parts.append(str(shell.words().value(each.on)))
    text = " ".join(parts)
    if each.awaits is not None:
        text += f": {word('waits.for', anchor=each.awaits.rule.label(language()))}"
    elif each.why is not None:
        text += ": " + (word(f"why.{each.why}") if f"why.{each.why}" in shell.words() else each.why)
    if each.mail is not None:
        text += f", {word('explain.mail', mail=each.mail)}"
    answer = each.reply_code or each.reply
    return f"{text}, {word('explain.reply', reply=answer)}" if answer else text


def _document(each: "Explained") -> dict[str, Any]:
    return {
        "partner": each.partner,
        "cycle": each.cycle,
        "rule": each.rule,
        "step": each.at,
        "audience": each.audience,
        "template": each.template,
        "due": each.due_on,
        "state": each.fate,
        "on": each.on,
        "reason": each.why,
        "waits_for": each.awaits.key if each.awaits else None,
        "command": confirming(each.awaits) if each.awaits else None,
        "mail": each.mail,
        "to": each.address,
        "reply_code": each.reply_code,
        "reply": each.reply,
    }
