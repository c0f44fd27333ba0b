"""Who a step of a ladder is for today: an audience, the holders of a role, or a level of the escalation."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cycle.cycles.records import Year
from cycle.partners.records import Rank
from cycle.partners.records.recipients import Recipients, recipients
from cycle.people.records import holders
from cycle.vocabulary import Recipient
from cycle.workflow.model import PARTNER_DEPUTY, Step


def asked_of(about: Year, step: Any, ladder: Sequence[Step], fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """The recipients of a step: an audience, the holders of a role, or a level of the escalation."""
    if step.level is not None:
        return _level(about, step.level, ladder, fact)
    if step.to in about.workflow.roles:
        return role_holders(about, step.to)
    return about.lent.audiences[step.to](about, fact)


def each_once(people: Sequence[Recipient]) -> Iterable[Recipient]:
    """Every person of an audience once; who is in it for several partners, for the last of them."""
    return people.each_once() if isinstance(people, Recipients) else {one.person: one for one in people}.values()


def found_in(people: Sequence[Recipient], person: str, partner: int | None) -> Recipient | None:
    """A person in an audience as `each_once` gives it, None who is not in it; `partner` for whom it was when last seen."""
    if isinstance(people, Recipients):
        return people.find(person, partner)
    return next((one for one in reversed(people) if one.person == person), None)


def _level(about: Year, level: int, ladder: Sequence[Step], fact: Mapping[str, Any]) -> Sequence[Recipient]:
    """Who a level of the escalation is; an empty one falls to the next role.

    Partners' deputies are written to at their own level only. Where no partner owes anything (more), nobody above hears
    of it either; and whoever has no deputy is left to the steps that follow.
    """
    named = about.workflow.escalation[level - 1]
    if named == PARTNER_DEPUTY:
        owing = _owing(about, ladder, fact)
        deputies = recipients(about.session, owing, Rank.DEPUTY, role=PARTNER_DEPUTY)
        if deputies or not owing:
            return deputies
    for name in about.workflow.escalation[level - 1 :]:
        found = role_holders(about, name) if name != PARTNER_DEPUTY else ()
        if found:
            return found
    return ()


def _owing(about: Year, ladder: Sequence[Step], fact: Mapping[str, Any]) -> list[int]:
    """The partners who still owe what this ladder asks for."""
    for step in reversed(ladder):
        if step.to is not None and step.to in about.lent.audiences:
            return [one.partner for one in about.lent.audiences[step.to](about, fact) if one.partner is not None]
    return []


def role_holders(about: Year, role: str) -> list[Recipient]:
    """The holders of a role today as recipients; their mail language is the workflow's first."""
    return [
        Recipient(
            person=person.ref,
            mail=person.mail,
            language=about.workflow.languages[0],
            last_name=person.name or "",
            phone=person.phone,
            role=span.role,
        )
        for person, span in holders(about.session, [role], about.today)
    ]
