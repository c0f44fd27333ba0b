"""Who may: the person behind a login, with the role that allows what is asked."""

from datetime import date

from cycle.errors import Forbidden
from cycle.journal.actor import Actor
from cycle.journal.questions import Asks
from cycle.people.records import acting
from cycle.people.rules import allowing, only_elsewhere
from cycle.vocabulary import Right
from cycle.workflow.model import Workflow


def actor_of(
    session: Asks, login: str, workflow: Workflow, right: Right, today: date, *, group: str | None, language: str
) -> Actor:
    """Who acts by a login, with the role that allows it; with `group` in that group. Roles are told in a `language`.

    Raises:
        Forbidden: for an unknown login, or if no role of that person allows it.
    """
    person = acting(session, login, today)
    if person is None:
        raise Forbidden("unknown_login", login=login)
    role = allowing(person.held, workflow.ranked, right, group)
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
