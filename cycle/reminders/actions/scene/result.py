"""What became of a partner's input: its answer, its projects and measures, the needs that came from it, the theme."""

from typing import Any

from cycle.inventory.records import given_answers, projects_all, review_carriers
from cycle.partners.records import partner_of, resolve
from cycle.plan.records import Measure, MeasureStatus, Need, measures_all, needs_all, theme_of_year
from cycle.reminders.actions.scene.item import Scene


def result(scene: Scene) -> dict[str, Any]:
    """Statuses as labels; `needs` are those that the partner's groups reported, `measures` those it leads or takes part in,
    as far as the year dealt with them; `theme_measures` counts the measures of the year's theme."""
    about, number = scene.about, scene.recipient.partner
    if number is None:
        return {"answered_on": None, "projects": [], "measures": [], "needs": [], "theme_measures": _for_theme(scene)}
    answer = given_answers(about).get(number)
    reported = review_carriers(about).get(number, ())
    groups = partner_of(about.session, number).groups
    return {
        "answered_on": answer.day if answer and answer.usable else None,
        "projects": [
            {"id": str(row.number), "title": row.title, "status_label": _label(scene, "project_status", row.status)}
            for row in projects_all(about.session)
            if row.number in reported
        ],
        "measures": [_measure(scene, row) for row in _measures(scene) if number in _behind(scene, row)],
        "needs": [_need(scene, row) for row in _needs(scene) if row.source_group in groups],
        "theme_measures": _for_theme(scene),
    }


def _measures(scene: Scene) -> list[Measure]:
    """The measures of the year, and those of earlier years that were open when it began."""
    year, began = scene.about.cycle.year, scene.about.cycle.started_on
    rows = [row for row in measures_all(scene.about.session, scene.about.cycle.plan) if row.year <= year]
    return [row for row in rows if row.year == year or (row.status != MeasureStatus.DROPPED and _open_at(row, began))]


def _open_at(row: Measure, day: Any) -> bool:
    return row.done_on is None or row.done_on >= day


def _needs(scene: Scene) -> list[Need]:
    """The needs that the year reported or decided on."""
    year = scene.about.cycle.year
    rows = needs_all(scene.about.session, scene.about.cycle.plan)
    return [row for row in rows if year in (row.year, row.settled_in)]


def _behind(scene: Scene, row: Measure) -> set[int]:
    numbers = [*row.partners, *([] if row.owner is None else [row.owner])]
    return {resolve(scene.about.session, number) for number in numbers}


def _measure(scene: Scene, row: Measure) -> dict[str, Any]:
    status = _label(scene, "measure_status", row.status)
    return {"id": row.number, "title": row.title, "status_label": status, "done_on": row.done_on, "due": _due(row)}


def _due(row: Measure) -> Any:
    return None if row.status in (MeasureStatus.DONE, MeasureStatus.DROPPED) else row.due


def _need(scene: Scene, row: Need) -> dict[str, Any]:
    later = row.carried_to if row.carried_to is not None and row.carried_to > scene.about.cycle.year else None
    return {"id": row.number, "title": row.title, "status_label": _label(scene, "need_status", row.status), "carried_to": later}


def _for_theme(scene: Scene) -> dict[str, int]:
    theme = theme_of_year(scene.about)
    rows = [row for row in _measures(scene) if theme is not None and row.theme == theme.number]
    return {"all": len(rows), "done": sum(row.status == MeasureStatus.DONE for row in rows)}


def _label(scene: Scene, words: str, key: str) -> str:
    word = scene.about.workflow.vocab.get(words, {}).get(key)
    return word.label(scene.language) if word else key
