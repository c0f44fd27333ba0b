"""A gap analysis as one page of HTML: what is told with its words and pictures, drawn by the templates in `report/gap`. The
same facts and words give the same bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cycle.adapters.templates import Letters
from cycle.inventory.rules.funding import NONE, UNKNOWN
from cycle.inventory.rules.gap import GapStatus
from cycle.reports.actions.gap_words import PERCENT, GapWords
from cycle.reports.rules.dossier import Proof
from cycle.reports.rules.gap import GapTold, Line
from cycle.reports.rules.gap_pictures import Bars, Given, Heat, bars, heat

TEMPLATE = "report/gap.html.j2"


@dataclass(frozen=True)
class GapPage:
    """Whose analysis it is and what proves where it comes from: the page around it."""

    municipality: str
    plan_title: str
    label: str
    proof: Proof


@dataclass(frozen=True)
class Drawn:
    """All that the pieces of `report/gap/parts.html.j2` are given, under the name `g`."""

    told: GapTold
    words: GapWords
    headlines: Sequence[str]
    notes: Sequence[str]
    net: str
    lines: Mapping[str, Sequence[Line]]
    bars: Mapping[str, Bars]
    heat: Heat
    money: Sequence[tuple[str, int]]
    edge: int


def gap_page(head: GapPage, drawn: Drawn, letters: Letters) -> str:
    """The whole page, in the language of the words of `drawn`, which is the first of `letters`.

    Raises:
        NotFound: `unknown_template`, where a site's templates lack it.
        WrongInput: `template_error`, with file and line.
    """
    wording = drawn.words.wording
    return letters.text(
        TEMPLATE,
        {
            "d": head,
            "anchor": head.proof.anchor,
            "g": drawn,
            "lang": wording.language,
            "plan_title": head.plan_title,
            "say": wording.sentence,
            "show": wording.value,
        },
    )


def drawn(told: GapTold, words: GapWords) -> Drawn:
    """A gap analysis with its words and pictures, for its own page or as a part of another report."""
    lines = {"target_group": told.groups, "field": told.fields}
    money = [(words.band(each.band.key, each.band.above, each.band.up_to), each) for each in told.bands]
    pictures = {kind: _shares(f"gap-{kind.replace('_', '-')}", each, told, words) for kind, each in lines.items()}
    pictures["bands"] = bars(
        "gap-bands",
        [
            Given(label, each.count, words.whole(each.count), "quiet" if each.band.key in (NONE, UNKNOWN) else "rated")
            for label, each in money
        ],
    )
    return Drawn(
        told=told,
        words=words,
        headlines=words.headlines(told),
        notes=words.notes(told),
        net=words.percent(told.response).removesuffix(PERCENT),
        lines=lines,
        bars=pictures,
        heat=_heat(told, words),
        money=[(label, each.count) for label, each in money],
        edge=told.rule.small_funding_eur,
    )


def _shares(id: str, lines: Sequence[Line], told: GapTold, words: GapWords) -> Bars:
    given = [
        Given(
            label=words.label(line.kind, line.word),
            value=line.share,
            text=words.share(line),
            tone={GapStatus.GAP: "gap", GapStatus.NOT_MONITORED: "quiet"}.get(GapStatus(line.status), "rated"),
            before=line.before,
            status=words.status(line),
            note=words.change(line),
        )
        for line in lines
    ]
    rule = told.rule
    edges = dict.fromkeys((rule.gap_below_percent, rule.expandable_below_percent, rule.focus_from_percent))
    return bars(id, given, [(percent * 100, f"{percent} %") for percent in edges])


def _heat(told: GapTold, words: GapWords) -> Heat:
    def headed(lines: Sequence[Line]) -> list[tuple[str, str, str]]:
        note = words.wording.sentence(f"gap.status.{GapStatus.GAP}")
        return [(each.word, words.label(each.kind, each.word), note if each.status == GapStatus.GAP else "") for each in lines]

    return heat("gap-matrix", headed(told.groups), headed(told.fields), told.matrix)
