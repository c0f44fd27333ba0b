"""One partner edited, leaving, merged into another; an address that does not work any more."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import col, select

from cycle.cycles.rules import need_reason
from cycle.errors import WrongInput
from cycle.journal.entry import Entry
from cycle.partners.actions.contacts import known_addresses, renew, set_wish
from cycle.partners.actions.words import channel_of, language_code, mailable
from cycle.partners.records import Contact, Partner, PartnerStatus, Rank, Wish, contact_of, partner_of
from cycle.partners.rules import may_merge, stands
from cycle.people.rules import one_line, option
from cycle.workflow.model import Workflow
from cycle.workflow.words import word_of

NO_WISH = "none"


def edit_partner(
    entry: Entry,
    workflow: Workflow,
    number: int,
    *,
    contact: Mapping[str, str],
    address: Mapping[str, str] | None = None,
    channel: str | None = None,
    language: str | None = None,
    wish: str | None = None,
    rank: Rank = Rank.PRIMARY,
) -> Partner:
    """New data of a partner's first contact, or of its deputy, its postal address, and how and in which language it wants to
    be written to.

    `contact` holds only what is new (salutation, title, first_name, last_name, function, mail, phone), as `address` does
    (street, postcode, city); an empty text takes a value away. With another name and another address it is another person,
    and the old contact ends. `wish` is a lasting one of that person (`objects`, `call`, or `none` to end it): no import and
    no new address of the person resets it.

    Raises:
        NotFound: for an unknown partner.
        WrongInput: if nothing is given, a word is unknown, the address cannot be mailed, the partner is gone, or a wish
            comes without a reason or for somebody who is not there.
    """
    partner = partner_of(entry.session, number)
    stands(number, partner.status)
    if not contact and not address and channel is None and language is None and wish is None:
        raise WrongInput("partner_nothing_given", partner=number)
    given: dict[str, Any] = {name: one_line(option(name), text) or None for name, text in contact.items()}
    if given.get("salutation"):
        given["salutation"] = word_of(workflow, "salutations", given["salutation"])
    if given.get("mail"):
        given["mail"] = mailable(given["mail"])
    how: dict[str, Any] = {name: one_line(option(name), text) or None for name, text in (address or {}).items()}
    if channel is not None:
        way, own_language = channel_of(workflow, channel)
        how |= {"channel": way} | ({"language": own_language} if own_language else {})
    if language is not None:
        how["language"] = language_code(workflow, language)
    row = contact_of(entry.session, partner.id or 0, rank)
    version = partner.version
    changed = renew(entry, known_addresses(entry.session), partner.id or 0, row, rank, given) if given else False
    if wish is not None:
        changed = _wish(entry, partner, rank, wish) or changed
    entry.change(partner, **how)
    if not changed and partner.version == version:
        raise WrongInput("partner_is_so", partner=number)
    told = {"wish": wish} if wish is not None else {}
    deputy = {"rank": rank.value} if rank is Rank.DEPUTY else {}
    entry.tell(partner=number, fields=sorted([*given, *how, *told]), **told, **deputy)
    # A wish alone says nothing about the age of the other data: an import may still bring newer ones.
    return entry.change(partner, updated_on=entry.effective_on) if given or how else partner


def _wish(entry: Entry, partner: Partner, rank: Rank, wish: str) -> bool:
    if wish != NO_WISH and wish not in list(Wish):
        raise WrongInput("partner_wish_unknown", text=wish, known=", ".join([*Wish, NO_WISH]))
    need_reason(entry.reason)
    contact = contact_of(entry.session, partner.id or 0, rank)
    if contact is None:
        key = "partner_without_deputy" if rank is Rank.DEPUTY else "partner_without_contact"
        raise WrongInput(key, partner=partner.number)
    return set_wish(entry, contact, None if wish == NO_WISH else Wish(wish))


def leave(entry: Entry, number: int) -> Partner:
    """A partner takes part no more, from the entry's day on. What it owned is found without owner by those who ask.

    Raises:
        NotFound: for an unknown partner.
        WrongInput: without a reason, or if it is gone already.
    """
    need_reason(entry.reason)
    partner = partner_of(entry.session, number)
    stands(number, partner.status)
    entry.tell(partner=number)
    return entry.change(partner, status=PartnerStatus.LEFT, left_on=entry.effective_on)


def merge(entry: Entry, number: int, into: int) -> Partner:
    """A partner becomes part of another: what it owns follows through `merged_into`, its address is used no more.

    Raises:
        NotFound: for an unknown partner.
        WrongInput: without a reason, for a partner and itself, or if one of them is gone already.
    """
    need_reason(entry.reason)
    partner, target = partner_of(entry.session, number), partner_of(entry.session, into)
    may_merge(number, into, partner.status, target.status)
    entry.tell(partner=number, into=into)
    return entry.change(partner, status=PartnerStatus.MERGED, merged_into=into, left_on=entry.effective_on)


def bounced(entry: Entry, ref: str) -> list[Contact]:
    """Mail to this person came back: no more goes to that address until a new one is entered."""
    query = select(Contact).where(Contact.ref == ref, col(Contact.valid_to).is_(None), col(Contact.bounced_on).is_(None))
    return [entry.change(contact, bounced_on=entry.effective_on) for contact in entry.session.exec(query).all()]
