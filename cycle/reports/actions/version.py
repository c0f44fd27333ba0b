"""A version of a plan as a paper: a chapter for each field of action, what changed marked in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cycle.adapters.templates import Letters, Sentences
from cycle.reports.actions.grammar import grammar
from cycle.reports.actions.names import Names
from cycle.reports.rules.paper import Cell, Column, Heading, Items, Paper, Part, Table, Text, apart, kept, row
from cycle.reports.rules.plan import Change, Chapter, Mark, Marked, PlanTold
from cycle.wording import Wording
from cycle.workflow.model import Workflow

TEMPLATE = "report/plan/{language}/sentences.txt.j2"
# Of what list of the vocabulary the value of a change is, if of any.
LISTS = {("needs", "status"): "need_status", ("measures", "status"): "measure_status", ("themes", "status"): "theme_status"}
LISTS |= {("measures", "field"): "fields"}


@dataclass(frozen=True)
class _Told:
    names: Names
    wording: Wording
    sentences: Sentences

    def tell(self, name: str, *facts: Any) -> str:
        return self.sentences.tell(name, *facts)

    def label(self, key: str) -> str:
        return self.sentences.tell("label", key)

    def columns(self, **kinds: str) -> tuple[Column, ...]:
        return tuple(Column(self.label(key), kind) for key, kind in kinds.items())

    def tag(self, mark: Mark | None) -> str:
        return self.label(mark.value) if mark else ""

    def changes(self, kind: str, found: Sequence[Change]) -> tuple[str, ...]:
        """Each change as from what to what."""
        return tuple(
            self.tell("change", self.label(each.what), self._value(kind, each, each.before), self._value(kind, each, each.now))
            for each in found
        )

    def _value(self, kind: str, change: Change, value: Any) -> str:
        words = LISTS.get((kind, change.what))
        return apart(self.names.of(words, value) if words else str(self.wording.value(value)))


def plan_paper(version: PlanTold, workflow: Workflow, wording: Wording, letters: Letters) -> Paper:
    """The whole version. `wording` is in the language asked for, which is the first of `letters`.

    Raises:
        NotFound: `unknown_template`, where a site's templates lack it.
        WrongInput: `template_error`, with file and line.
    """
    names = Names(workflow, wording)
    words = {**grammar(names, wording), "v": version, "plan": workflow.plan.title(wording.language)}
    told = _Told(names, wording, letters.sentences(TEMPLATE.format(language=wording.language), words))
    # By name: the file's order is not kept with the year. What has no field comes last.
    ordered = sorted(version.chapters, key=lambda each: (each.field is None, names.of("fields", each.field)))
    return Paper(
        language=wording.language,
        over=told.label("over"),
        title=told.tell("title"),
        whose=version.unit or version.municipality,
        description=told.tell("description"),
        stamp=told.tell("stamp"),
        draft=not version.final,
        parts=(_first(version, told), *(_chapter(each, number, told) for number, each in enumerate(ordered, 1))),
        closing=told.tell("closing"),
        anchor=version.proof.anchor,
        moment=version.proof.recorded_at,
    )


def _first(version: PlanTold, told: _Told) -> Part:
    """What this version is and rests on, and how to read it."""
    sentences = [told.tell("rests_on"), *(told.tell("decision", each) for each in version.decisions), told.tell("analysed")]
    counts = [told.tell("count", kind, counted) for kind, counted in version.counts.items()]
    blocks = [
        Items(tuple(filter(None, sentences))),
        Heading(told.label("changes")),
        Text(told.tell("since")),
        Items(tuple(filter(None, counts))),
        Text(told.tell("legend"), "small"),
    ]
    return Part("version", told.label("version"), kept(blocks))


def _chapter(chapter: Chapter, number: int, told: _Told) -> Part:
    title = told.names.of("fields", chapter.field) if chapter.field else told.label("no_field")
    blocks = [
        Text(told.tell("state", chapter)),
        Text(told.tell("unanswered"), "caution") if chapter.unanswered else None,
        *_headed(told, "themes", Items(tuple(_theme(each, told) for each in chapter.themes))),
        *_headed(told, "needs", _table(told, "needs_caption", ("number", "need", "group", "status"), chapter.needs, _need)),
        *_headed(
            told,
            "measures",
            _table(told, "measures_caption", ("number", "measure", "owner", "due", "status"), chapter.measures, _measure),
        ),
        None if chapter.needs or chapter.measures or chapter.themes else Text(told.tell("nothing")),
    ]
    return Part(f"chapter-{number}", told.tell("chapter", number, title), kept(blocks))


KINDS = {"number": "mark", "due": "day", "status": "word", "group": "word"}


def _table(
    told: _Told, caption: str, keys: Sequence[str], found: Sequence[Marked], line: Callable[[Marked, _Told], tuple[Cell, ...]]
) -> Table:
    columns = told.columns(**{key: KINDS.get(key, "") for key in keys})
    return Table(told.tell(caption), columns, tuple(line(each, told) for each in found))


def _headed(told: _Told, key: str, block: Items | Table) -> list[Any]:
    there = block.items if isinstance(block, Items) else block.rows
    return [Heading(told.label(key)), block] if there else []


def _theme(each: Marked, told: _Told) -> str:
    said = told.tell("theme", each.row)
    changes = "; ".join(told.changes("themes", each.changes))
    return ": ".join(filter(None, [told.tag(each.mark), said])) + (f" ({changes})" if changes else "")


def _need(each: Marked, told: _Told) -> tuple[Cell, ...]:
    need = each.row
    return row(
        Cell(need.number, tag=told.tag(each.mark)),
        Cell(apart(need.title), told.changes("needs", each.changes)),
        apart(told.names.of("target_groups", need.target_group)),
        told.tell("need_status", need),
    )


def _measure(each: Marked, told: _Told) -> tuple[Cell, ...]:
    measure = each.row
    return row(
        Cell(measure.number, tag=told.tag(each.mark)),
        Cell(apart(measure.title), told.changes("measures", each.changes)),
        told.tell("owner", measure),
        str(told.wording.value(measure.due)),
        told.tell("measure_status", measure),
    )
