"""Checks what a workflow file says of the weekly mail: whose it is, and which office notices it stands in for."""

from collections.abc import Mapping
from typing import Any

from cycle.errors import Key, Mistake
from cycle.workflow.model import WEEKLY_DIGEST, MailKind
from cycle.workflow.reading import Reading
from cycle.workflow.shape import unknown
from cycle.workflow.values import kinds_of, mapping

_PLACE = ("policy", "digest")


def complain_of_weekly(reading: Reading, whole: Mapping[str, Any]) -> None:
    """Notes a role or notice that does not exist, a notice that does not go to the office, and a digest without a kind."""
    digest = mapping(mapping(whole.get("policy")).get("digest"))
    if not digest:
        return
    roles, kinds = mapping(whole.get("roles")), kinds_of(whole)
    to = digest.get("to")
    if isinstance(to, str) and roles and to not in roles:
        reading.complain((*_PLACE, "to"), unknown(Key("mistake.a.role"), to, roles))
    notices = digest.get("in_place_of")
    for index, mail in enumerate(notices if isinstance(notices, list) else ()):
        if not isinstance(mail, str):
            continue
        if mail not in kinds:
            reading.complain((*_PLACE, "in_place_of", index), unknown(Key("mistake.a.mail"), mail, kinds))
        elif kinds[mail] != MailKind.OFFICE or mail == WEEKLY_DIGEST:
            reading.complain((*_PLACE, "in_place_of", index), Mistake("no_office_notice", mail=mail))
    if kinds.get(WEEKLY_DIGEST) != MailKind.OFFICE:
        reading.complain(_PLACE, Mistake("weekly_not_listed", mail=WEEKLY_DIGEST), at_key=True)
