"""`cycle need list YEAR --costs`: the list for the budget."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cycle.cli.output import as_csv, as_json, as_table, say
from cycle.cli.shell import reading, sentence
from cycle.cli.words import language, word

if TYPE_CHECKING:
    from cycle.plan.rules.costs import Costs
    from cycle.workflow.model import Workflow

COLUMNS = [
    ("column.plan.number", "whole"),
    ("column.plan.need", "left"),
    ("column.plan.amount", "right"),
    ("column.plan.money", "left"),
    ("column.plan.field", "whole"),
    ("column.plan.measures", "left"),
    ("column.plan.priority", "left"),
]


def list_costs(year: int, csv: Path | None, *, as_of: str | None, effective: date | None, plan: str | None, json: bool) -> None:
    """Print the needs with cost, their sum, and those beyond the edge without money; write them to a file if asked for."""
    from cycle.plan.records import costs_in

    with reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        found = costs_in(about)
        rows = _rows(found, about.workflow)
    if csv is not None:
        as_csv([name for name, _ in COLUMNS], rows, file=csv, prefix="")
    if json:
        as_json({"schema": "cycle/need-costs/1", **_document(found)})
        return
    as_table(sentence("title.plan.costs", year=year, next=year + 1), COLUMNS, rows)
    if not found.needs:
        say("costs.none", year=year)
        return
    say("costs.sum", count=len(found.needs), total=found.total, unfunded=found.unfunded)
    if found.unknown:
        say("costs.unknown", count=len(found.unknown), numbers=list(found.unknown))
        say("next", command=f"cycle need cost {year} {found.unknown[0]} --amount … --reason …")
    if found.large_unfunded:
        say("costs.large", edge=found.edge, count=len(found.large_unfunded), numbers=list(found.large_unfunded))
    if csv is not None:
        say("costs.written", file=csv)


def _rows(found: "Costs", workflow: "Workflow") -> list[list[Any]]:
    from cycle.plan.rules.terms import label

    return [
        [
            each.number,
            each.title,
            word("costs.not_known") if each.amount is None else each.amount,
            label(workflow, "funding_secured", each.secured, language()) or word("costs.not_said"),
            label(workflow, "fields", each.field, language()),
            ", ".join(each.measures) or None,
            label(workflow, "priorities", each.priority, language()),
        ]
        for each in found.needs
    ]


def _document(found: "Costs") -> dict[str, Any]:
    return {
        "year": found.year,
        "edge": found.edge,
        "needs": [
            {
                "number": each.number,
                "title": each.title,
                "field": each.field,
                "priority": each.priority,
                "amount": each.amount,
                "secured": each.secured,
                "funded": each.funded,
                "measures": list(each.measures),
                "large": each.large,
            }
            for each in found.needs
        ],
        "total": found.total,
        "unfunded": found.unfunded,
        "unknown": list(found.unknown),
        "large_unfunded": list(found.large_unfunded),
    }
