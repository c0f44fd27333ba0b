"""Focus themes: proposed, decided by a body, changed, confirmed in later years, ended."""

from datetime import date
from typing import Annotated, Any

import typer

from cycle.cli.choosing import as_day
from cycle.cli.decision import Members, Needed, Present
from cycle.cli.helping import noun
from cycle.cli.options import Day, DryRun, Expect, Json, OfPlan, Reason, YearArg
from cycle.cli.output import done
from cycle.cli.shell import writing
from cycle.cli.theme.looking import ThemeArg, list_, show_
from cycle.cli.theme.suggest import suggest
from cycle.cli.words import word

app = noun("theme")

Body = Annotated[str, typer.Option("--body", help=word("opt.plan.body"), show_default=False)]
Reference = Annotated[str, typer.Option("--reference", help=word("opt.plan.reference"), show_default=False)]
Needs = Annotated[list[str] | None, typer.Option("--need", metavar="NUMBER", help=word("opt.plan.need"), show_default=False)]
Title = Annotated[str | None, typer.Option("--title", help=word("opt.plan.theme_title"), show_default=False)]
ValidFrom = Annotated[
    date | None,
    typer.Option("--valid-from", parser=as_day, metavar="DAY", help=word("opt.plan.valid_from"), show_default=False),
]
ValidTo = Annotated[
    date | None, typer.Option("--valid-to", parser=as_day, metavar="DAY", help=word("opt.plan.valid_to"), show_default=False)
]


@app.command(help=word("cli.theme.propose"))
def propose(
    year: YearArg,
    title: Annotated[str, typer.Argument(metavar="TITLE", help=word("arg.plan.theme_title"), show_default=False)],
    field: Annotated[str, typer.Option("--field", help=word("opt.plan.field"), show_default=False)],
    valid_from: Annotated[
        date, typer.Option("--valid-from", parser=as_day, metavar="DAY", help=word("opt.plan.valid_from"), show_default=False)
    ],
    valid_to: Annotated[
        date, typer.Option("--valid-to", parser=as_day, metavar="DAY", help=word("opt.plan.valid_to"), show_default=False)
    ],
    primary: Annotated[bool, typer.Option("--primary", help=word("opt.plan.primary"))] = False,
    need: Needs = None,
    target_group: Annotated[
        list[str] | None, typer.Option("--target-group", help=word("opt.plan.target_groups"), show_default=False)
    ] = None,
    on: Day = None,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.plan.actions import themes

    with writing("theme.proposed", "record", year=year, plan=plan, reason=reason, on=on, dry_run=dry_run, expect=expect) as (
        entry,
        about,
    ):
        theme = themes.propose(
            entry,
            about,
            title,
            field=field,
            valid_from=valid_from,
            valid_to=valid_to,
            primary=primary,
            needs=need or (),
            target_groups=target_group or (),
        )
    command = f"cycle theme decide {year} {theme.number} --body … --on … --reference …"
    _done("theme_proposed", theme, entry, json, dry_run, command)


@app.command(help=word("cli.theme.decide"))
def decide(
    year: YearArg,
    number: ThemeArg,
    body: Body,
    reference: Reference,
    on: Day = None,
    vote: Annotated[str | None, typer.Option("--vote", help=word("opt.plan.vote"), show_default=False)] = None,
    present: Present = None,
    members: Members = None,
    needed: Needed = None,
    note: Annotated[str | None, typer.Option("--note", help=word("opt.plan.note"), show_default=False)] = None,
    title: Title = None,
    valid_from: ValidFrom = None,
    valid_to: ValidTo = None,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from shlex import quote

    from cycle.plan.actions import themes
    from cycle.plan.rules.quorum import Quorum

    with writing("theme.decided", "record", year=year, plan=plan, reason=reason, on=on, dry_run=dry_run, expect=expect) as (
        entry,
        about,
    ):
        theme = themes.decide(
            entry,
            about,
            number,
            body=body,
            reference=reference,
            vote=vote,
            quorum=Quorum(present, members, needed),
            note=note,
            title=title,
            valid_from=valid_from,
            valid_to=valid_to,
        )
    given = {"--title": title and quote(title), "--valid-from": valid_from, "--valid-to": valid_to}
    options = " ".join(f"{name} {value}" for name, value in given.items() if value)
    if options:
        _done(
            "theme_decided_anew", theme, entry, json, dry_run, f"cycle theme change {year} {theme.number} {options} --reason …"
        )
    else:
        _done("theme_decided", theme, entry, json, dry_run, f"cycle status {year}")


@app.command(help=word("cli.theme.change"))
def change(
    year: YearArg,
    number: ThemeArg,
    title: Title = None,
    valid_from: ValidFrom = None,
    valid_to: ValidTo = None,
    need: Needs = None,
    on: Day = None,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.plan.actions import themes

    with writing("theme.changed", "record", year=year, plan=plan, reason=reason, on=on, dry_run=dry_run, expect=expect) as (
        entry,
        about,
    ):
        theme = themes.change(entry, about, number, title=title, valid_from=valid_from, valid_to=valid_to, needs=need or ())
    _done("theme_changed", theme, entry, json, dry_run, f"cycle status {year}")


@app.command(help=word("cli.theme.confirm"))
def confirm(
    year: YearArg,
    number: ThemeArg,
    on: Day = None,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.plan.actions import themes

    with writing("theme.confirmed", "record", year=year, plan=plan, reason=reason, on=on, dry_run=dry_run, expect=expect) as (
        entry,
        about,
    ):
        theme = themes.confirm(entry, about, number)
    _done("theme_confirmed", theme, entry, json, dry_run, f"cycle status {year}", year=year)


@app.command(help=word("cli.theme.end"))
def end(
    year: YearArg,
    number: ThemeArg,
    body: Body,
    reference: Reference,
    on: Day = None,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.plan.actions import themes

    with writing("theme.ended", "record", year=year, plan=plan, reason=reason, on=on, dry_run=dry_run, expect=expect) as (
        entry,
        about,
    ):
        theme = themes.end(entry, about, number, body=body, reference=reference)
    _done("theme_ended", theme, entry, json, dry_run, f"cycle theme list {year}", on=theme.ended_on)


app.command("list", help=word("cli.theme.list"))(list_)
app.command("show", help=word("cli.theme.show"))(show_)
app.command("suggest", help=word("cli.theme.suggest"))(suggest)


def _done(key: str, theme: Any, entry: Any, json: bool, dry_run: bool, command: str, **facts: Any) -> None:
    done(
        key,
        entry=entry,
        json=json,
        dry_run=dry_run,
        next=command,
        document={"theme": theme.number},
        number=theme.number,
        title=theme.title,
        valid_from=theme.valid_from,
        valid_to=theme.valid_to,
        **facts,
    )
