"""The bare verbs of the daily path: init, start, status, advance, back, skip, waive, approve, hold, resume, cancel, reopen."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from cycle.cli import shell
from cycle.cli.shell import DryRun, Expect, Json, Notify, OfPlan, Reason, YearArg, Yes, as_day, word
from cycle.errors import WrongInput

ToPhase = Annotated[str, typer.Option("--to", metavar="PHASE", help=word("opt.to_phase"), show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Put the bare verbs on the command line."""
    for name, function in VERBS.items():
        app.command(name, help=word(f"cli.{name}"))(function)


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help=word("arg.dir"))] = Path(),
    sandbox: Annotated[bool, typer.Option("--sandbox", help=word("opt.sandbox"))] = False,
) -> None:
    import getpass
    import os

    from cycle.app.start import make_site

    login = os.environ.get("CYCLE_ACTOR") if sandbox else None
    home = directory.absolute()
    made = make_site(home, sandbox=sandbox, login=login or getpass.getuser(), now=os.environ.get("CYCLE_NOW"))
    made.database.dispose()
    shell.say("done.init", folder=home)
    typer.echo(word("next", command=f"cd {home} && cycle people list"), err=True)


def start(
    year: YearArg,
    at: Annotated[str | None, typer.Option("--at", metavar="PHASE", help=word("opt.at"), show_default=False)] = None,
    plan: OfPlan = None,
    reason: Reason = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.cycles.actions import open_cycle
    from cycle.cycles.rules import cycle_key
    from cycle.dates.actions import plan_dates
    from cycle.meetings.actions import open_meetings
    from cycle.phases.actions import enter_first, settle_dates
    from cycle.vocabulary import Right

    site = shell.site()
    workflow = site.workflow(plan)
    phase = at or workflow.first_phase
    if workflow.is_final(phase):
        raise WrongInput("cannot_start_there", phase=phase)
    calendars = site.calendars(workflow)
    with site.opening(cycle_key(workflow.plan.ref, year), Right.RUN, plan=plan, reason=reason, dry_run=dry_run) as entry:
        cycle = open_cycle(entry, workflow, year, phase)
        about = site.year(entry.session, cycle, entry.now, workflow)
        warnings = plan_dates(entry, about, workflow.dates, calendars, word("weekend"))
        open_meetings(entry, about)
        enter_first(entry, about)
        settle_dates(entry, about)
    for finding in warnings:
        shell.note(finding)
    shell.done(
        "started",
        entry=entry,
        json=json,
        dry_run=dry_run,
        year=year,
        phase=_phase(workflow, phase),
        next=f"cycle date list {year}",
    )


def status(
    year: Annotated[int | None, typer.Argument(metavar="[YEAR]", help=word("arg.year_optional"), show_default=False)] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="T", help=word("opt.as_of"), show_default=False)] = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.adapters.clock import parse_instant
    from cycle.cli.status import print_year, year_document
    from cycle.cycles.records import cycle_of, running

    site = shell.site()
    moment = parse_instant(as_of, site.zone) if as_of else None
    told = []
    with site.past(moment) if moment else site.reading_session() as session:
        wanted = plan or site.settings.plan
        cycles = [cycle_of(session, wanted, year)] if year is not None else running(session, plan)
        for cycle in cycles:
            about = site.year(session, cycle, moment)
            told.append((year_document(about), _phase(about.workflow, cycle.phase)))
    if json:
        cycles_told = [document | {"phase_label": label} for document, label in told]
        shell.as_json({"schema": "cycle/status/1", "as_of": as_of, "cycles": cycles_told})
        return
    for document, label in told:
        print_year(document, label)
    if not told:
        shell.say("status.nothing", command=f"cycle start {site.today().year}")


