"""What is asked of the partners: the survey, and in the review their projects and measures."""

from typing import Any

from cycle.inventory.records import Answer, answers_of, invited_numbers, projects_all, response, review_carriers
from cycle.inventory.rules.form import Level
from cycle.plan.records.owning import measures_owed_by
from cycle.reminders.actions.scene.item import Scene
from cycle.reminders.records import first_reached
from cycle.reminders.rules.ladder import requests_in


def survey(scene: Scene) -> dict[str, Any]:
    about = scene.about
    rule = about.workflow.dates.get(scene.date_key or "")
    requests = requests_in(about.workflow, rule.phase) if rule else frozenset()
    first = first_reached(about.session, about.cycle_id, scene.recipient.person, requests)
    return {
        "sent_on": first,
        "answered": response(about).answered,
        "invited": len(invited_numbers(about)),
        "link": None,
        "form": scene.form,
    }


def items(scene: Scene) -> list[dict[str, Any]]:
    number = scene.recipient.partner
    about = scene.about
    if number is None:
        return []
    if scene.item.subject.startswith("event/"):
        answer = answers_of(about.session, about.cycle_id).get(number)
        if answer is not None and (answer.projects == 0 or answer.reported is not None):
            return _as_told(scene, answer)
    reported = review_carriers(about).get(number, ())
    projects = [project for project in projects_all(about.session) if project.number in reported]
    measures = measures_owed_by(about).get(number, ())
    project, measure = scene.sentence("word.project"), scene.sentence("word.measure")
    return [
        {"kind_label": project, "id": str(p.number), "title": p.title, "due": None, "cycle": about.cycle.year} for p in projects
    ] + [{"kind_label": measure, "id": m.number, "title": m.title, "due": m.due, "cycle": m.year} for m in measures]


def _as_told(scene: Scene, answer: Answer) -> list[dict[str, Any]]:
    """The projects that an answer by the survey form told of, as far as they were taken."""
    told = [each for each in answer.reported or () if each["number"] is not None and each["outcome"] != Level.ERROR]
    label, year = scene.sentence("word.project"), scene.about.cycle.year
    return [{"kind_label": label, "id": str(e["number"]), "title": e["title"], "due": None, "cycle": year} for e in told]


def review(_scene: Scene) -> dict[str, Any]:
    return {"link": None}
