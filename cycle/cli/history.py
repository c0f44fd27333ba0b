"""`cycle history`: what was done, by whom, when and why; and whether it can be trusted."""

from typing import Annotated, Any

import typer

from cycle.cli import shell
from cycle.cli.shell import LARGEST, DryRun, Expect, Json, OfPlan, Reason, YearArg, noun, word
from cycle.errors import Broken, NotFound, WrongInput

app = noun("history")
Year = Annotated[int | None, typer.Argument(metavar="[YEAR]", help=word("arg.year_optional"), show_default=False)]


@app.command("list", help=word("cli.history.list"))
def list_entries(
    year: Year = None,
    type: Annotated[list[str] | None, typer.Option("--type", help=word("opt.type"), show_default=False)] = None,
    last: Annotated[int | None, typer.Option("--last", min=1, help=word("opt.last"), show_default=False)] = None,
    csv: Annotated[bool, typer.Option("--csv", help=word("opt.csv"))] = False,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.cli.telling import entry_document, entry_sentence, labels_of, names_of
    from cycle.cycles.records import workflows_of
    from cycle.journal.history import entries, reason

    with shell.reading(year, plan=plan) as about:
        cycle = about.cycle.key if year is not None else None
        found = list(entries(about.session, cycle=cycle, types=type or ()))
        if last is not None:
            found = found[-last:]
        names = names_of(about.session)
        told = [(entry, reason(about.session, entry)) for entry in found]
        labels = labels_of(workflows_of(about.session))
    if json:
        documents = [entry_document(entry, why) for entry, why in told]
        shell.as_json({"schema": "cycle/history/1", "year": year, "entries": documents})
        return
    rows = [
        [
            entry.seq,
            entry.recorded_at,
            names.get(entry.body["actor"]["ref"], entry.body["actor"]["ref"]),
            entry_sentence(entry, labels),
            why,
        ]
        for entry, why in told
    ]
    columns = [("col.no", "right"), ("col.when", "whole"), ("col.who", "left"), ("col.what", "left"), ("col.reason", "left")]
    if csv:
        _csv(told, rows)
        return
    shell.as_table(word("title.history"), columns, rows)


def _csv(told: Any, rows: list[list[Any]]) -> None:
    """The same for a spreadsheet, with what an auditor looks for beside it: the number within the year (without a gap),
    role, type, checks, the workflow's hash."""
    import sys

    from cycle.adapters.tables import write_csv

    header = ["no", "when", "who", "what", "reason", "of_year", "role", "type", "checks", "workflow", "effective", "hash"]
    lines = []
    for (entry, _), row in zip(told, rows, strict=True):
        checks = [f"{c['check']} {'+' if c['met'] else 'waived' if c['waived'] else '-'}" for c in entry.data.get("checks", [])]
        more = [entry.body["cseq"], entry.body["actor"]["role"], entry.type, ", ".join(checks), entry.data.get("workflow")]
        lines.append([*row, *more, entry.effective_on, entry.hash])
    value = shell.words().value
    write_csv(
        sys.stdout,
        [word(f"col.{name}") for name in header],
        [["" if c is None else str(value(c)) for c in line] for line in lines],
    )


@app.command("show", help=word("cli.history.show"))
def show_entry(
    number: Annotated[int, typer.Argument(metavar="NR", min=0, max=LARGEST, help=word("arg.seq"), show_default=False)],
    json: Json = False,
) -> None:
    from cycle.cli.telling import changed_lines, entry_document, entry_sentence, labels_of, names_of
    from cycle.cycles.records import workflows_of
    from cycle.journal.history import entries, reason

    with shell.reading() as answer:
        told = next(iter(entries(answer.session, after=number - 1, until=number)), None)
        if told is None:
            raise NotFound("unknown_entry", number=number)
        why = reason(answer.session, told)
        names = names_of(answer.session)
        labels = labels_of(workflows_of(answer.session))
    if json:
        shell.as_json({"schema": "cycle/entry/1", **entry_document(told, why)})
        return
    body = told.body
    lines: list[tuple[str, Any]] = [
        ("col.no", told.seq),
        ("col.what", entry_sentence(told, labels)),
        ("col.when", told.recorded_at),
        ("col.effective", told.effective_on),
        (
            "col.who",
            f"{names.get(body['actor']['ref'], body['actor']['ref'])} ({body['actor']['role']}, {body['actor']['via']})",
        ),
        ("col.reason", why),
        ("col.basis", ", ".join(f"{each['kind']} {each['ref']}" for each in body["basis"]) or None),
        ("col.cycle", f"{body['cycle']} / {body['cseq']}" if body["cycle"] else None),
        ("col.hash", told.hash),
    ]
    shell.as_table(
        word("title.entry", number=number),
        [("col.field", "left"), ("col.value", "left")],
        [[word(k), v] for k, v in lines if v is not None],
    )
    for line in changed_lines(told):
        typer.echo(line)


@app.command("verify", help=word("cli.history.verify"))
def verify(
    chain_only: Annotated[bool, typer.Option("--chain-only", help=word("opt.chain_only"))] = False,
    json: Json = False,
) -> None:
    from cycle.journal.verify import verify as check

    site = shell.site()
    verdict = check(site.database, replay=not chain_only)
    if verdict.intact:  # who may read stands in the database: where it is broken, that is said to whoever asks
        with site.reading():
            pass
    problems = [shell.sentence(f"problem.{p.key}", seq=p.seq, **p.facts) for p in verdict.problems]
    if json:
        shell.as_json(
            {
                "schema": "cycle/verify/1",
                "intact": verdict.intact,
                "replayed": not chain_only,
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
    if chain_only:
        typer.echo(word("history_chain_only"))


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
        expect=expect,
        dry_run=dry_run,
        closed_too=True,
    ) as (entry, about):
        was, now = put_right(entry, about, thing, field, value)
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
