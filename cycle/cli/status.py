"""`cycle status`: where the years stand, what is due, who is missing, what stands in the way."""

from typing import TYPE_CHECKING, Any

from cycle.cli import shell
from cycle.cli.planned import all_of_plan, of_plan
from cycle.cli.words import language, word

if TYPE_CHECKING:
    from sqlmodel import Session

    from cycle.cycles.records import Year
    from cycle.dates.rules import Calendar
    from cycle.vocabulary import Finding

NEXT_DATES = 3
WAITING_DAYS = 30  # so long before its day a mail that waits for a confirmation is named


def year_document(about: "Year") -> dict[str, Any]:
    """One cycle's state as a document: phase, round, standing, version, findings, next dates, who has not answered."""
    from cycle.cli.main import finding_document
    from cycle.dates.records import DateStatus, deadlines
    from cycle.dates.rules import public_calendar, working_days_between
    from cycle.phases.records import findings

    cycle, workflow = about.cycle, about.workflow
    public = public_calendar(shell.calendars_for(about))
    rows = [row for row in deadlines(about.session, about.cycle_id) if row.status == DateStatus.OPEN and row.actual is None]
    ahead = sorted((row for row in rows if row.planned >= about.today), key=lambda row: (row.planned, row.id))
    late = [row for row in rows if row.planned < about.today and workflow.dates[row.key].done.word != "passed"]
    found = findings(about, workflow.phase(cycle.phase).exit) if cycle.standing in ("open", "held") else []
    second = _second_person(about) if cycle.standing == "open" else None
    document = {
        "plan": cycle.plan,
        "year": cycle.year,
        "label": cycle.label,
        "phase": cycle.phase,
        "round": cycle.round,
        "standing": cycle.standing,
        "review_on": cycle.review_on,
        "version": cycle.version,
        "next": [
            {
                "key": row.key,
                "label": workflow.dates[row.key].label(language()),
                "planned": row.planned,
                "working_days_left": working_days_between(about.today, row.planned, public),
            }
            for row in ahead[:NEXT_DATES]
        ],
        "overdue": [
            {
                "key": row.key,
                "label": workflow.dates[row.key].label(language()),
                "planned": row.planned,
                "working_days_late": working_days_between(row.planned, about.today, public),
            }
            for row in late
        ],
        "checks": [
            finding_document(finding, cycle.plan) | {"label": workflow.checks[finding.check or ""].label(language())}
            for finding in found
        ],
        "approval": finding_document(second, cycle.plan) if second else None,
        "unconfirmed_mails": _waiting(about, public),
        "not_answered": _silent(about),
        **_of_the_plan(about, public),
    }
    told: dict[str, Any] = all_of_plan(document, cycle.plan)
    return told


def print_year(document: dict[str, Any], phase_label: str) -> None:
    """The same for a person, in 80 columns."""
    import typer

    standing = word(f"standing.{document['standing']}")
    typer.echo(word("status.head", label=document["label"], phase=phase_label, round=document["round"], standing=standing))
    if document["standing"] == "held":
        typer.echo(word("status.held", day=document["review_on"]))
        resume = of_plan(f"cycle resume {document['year']} --reason …", document["plan"])
        typer.echo(f"  → {resume}")
    if document["overdue"]:
        typer.echo(word("status.overdue"))
        for each in document["overdue"]:
            typer.echo("  " + word("status.late", label=each["label"], day=each["planned"], days=each["working_days_late"]))
    if document["next"]:
        typer.echo(word("status.next"))
        for each in document["next"]:
            typer.echo("  " + word("status.date", label=each["label"], day=each["planned"], days=each["working_days_left"]))
    if document["followups"]:
        typer.echo(word("status.followups"))
        for each in document["followups"]:
            key = "status.followup_late" if each["working_days_late"] else "status.followup_due"
            days = each["working_days_late"] or each["working_days_left"]
            typer.echo("  " + word(key, number=each["number"], title=each["title"], day=each["due"], days=days))
    if document["unowned"]:
        typer.echo(
            word(
                "status.unowned",
                count=len(document["unowned"]),
                command=of_plan(f"cycle measure list {document['year']} --unowned", document["plan"]),
            )
        )
        for each in document["unowned"]:
            sought = "status.search_over" if each["search_over"] else "status.search"
            typer.echo("  " + word(sought, number=each["number"], title=each["title"], day=each["search_until"]))
    if document["unconfirmed_mails"]:
        typer.echo(word("status.unconfirmed_mails"))
        for label in dict.fromkeys(each["unconfirmed_label"] for each in document["unconfirmed_mails"]):
            those = [each for each in document["unconfirmed_mails"] if each["unconfirmed_label"] == label]
            for each in those:
                waits = "status.unconfirmed_mail_late" if each["late"] else "status.unconfirmed_mail"
                typer.echo("  " + word(waits, label=each["label"], day=each["day"]))
            typer.echo("     " + word("status.unconfirmed", anchor=label))
            typer.echo(f"     → {those[0]['command']}")
    open_checks = [check for check in document["checks"] if not check["met"]]
    if open_checks:
        typer.echo(word("status.checks"))
        for check in open_checks:
            mark = word("waived") if check["waived"] else ("" if check["hard"] else word("soft"))
            typer.echo(f"  {check['check']} {check['label']}{f' ({mark})' if mark else ''}")
            typer.echo(f"     {check['sentence']}")
            if check["command"] and not check["waived"]:
                typer.echo(f"     → {check['command']}")
    elif document["approval"]:
        typer.echo(word("status.checks"))
        typer.echo(f"  {document['approval']['sentence']}")
        typer.echo(f"     → {document['approval']['command']}")
    elif document["checks"] and document["standing"] == "open":
        typer.echo(word("status.free", command=of_plan(f"cycle advance {document['year']}", document["plan"])))
    if document["not_answered"]:
        typer.echo(word("status.silent", count=document["not_answered"]))
    typer.echo("")


