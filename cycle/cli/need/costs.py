"""`cycle need list YEAR --costs`: the list for the budget."""

from datetime import date
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cycle.adapters.files import write_whole
from cycle.cli.shell import as_json, as_table, language, reading, say, sentence, word, words

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
        _write(csv, rows)
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


def _write(file: Path, rows: list[list[Any]]) -> None:
    from cycle.adapters.tables import write_csv

    value = words().value
    lines = [[cell if cell is None or isinstance(cell, int) else str(value(cell)) for cell in row] for row in rows]
    stream = StringIO(newline="")
    write_csv(stream, [word(name) for name, _ in COLUMNS], lines)
    write_whole(file, stream.getvalue().encode())


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
