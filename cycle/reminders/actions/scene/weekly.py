"""What the weekly mail tells: what is due soon, what is overdue, what waits for a confirmation, who has not answered, who
cannot be reached, which mails have not arrived."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from cycle.cycles.records import running
from cycle.dates.records import DateStatus, deadlines
from cycle.dates.rules import late_from, working_days_between
from cycle.outbox.records import Mail, MailState
from cycle.partners.records import network, partner_of
from cycle.partners.records.reach import unreachable
from cycle.reminders.actions.answers import silent_of
from cycle.reminders.actions.scene.item import Scene
from cycle.reminders.actions.waiting import waiting
from cycle.reminders.records import LedgerItem, partners_asked
from cycle.reminders.rules.ladder import ANSWERED, requests_in
from cycle.vocabulary import DatedItem

DAYS_AHEAD = 14
NAMED = 5


def weekly(scene: Scene) -> dict[str, Any]:
    today = scene.about.today
    until = today + timedelta(days=DAYS_AHEAD)
    things = sorted(_things(scene), key=lambda each: each[1])
    return {
        "until": until,
        "due": [_line(label, day, days_left=_between(scene, today, day)) for label, day, _ in things if today <= day <= until],
        "overdue": [
            _line(label, day, days_late=_between(scene, day, today))
            for label, day, waits in things
            if waits and late_from(day, scene.public) <= today
        ],
        "waiting": [
            {
                "label": scene.about.workflow.dates[each.key].label(scene.language),
                "date": each.due_on,
                "waits_for": each.awaits.rule.label(scene.language),
                "command": f"cycle date confirm {each.awaits.year} {each.awaits.key}",
            }
            for each in waiting(scene.about, scene.public, until)
        ],
        "silent": _silent(scene),
        "unreachable": _unreachable(scene),
        "failed": _mails(scene, MailState.FAILED, MailState.BOUNCED, since=today - timedelta(days=DAYS_AHEAD)),
        "unclear": _mails(scene, MailState.UNCLEAR),
    }


def _things(scene: Scene) -> list[tuple[str, date, bool]]:
    """Every open date and thing with its day, and whether it can be late."""
    about = scene.about
    rules = about.workflow.dates
    dates = [
        (rules[row.key].label(scene.language), row.planned, rules[row.key].done.word != "passed")
        for row in deadlines(about.session, about.cycle_id)
        if row.actual is None and row.status == DateStatus.OPEN
    ]
    return dates + [(_called(scene, thing), thing.day, True) for lent in about.lent.dated.values() for thing in lent(about)]


def _called(scene: Scene, thing: DatedItem) -> str:
    """A measure has two days, its own and that until which its owner is sought."""
    sought = thing.subject.startswith("search/")
    return scene.sentence("weekly_search", label=thing.label) if sought else thing.label


def _silent(scene: Scene) -> list[dict[str, Any]]:
    about = scene.about
    found = []
    for row in deadlines(about.session, about.cycle_id):
        rule = about.workflow.dates[row.key]
        asked = partners_asked(about.session, about.cycle_id, requests_in(about.workflow, rule.phase))
        if rule.done.word != ANSWERED or row.actual is not None or row.status != DateStatus.OPEN or not asked:
            continue
        numbers = silent_of(about, row.key)
        names = [partner_of(about.session, number).name for number in numbers[:NAMED]]
        if numbers:
            found.append(
                {"label": rule.label(scene.language), "count": len(numbers), "names": names, "more": len(numbers) - len(names)}
            )
    return found


def _unreachable(scene: Scene) -> dict[str, Any] | None:
    """The contacts of the network whom nothing reaches, the first by partner and reason; None where there is none. Of two
    years that run at once only the newer one tells of them."""
    about = scene.about
    if any(cycle.year > about.cycle.year for cycle in running(about.session, about.cycle.plan)):
        return None
    found = unreachable(about.session, network(about.session, scene.settings.city.organiser))
    if not found:
        return None
    named = [
        {"org": each.name, "why": scene.sentence(f"unreachable.{each.obstacle}", day=each.bounced_on)} for each in found[:NAMED]
    ]
    return {"count": len(found), "partners": named, "more": len(found) - len(named)}


def _mails(scene: Scene, *states: MailState, since: date | None = None) -> int:
    query = (
        select(func.count(func.distinct(col(Mail.id))))
        .join(LedgerItem, col(LedgerItem.mail_id) == col(Mail.id))
        .where(LedgerItem.cycle_id == scene.about.cycle_id, col(Mail.state).in_(states))
    )
    return scene.about.session.exec(query if since is None else query.where(Mail.day >= since)).one()


def _between(scene: Scene, first: date, last: date) -> int:
    return working_days_between(first, last, scene.public)


def _line(label: str, day: date, **days: int) -> dict[str, Any]:
    return {"label": label, "date": day, **days}
