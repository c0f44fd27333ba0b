"""What came of a subject before a body, also that nothing came of it."""

from typing import Annotated, Any

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli.helping import noun
from cycle.cli.options import AsOf, Day, DryRun, Effective, Expect, Json, OfPlan, Reason, YearArg
from cycle.cli.output import done, show
from cycle.cli.shell import reading, writing
from cycle.cli.words import language, word

app = noun("decision")

Present = Annotated[
    int | None, typer.Option("--present", min=0, max=LARGEST, help=word("opt.plan.present"), show_default=False)
]
Members = Annotated[
    int | None, typer.Option("--members", min=0, max=LARGEST, help=word("opt.plan.members"), show_default=False)
]
Needed = Annotated[int | None, typer.Option("--needed", min=0, max=LARGEST, help=word("opt.plan.needed"), show_default=False)]


@app.command(help=word("cli.decision.record"))
def record(
    year: YearArg,
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help=word("arg.plan.subject"), show_default=False)],
    body: Annotated[str, typer.Option("--body", help=word("opt.plan.body"), show_default=False)],
    outcome: Annotated[str, typer.Option("--outcome", help=word("opt.plan.outcome"), show_default=False)],
    theme: Annotated[str | None, typer.Option("--theme", help=word("opt.plan.theme"), show_default=False)] = None,
    on: Day = None,
    reference: Annotated[str | None, typer.Option("--reference", help=word("opt.plan.reference"), show_default=False)] = None,
    present: Present = None,
    members: Members = None,
    needed: Needed = None,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.plan.actions import decisions
    from cycle.plan.rules.quorum import Quorum

    opened = writing("decision.recorded", "record", year=year, plan=plan, reason=reason, on=on, dry_run=dry_run, expect=expect)
    with opened as (entry, about):
        decision = decisions.record(
            entry,
            about,
            subject,
            body=body,
            outcome=outcome,
            theme=theme,
            reference=reference,
            quorum=Quorum(present, members, needed),
        )
        told = _told(decision)
        named = _named(decision, about)
        again = _second_session(decision, about)
    done(
        "decision_recorded",
        entry=entry,
        json=json,
        dry_run=dry_run,
        next=again or f"cycle status {year}",
        document={"decision": told},
        **named,
        on=decision.decided_on,
    )


@app.command("list", help=word("cli.decision.list"))
def list_(year: YearArg, as_of: AsOf = None, effective: Effective = None, plan: OfPlan = None, json: Json = False) -> None:
    from cycle.plan.records import decisions_of
    from cycle.plan.rules.status import ThemeStatus
    from cycle.plan.rules.terms import label

    with reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        found = decisions_of(about.session, about.cycle_id)
        confirming = _confirming(about)
        rows = []
        for decision in found:
            named = _named(decision, about)
            quorum = f"{decision.present}/{decision.members or '?'}" if decision.present is not None else None
            quorum = word("plan.quorum", there=quorum, needed=decision.needed) if decision.needed is not None else quorum
            rows.append(
                [
                    decision.decided_on,
                    named["subject"],
                    named["body"],
                    label(about.workflow, "theme_status", ThemeStatus.CONFIRMED, language())
                    if decision.id in confirming
                    else named["outcome"],
                    decision.reference,
                    decision.vote,
                    quorum,
                ]
            )
        document = {"year": year, "decisions": [_told(each) | {"confirms": each.id in confirming} for each in found]}
    show(
        "title.plan.decisions",
        columns=[
            ("column.plan.decided_on", "left"),
            ("column.plan.subject", "left"),
            ("column.plan.body", "left"),
            ("column.plan.outcome", "left"),
            ("column.plan.reference", "left"),
            ("column.plan.vote", "left"),
            ("column.plan.present", "right"),
        ],
        rows=rows,
        json=json,
        document=document,
        schema="cycle/decisions/1",
    )


def _second_session(decision: Any, about: Any) -> str | None:
    """The command that sets the day of another session, where nothing came of this one and its date is still open."""
    from cycle.dates.records import deadlines
    from cycle.plan.rules.status import COUNTING

    if decision.outcome in COUNTING:
        return None
    for row in deadlines(about.session, about.cycle_id):
        done = about.workflow.dates[row.key].done
        if (done.word, done.value) == ("decided", decision.subject) and row.actual is None:
            return f"cycle date move {about.cycle.year} {row.key} JJJJ-MM-TT --reason …"
    return None


def _confirming(about: Any) -> frozenset[int]:
    """The decisions by which this year confirmed a theme that an earlier one had decided: no body sat for them."""
    from cycle.journal.history import entries

    told = entries(about.session, cycle=about.cycle.key, types=["theme.confirmed"])
    added = [change for each in told for change in each.data["changes"] if change.get("add") == "decision"]
    return frozenset(number for change in added for number in change["ids"])


def _named(decision: Any, about: Any) -> dict[str, str]:
    """Subject, body and outcome as they are called."""
    from cycle.plan.rules.terms import label

    subject = label(about.workflow, "decision_subjects", decision.subject, language())
    return {
        "subject": f"{word('plan.theme')} {decision.theme}" if decision.theme else subject,
        "body": label(about.workflow, "decision_bodies", decision.body, language()),
        "outcome": label(about.workflow, "decision_outcomes", decision.outcome, language()),
    }


def _told(decision: Any) -> dict[str, Any]:
    return {
        name: getattr(decision, name)
        for name in type(decision).model_fields
        if name not in {"id", "version", "cycle_id", "note"}
    }
