"""`cycle meeting agenda forget`: who spoke at a meeting is erased from every programme."""

from typing import TYPE_CHECKING, Annotated

import typer

from cycle.cli import output, shell
from cycle.cli.meeting.agenda import agenda
from cycle.cli.options import AlsoErase, DryRun, Json, LegalBasis, Reason
from cycle.cli.words import word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@agenda.command("forget", help=word("cli.meeting.agenda.forget"))
def forget(
    name: Annotated[str, typer.Argument(metavar="NAME", help=word("arg.speaker"), show_default=False)],
    legal_basis: LegalBasis = None,
    also: AlsoErase = None,
    reason: Reason = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.app.speakers import forget_speaker, places
    from cycle.cli.privacy import finish_erasing

    workflow = shell.site().workflow()
    with shell.writing("subject.erased", "forget", reason=reason, dry_run=dry_run) as (entry, _):
        found = forget_speaker(entry, workflow, name, legal_basis=legal_basis, also=also or ())
        known = places(entry.session)
    named = sorted(set(found.named_in) - set(also or ()))
    after = {} if dry_run else finish_erasing(json=json)
    if not json:
        told = (("still_named", named), ("with_others", found.with_others), ("in_titles", found.titles))
        for key, subjects in told:
            if subjects:
                output.say(f"speaker.{key}", subjects=_placed(subjects, known))
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
        others=len(set(also or ())),
        document=facts,
        next="cycle history verify",
    )


def _placed(subjects: "Sequence[str]", known: "Mapping[str, Mapping[str, int | str]]") -> list[str]:
    """The subjects, those that are an item of a programme with its place in it."""
    return [shell.sentence("speaker.place", subject=each, **known[each]) if each in known else each for each in subjects]
