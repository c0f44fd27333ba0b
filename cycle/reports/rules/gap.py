"""A gap analysis as it is told: what a snapshot holds, put in order for the terminal, the page and the year's report.
Ids, days and numbers of no language; those who tell it give them their words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cycle.inventory.rules.funding import Band, bands
from cycle.inventory.rules.gap import KINDS, GapStatus
from cycle.workflow.model import GapRule


@dataclass(frozen=True)
class Line:
    """A target group or field: projects in full count, share in ten-thousandths, what that is called, and before.

    `before` and `change` are in ten-thousandths; None where there is nothing to compare with. `below` is the threshold
    (in percent) that the exact share stays under, None where it reaches them all or is not rated.
    """

    kind: str
    word: str
    count: int
    share: int
    status: str
    focus: bool
    before: int | None
    status_before: str | None
    below: int | None

    @property
    def change(self) -> int | None:
        """How much the share has changed, in ten-thousandths."""
        return None if self.before is None else self.share - self.before


@dataclass(frozen=True)
class BandTold:
    """A funding band with its number of projects."""

    band: Band
    count: int


@dataclass(frozen=True)
class Changed:
    """What changed since the snapshot of the cycle before; words as (kind, id)."""

    label: str
    recorded_on: date
    other_rule: bool
    gap_closure: int | None
    closed: tuple[tuple[str, str], ...]
    kept: tuple[tuple[str, str], ...]
    gone: tuple[tuple[str, str], ...]
    new: tuple[tuple[str, str], ...]
    added: tuple[tuple[str, str], ...]
    removed: tuple[tuple[str, str], ...]
    new_pairs: int | None


@dataclass(frozen=True)
class Unfunded:
    """A need for more than small money, none of it secured; `amount` in whole euros."""

    number: str
    title: str
    amount: int


@dataclass(frozen=True)
class GapTold:
    """The whole of it. `recorded_on` None: counted now, not recorded; `response` is the survey's net rate in
    ten-thousandths; `over`: the year was over on the day of the data, so that projects reported anew since are not among
    them; `empty` are the pairs of a group and a field without a project; `differing` the words that are rated
    otherwise in the other scope."""

    recorded_on: date | None
    as_of: date | None
    over: bool
    scope: str
    projects: int
    carriers: int | None
    response: int | None
    survey: Mapping[str, int | None] | None
    caution: bool
    rule: GapRule
    groups: tuple[Line, ...]
    fields: tuple[Line, ...]
    matrix: Mapping[str, Mapping[str, int]]
    empty: tuple[tuple[str, str], ...]
    bands: tuple[BandTold, ...]
    funding_known: int
    funding_unknown: int
    funding_total: int
    funding_median: int | None
    small: int | None
    small_share: int | None
    cooperation: int | None
    cooperation_share: int | None
    changed: Changed | None
    unfunded: tuple[Unfunded, ...] | None
    other_scope: str | None
    other_projects: int | None
    differing: tuple[Line, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """Target groups, then fields."""
        return self.groups + self.fields


def told(
    result: Mapping[str, Any], rule: GapRule, *, response: int | None, recorded_on: date | None, last_day: date | None = None
) -> GapTold:
    """What a stored (or just counted) analysis says, by the rule it was rated with; `last_day` is that of its cycle.

    Lines stand by falling share, the same shares by id. What an earlier release did not keep yet is None or empty.
    """
    as_of = date.fromisoformat(result["as_of"]) if "as_of" in result else recorded_on
    groups, fields = (_lines(result, kind, rule, result.get("compared")) for kind in KINDS)
    other = result.get("other")
    matrix = result["matrix_full_count"]
    rows, columns = [line.word for line in groups], [line.word for line in fields]
    return GapTold(
        recorded_on=recorded_on,
        as_of=as_of,
        over=as_of is not None and last_day is not None and as_of > last_day,
        scope=result["scope"],
        projects=result["projects"],
        carriers=result.get("carriers"),
        response=response,
        survey=result.get("survey"),
        caution=response is not None and response < rule.caution_below_response_percent * 100,
        rule=rule,
        groups=groups,
        fields=fields,
        matrix={row: {column: matrix[row][column] for column in columns} for row in rows},
        empty=tuple((row, column) for row in rows for column in columns if not matrix[row][column]),
        bands=tuple(BandTold(band, result["funding_bands"].get(band.key, 0)) for band in bands(rule.funding_bands_eur)),
        funding_known=result["funding_known"],
        funding_unknown=result["funding_unknown"],
        funding_total=result["funding_total"],
        funding_median=result["funding_median"],
        small=result.get("funding_le_5000"),
        small_share=result["funding_le_5000_share"],
        cooperation=result.get("cooperation"),
        cooperation_share=result["cooperation_share"],
        changed=_changed(result.get("compared")),
        unfunded=_unfunded(result),
        other_scope=other["scope"] if other else None,
        other_projects=other["projects"] if other else None,
        differing=_differing(result, other, rule) if other else (),
    )


def share_text(line: Line, language: str) -> str:
    """A share in percent with as many places as keep it below the threshold it stays under: "4,96" is not shown as 5,0."""
    for unit, places in ((10, 1), (1, 2)):
        number = (line.share + unit // 2) // unit
        if line.below is None or number * unit < line.below * 100:
            return _decimal(number, places, language)
    return f"< {line.below}"


def change_text(change: int | None, language: str) -> str:
    """A change in percentage points with an arrow, so that its direction is seen without colour; empty without one."""
    if change is None:
        return ""
    tenths = (abs(change) + 5) // 10
    if not tenths:
        return "="
    return f"{'▲' if change > 0 else '▼'} {_decimal(tenths, 1, language)}"


def _decimal(number: int, places: int, language: str) -> str:
    whole, part = divmod(number, 10**places)
    return f"{whole}{',' if language == 'de' else '.'}{part:0{places}}"


def _lines(result: Mapping[str, Any], kind: str, rule: GapRule, compared: Mapping[str, Any] | None) -> tuple[Line, ...]:
    shares, rated, counts = result[f"{kind}_share"], result[f"{kind}_status"], result.get(f"{kind}_count_full", {})
    was = compared[kind] if compared else {"before": {}, "status_before": {}}
    lines = [
        Line(
            kind=kind,
            word=word,
            count=counts.get(word, 0),
            share=share or 0,
            status=rated[word],
            focus=word in result.get(f"{kind}_focus", ()),
            before=was["before"].get(word),
            status_before=was["status_before"].get(word),
            below=_below(rated[word], rule),
        )
        for word, share in shares.items()
    ]
    return tuple(sorted(lines, key=lambda line: (-line.share, line.word)))


def _below(status: str, rule: GapRule) -> int | None:
    return {GapStatus.GAP: rule.gap_below_percent, GapStatus.EXPANDABLE: rule.expandable_below_percent}.get(GapStatus(status))


def _differing(result: Mapping[str, Any], other: Mapping[str, Any], rule: GapRule) -> tuple[Line, ...]:
    lines = (line for kind in KINDS for line in _lines(other, kind, rule, None))
    return tuple(line for line in lines if line.status != result[f"{line.kind}_status"].get(line.word, line.status))


def _changed(compared: Mapping[str, Any] | None) -> Changed | None:
    if compared is None:
        return None

    def words(what: str) -> tuple[tuple[str, str], ...]:
        return tuple((kind, word) for kind in KINDS for word in compared[kind][what])

    return Changed(
        label=compared["label"],
        recorded_on=date.fromisoformat(compared["recorded_on"]),
        other_rule=compared["other_rule"],
        gap_closure=compared["gap_closure"],
        closed=words("closed"),
        kept=words("kept"),
        gone=words("gone"),
        new=words("new"),
        added=words("added"),
        removed=words("removed"),
        new_pairs=compared["new_pairs"],
    )


def _unfunded(result: Mapping[str, Any]) -> tuple[Unfunded, ...] | None:
    needs: Sequence[Mapping[str, Any]] | None = result.get("needs_unfunded")
    return None if needs is None else tuple(Unfunded(each["number"], each["title"], each["amount"]) for each in needs)
