"""`cycle partner forget`: what is known of a partner's contacts is erased for ever."""

from typing import Annotated

import typer

from cycle.cli import output, shell
from cycle.cli.options import AlsoErase, DryRun, Json, LegalBasis, Reason
from cycle.cli.partner.options import Number
from cycle.cli.words import word


def forget(
    number: Number,
    contact: Annotated[
        list[str] | None, typer.Option("--contact", metavar="NR", help=word("opt.contacts"), show_default=False)
    ] = None,
    legal_basis: LegalBasis = None,
    also: AlsoErase = None,
    reason: Reason = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.app.privacy import forget as erase
    from cycle.cli.privacy import finish_erasing

    site = shell.site()
    with shell.writing("subject.erased", "forget", reason=reason, dry_run=dry_run) as (entry, _):
        found = erase(
            entry,
            site.workflow(),
            number,
            which=contact or (),
            legal_basis=legal_basis,
            also=also or (),
            archive_first=site.settings.retention.archive_first,
        )
    named = sorted({subject for each in found for subject in each.named_in} - set(also or ()))
    after = {} if dry_run else finish_erasing(json=json)
    if named and not json:
        output.say("privacy.still_named", subjects=named)
    if not json:
        for each in found:
            if each.login or each.known_elsewhere:
                output.say("privacy.stays", ref=each.ref, login=each.login, partners=each.known_elsewhere or None)
    facts = {"subjects": entry.facts["subjects"], "count": entry.facts["count"], "named_in": named, **after}
    output.done(
        "forgotten",
        entry=entry,
        json=json,
        dry_run=dry_run,
        partner=number,
        persons=len(found),
        count=entry.facts["count"],
        document=facts,
        next="cycle history verify",
    )
