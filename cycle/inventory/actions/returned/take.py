"""Takes forms as answers: every version is kept, the projects of the one that counts come into the inventory."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cycle.cycles.records import Year
from cycle.inventory.actions.returned.weigh import Reported, Returned, Weighed
from cycle.inventory.records import Answer, Project, projects_all
from cycle.inventory.rules.form import Level
from cycle.inventory.rules.response import AnswerChannel
from cycle.journal.entry import Entry

# What of a project stands in an answer as it was told: all but its free text.
_PRIVATE = frozenset({"remark"})


@dataclass(frozen=True)
class Taken:
    """What an import of forms did: answers taken, projects added, changed, and confirmed as they were; `given` are the
    numbers that new projects got, by the id of what was reported."""

    answers: int
    added: int
    changed: int
    confirmed: int
    given: Mapping[int, int]


def take(entry: Entry, about: Year, weighed: Weighed) -> Taken:
    """Every form that was not taken before becomes an answer of the entry's day, in one entry; new projects get the next
    numbers. A form after the close is kept and changes no project, nor does one that another counts instead of.
    """
    forms = [form for form in weighed.forms if form.new]
    numbers = iter(range(1 + max((project.number for project in projects_all(about.session)), default=0), 2**31))
    given: dict[int, int] = {}  # by id of what was reported: the number it got
    added: list[Project] = []
    changed = confirmed = 0
    for form in forms:
        for told in form.said if form.counts else ():
            if told.level is Level.ERROR:
                continue
            if told.known is None:
                given[id(told)] = number = next(numbers)
                added.append(Project(number=number, carrier=form.partner.number, **_fields(about, told, entry.effective_on)))
            else:
                before = told.known.version
                entry.change(told.known, **_fields(about, told, entry.effective_on))
                changed += bool(told.changed)
                confirmed += not told.changed and told.known.version != before
    entry.add_all(added)
    entry.add_all([_answer(about, form, given, entry.effective_on) for form in forms])
    entry.tell(
        partners=list(dict.fromkeys(form.partner.number for form in forms)),
        forms=len(forms),
        added=len(added),
        changed=changed,
    )
    return Taken(len(forms), len(added), changed, confirmed, given)


def _fields(about: Year, told: Reported, day: date) -> dict[str, Any]:
    values = dict(told.judged.values) if told.known is None else dict(told.changed)
    answered_on = max(day, told.known.answered_on or day) if told.known is not None else day
    return values | {"inventory_year": about.cycle.year, "answered_on": answered_on}


def _answer(about: Year, form: Returned, given: dict[int, int], day: date) -> Answer:
    said = form.said
    return Answer(
        cycle_id=about.cycle_id,
        partner=form.partner.number,
        answered_on=day,
        channel=AnswerChannel.FORM,
        usable=form.none or any(each.level is not Level.ERROR for each in said),
        late=form.late,
        after_close=form.after_close,
        projects=len(said),
        form_sha256=form.sheet.sha256,
        reported=[_told(each, given.get(id(each))) for each in said],
        remark=_free_text(form.sheet.missing, said),
    )


def _told(each: Reported, number: int | None) -> dict[str, Any]:
    values = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in each.judged.values.items()
        if name not in _PRIVATE
    }
    known = each.known.number if each.known is not None else each.judged.number
    return values | {"number": number or known, "place": each.judged.place, "outcome": each.level.value}


def _free_text(missing: str | None, said: Sequence[Reported]) -> str | None:
    """What a form says in free words: what is lacking, and the remarks on its projects."""

    def lines() -> Iterator[str]:
        if missing:
            yield missing
        for each in said:
            if each.judged.values.get("remark"):
                yield f"{each.judged.title or each.judged.number}: {each.judged.values['remark']}"

    return "\n".join(lines()) or None
