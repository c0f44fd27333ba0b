"""How a gap analysis is told: shares below their threshold, changes with arrows, sentences, bars and heat map."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from cycle.app.places import data_root
from cycle.cli.gap_table import bar
from cycle.inventory.rules.gap import KINDS, Offer, Scope, analysis
from cycle.inventory.rules.shares import share
from cycle.reports.actions.gap_words import GapWords
from cycle.reports.rules.gap import Changed, GapTold, Line, Unfunded, change_text, share_text, told
from cycle.reports.rules.gap_pictures import AREA, LEFT, Given, bars, heat, tone, wrap
from cycle.reports.rules.gap_sentences import SENTENCES, headlines, notes
from cycle.wording import Wording
from cycle.workflow.model import GapRule, Word

RULE = GapRule(
    gap_below_percent=5,
    expandable_below_percent=8,
    focus_from_percent=25,
    caution_below_response_percent=60,
    funding_bands_eur=(1_000, 5_000),
)
WORDS = {
    "fields": {name: Word(de=name.title(), en=name.title()) for name in ("work", "home")},
    "target_groups": {name: Word(de=name.title(), en=name.title()) for name in ("old", "young")},
}
LABELS = {kind: {word: each.de for word, each in WORDS[words].items()} for kind, words in KINDS.items()}


def line(share: int, status: str = "gap", below: int | None = 5, **more: Any) -> Line:
    plain: dict[str, Any] = {"kind": "field", "word": "work", "count": 3, "focus": False, "before": None, "status_before": None}
    return Line(**plain | {"share": share, "status": status, "below": below} | more)


def counted(*offers: Offer, **more: Any) -> GapTold:
    result = analysis(offers, scope=Scope.ALL, rule=RULE, **WORDS) | {"as_of": "2025-04-17"}
    return told(result | more, RULE, response=5_999, recorded_on=date(2025, 4, 18))


def offer(**fields: Any) -> Offer:
    plain = {"status": "running", "carrier": 7, "partners": (), "fields": ("work",), "target_groups": ("old",), "amount": 100}
    return Offer(**plain | fields)


CHANGED = Changed(
    label="2024",
    recorded_on=date(2024, 4, 17),
    other_rule=False,
    gap_closure=0,
    closed=(),
    kept=(("field", "home"),),
    gone=(),
    new=(),
    added=(),
    removed=(),
    new_pairs=0,
)


def test_a_share_is_never_shown_at_a_threshold_that_it_does_not_reach() -> None:
    shares = [Fraction(49_400, 1_000_000), Fraction(49_599, 1_000_000), Fraction(499_999, 10_000_000)]

    assert [share_text(line(share(each, 1) or 0), "de") for each in shares] == ["4,9", "4,96", "< 5"]
    assert share_text(line(500, "expandable", 8), "en") == "5.0"
    assert share_text(line(799, "expandable", 8), "de") == "7,99"
    assert share_text(line(3_036, "covered", None), "de") == "30,4"


def test_a_change_has_an_arrow_and_none_is_an_equals_sign() -> None:
    assert [change_text(each, "de") for each in (60, -84, 4, 0, None)] == ["▲ 0,6", "▼ 0,8", "=", "=", ""]
    assert change_text(-1_234, "en") == "▼ 12.3"


def test_response_just_below_the_workflows_threshold_asks_for_caution() -> None:
    found = counted(offer())

    assert (found.caution, replace(found, response=6_000).response) == (True, 6_000)
    assert told(_stored(offer()), RULE, response=6_000, recorded_on=None).caution is False
    assert told(_stored(offer()), RULE, response=None, recorded_on=None).caution is False


def test_sentences_come_in_their_order_with_the_numbers_of_the_snapshot() -> None:
    offers = [offer(partners=(8,)), offer(amount=6_000), offer(fields=("work", "home"), amount=None)]

    keys = [said.key for said in headlines(counted(*offers))]

    assert keys == [
        "basis", "focus.target_group.one", "gap.target_group.one", "focus.field.one", "gap.field.none", "empty",
        "small", "unknown.one", "large.one", "cooperation.one",
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_sentence_can_be_said_and_leaves_no_fact_open(language: str) -> None:
    wording = Wording([data_root() / "templates"], [language])
    words = GapWords(LABELS, wording)
    pairs = (("field", "home"), ("target_group", "old"))
    one, two = counted(offer()), counted(offer(), offer(fields=("home",), amount=9_000, target_groups=("young",)))
    need = Unfunded("B-1", "Haus", 7_000)
    variants = [
        counted(),
        one,
        two,
        counted(offer(amount=None), offer(amount=None)),
        counted(*[offer()] * 30, offer(amount=None), offer(amount=None), offer(amount=6_000), offer(amount=6_000)),
        counted(*[offer(partners=(8,))] * 18, offer(fields=("home",), target_groups=("young",)), offer(status="completed")),
        counted(*[offer()] * 15, offer(fields=("home",), target_groups=("young",))),
        replace(one, unfunded=(need,), changed=replace(CHANGED, new_pairs=1, new=pairs[:1], other_rule=True)),
        replace(one, unfunded=(need, need), changed=replace(CHANGED, new_pairs=2, new=pairs, added=pairs, removed=pairs)),
        replace(one, changed=replace(CHANGED, gone=pairs, closed=pairs, new_pairs=None)),
        replace(one, changed=replace(CHANGED, closed=pairs[:1], gap_closure=5_000), differing=one.fields),
        replace(one, over=True, changed=CHANGED, groups=tuple(replace(each, share=each.share - 1) for each in one.groups)),
        _all_rated(one, "gap"),
        _all_rated(one, "expandable"),
        _all_rated(replace(one, groups=one.groups[:1], fields=one.fields[:1]), "expandable"),
        _all_rated(one, "covered", focus=True),
        replace(two, cooperation=1, funding_unknown=1, empty=two.empty[:1]),
    ]

    said = {each.key: words.sentence(each) for variant in variants for each in (*headlines(variant), *notes(variant))}

    assert set(SENTENCES) - set(said) == set()
    assert {key: text for key, text in said.items() if "{" in text or text.startswith("gap.say") or "()" in text} == {}


def test_the_edge_of_small_amounts_is_the_workflows() -> None:
    rule = RULE.model_copy(update={"small_funding_eur": 3_000})
    result = analysis([offer(amount=amount) for amount in (3_000, 3_001, 9_000)], scope=Scope.ALL, rule=rule, **WORDS)
    found = told(result | {"as_of": "2025-04-17"}, rule, response=9_000, recorded_on=date(2025, 4, 18))

    assert (found.small, found.small_share) == (1, 3_333)
    assert {each.key: each.facts["edge"] for each in headlines(found) if "edge" in each.facts} == {
        "small": 3_000, "large": 3_000
    }  # fmt: skip


def test_bars_share_one_scale_and_what_is_not_nothing_can_be_seen() -> None:
    picture = bars(
        "x", [Given("a", 4_000, ""), Given("b", 1, "", before=2_000), Given("c", 0, "")], [(500, "5 %"), (800, "8 %")]
    )

    assert [each.width for each in picture.bars] == [AREA, 2, 0]
    assert (picture.bars[1].before, picture.bars[0].before) == (LEFT + AREA // 2, None)
    assert [mark.anchor for mark in picture.marks] == ["end", "start"]
    assert bars("x", []).bars == ()


def test_the_heat_map_is_darkest_where_most_is_and_empty_cells_have_no_tone() -> None:
    assert [tone(count, 10) for count in (0, 1, 2, 3, 10)] == [0, 1, 1, 2, 5]
    assert tone(0, 0) == 0

    picture = heat("x", [("r", "Zeile", "Lücke")], [("a", "A", ""), ("b", "B", "")], {"r": {"a": 0, "b": 3}})

    assert [(cell.count, cell.tone) for cell in picture.cells] == [(0, 0), (3, 5)]
    assert heat("x", [], [], {}).cells == ()


def test_the_heat_map_of_twenty_fields_has_room_for_each() -> None:
    columns = [(str(number), f"Feld {number}", "") for number in range(20)]

    picture = heat("x", [("r", "Zeile", "")], columns, {"r": {str(number): number for number in range(20)}})

    assert (picture.cell_width, picture.width) == (44, 150 + 20 * 44 + 1)


def test_labels_are_broken_between_words_and_cut_with_an_ellipsis() -> None:
    assert wrap("Werte, Regeln und Normen", 13, 3) == ("Werte, Regeln", "und Normen")
    assert wrap("Zusammenleben", 12, 3) == ("Zusammenl-", "eben")
    assert wrap("a b c d", 1, 2) == ("a", "…")
    assert wrap("", 10, 2) == ()


def test_a_bar_of_block_characters_is_as_long_as_its_share_to_an_eighth() -> None:
    assert [bar(each, 800, width=8) for each in (800, 100, 50, 1, 0)] == ["████████", "█", "▌", "▏", ""]
    assert bar(0, 0) == ""


def _stored(*offers: Offer) -> dict[str, Any]:
    return analysis(offers, scope=Scope.ALL, rule=RULE, **WORDS)


def _all_rated(told: GapTold, status: str, *, focus: bool = False) -> GapTold:
    groups, fields = (
        tuple(replace(each, status=status, focus=focus) for each in lines) for lines in (told.groups, told.fields)
    )
    return replace(told, groups=groups, fields=fields)
