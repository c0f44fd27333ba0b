"""What is looked at in the files that a city may write: the workflow, its calendars, every template in every language."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlmodel import col, select

from cycle.adapters.templates import LETTER, Letters, Part
from cycle.app.site import Site
from cycle.documents.rules import MOST_ATTACHED
from cycle.errors import CycleError
from cycle.partners.records import ENDED, Partner
from cycle.reminders.actions.scene import ANSWERS
from cycle.reminders.actions.scene.specimen import specimen
from cycle.service.doctor.examined import Examined, Health, error_found
from cycle.service.enclosing import not_enclosed

# Given to every letter by its surroundings, not by a scene.
AROUND = frozenset({"reference", "parts"})
# Given to the HTML of every letter, beside what its text's surroundings get.
LAYOUT = frozenset({"subject", "written", "lang", "block", "reference", "plan", "cycle", "sender", "recipient", "org", "city"})


def workflow(site: Site) -> Iterator[Examined]:
    """Whether the workflow file of the plan can be read. Raises what is wrong in it."""
    plan = site.workflow().plan
    yield Examined(Health.GOOD, "workflow", {"plan": plan.id, "version": plan.version})


def calendars(site: Site) -> Iterator[Examined]:
    """Until which year the calendars reach."""
    last = min(calendar.last.year for calendar in site.files.calendars(site.workflow()).values())
    health = Health.WARNING if last <= site.today().year + 1 else Health.GOOD
    yield Examined(health, "calendars", {"year": last})


def templates(site: Site) -> Iterator[Examined]:
    """Whether every letter can be written in every language that somebody is written to in."""
    workflow = site.workflow()
    letters = Letters(site.files.folders("templates"), workflow.languages)
    readers = _readers(site)
    for language in dict.fromkeys([*workflow.languages, *readers]):
        for template in (LETTER, *workflow.mails.every):
            try:
                yield from _template(letters, template, language, specimen(workflow.dates))
            except CycleError as error:  # told as one fault: the other templates are tried all the same
                yield error_found(error, site.wording)
    kinds = workflow.mails
    for language, count in readers.items():
        wanted = (LETTER, *kinds.request, *kinds.reminder, *kinds.information)
        missing = [each for each in wanted if _is_missing(letters, each, language)]
        if missing:
            facts = {"language": language, "partners": count, "templates": missing, "first": workflow.languages[0]}
            yield Examined(Health.WARNING, "template_untranslated", facts)
    for language in workflow.languages:
        unknown = letters.layout_variables(language) - LAYOUT
        if unknown:
            yield Examined(
                Health.BAD, "template_unknown", {"template": f"{LETTER}.html", "language": language, "names": sorted(unknown)}
            )
    yield Examined(Health.GOOD, "templates", {"count": len(workflow.mails.every)})


def _template(letters: Letters, template: str, language: str, context: dict[str, Any]) -> Iterator[Examined]:
    """What is wrong with one template of one language: names that do not exist, else that it cannot be filled."""
    if letters.language_of(template, language) != language:
        return
    unknown = letters.variables(template, language) - ANSWERS.keys() - AROUND
    if unknown:
        facts = {"template": template, "language": language, "names": sorted(unknown)}
        yield Examined(Health.BAD, "template_unknown", facts)
    elif template == LETTER:
        letters.letter([Part("Subject", "text", language)] * 2, language, context)
    else:
        part = letters.render(template, language, context)
        if not part.subject.strip() or not part.body.strip():
            yield Examined(Health.BAD, "template_empty", {"template": template, "language": language})
        letters.own_html(template, language, context)


def _is_missing(letters: Letters, template: str, language: str) -> bool:
    try:
        return letters.language_of(template, language) != language
    except CycleError:
        return False  # told already


def _readers(site: Site) -> dict[str, int]:
    """How many partners that take part are written to in each language."""
    with site.journal.reading() as session:
        query = select(Partner.language).where(col(Partner.status).not_in(ENDED)).order_by(col(Partner.language))
        return dict(Counter(session.exec(query)))


def documents(site: Site) -> Iterator[Examined]:
    """Whether the documents that letters take along are there, as they were filed, and small enough for a mail."""
    gone, large = not_enclosed(site)
    if gone:
        yield Examined(Health.WARNING, "documents_gone", {"documents": gone})
    if large:
        yield Examined(Health.WARNING, "documents_not_attached", {"documents": large, "megabytes": MOST_ATTACHED // 1_000_000})
