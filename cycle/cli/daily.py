"""The bare verbs of the daily path: init, start, status, run, doctor, demo; the steps of the year are in `steps`."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from cycle.cli import output, shell
from cycle.cli.choosing import as_day
from cycle.cli.options import AsOf, DryRun, Effective, Json, OfPlan, Reason, YearArg
from cycle.cli.steps import STEPS, phase_label
from cycle.cli.words import word
from cycle.errors import WrongInput


def add_to(app: typer.Typer) -> None:
    """Put the bare verbs on the command line."""
    for name, function in (VERBS | STEPS).items():
        app.command(name, help=word(f"cli.{name}"))(function)


def init(
    directory: Annotated[Path | None, typer.Argument(metavar="DIR", help=word("arg.dir"), show_default=False)] = None,
    sandbox: Annotated[bool, typer.Option("--sandbox", help=word("opt.sandbox"))] = False,
) -> None:
    import os
    import pwd

    from cycle.app.places import home as site_home
    from cycle.app.start import make_site

    login = os.environ.get("CYCLE_ACTOR") if sandbox else None
    home = directory.absolute() if directory is not None else site_home()
    own = pwd.getpwuid(os.getuid()).pw_name
    made = make_site(home, sandbox=sandbox, login=login or own, now=os.environ.get("CYCLE_NOW"))
    made.database.dispose()
    output.say("done.init", folder=home)
    typer.echo(word("next", command=f"cd {home} && cycle people list"), err=True)


def start(
    year: YearArg,
    at: Annotated[str | None, typer.Option("--at", metavar="PHASE", help=word("opt.at"), show_default=False)] = None,
    plan: OfPlan = None,
    reason: Reason = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.cli.takeover import print_takeover, takeover_document
    from cycle.cycles.actions import open_cycle
    from cycle.cycles.rules import cycle_key
    from cycle.dates.actions import plan_dates
    from cycle.meetings.actions import open_meetings
    from cycle.phases.actions import enter_first, settle_dates
    from cycle.vocabulary import Right

    site = shell.site()
    workflow = site.workflow(plan)
    phase = at or workflow.first_phase
    if workflow.is_final(phase) or phase not in [each.id for each in workflow.phases_in(year)]:
        raise WrongInput("cannot_start_there", phase=phase)
    calendars = site.files.calendars(workflow)
    with site.opening(cycle_key(workflow.plan.ref, year), Right.RUN, plan=plan, reason=reason, dry_run=dry_run) as entry:
        cycle = open_cycle(entry, workflow, year, phase)
        about = site.year(entry.session, cycle, entry.now, workflow)
        warnings = plan_dates(entry, about, workflow.dates, calendars, word("weekend"))
        open_meetings(entry, about)
        enter_first(entry, about)
        settle_dates(entry, about)
        taken_over = takeover_document(about)
    for finding in warnings:
        output.note(finding)
    if not json:
        print_takeover(taken_over)
        typer.echo("")
    output.done(
        "started",
        entry=entry,
        json=json,
        dry_run=dry_run,
        year=year,
        phase=phase_label(workflow, phase),
        document={"takeover": taken_over},
        next=f"cycle date list {year}",
    )


def status(
    year: Annotated[int | None, typer.Argument(metavar="YEAR", help=word("arg.year_optional"), show_default=False)] = None,
    takeover: Annotated[bool, typer.Option("--takeover", help=word("opt.takeover"))] = False,
    as_of: AsOf = None,
    effective: Effective = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.cli.status import lost_contacts, print_lost, print_year, year_document
    from cycle.cycles.records import running

    if takeover:
        from cycle.cli.takeover import show_takeover

        show_takeover(year, as_of=as_of, effective=effective, plan=plan, json=json)
        return

    site = shell.site()
    told = []
    with shell.reading(year, plan=plan, as_of=as_of, effective=effective) as seen:
        moment = seen.now
        cycles = running(seen.session, plan) if year is None else ()
        for about in [site.year(seen.session, cycle, seen.now) for cycle in cycles] if year is None else [seen]:
            told.append((year_document(about), phase_label(about.workflow, about.cycle.phase)))
        lost = lost_contacts(seen.session)
    if json:
        cycles_told = [document | {"phase_label": label} for document, label in told]
        output.as_json(
            {"schema": "cycle/status/1", "as_of": as_of, "effective": effective, "cycles": cycles_told, "unreachable": lost}
        )
        return
    for document, label in told:
        print_year(document, label)
    print_lost(lost)
    if not told and (as_of or effective):
        output.say("status.nothing_then", moment=moment)
    elif not told:
        output.say("status.nothing", command=f"cycle start {site.today().year}")


def run_service(
    once: Annotated[bool, typer.Option("--once", help=word("opt.once"))] = False,
    dry_run: DryRun = False,
    first: Annotated[
        date | None, typer.Option("--from", parser=as_day, metavar="DAY", help=word("opt.from"), show_default=False)
    ] = None,
    last: Annotated[
        date | None, typer.Option("--to", parser=as_day, metavar="DAY", help=word("opt.until_day"), show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    import asyncio

    from cycle.app.rollback import demand_current
    from cycle.errors import MailsFailed
    from cycle.vocabulary import Right

    site = shell.site()
    if dry_run and (first or last):
        from cycle.cli.mail.forecast import span

        span(first, last, json=json)
        return
    if first or last:
        raise WrongInput("only_with_dry_run")
    if dry_run:
        from cycle.cli.mail.ahead import preview

        preview(json=json)
        return
    site.allow(Right.MAIL)
    demand_current(site)
    if not once:
        from cycle.service.serving import serve

        asyncio.run(serve(site))
        return
    from cycle.service.anchoring import keep_anchors, send_anchors
    from cycle.service.deliver import anything_queued, deliver
    from cycle.service.delivery import Delivered
    from cycle.service.records import ONCE
    from cycle.service.tick import tick

    ticked = tick(site, beats=ONCE)
    delivered = asyncio.run(deliver(site)) if anything_queued(site) else Delivered()
    told = {
        "queued": sum(ticked.queued.values()),
        "held": sum(ticked.held.values()) + delivered.held,
        "missed": sum(ticked.missed.values()) + delivered.cancelled,
        "overdue": sorted({key for keys in ticked.overdue.values() for key in keys}),
        "sent": delivered.sent,
        "unclear": delivered.unclear,
        "failed": delivered.failed,
        "later": delivered.later,
        "cancelled": delivered.cancelled,
        "templates": delivered.templates,
        "trouble": delivered.trouble,
    }
    if json:
        output.as_json({"schema": "cycle/run/1", **told})
    else:
        output.say("done.run_once", **told)
        if told["later"]:
            output.say("mails_later", count=told["later"])
        if told["held"]:
            output.say("mails_wait", count=told["held"])
    if site.settings.anchors.wanted:
        try:
            keep_anchors(site, site.now())
        finally:  # a folder that cannot be written holds back no mail
            asyncio.run(send_anchors(site))
    for error in ticked.troubles.values():
        raise error
    if delivered.trouble:
        folder = shell.site().settings.mail.transport == "maildir"
        raise MailsFailed("maildir_trouble" if folder else "relay_trouble", problem=delivered.trouble)
    if delivered.failed or delivered.unclear:
        raise MailsFailed("some_failed", failed=delivered.failed, unclear=delivered.unclear)


def doctor(json: Json = False) -> None:
    from cycle.app.places import home
    from cycle.service.doctor import examine
    from cycle.service.doctor.examined import Health

    found = examine(home())
    if json:
        output.as_json({"schema": "cycle/doctor/1", "findings": [f.document() for f in found]})
    else:
        for finding in found:
            mark = {Health.GOOD: "✓", Health.WARNING: "!", Health.BAD: "✗"}[finding.health]
            error = finding.facts.get("error")
            facts = finding.facts if error is None else {**finding.facts, "error": shell.sentence(error.key, **error.facts)}
            typer.echo(f"{mark} {word('doctor.' + finding.key, **facts)}")
    if any(finding.health is Health.BAD for finding in found):
        raise typer.Exit(5)


def demo(
    directory: Annotated[Path | None, typer.Argument(metavar="DIR", help=word("arg.demo_dir"), show_default=False)] = None,
) -> None:
    from cycle.cli.main import run
    from cycle.demo.telling import play

    play(directory, run, epilogue=True)


VERBS: dict[str, Callable[..., None]] = {
    "init": init,
    "start": start,
    "status": status,
    "run": run_service,
    "doctor": doctor,
    "demo": demo,
}
