"""Who may: the person behind a login, with the role that allows what is asked."""

from datetime import date

from sqlmodel import Session

from cycle.errors import Forbidden
from cycle.journal.actor import Actor
from cycle.people.records import acting
from cycle.people.rules import allowing, only_elsewhere
from cycle.vocabulary import Right
from cycle.workflow.model import Role, Workflow


def actor_of(
    session: Session, login: str, workflow: Workflow, right: Right, today: date, *, group: str | None, language: str
) -> Actor:
    """Who acts by a login, with the role that allows it; with `group` in that group. Roles are told in a `language`.

    Raises:
        Forbidden: for an unknown login, or if no role of that person allows it.
    """
    person = acting(session, login, today)
    if person is None:
        raise Forbidden("unknown_login", login=login)
    role = allowing(person.held, in_order(workflow), right, group)
    if role is None:
        groups = only_elsewhere(person.held, workflow.roles, right)
        if groups:
            raise Forbidden("only_own_group", login=login, groups=groups)
        if not person.held and person.begins is not None:
            raise Forbidden("role_begins_later", login=login, day=person.begins, today=today)
        held = ", ".join(workflow.roles[s.role].label(language) for s in person.held if s.role in workflow.roles)
        may = [label.label(language) for label in workflow.roles.values() if right in label.may]
        raise Forbidden("not_this_role", login=login, roles=held or "-", right=right.value, may=", ".join(may) or "-")
    return Actor(ref=person.ref, role=role)


def in_order(workflow: Workflow) -> dict[str, Role]:
    """The roles, those that do the daily work (the escalation) first: a pinned text has lost the file's order."""
    names = [name for name in workflow.escalation if name in workflow.roles]
    return {name: workflow.roles[name] for name in dict.fromkeys([*names, *workflow.roles])}