def _waiting(about: "Year", public: "Calendar | None") -> list[dict[str, Any]]:
    """What would go to partners in the next days, or should have gone, were the day it tells of confirmed."""
    if about.cycle.standing != "open":
        return []

    from datetime import timedelta

    from cycle.reminders.actions.waiting import waiting

    dates = about.workflow.dates
    return [
        {
            "template": each.step.mail,
            "label": dates[each.key].label(language()),
            "day": each.due_on,
            "late": each.due_on < about.today,
            "unconfirmed": each.awaits.key,
            "unconfirmed_label": each.awaits.rule.label(language()),
            "command": f"cycle date confirm {about.cycle.year} {each.awaits.key}",
        }
        for each in waiting(about, public, about.today + timedelta(days=WAITING_DAYS))
    ]


def lost_contacts(session: "Session") -> dict[str, Any]:
    """How many contacts of the network nothing reaches any more, and the command that lists them (None for none)."""
    from cycle.partners.records import network
    from cycle.partners.records.reach import unreachable

    count = len(unreachable(session, network(session, shell.site().settings.city.organiser)))
    return {"count": count, "command": "cycle partner list --unreachable" if count else None}


def print_lost(lost: dict[str, Any]) -> None:
    """The same for a person: nothing where everybody can be reached."""
    import typer

    if lost["count"]:
        typer.echo(word("status.unreachable", **lost))
        typer.echo("")


def _of_the_plan(about: "Year", public: "Calendar | None") -> dict[str, Any]:
    """The promises that are overdue or due soon, and the measures whose owner is sought; each in one running cycle only."""
    if about.cycle.standing not in ("open", "held"):
        return {"followups": [], "unowned": []}

    from cycle.cycles.records import running
    from cycle.dates.rules import working_days_between
    from cycle.plan.records.choosing import unowned_here
    from cycle.plan.records.followups import followups_all
    from cycle.plan.rules.followups import days_late, pressing
    from cycle.plan.rules.measures import home_year

    years = [cycle.year for cycle in running(about.session, about.cycle.plan)] or [about.cycle.year]
    here = [each for each in followups_all(about.session, about.cycle.plan) if home_year(each.year, years) == about.cycle.year]
    return {
        "followups": [
            {
                "number": each.number,
                "title": each.title,
                "due": each.due,
                "working_days_late": days_late(each, about.today, public),
                "working_days_left": working_days_between(about.today, each.due, public),
            }
            for each in pressing(here, about.today)
        ],
        "unowned": [
            {
                "number": each.number,
                "title": each.title,
                "search_until": each.search_until,
                "search_over": each.search_until is not None and each.search_until < about.today,
            }
            for each in unowned_here(about)
        ],
    }


def _second_person(about: "Year") -> "Finding | None":
    """What stands against going on for want of a second person's yes; None where nobody need be asked, or has said yes."""
    from cycle.phases.actions import decided
    from cycle.phases.rules import Step, StepKind, needs_second

    step = Step(StepKind.ADVANCE)
    if not needs_second(about.workflow, about.cycle.phase, step):
        return None
    return next((each for each in decided(about, step).refused if each.key.startswith("approval_")), None)


def _silent(about: "Year") -> int:
    """How many partners have not answered what is being asked now: the audiences of dates not yet ended in this phase."""
    from cycle.dates.records import DateStatus, deadlines

    asked: set[str] = set()
    for row in deadlines(about.session, about.cycle_id):
        rule = about.workflow.dates[row.key]
        if (
            rule.done.word == "answered"
            and row.actual is None
            and row.status == DateStatus.OPEN
            and rule.phase == about.cycle.phase
        ):
            for step in about.workflow.ladder.get(row.key, ()):
                if step.to is not None and step.to in about.lent.audiences:
                    asked |= {one.person for one in about.lent.audiences[step.to](about, {"date": row.key})}
    return len(asked)
