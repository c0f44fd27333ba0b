"""A mail that a person starts: `by_hand` of the workflow file, to an audience or to some partners of it."""

from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple

from cycle.cycles.records import Year
from cycle.errors import NotFound
from cycle.reminders.actions.audience import asked_of
from cycle.reminders.records import made_since
from cycle.reminders.rules.ladder import BY_HAND, Item, Notice, Why, addressed, out_of_reach
from cycle.vocabulary import Recipient
from cycle.workflow.model import Follow


class Meant(NamedTuple):
    """Who gets it, and who does not, each with the reason."""

    items: list[Item]
    left: list[tuple[Recipient, Why]]


def by_hand(about: Year, template: str, to: str, only: Collection[int] = ()) -> Meant:
    """The items of a mail to an audience (or a role) of the workflow, or to these partners of it.

    Who had the same within the days that lie between two reminders does not get it again, and who speaks for several partners
    gets it once.

    Raises:
        NotFound: for a template that no person starts, an unknown audience, a partner who is not of it.
    """
    workflow = about.workflow
    if template not in workflow.mails.by_hand:
        raise NotFound("not_by_hand", template=template, known=", ".join(workflow.mails.by_hand) or "–")
    if to not in about.lent.audiences and to not in workflow.roles:
        raise NotFound("unknown_audience", audience=to, known=", ".join(sorted({*about.lent.audiences, *workflow.roles})))
    found = [one for one in asked_of(about, Follow(mail=template, to=to), (), {}) if not only or one.partner in only]
    missing = sorted(set(only) - {one.partner for one in found})
    if missing:
        raise NotFound("not_in_audience", partner=missing[0], audience=to)
    subject = f"{BY_HAND}/{to}"
    days = timedelta(days=workflow.policy.days_between_reminders)
    lately = made_since(about.session, about.cycle_id, about.today - days + timedelta(days=1))
    had = {one for (what, _, step), people in lately.items() for one in people if (what, step) == (subject, template)}
    notice = Notice(subject, about.today, template, template, workflow.mails.kind_of(template), about.today)
    items, left = [], []
    met: set[str] = set()
    for one in found:
        if one.person in met:
            continue
        met.add(one.person)
        why = Why.HAD_IT if one.person in had else out_of_reach(one)
        if why is not None:
            left.append((one, why))
            continue
        items.append(addressed(notice, one))
    return Meant(items, left)
