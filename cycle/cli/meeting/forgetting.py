"""`cycle meeting agenda forget`: who spoke at a meeting is erased from every programme."""

from typing import Annotated

import typer

from cycle.cli import output, shell
from cycle.cli.meeting.agenda import agenda
from cycle.cli.options import DryRun, Json, Reason
from cycle.cli.words import word


@agenda.command("forget", help=word("cli.meeting.agenda.forget"))
def forget(
    name: Annotated[str, typer.Argument(metavar="NAME", help=word("arg.speaker"), show_default=False)],
    legal_basis: Annotated[str | None, typer.Option("--legal-basis", help=word("opt.legal_basis"), show_default=False)] = None,
    also: Annotated[
        list[str] | None, typer.Option("--also", metavar="TABLE:NR", help=word("opt.also_erase"), show_default=False)
    ] = None,
    reason: Reason = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.app.speakers import forget_speaker
    from cycle.cli.privacy import finish_erasing

    workflow = shell.site().workflow()
    with shell.writing("subject.erased", "forget", reason=reason, dry_run=dry_run) as (entry, _):
        found = forget_speaker(entry, workflow, name, legal_basis=legal_basis, also=also or ())
    named = sorted(set(found.named_in) - set(also or ()))
    after = {} if dry_run else finish_erasing(json=json)
    if not json:
        if named:
            output.say("speaker.still_named", subjects=named)
        if found.with_others:
            output.say("speaker.with_others", subjects=found.with_others)
        if found.titles:
            output.say("speaker.in_titles", subjects=found.titles)
        if found.contact_of:
            output.say("staff.stays", partners=found.contact_of)
    count = entry.facts["count"]
    more = {"with_others": found.with_others}
    facts = {"subjects": entry.facts["subjects"], "count": count, "named_in": named, "titles": found.titles, **more, **after}
    output.done(
        "speaker_forgotten",
        entry=entry,
        json=json,
        dry_run=dry_run,
        items=len(found.items),
        mails=len(found.mails_naming),
        document=facts,
        next="cycle history verify",
    )