def run_service(
    once: Annotated[bool, typer.Option("--once", help=word("opt.once"))] = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    import asyncio

    from cycle.errors import MailsFailed

    site = shell.site()
    if dry_run:
        from cycle.cli.mail import preview

        preview(json=json)
        return
    if not once:
        from cycle.service.loop import serve

        asyncio.run(serve(site))
        return
    from cycle.service.deliver import deliver
    from cycle.service.tick import tick

    ticked = tick(site)
    delivered = asyncio.run(deliver(site))
    told = {
        "queued": sum(ticked.queued.values()),
        "held": sum(ticked.held.values()),
        "missed": sum(ticked.missed.values()),
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
        shell.as_json({"schema": "cycle/run/1", **told})
    else:
        shell.say("done.run_once", **told)
        if told["held"]:
            shell.say("mails_wait", count=told["held"])
    if delivered.trouble:
        raise MailsFailed("relay_trouble", problem=delivered.trouble)
    if delivered.failed or delivered.unclear:
        raise MailsFailed("some_failed", failed=delivered.failed, unclear=delivered.unclear)


def advance(year: YearArg, plan: OfPlan = None, expect: Expect = None, dry_run: DryRun = False, json: Json = False) -> None:
    _take("phase.advanced", "run", year, {"kind": "advance"}, plan=plan, expect=expect, dry_run=dry_run, json=json)


def back(
    year: YearArg,
    to: ToPhase,
    reason: Reason = None,
    date: Annotated[
        list[str] | None, typer.Option("--date", metavar="KEY=DAY", help=word("opt.date"), show_default=False)
    ] = None,
    notify: Notify = False,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    step = {"kind": "back", "to": to}
    _take(
        "phase.returned",
        "run",
        year,
        step,
        plan=plan,
        reason=reason,
        expect=expect,
        dry_run=dry_run,
        json=json,
        dates=date or [],
        notify=notify,
    )


def skip(
    year: YearArg,
    to: ToPhase,
    code: Annotated[str, typer.Option("--code", help=word("opt.code"), show_default=False)],
    reason: Reason = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    step = {"kind": "skip", "to": to, "code": code}
    _take("phase.skipped", "run", year, step, plan=plan, reason=reason, expect=expect, dry_run=dry_run, json=json)


def hold(
    year: YearArg,
    until: Annotated[Any, typer.Option("--until", parser=as_day, metavar="DAY", help=word("opt.until"), show_default=False)],
    reason: Reason = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    step = {"kind": "hold", "until": until}
    _take("phase.held", "run", year, step, plan=plan, reason=reason, expect=expect, dry_run=dry_run, json=json)


def resume(
    year: YearArg,
    reason: Reason = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    _take("phase.resumed", "run", year, {"kind": "resume"}, plan=plan, reason=reason, expect=expect, dry_run=dry_run, json=json)


def cancel(
    year: YearArg,
    reason: Reason = None,
    yes: Yes = False,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    shell.confirm("ask.cancel", yes=yes or dry_run, year=year)
    _take(
        "phase.cancelled", "end", year, {"kind": "cancel"}, plan=plan, reason=reason, expect=expect, dry_run=dry_run, json=json
    )


def reopen(
    year: YearArg,
    reason: Reason = None,
    yes: Yes = False,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    shell.confirm("ask.reopen", yes=yes or dry_run, year=year)
    _take(
        "phase.reopened",
        "reopen",
        year,
        {"kind": "reopen"},
        plan=plan,
        reason=reason,
        expect=expect,
        dry_run=dry_run,
        json=json,
    )


def waive(
    year: YearArg,
    check: Annotated[str, typer.Argument(help=word("arg.check"), show_default=False)],
    reason: Reason = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.phases.actions import waive as let_go

    with shell.writing("check.waived", "run", year=year, plan=plan, reason=reason, expect=expect, dry_run=dry_run) as (
        entry,
        about,
    ):
        let_go(entry, about, check)
    shell.done("waived", entry=entry, json=json, dry_run=dry_run, check=check, year=year, next=f"cycle advance {year}")


def approve(
    year: YearArg,
    transition: Annotated[str, typer.Argument(help=word("arg.transition"), show_default=False)],
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.phases.actions import approve as say_yes

    with shell.writing("phase.approved", "approve", year=year, plan=plan, expect=expect, dry_run=dry_run, closed_too=True) as (
        entry,
        about,
    ):
        say_yes(entry, about, transition)
    shell.done(
        "approved", entry=entry, json=json, dry_run=dry_run, step=transition, year=year, next=f"cycle {transition} {year}"
    )


def doctor(json: Json = False) -> None:
    from cycle.app.places import home
    from cycle.service.doctor import Health, examine

    found = examine(home())
    if json:
        shell.as_json({"schema": "cycle/doctor/1", "findings": [f.document() for f in found]})
    else:
        for finding in found:
            mark = {Health.GOOD: "✓", Health.WARNING: "!", Health.BAD: "✗"}[finding.health]
            error = finding.facts.get("error")
            facts = finding.facts if error is None else {**finding.facts, "error": shell.sentence(error.key, **error.facts)}
            typer.echo(f"{mark} {word('doctor.' + finding.key, **facts)}")
    if any(finding.health is Health.BAD for finding in found):
        raise typer.Exit(5)


def demo(
    directory: Annotated[Path | None, typer.Argument(metavar="[DIR]", help=word("arg.demo_dir"), show_default=False)] = None,
) -> None:
    from cycle.cli.main import run
    from cycle.demo.telling import play

    play(directory, run)


def _take(
    type: str,
    right: str,
    year: int,
    step: dict[str, Any],
    *,
    plan: str | None = None,
    reason: str | None = None,
    expect: int | None = None,
    dry_run: bool = False,
    json: bool = False,
    dates: list[str] | None = None,
    notify: bool = False,
) -> None:
    from cycle.dates.actions import give_anew
    from cycle.phases.actions import take
    from cycle.phases.rules import Step, StepKind

    wanted = Step(**{**step, "kind": StepKind(step["kind"])})
    anew = [_key_and_day(text) for text in dates or []]
    again = wanted.kind is StepKind.REOPEN
    with shell.writing(type, right, year=year, plan=plan, reason=reason, expect=expect, dry_run=dry_run, closed_too=again) as (
        entry,
        about,
    ):
        decision = take(entry, about, wanted)
        for key, day in anew:
            give_anew(entry, about, key, day)
        if notify:
            entry.tell(notify=True)
        facts = {
            "year": year,
            "before": _phase(about.workflow, decision.before),
            "phase": _phase(about.workflow, decision.phase),
        }
        over = about.workflow.is_final(decision.phase) or decision.standing != "open"
    shell.done(
        f"step_{wanted.kind.value}",
        entry=entry,
        json=json,
        dry_run=dry_run,
        next=f"cycle history list {year}" if over else f"cycle status {year}",
        document={"phase": decision.phase, "round": decision.round, "standing": decision.standing},
        until=wanted.until,
        **facts,
    )


def _key_and_day(text: str) -> tuple[str, Any]:
    key, separator, day = text.partition("=")
    if not separator:
        raise WrongInput("bad_key_day", text=text)
    return key.strip(), as_day(day)


def _phase(workflow: Any, phase: str) -> str:
    return str(workflow.phase(phase).label(shell.language()))


VERBS: dict[str, Callable[..., None]] = {
    "init": init,
    "start": start,
    "status": status,
    "advance": advance,
    "back": back,
    "skip": skip,
    "waive": waive,
    "approve": approve,
    "hold": hold,
    "resume": resume,
    "cancel": cancel,
    "reopen": reopen,
    "run": run_service,
    "doctor": doctor,
    "demo": demo,
}
