"""`cycle mail forecast`: what will go on the days ahead, to how many; `cycle run --dry-run` tells the same of any span."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cycle.cli import output, shell
from cycle.cli.choosing import FIRST_YEAR, LAST_YEAR, plan_with_year
from cycle.cli.options import Json, OfPlan
from cycle.cli.planned import of_plan
from cycle.cli.words import language, word

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from cycle.reminders.rules.ladder import Awaited
    from cycle.service.foresee import Forecast, Foreseen

MOST_DAYS = 800


def forecast(
    year: Annotated[
        int | None,
        typer.Argument(metavar="YEAR", min=FIRST_YEAR, max=LAST_YEAR, help=word("arg.year_optional"), show_default=False),
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=MOST_DAYS, help=word("opt.days_ahead"))] = 30,
    ics: Annotated[
        Path | None, typer.Option("--ics", metavar="FILE", dir_okay=False, help=word("opt.ics"), show_default=False)
    ] = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.service.foresee import foresee, until_of

    plan_with_year(year, plan)
    site = shell.site()
    with shell.reading(year, plan=plan) as answer:  # only who may read may ask
        only = answer.cycle.key if year is not None else None
    found = foresee(site, site.today(), until_of(site, days))
    lines = [line for line in found.lines if only is None or only in line.years]
    if ics is not None:
        _write(ics, lines, site)
    tell(found, lines, json=json)
    if ics is not None and not json:
        output.say("done.ics", file=ics)


def tell(found: "Forecast", lines: "Iterable[Foreseen]", *, json: bool) -> None:
    """A forecast as a table of days, or in JSON; what it takes for granted stands below it."""
    by_day: dict[date, list[Foreseen]] = {}
    for line in lines:
        by_day.setdefault(line.day, []).append(line)
    troubles = [shell.sentence(error.key, **error.facts) for error in found.troubles]
    if json:
        days = [{"day": day, **_counts(of_day), "lines": documents_of(of_day)} for day, of_day in by_day.items()]
        output.as_json(
            {
                "schema": "cycle/forecast/1",
                "from": found.first,
                "to": found.last,
                "assumes": word("forecast.assumes"),
                **_counts([line for of_day in by_day.values() for line in of_day]),
                "waiting": found.waiting,
                "days": days,
                "troubles": troubles,
            }
        )
        return
    rows = [
        [day, count, word(f"foreseen.{what}"), template, why]
        for day, of_day in by_day.items()
        for (what, template, why), count in _by_template(of_day)
    ]
    columns = [
        ("col.day", "left"),
        ("col.count", "right"),
        ("col.what", "left"),
        ("col.template", "whole"),
        ("col.why", "left"),
    ]
    output.as_table(shell.sentence("title.forecast", first=found.first, last=found.last), columns, rows)
    told = [line for of_day in by_day.values() for line in of_day]
    output.say("forecast.total", **_counts(told))
    if any(len(set(line.templates)) > 1 for line in told):
        output.say("forecast.bundled")
    say_waiting(told)
    typer.echo(word("forecast.assumes"), err=True)
    if found.waiting:
        output.say("mails_wait", count=found.waiting)
    for trouble in troubles:
        typer.echo(f"! {trouble}", err=True)


def span(first: "date | None", last: "date | None", *, json: bool) -> None:
    """What will go from one day to another; without the first from today, without the last on that day alone."""
    from cycle.service.foresee import foresee

    site = shell.site()
    with shell.reading() as answer:
        begin = first or answer.today
    found = foresee(site, begin, last or begin)
    tell(found, found.lines, json=json)


def say_waiting(lines: "Iterable[Foreseen]") -> None:
    """How many wait for the confirmation of a date, and the commands that let them go; nothing where none does."""
    awaited = [line.awaits for line in lines if line.awaits is not None]
    if awaited:
        output.say("forecast.unconfirmed", count=len(awaited))
    for each in dict.fromkeys(awaited):
        typer.echo(f"  → {confirming(each)}", err=True)


def _bundles(lines: "Iterable[Foreseen]") -> "list[list[Foreseen]]":
    """The mails or letters of one kind that are made of the same templates, the most frequent first."""
    found: dict[tuple[str, tuple[str, ...], str | None, Awaited | None], list[Foreseen]] = {}
    for line in lines:
        found.setdefault((line.what.value, line.templates, line.why, line.awaits), []).append(line)
    return sorted(found.values(), key=len, reverse=True)


def _by_template(lines: "list[Foreseen]") -> "list[tuple[tuple[str, str, str | None], int]]":
    """Of a day how many mails or letters of one kind hold a template, the most frequent first: a template has one line,
    whatever else goes in the same mail."""
    counts = Counter((line.what.value, template, _why(line)) for line in lines for template in dict.fromkeys(line.templates))
    return counts.most_common()


def _why(line: "Foreseen") -> str | None:
    if line.awaits is not None:
        return word("waits.for", anchor=line.awaits.rule.label(language()))
    return line.why and word(f"why.{line.why}")


def confirming(awaited: "Awaited") -> str:
    """The command that lets go what waits for a date."""
    return of_plan(f"cycle date confirm {awaited.year} {awaited.key}", awaited.plan)


def _counts(lines: "Iterable[Foreseen]") -> dict[str, int]:
    by_what = Counter(line.what.value for line in lines)
    return {f"{what}s" if what in ("mail", "letter") else what: by_what[what] for what in _WHAT}


_WHAT = ("mail", "letter", "held", "unconfirmed", "missed", "cancelled")


def documents_of(lines: "list[Foreseen]") -> list[dict[str, Any]]:
    """The bundles of a day, each with those it is for."""
    return [
        {
            "what": first.what.value,
            "template": first.templates[0] if first.templates else None,
            "templates": list(first.templates),
            "count": len(bundle),
            "reason": first.why,
            "waits_for": first.awaits.key if first.awaits else None,
            "command": confirming(first.awaits) if first.awaits else None,
            "years": sorted({year for line in bundle for year in line.years}),
            "partners": sorted({line.partner for line in bundle if line.partner is not None}),
            "roles": sorted({line.role for line in bundle if line.role}),
        }
        for bundle in _bundles(lines)
        for first in bundle[:1]
    ]


def _write(file: Path, lines: "list[Foreseen]", site: Any) -> None:
    """One all-day event a day and template, with the count of mails and letters that it goes into, or that wait for a date."""
    from cycle.adapters.calendar import DayEvent, days_file
    from cycle.adapters.files import write_whole
    from cycle.service.tick import message_domain

    counts = Counter(
        (line.day, template) for line in lines if line.what.value in ("mail", "letter") for template in line.templates
    )
    domain = message_domain(site)
    events = [
        DayEvent(f"{day}-{template}@{domain}", day, word("forecast.event", count=count, template=template))
        for (day, template), count in sorted(counts.items())
    ]
    for bundle in _bundles(line for line in lines if line.awaits is not None):
        for day, count in sorted(Counter(line.day for line in bundle).items()):
            template, awaits = bundle[0].templates[0], bundle[0].awaits
            facts = {"count": count, "template": template, "anchor": awaits and awaits.rule.label(language())}
            uid = f"{day}-{template}-unconfirmed@{domain}"
            events.append(DayEvent(uid, day, word("forecast.event_unconfirmed", **facts)))
    write_whole(file, days_file(events, site.now()))
