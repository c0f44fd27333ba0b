"""`cycle survey status`: the response, all of it and by network group, and whom to call."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cycle.cli.options import AsOf, Json, OfPlan, YearArg
from cycle.cli.output import as_csv, say, show
from cycle.cli.shell import reading, sentence
from cycle.cli.words import language, word

if TYPE_CHECKING:
    from cycle.cycles.records import Year
    from cycle.inventory.rules.response import Response

CsvFile = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help=word("opt.phone_file"), show_default=False)]


def turnout(year: YearArg, as_of: AsOf = None, csv: CsvFile = None, plan: OfPlan = None, json: Json = False) -> None:
    from cycle.inventory.records import due_day, neutral_numbers, response, survey_of
    from cycle.inventory.rules.shares import percent_text

    with reading(year, plan=plan, as_of=as_of) as about:
        numbers = response(about)
        missing = _missing(about)
        groups = _groups(about)
        neutral = sorted(neutral_numbers(about))
        survey, due = survey_of(about.session, about.cycle_id), due_day(about)
    closed_on = survey.closed_on if survey else None
    document = {
        "year": year,
        "as_of": as_of,
        "due": due,
        "closed_on": closed_on,
        **_told(numbers),
        "neutral_partners": neutral,
        "groups": groups,
        "missing": missing,
    }
    if csv is not None:
        _write_phone_list(csv, missing)
    if not json:
        say(
            "survey.numbers",
            year=year,
            invited=numbers.invited,
            answered=numbers.answered,
            usable=numbers.usable,
            late=numbers.late,
            neutral=numbers.neutral,
            gross=percent_text(numbers.gross, language()),
            net=percent_text(numbers.net, language()),
            missing=len(missing),
            due=due,
            closed_on=closed_on,
        )
        names = ("group", "invited", "answered", "usable", "neutral", "gross", "net")
        show(
            "survey.groups",
            columns=[(f"column.survey.{name}", "left" if name == "group" else "right") for name in names],
            rows=[[_group_label(each)] + [_shown(each[name]) for name in names[1:]] for each in groups],
        )
    columns = ("partner", "name", "phone", "contact", "reminded")
    show(
        "survey.missing",
        columns=[(f"column.survey.{name}", "right" if name == "partner" else "left") for name in columns],
        rows=[[each["partner"], each["name"], each["phone"], each["contact"], _last(each)] for each in missing],
        json=json,
        document=document,
        schema="cycle/survey/1",
    )
    if csv is not None:
        say("survey.phone_list_written", file=csv, count=len(missing))


def _missing(about: "Year") -> list[dict[str, Any]]:
    from cycle.inventory.records import silent_numbers, survey_keys
    from cycle.partners.records import Rank, partners_all
    from cycle.partners.records.recipients import recipients
    from cycle.reminders.records import asked_partners

    silent = silent_numbers(about)
    reached = {each.partner: each for each in recipients(about.session, silent, Rank.PRIMARY)}
    partners = {partner.number: partner for partner in partners_all(about.session)}
    waits_for = survey_keys(about)
    phases = {about.workflow.dates[key].phase for key in waits_for}
    requests = {key for key, rule in about.workflow.dates.items() if rule.done.word == "sent" and rule.phase in phases}
    heard = asked_partners(about.session, about.cycle_id, waits_for | requests)
    found = []
    for number in silent:
        person, partner = reached.get(number), partners[number]
        sent = heard.get(number, ())
        found.append(
            {
                "partner": number,
                "name": partner.name,
                "groups": list(partner.groups),
                "contact": f"{person.first_name} {person.last_name}".strip() if person else "",
                "phone": person.phone if person else None,
                "channel": person.channel.value if person else partner.channel,
                "objects": bool(person and person.objects),
                "reached": bool(person and (person.mail or person.channel.value != "mail")),
                "reminded": [
                    {
                        "template": item.template,
                        "kind": item.kind,
                        "on": item.made_on,
                        "by": item.state,
                    }
                    for item in sent
                ],
            }
        )
    return found


def _groups(about: "Year") -> list[dict[str, Any]]:
    from cycle.inventory.actions.turnout import responses
    from cycle.partners.records import groups_all

    names = {group.code: group.name for group in groups_all(about.session)}
    return [{"group": code, "name": names.get(code or ""), **_told(found)} for code, found in responses(about).items()]


def _told(numbers: "Response") -> dict[str, Any]:
    return {
        "invited": numbers.invited,
        "answered": numbers.answered,
        "usable": numbers.usable,
        "late": numbers.late,
        "neutral": numbers.neutral,
        "gross": _decimal(numbers.gross),
        "net": _decimal(numbers.net),
    }


def _write_phone_list(file: Path, missing: Sequence[Mapping[str, Any]]) -> None:
    """The list for the round of calls, with room for what came of each."""
    names = ("partner", "name", "group", "contact", "phone", "channel", "reminded", "called", "outcome")
    lines = [
        [
            each["partner"],
            each["name"],
            ", ".join(each["groups"]),
            each["contact"],
            each["phone"] or "",
            word(f"channel.{each['channel']}"),
            "; ".join(sentence("survey.reminded", on=told["on"]) for told in each["reminded"]),
            "",
            "",
        ]
        for each in missing
    ]
    as_csv(names, lines, file=file, prefix="column.survey.")


def _last(each: Mapping[str, Any]) -> str:
    told = each["reminded"]
    return sentence("survey.last_reminded", count=len(told), on=told[-1]["on"]) if told else word("survey.not_asked")


def _group_label(each: Mapping[str, Any]) -> str:
    if each["group"] is None:
        return word("survey.no_group")
    return f"{each['group']} {each['name'] or ''}".strip()


def _shown(value: Any) -> Any:
    from cycle.inventory.rules.shares import percent_text

    return percent_text(round(value * 10_000), language()) if isinstance(value, float) else value


def _decimal(ten_thousandths: int | None) -> float | None:
    return None if ten_thousandths is None else ten_thousandths / 10_000
