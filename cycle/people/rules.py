"""Which roles a person's rights come from. Pure."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from cycle.vocabulary import Right


class Spanlike(Protocol):
    """A role somebody holds, perhaps for one group only."""

    @property
    def role(self) -> str: ...
    @property
    def group(self) -> str | None: ...


class Rolelike(Protocol):
    """What a workflow file says of a role."""

    @property
    def may(self) -> frozenset[Right]: ...
    @property
    def only(self) -> str | None: ...


def only_elsewhere(spans: Sequence[Spanlike], roles: Mapping[str, Rolelike], right: Right) -> list[str]:
    """The groups for which a person's roles would allow it; empty where no role would."""
    return sorted(
        {
            span.group
            for span in spans
            if span.group and span.role in roles and right in roles[span.role].may and roles[span.role].only
        }
    )


def allowing(spans: Sequence[Spanlike], roles: Mapping[str, Rolelike], right: Right, group: str | None = None) -> str | None:
    """The role that allows it, the first in the workflow's order, or None. A role limited to its own group allows only that."""
    held = {span.role for span in spans}
    for name, role in roles.items():
        if name not in held or right not in role.may:
            continue
        if role.only is None or right is Right.READ:
            return name
        own = {span.group for span in spans if span.role == name}
        if group is not None and group in own:
            return name
    return None
