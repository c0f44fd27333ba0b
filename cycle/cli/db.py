"""`cycle db`: bring the database to this version of the programme, copy it, go on from a backup, clean it, erase again."""

from pathlib import Path
from typing import Annotated

import typer

from cycle.cli import output, shell
from cycle.cli.helping import noun
from cycle.cli.options import DryRun, Json, Reason, Yes
from cycle.cli.words import word

app = noun("db")


@app.callback()
def group() -> None:
    """The database of the site."""


@app.command("upgrade", help=word("cli.db.upgrade"))
def upgrade(yes: Yes = False, dry_run: DryRun = False, json: Json = False) -> None:
    from cycle.adapters.database import sqlite_file
    from cycle.app.furnishing import database_url, load_settings
    from cycle.app.places import home
    from cycle.app.renewal import renew
    from cycle.app.upgrade import missing_in

    here = home()
    settings = load_settings(here)
    url = database_url(here, settings)
    if sqlite_file(url) is None and missing_in(url)[1] and not dry_run:
        output.confirm("ask.pg_backed_up", yes=yes)
    done = renew(here, settings, dry_run=dry_run)
    backup = str(done.backup_file) if done.backup_file else None
    if json:
        told = {"backup": backup} if backup else {}
        tried = {"dry_run": True} if dry_run else {}
        output.as_json({"schema": "cycle/upgrade/1", **tried, "applied": done.applied, **told})
        return
    if dry_run and done.applied:
        output.say("upgrade_possible", revisions=done.applied)
        output.say("backup_would_be" if backup else "backup_yours", file=backup)
        return
    typer.echo(word("done.upgraded" if done.applied else "done.up_to_date", revisions=", ".join(done.applied)), err=True)
    if backup:
        output.say("backup_before", file=backup)


@app.command("backup", help=word("cli.db.backup"))
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=word("arg.backup"), show_default=False)],
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.app.backup import back_up, demand_possible
    from cycle.vocabulary import Right

    site = shell.site()
    site.allow(Right.PEOPLE)
    if dry_run:
        demand_possible(site.database.url, file.absolute())
        output.done("backup_possible", json=json, dry_run=True, file=file)
        return
    made = back_up(site.database.url, file.absolute())
    told = {"file": str(made.file), "sha256": made.sha256, "entries": made.entries, "head": made.head}
    if json:
        output.as_json({"schema": "cycle/backup/1", **told})
        return
    output.say("done.backed_up", **told)


@app.command("erasures", help=word("cli.db.erasures"))
def erasures(
    apply: Annotated[bool, typer.Option("--apply", help=word("opt.apply"))] = False,
    write: Annotated[bool, typer.Option("--note", help=word("opt.note_erasures"))] = False,
    reason: Reason = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    if apply:
        _apply(reason=reason, dry_run=dry_run, json=json)
        return
    from cycle.app.erasures import erasures_file, note, noted, pending
    from cycle.journal.form import parse_instant
    from cycle.vocabulary import Right

    if write and not dry_run:
        shell.site().allow(Right.FORGET)
        with shell.reading() as answer:
            note(answer.site, answer.session)
    with shell.reading() as answer:
        waiting = pending(answer.site, answer.session)
        file = erasures_file(answer.site, answer.session)
    found = noted(file)
    open_again = {each.entry: subjects for each, subjects in waiting}
    rows = [
        [parse_instant(each.recorded_at), each.legal_basis, len(each.subjects), len(open_again.get(each.entry, ()))]
        for each in found
    ]
    columns = [("col.when", "left"), ("col.legal_basis", "left"), ("col.places", "right"), ("col.open_again", "right")]
    documents = [
        {
            "entry": each.entry,
            "recorded_at": each.recorded_at,
            "legal_basis": each.legal_basis,
            "refs": each.refs,
            "subjects": list(each.subjects),
            "open_again": open_again.get(each.entry, []),
        }
        for each in found
    ]
    document = {"file": str(file), "erasures": documents}
    output.show("title.erasures", columns=columns, rows=rows, json=json, schema="cycle/erasures/1", document=document)
    if waiting and not json:
        output.say("erasures_wait", count=len(waiting))


def _apply(*, reason: str | None, dry_run: bool, json: bool) -> None:
    from cycle.app.erasures import pending, reapply
    from cycle.cli.privacy import finish_erasing
    from cycle.errors import WrongInput

    with shell.writing("subject.erased", "forget", reason=reason, dry_run=dry_run) as (entry, _):
        waiting = pending(shell.site(), entry.session)
        if not waiting:
            raise WrongInput("no_erasure_waits")
        count = reapply(entry, waiting)
    after = {} if dry_run else finish_erasing(json=json)
    document = {"subjects": entry.facts["subjects"], **after}
    output.done("erased_again", entry=entry, json=json, dry_run=dry_run, count=count, document=document)


@app.command("scrub", help=word("cli.db.scrub"))
def scrub(dry_run: DryRun = False, json: Json = False) -> None:
    from cycle.errors import Conflict
    from cycle.journal.erasure import scrub as clean
    from cycle.vocabulary import Right

    site = shell.site()
    site.allow(Right.FORGET)
    if not dry_run and not clean(site.database):
        raise Conflict("database_busy")
    output.done("scrubbed", json=json, dry_run=dry_run)


@app.command("accept-restore", help=word("cli.db.accept_restore"))
def accept_restore(reason: Reason = None, dry_run: DryRun = False, json: Json = False) -> None:
    from cycle.app.erasures import erasures_noted, reapply_erasures
    from cycle.app.rollback import accept_restore as accept

    erasures_noted(shell.site())  # what cannot be made again is told before anything is accepted
    entry, found, seen = accept(shell.site(), reason, dry_run=dry_run)
    again = 0 if dry_run else reapply_erasures(shell.site(), entry.actor)  # the backup holds what was erased since
    output.done(
        "restore_accepted",
        entry=entry,
        json=json,
        dry_run=dry_run,
        document={"seen": seen.seq, "entries": found.entries, "different": found.different, "erased_again": again},
        seen=seen.seq,
        entries=found.entries,
        next="cycle history verify",
    )
    if again and not json:
        output.say("done.erased_again", count=again)
