"""`cycle survey form` and `cycle survey import`: forms written by hand, forms and tables read back."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cycle.adapters.files import write_whole, written_to
from cycle.adapters.numbers import LARGEST
from cycle.cli import importing
from cycle.cli.choosing import as_day
from cycle.cli.options import Day, DryRun, Expect, Json, OfPlan, Reason, YearArg
from cycle.cli.output import as_json, done, say
from cycle.cli.planned import of_plan
from cycle.cli.shell import demand, reading, sentence, site, writing
from cycle.cli.survey.telling import print_report, report, why
from cycle.cli.words import word
from cycle.errors import NotReady, WrongInput

if TYPE_CHECKING:
    from cycle.adapters.tables import Source
    from cycle.cycles.records import Year
    from cycle.inventory.rules.response import Response


def write_form(
    year: YearArg,
    partner: Annotated[
        int | None, typer.Argument(metavar="PARTNER", min=0, max=LARGEST, help=word("arg.form_partner"), show_default=False)
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help=word("opt.form_to"), show_default=False)] = None,
    by_post: Annotated[bool, typer.Option("--by-post", help=word("opt.form_by_post"))] = False,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.inventory.actions.form import survey_form
    from cycle.inventory.records import silent_numbers
    from cycle.partners.records import Rank, partner_of
    from cycle.partners.records.recipients import recipients
    from cycle.vocabulary import Channel

    if (partner is None) != by_post or to is None:
        raise WrongInput("form_partner_or_post", year=year)
    here = site()
    with reading(year, plan=plan) as about:
        if about.cycle.secret is None:
            raise NotReady("form_without_secret", year=year)
        numbers = [partner] if partner is not None else []
        if by_post:
            reached = recipients(about.session, silent_numbers(about), Rank.PRIMARY)
            numbers = [each.partner for each in reached if each.channel is not Channel.MAIL and each.partner is not None]
        forms = [
            (number, survey_form(about, number, here.wording_for(partner_of(about.session, number).language), here.settings))
            for number in numbers
        ]
    written = []
    for number, form in forms:
        file = to / form.name if by_post or to.is_dir() else to
        _write(file, form.content)
        written.append({"partner": number, "file": str(file), "bytes": len(form.content)})
    if json:
        as_json({"schema": "cycle/survey-forms/1", "year": year, "forms": written})
        return
    for each in written:
        typer.echo(sentence("survey.form_written", **each))
    if not written:
        say("survey.no_form_by_post")
    else:
        typer.echo(
            word("next", command=of_plan(f"cycle survey import {year} {to if by_post else written[0]['file']}")), err=True
        )


def import_answers(
    year: YearArg,
    file: Annotated[Path, typer.Argument(metavar="FILE|FOLDER", help=word("arg.survey_file"), show_default=False)],
    until: Annotated[
        date | None, typer.Option("--until", parser=as_day, metavar="DAY", help=word("opt.until"), show_default=False)
    ] = None,
    on: Day = None,
    sheet: importing.Sheet = None,
    full: importing.Full = False,
    template: importing.Template = False,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.adapters.tables.books import SUFFIXES

    if template:
        from cycle.inventory.rules.columns import SURVEY

        importing.write_template(file, SURVEY)
        return
    if until is not None and (on is not None or file.is_dir()):
        raise WrongInput("forms_or_table", year=year)
    if until is not None:
        _import_table(year, importing.source(file, sheet), until, reason, plan, dry_run, expect, json, full=full)
    elif file.is_dir() or file.suffix.lower() in SUFFIXES or not file.exists():
        _import_forms(year, file, on, reason, plan, dry_run, expect, json)
    else:
        raise WrongInput("table_needs_until", file=file.name, year=year)


def thanks_for(about: "Year", partners: Sequence[int]) -> int:
    """How many of these partners the workflow thanks by mail for an answer."""
    from cycle.vocabulary import Channel

    fact = {"partners": list(partners)}
    followed = [
        follow
        for name, lent in about.lent.facts.items()
        if "survey.answered" in lent.types
        for follow in about.workflow.on.get(name, ())
        if follow.to in about.lent.audiences
    ]
    reached = {
        each.partner
        for follow in followed
        for each in about.lent.audiences[follow.to or ""](about, fact)
        if each.mail and each.channel is Channel.MAIL and not each.objects
    }
    return len(reached)


def _import_table(
    year: int,
    source: "Source",
    until: date,
    reason: str | None,
    plan: str | None,
    dry_run: bool,
    expect: int | None,
    json: bool,
    *,
    full: bool,
) -> None:
    from cycle.adapters.tables import Report
    from cycle.inventory.actions.files import answers
    from cycle.inventory.actions.survey import import_answers as import_rows
    from cycle.inventory.actions.survey import new_answers, of_known_partners
    from cycle.inventory.records import response
    from cycle.partners.records import numbers_by_name

    seen = Report()
    with reading(year, plan=plan) as about:
        found = answers(source, min(until, about.today), seen, numbers_by_name(about.session))
        rows = of_known_partners(about, found, seen)
        nothing = not new_answers(about, rows)
        numbers = response(about)
    told: dict[str, Any] = {"answered": numbers.answered, "invited": numbers.invited}
    if nothing:
        demand("import", year, plan=plan)
        name = source.path.name
        importing.finish("survey_nothing_new", seen, full=full, json=json, dry_run=dry_run, file=name, until=until, **told)
        return
    with writing("survey.answered", "import", year=year, plan=plan, reason=reason, expect=expect, dry_run=dry_run) as (
        entry,
        about,
    ):
        taken = import_rows(entry, about, rows)
        importing.keep_left_out(entry, seen)
        numbers = response(about)
        if not taken:  # somebody else has taken the file since it was read
            entry.leave_out()
    importing.finish(
        "survey_imported" if taken else "survey_nothing_new",
        seen,
        entry=entry,
        full=full,
        json=json,
        dry_run=dry_run,
        next=f"cycle survey status {year}",
        file=source.path.name,
        until=until,
        count=len(taken),
        answered=numbers.answered,
        invited=numbers.invited,
    )


def _import_forms(
    year: int,
    path: Path,
    on: date | None,
    reason: str | None,
    plan: str | None,
    dry_run: bool,
    expect: int | None,
    json: bool,
) -> None:
    from cycle.inventory.actions.returned.take import take
    from cycle.inventory.actions.returned.weigh import files_in, read_forms, weigh
    from cycle.inventory.records import response

    files = files_in(path)
    says = [site().wording_for(spoken).sentence for spoken in ("de", "en")]
    with reading(year, plan=plan) as about:
        sheets, refused = read_forms(about, files, says)
        weighed = weigh(about, sheets, refused, on or about.today)
        numbers = response(about)
        told = report(weighed, {})
    if not sheets:
        raise WrongInput("forms_none_read", count=len(refused), year=year, problems=[why(error) for _, error in refused])
    if not weighed:
        demand("import", year, plan=plan)
        _say_nothing_new(told, len(sheets), numbers, json=json)
        return
    with writing("survey.answered", "import", year=year, plan=plan, reason=reason, on=on, expect=expect, dry_run=dry_run) as (
        entry,
        about,
    ):
        weighed = weigh(about, sheets, refused, entry.effective_on)
        taken = take(entry, about, weighed)
        numbers = response(about)
        if not weighed:  # somebody else has taken them since they were read
            entry.leave_out()
        told = report(weighed, taken.given)
        thanked = thanks_for(about, list(dict.fromkeys(form.partner.number for form in weighed.forms if form.new)))
    if not weighed:
        _say_nothing_new(told, len(sheets), numbers, json=json)
        return
    if not json:
        print_report(told)
    done(
        "forms_imported",
        entry=entry,
        json=json,
        dry_run=dry_run,
        next=f"cycle survey status {year}",
        document={"files": told, "thanked": thanked},
        count=taken.answers,
        added=taken.added,
        changed=taken.changed,
        confirmed=taken.confirmed,
        thanked=thanked,
        refused=len(refused),
        answered=numbers.answered,
        invited=numbers.invited,
    )
    _end(told)


def _say_nothing_new(told: Sequence[Any], count: int, numbers: "Response", *, json: bool) -> None:
    if not json:
        print_report(told)
    done(
        "forms_nothing_new",
        json=json,
        document={"files": told},
        count=count,
        answered=numbers.answered,
        invited=numbers.invited,
    )
    _end(told)


def _end(told: Sequence[Any]) -> None:
    """As an import of a table: exit code 2 where something could not be taken, though the rest was."""
    if any("error" in (each["outcome"], *(project["outcome"] for project in each["projects"])) for each in told):
        raise typer.Exit(WrongInput.exit_code)


def _write(file: Path, content: bytes) -> None:
    with written_to(file):
        file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, content)
