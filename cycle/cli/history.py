"""`cycle history`: what was done, by whom, when and why; and whether it can be trusted."""

from typing import Annotated

import typer

from cycle.cli import shell
from cycle.cli.entries import list_entries, show_entry
from cycle.cli.shell import Day, DryRun, Expect, Json, OfPlan, Reason, YearArg, noun, word
from cycle.errors import Broken, WrongInput

app = noun("history")


app.command("list", help=word("cli.history.list"))(list_entries)
app.command("show", help=word("cli.history.show"))(show_entry)


@app.command("verify", help=word("cli.history.verify"))
def verify(json: Json = False) -> None:
    from cycle.journal.verify import verify as check

    site = shell.site()
    verdict = check(site.database)
    if verdict.intact:  # who may read stands in the database: where it is broken, that is said to whoever asks
        with site.reading():
            pass
    problems = [shell.sentence(f"problem.{p.key}", seq=p.seq, **p.facts) for p in verdict.problems]
    if json:
        shell.as_json(
            {
                "schema": "cycle/verify/1",
                "intact": verdict.intact,
                "entries": verdict.entries,
                "log": verdict.log,
                "head": verdict.head,
                "problems": [
                    {"seq": p.seq, "key": p.key, "sentence": s} for p, s in zip(verdict.problems, problems, strict=True)
                ],
            }
        )
        if not verdict.intact:
            raise typer.Exit(Broken.exit_code)
        return
    if not verdict.intact:
        raise Broken("history_broken", problems=problems, count=len(problems))
    typer.echo(word("history_intact", count=verdict.entries, log=verdict.log[:16], head=verdict.head))


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
    shell.done("commented", entry=entry, json=json, dry_run=dry_run, next=f"cycle history list {year}")


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
    shell.done(
        "corrected",
        entry=entry,
        json=json,
        dry_run=dry_run,
        thing=thing,
        field=field,
        was=was,
        now=now,
        next=f"cycle history list {year}",
    )
