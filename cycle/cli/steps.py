"""The steps of the year: advance, back, skip, waive, approve, hold, resume, cancel, reopen."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from cycle.cli import output, shell
from cycle.cli.choosing import as_day
from cycle.cli.options import Day, DryRun, Expect, Json, Notify, OfPlan, Reason, YearArg, Yes
from cycle.cli.words import language, word
from cycle.errors import WrongInput

ToPhase = Annotated[str, typer.Option("--to", metavar="PHASE", help=word("opt.to_phase"), show_default=False)]


def advance(
    year: YearArg, on: Day = None, plan: OfPlan = None, expect: Expect = None, dry_run: DryRun = False, json: Json = False
) -> None:
    _take("phase.advanced", "run", year, {"kind": "advance"}, plan=plan, on=on, expect=expect, dry_run=dry_run, json=json)


def back(
    year: YearArg,
    to: ToPhase,
    reason: Reason = None,
    on: Day = None,
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
        on=on,
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
    on: Day = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    step = {"kind": "skip", "to": to, "code": code}
    _take("phase.skipped", "run", year, step, plan=plan, on=on, reason=reason, expect=expect, dry_run=dry_run, json=json)


def hold(
    year: YearArg,
    until: Annotated[Any, typer.Option("--until", parser=as_day, metavar="DAY", help=word("opt.until"), show_default=False)],
    reason: Reason = None,
    on: Day = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    step = {"kind": "hold", "until": until}
    _take("phase.held", "run", year, step, plan=plan, on=on, reason=reason, expect=expect, dry_run=dry_run, json=json)


def resume(
    year: YearArg,
    reason: Reason = None,
    on: Day = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    _take(
        "phase.resumed",
        "run",
        year,
        {"kind": "resume"},
        plan=plan,
        on=on,
        reason=reason,
        expect=expect,
        dry_run=dry_run,
        json=json,
    )


def cancel(
    year: YearArg,
    reason: Reason = None,
    on: Day = None,
    yes: Yes = False,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    output.confirm("ask.cancel", yes=yes or dry_run, year=year)
    _take(
        "phase.cancelled",
        "end",
        year,
        {"kind": "cancel"},
        plan=plan,
        on=on,
        reason=reason,
        expect=expect,
        dry_run=dry_run,
        json=json,
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
    output.confirm("ask.reopen", yes=yes or dry_run, year=year)
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
    output.done("waived", entry=entry, json=json, dry_run=dry_run, check=check, year=year, next=f"cycle advance {year}")


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
    output.done(
        "approved", entry=entry, json=json, dry_run=dry_run, step=transition, year=year, next=f"cycle {transition} {year}"
    )


def _take(
    type: str,
    right: str,
    year: int,
    step: dict[str, Any],
    *,
    plan: str | None = None,
    on: Any = None,
    reason: str | None = None,
    expect: int | None = None,
    dry_run: bool = False,
    json: bool = False,
    dates: list[str] | None = None,
    notify: bool = False,
) -> None:
    from cycle.dates.actions import give_anew
    from cycle.meetings.actions import given_anew
    from cycle.phases.actions import take
    from cycle.phases.rules import Step, StepKind

    wanted = Step(**{**step, "kind": StepKind(step["kind"])})
    anew = [_key_and_day(text) for text in dates or []]
    again = wanted.kind is StepKind.REOPEN
    with shell.writing(
        type, right, year=year, plan=plan, reason=reason, on=on, expect=expect, dry_run=dry_run, closed_too=again
    ) as (entry, about):
        decision = take(entry, about, wanted)
        for key, day in anew:
            give_anew(entry, about, key, day)
        given_anew(entry, about, [key for key, _ in anew])
        if notify:
            entry.tell(notify=True)
        facts = {
            "year": year,
            "before": phase_label(about.workflow, decision.before),
            "phase": phase_label(about.workflow, decision.phase),
        }
        over = about.workflow.is_final(decision.phase) or decision.standing != "open"
        offered = _offered(about) if wanted.kind is StepKind.CANCEL else None
    if not dry_run:
        _attest(entry.actor)
    output.done(
        f"step_{wanted.kind.value}",
        entry=entry,
        json=json,
        dry_run=dry_run,
        next=offered or (f"cycle history list {year}" if over else f"cycle status {year}"),
        document={"phase": decision.phase, "round": decision.round, "standing": decision.standing},
        until=wanted.until,
        **facts,
    )


def _offered(about: Any) -> str:
    """Where the needs and measures of a cancelled year are offered: in the next one, started or to be started."""
    from cycle.cycles.records import cycles_of

    following = about.cycle.year + about.workflow.cycle.length_years
    started = any(each.year == following for each in cycles_of(about.session, about.cycle.plan))
    return f"cycle status {following} --takeover" if started else f"cycle start {following} --dry-run"


def _attest(by: Any) -> None:
    """Seal the history with the step in it, if anybody is to get anchors; mails go with the service."""
    site = shell.site()
    if not site.settings.anchors.wanted:
        return
    from cycle.app.sealing import seal, write_down
    from cycle.errors import CycleError

    try:
        seal(site, by, site.now())
        write_down(site)
    except CycleError as error:  # the step stands; the service tries again
        output.say(error.key, **error.facts)


def _key_and_day(text: str) -> tuple[str, Any]:
    key, separator, day = text.partition("=")
    if not separator:
        raise WrongInput("bad_key_day", text=text)
    return key.strip(), as_day(day)


def phase_label(workflow: Any, phase: str) -> str:
    """What a phase is called in the language of the command line."""
    return str(workflow.phase(phase).label(language()))


STEPS: dict[str, Callable[..., None]] = {
    "advance": advance,
    "back": back,
    "skip": skip,
    "waive": waive,
    "approve": approve,
    "hold": hold,
    "resume": resume,
    "cancel": cancel,
    "reopen": reopen,
}
