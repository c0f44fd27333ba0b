"""`cycle partner list --unreachable`: whom no letter or call reaches, why, and the command that mends it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

from cycle.cli import output
from cycle.cli.words import word

if TYPE_CHECKING:
    from cycle.partners.records.reach import Unreachable


def list_unreachable(answer: Any, chosen: Sequence[int], *, json: bool) -> None:
    """Show the contacts that cannot be reached, of those of the chosen partners that take part."""
    from cycle.partners.records import network
    from cycle.partners.records.reach import unreachable

    taking_part = network(answer.session, answer.site.settings.city.organiser)
    found = unreachable(answer.session, set(taking_part) & set(chosen))
    rows = [
        [
            each.number,
            each.name,
            word(f"rank.{each.rank}"),
            word(f"unreachable.{each.obstacle}", day=each.bounced_on),
            each.phone,
        ]
        for each in found
    ]
    columns = [("col.no", "right"), ("col.name", "left"), ("col.who", "left"), ("col.why", "left"), ("col.phone", "left")]
    document = {"contacts": [asdict(each) | {"command": _remedy(each)} for each in found]}
    output.show(
        "title.unreachable", columns=columns, rows=rows, json=json, schema="cycle/partners-unreachable/1", document=document
    )
    if found and not json:
        typer.echo(word("next", command=_remedy(found[0])), err=True)


def _remedy(contact: "Unreachable") -> str:
    """The command that makes a contact reachable again; further contacts come with the partners' file."""
    from cycle.partners.records import Rank
    from cycle.partners.rules import Obstacle

    if contact.rank is Rank.FURTHER:
        return "cycle partner import FILE"
    if contact.obstacle is Obstacle.NO_ADDRESS:
        return f"cycle partner edit {contact.number} --street … --postcode … --city …"
    option = "--phone" if contact.obstacle is Obstacle.NO_PHONE else "--mail"
    deputy = " --deputy" if contact.rank is Rank.DEPUTY else ""
    return f"cycle partner edit {contact.number}{deputy} {option} … --reason …"
