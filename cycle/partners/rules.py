"""Where a merger leads, what stands against leaving or merging, whether new data mean another person, and what keeps
letters from arriving. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cycle.errors import WrongInput
from cycle.vocabulary import Channel


@dataclass(frozen=True)
class Named:
    """What a person is told apart by."""

    first_name: str | None
    last_name: str | None
    mail: str | None


@dataclass(frozen=True)
class Reach:
    """The ways an organisation can be reached; `mail` only if it is a valid address that did not bounce."""

    channel: str
    mail: str | None
    phone: str | None
    address: bool
    bounced: bool = False


class Obstacle(StrEnum):
    """Why nothing arrives: mail came back, or what the partner's own way needs is not known."""

    BOUNCED = "bounced"
    NO_MAIL = "no_mail"
    NO_ADDRESS = "no_address"
    NO_PHONE = "no_phone"


_LACKS = {Channel.MAIL: Obstacle.NO_MAIL, Channel.POST: Obstacle.NO_ADDRESS, Channel.PHONE: Obstacle.NO_PHONE}


def leads_to(number: int, merged: Mapping[int, int]) -> int:
    """The partner that a number stands for today: itself, or the end of the chain of mergers."""
    seen = {number}
    while number in merged and merged[number] not in seen:
        number = merged[number]
        seen.add(number)
    return number


def address_key(mail: str) -> str:
    """A mail address as it is compared: without outer spaces, without case."""
    return mail.strip().casefold()


def same_address(one: str | None, other: str | None) -> bool:
    """Whether two addresses (or none) are the same."""
    return address_key(one or "") == address_key(other or "")


def is_another_person(before: Named, after: Named, *, owner: str | None, ref: str, shared: bool) -> bool:
    """Whether new data of a contact mean somebody else, so that the old contact ends and a new one begins.

    The mail address decides: while it stays, the person stays. `owner` is who has the new address already, `ref` who the
    contact is now, `shared` whether that person stands for others too.
    """
    if same_address(before.mail, after.mail):
        return False
    if owner is not None and owner != ref:
        return True
    renamed = (before.first_name, before.last_name) != (after.first_name, after.last_name)
    return shared or (renamed and before.mail is not None)


def obstacle(reach: Reach) -> Obstacle | None:
    """What keeps that which is sent the partner's own way from arriving; None if nothing does."""
    arrives = {Channel.MAIL: reach.mail is not None, Channel.POST: reach.address, Channel.PHONE: bool(reach.phone)}
    channel = Channel(reach.channel)
    if arrives[channel]:
        return None
    return Obstacle.BOUNCED if channel is Channel.MAIL and reach.bounced else _LACKS[channel]


def stands(number: int, status: str) -> None:
    """Nothing, while a partner takes part.

    Raises:
        WrongInput: if it has left or was merged already.
    """
    if status in ("left", "merged"):
        raise WrongInput("partner_has_left" if status == "left" else "partner_was_merged", partner=number)


def may_merge(number: int, into: int, status: str, into_status: str) -> None:
    """Nothing, if one partner may go into another. A merger into a merged one, and so a circle, is never possible.

    Raises:
        WrongInput: for a partner and itself, or if one of them has left or was merged.
    """
    if number == into:
        raise WrongInput("merge_into_itself", partner=number)
    stands(number, status)
    if into_status in ("left", "merged"):
        raise WrongInput("merge_into_gone", partner=number, into=into)
