"""`cycle db`: bring the database to this version of the programme, or go on from a backup."""

import typer

from cycle.cli import shell
from cycle.cli.shell import DryRun, Json, Reason, noun, word

app = noun("db")


@app.callback()
def group() -> None:
    """The database of the site."""


@app.command("upgrade", help=word("cli.db.upgrade"))
def upgrade(json: Json = False) -> None:
    from cycle.app.furnishing import database_url, load_settings
    from cycle.app.places import home
    from cycle.app.upgrade import bring_up

    here = home()
    applied = bring_up(database_url(here, load_settings(here)))
    if json:
        shell.as_json({"schema": "cycle/upgrade/1", "applied": applied})
        return
    typer.echo(word("done.upgraded" if applied else "done.up_to_date", revisions=", ".join(applied)), err=True)


@app.command("accept-restore", help=word("cli.db.accept_restore"))
def accept_restore(reason: Reason = None, dry_run: DryRun = False, json: Json = False) -> None:
    from cycle.app.rollback import accept_restore as accept

    entry, found = accept(shell.site(), reason, dry_run=dry_run)
    shell.done(
        "restore_accepted",
        entry=entry,
        json=json,
        dry_run=dry_run,
        document={"seen": found.seen.seq, "entries": found.entries, "different": found.different},
        seen=found.seen.seq,
        entries=found.entries,
        next="cycle history verify",
    )
