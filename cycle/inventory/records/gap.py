"""The gap analysis of an inventory, beside that of the cycle before."""

import json
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Text, bindparam, cast
from sqlalchemy import select as sa_select
from sqlmodel import col

from cycle.adapters.prepared import Question
from cycle.cycles.records import Year, previous, workflow_of
from cycle.inventory.records.response import response
from cycle.inventory.records.rows import Project, snapshot_of
from cycle.inventory.rules.change import compare
from cycle.inventory.rules.gap import KINDS, Offer, Scope, analysis
from cycle.journal.questions import asked
from cycle.partners.records import ENDED, memberships, resolve


def gap_of(year: Year, scope: Scope) -> dict[str, Any]:
    """The gap analysis of this cycle's inventory as of now (`rules.gap.analysis`) as a snapshot keeps it: with the day of
    its data, what the survey had come to, and what changed since the snapshot of the cycle before (None without one)."""
    words = year.workflow.vocab
    ends = year.cycle.year + year.workflow.cycle.length_years
    rows = asked(year.session, _offers(), first=year.cycle.year, ends=ends)
    offers = [
        Offer(status, carrier, _list(partners), _list(fields), _list(groups), amount)
        for status, carrier, partners, fields, groups, amount in rows
    ]
    result = analysis(offers, scope=scope, rule=year.workflow.gap, fields=words["fields"], target_groups=words["target_groups"])
    result |= {"as_of": year.today.isoformat(), "survey": response(year).numbers()}
    return result | {"compared": _compared(year, result)}


@cache
def _offers() -> Question:
    lists = (cast(col(each), Text) for each in (Project.partners, Project.fields, Project.target_groups))
    reported = col(Project.inventory_year)
    counted_in = (reported >= bindparam("first"), reported < bindparam("ends"))
    return sa_select(col(Project.status), col(Project.carrier), *lists, col(Project.amount)).where(*counted_in)


@lru_cache(maxsize=10_000)  # the same few lists stand in most projects, and reading them is the dearest part of counting
def _list(text: str) -> tuple[Any, ...]:
    return tuple(json.loads(text))


def _compared(year: Year, result: dict[str, Any]) -> dict[str, Any] | None:
    before = previous(year.session, year.cycle)
    if before is None or before.id is None:
        return None
    snapshot = snapshot_of(year.session, before.id, Scope(result["scope"])) or snapshot_of(year.session, before.id)
    if snapshot is None:
        return None
    workflow = workflow_of(year.session, before)
    found = compare(
        result,
        snapshot.result | {"scope": snapshot.scope},
        words={kind: year.workflow.vocab[words] for kind, words in KINDS.items()},
        words_before={kind: workflow.vocab[words] for kind, words in KINDS.items()},
        merged={each.number: resolve(year.session, each.number) for each in memberships(year.session) if each.status in ENDED},
    )
    if found is None:
        return None
    rules = {"other_rule": workflow.gap != year.workflow.gap}
    days = {"recorded_on": snapshot.recorded_on.isoformat(), "as_of": snapshot.result.get("as_of")}
    return {"year": before.year, "label": before.label, **days, **rules, **found}
