"""What a row is called: by the number, code or label that people know it by, where its table has one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cycle.cli.telling import named
from cycle.cli.words import language, word

if TYPE_CHECKING:
    from sqlmodel import Session

    from cycle.workflow.model import Workflow

AT_ONCE = 1000  # rows asked for in one query: a database takes 65,535 values at most (PostgreSQL), or 32,766 (SQLite)
MOST = 10  # of the rows that one change adds
# The column that people know a row of a table by; where it holds an id of the workflow file, its label is told.
_KNOWN_BY: Mapping[str, str] = {
    "deadline": "key",
    "meeting": "name",
    "need": "number",
    "theme": "number",
    "measure": "number",
    "project": "number",
    "partner": "number",
    "followup": "number",
    "network_group": "code",
    "cycle": "year",
}
RowNames = Mapping[tuple[str, int], str]


def row_names(session: "Session", changes: Iterable[Mapping[str, Any]], workflows: Sequence["Workflow"]) -> RowNames:
    """The names of the rows that changes are about, by table and id, of those added the first `MOST`; a row has none that
    the database does not hold, as after a trial run, or whose table knows no better one than its id."""
    from sqlmodel import select

    from cycle.journal.records import every_table

    wanted: dict[str, set[int]] = {}
    for change in changes:
        ids = change["ids"][:MOST] if "add" in change else [change["id"]]
        wanted.setdefault(change.get("add") or change["change"], set()).update(ids)
    found: dict[tuple[str, int], str] = {}
    for table, ids in wanted.items():
        if table in _KNOWN_BY:
            columns = every_table()[table].columns
            labels = _labels(table, workflows)
            for part in _parts(sorted(ids)):
                rows = session.execute(select(columns["id"], columns[_KNOWN_BY[table]]).where(columns["id"].in_(part)))
                found |= {(table, number): _called(str(key), labels) for number, key in rows}
    return found


def _parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))


def _labels(table: str, workflows: Sequence["Workflow"]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for workflow in workflows:
        labelled: Mapping[str, Any] = workflow.dates if table == "deadline" else workflow.meetings if table == "meeting" else {}
        found |= {name: each.label(language()) for name, each in labelled.items()}
    return found


def _called(key: str, labels: Mapping[str, str]) -> str:
    label = named(key, labels)
    return key if label == key else word("row_label", label=label)
