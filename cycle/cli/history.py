"""`cycle history`: what was done, by whom, when and why; and whether it can be trusted."""

import sys
from shutil import get_terminal_size
from textwrap import fill
from typing import Annotated, Any

import typer

from cycle.cli import output, shell
from cycle.cli.entries import list_entries, show_entry
from cycle.cli.export import export
from cycle.cli.helping import noun
from cycle.cli.options import Day, DryRun, Expect, Json, OfPlan, Reason, YearArg
from cycle.cli.words import word
from cycle.errors import Broken, WrongInput

app = noun("history")


app.command("list", help=word("cli.history.list"))(list_entries)
app.command("show", help=word("cli.history.show"))(show_entry)
app.command("export", help=word("cli.history.export"))(export)


@app.command("verify", help=word("cli.history.verify"))
def verify(
    anchor: Annotated[
        list[str] | None, typer.Option("--anchor", metavar="FILE|LINE", help=word("opt.anchor"), show_default=False)
    ] = None,
    require_anchor: Annotated[bool, typer.Option("--require-anchor", help=word("opt.require_anchor"))] = False,
    chain_only: Annotated[bool, typer.Option("--chain-only", help=word("opt.chain_only"))] = False,
    json: Json = False,
) -> None:
    from cycle.app.proof import given_anchors, sentences, standing
    from cycle.journal.verify import verify as check

    site = shell.site()
    verdict = check(site.database, anchors=given_anchors(anchor or []), replay=not chain_only)
    if verdict.intact:  # who may read stands in the database: where it is broken, that is said to whoever asks
        with site.reading():
            pass
    problems = sentences(site, verdict)
    unanchored = verdict.intact and require_anchor and not verdict.anchored
    if json:
        told = zip(verdict.problems, problems, strict=True)
        output.as_json(
            {
                "schema": "cycle/verify/1",
                "intact": verdict.intact,
                "replayed": not chain_only,
                "entries": verdict.entries,
                "log": verdict.log,
                "head": verdict.head,
                "anchored": verdict.anchored or None,
                "problems": [_problem(p, sentence, verdict.witnesses) for p, sentence in told]
                + ([{"seq": None, "key": "anchor_wanted", "sentence": shell.sentence("anchor_wanted")}] if unanchored else []),
            }
        )
        if unanchored or not verdict.intact:
            raise typer.Exit(Broken.exit_code)
        return
    if not verdict.intact:
        raise Broken("history_broken", problems=problems, count=len(problems))
    if unanchored:
        raise Broken("anchor_wanted")
    for sentence in (standing(site, verdict), *([word("history_chain_only")] if chain_only else [])):
        typer.echo(_at_this_width(sentence))


def _at_this_width(sentence: str) -> str:
    """A sentence broken between its words on a terminal, no hash or anchor line in two where it fits; whole in a pipe."""
    if not sys.stdout.isatty():
        return sentence
    return fill(sentence, get_terminal_size().columns, break_on_hyphens=False, break_long_words=False)


def _problem(problem: Any, sentence: str, witnesses: Any) -> dict[str, Any]:
    witness = witnesses.get(problem.seq)
    told = {"seq": problem.seq, "key": problem.key, "sentence": sentence}
    if witness is None:
        return told
    return told | {"recorded_at": witness.recorded_at, "actor": {"ref": witness.ref, "role": witness.role}}


@app.command("seal", help=word("cli.history.seal"))
def seal(dry_run: DryRun = False, json: Json = False) -> None:
    import asyncio

    from cycle.app.proof import prove
    from cycle.app.sealing import seal as attest
    from cycle.app.sealing import would_seal, write_down
    from cycle.service.anchoring import send_anchors
    from cycle.vocabulary import Right

    site = shell.site()
    actor = site.allow(Right.RUN)
    prove(site)  # an anchor of a broken history would bear witness to it
    made = would_seal(site) if dry_run else attest(site, actor, site.now())
    anchor = made.anchor
    told = {"line": anchor.line, "log": anchor.log, "seq": anchor.seq, "hash": anchor.hash}
    if json:
        output.as_json(
            {"schema": "cycle/anchor/1", "dry_run": dry_run, **told, "entry": made.entry or None, "fresh": made.fresh}
        )
    else:
        typer.echo(anchor.line)
    if dry_run:
        return
    file = write_down(site)
    if file is not None:
        output.say("anchor_written", file=file)
    for posted in asyncio.run(send_anchors(site)):
        key = "anchor_mailed" if posted.state == "sent" else "anchor_not_mailed"
        output.say(key, seq=posted.seq, answer=posted.outcome.told)


@app.command("comment", help=word("cli.history.comment"))
def comment(
    year: YearArg,
    text: Annotated[str, typer.Argument(metavar="TEXT", help=word("arg.comment"), show_default=False)],
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    if not text.strip():
        raise WrongInput("comment_empty")
    with shell.writing(
        "comment.added",
        "comment",
        year=year,
        plan=plan,
        reason=text.strip(),
        expect=expect,
        dry_run=dry_run,
        closed_too=True,
    ) as (entry, _):
        pass
    output.done("commented", entry=entry, json=json, dry_run=dry_run, next=f"cycle history list {year}")


@app.command("correct", help=word("cli.history.correct"))
def correct(
    year: YearArg,
    thing: Annotated[str, typer.Argument(metavar="OBJECT", help=word("arg.object"), show_default=False)],
    field: Annotated[str, typer.Option("--field", help=word("opt.field_name"), show_default=False)],
    value: Annotated[str, typer.Option("--value", help=word("opt.value"), show_default=False)],
    reason: Reason = None,
    on: Day = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.app.correct import correct as put_right
    from cycle.cli.changes import field_value
    from cycle.cli.telling import field_name, labels_of, thing_name

    with shell.writing(
        "entry.corrected",
        "correct",
        year=year,
        plan=plan,
        reason=reason,
        on=on,
        expect=expect,
        dry_run=dry_run,
        closed_too=True,
    ) as (entry, about):
        was, now = put_right(entry, about, thing, field, value, on=on)
        kind = thing.partition("/")[0]
        was, now = (field_value(kind, field, each, [about.workflow]) for each in (was, now))
        named = thing_name(thing, labels_of([about.workflow]))
    output.done(
        "corrected",
        entry=entry,
        json=json,
        dry_run=dry_run,
        thing=named,
        field=field_name(field),
        was=was,
        now=now,
        next=f"cycle history list {year}",
    )
