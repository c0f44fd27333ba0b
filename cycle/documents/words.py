"""What documents lend: that one is filed, that a number is recorded, the day a document came in, the fact of filing."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cycle.cycles.records import Year
from cycle.documents.records import documents_of, latest, numbers_of
from cycle.documents.rules import level_reached
from cycle.vocabulary import DocumentKind, Fact, Finding, Lent, MeetingKey, NumberId


def document_filed(year: Year, *, kind: DocumentKind, each: str | None = None) -> Finding:
    """A document of the kind is on file; with `each` one for every word of that list (told apart by `--of`)."""
    filed = [d for d in documents_of(year.session, year.cycle_id) if d.kind == kind and not d.superseded]
    words = year.workflow.vocab.get(each, {}) if each else {}
    missing = [word for word in words if word not in {d.of for d in filed}]
    of = f" --of {missing[0]}" if missing else ""
    return Finding(
        "document_filed_for_each" if missing else "document_filed",
        met=not missing if each else bool(filed),
        facts={"document": kind, "missing": missing, "count": len(missing)},
        owed_by=year.workflow.escalation[0],
        command=f"cycle document file {year.cycle.year} {kind}{of} --file FILE",
    )


def number_recorded(
    year: Year, *, number: NumberId, of: NumberId | None = None, thresholds: dict[str, int] | None = None
) -> Finding:
    """A number is recorded, with the one it is measured against; thresholds (percent of `of`) name the level reached."""
    values = {row.number: row.value for row in numbers_of(year.session, year.cycle_id)}
    missing = [name for name in (number, of) if name is not None and name not in values]
    value, whole = values.get(number), values.get(of) if of is not None else None
    percent = value * 100 // whole if value is not None and whole else None
    return Finding(
        "number_recorded",
        met=not missing,
        facts={
            "missing": missing,
            "value": value,
            "of": whole,
            "percent": percent,
            "state": level_reached(percent, thresholds or {}),
        },
        owed_by=year.workflow.escalation[0],
        command=f"cycle number record {year.cycle.year} {missing[0]} N" if missing else None,
    )


def measured(year: Year) -> dict[str, tuple[int, str | None]]:
    """Each number of the year that a check measures against another: the percent of it, and the level reached."""
    found = {}
    for rule in year.workflow.checks.values():
        if rule.check == number_recorded.__name__:
            facts = number_recorded(year, **rule.params).facts
            if facts["percent"] is not None:
                found[rule.params["number"]] = (facts["percent"], facts["state"])
    return found


def document(year: Year, value: DocumentKind, *, of: MeetingKey | None = None) -> date | None:
    """The day a document of the kind (of the meeting) was filed, the last one that stands."""
    found = latest(year.session, year.cycle_id, value, of)
    return found.filed_on if found else None


def _filed(data: Mapping[str, Any], narrow: Mapping[str, str]) -> bool:
    return all(data.get(name) == wanted for name, wanted in narrow.items())


def _superseded(year: Year, data: Mapping[str, Any]) -> bool:
    """Whether another document was filed in the place of the one that an entry tells of."""
    number = data.get("document")
    return any(each.id == number and each.superseded for each in documents_of(year.session, year.cycle_id))


LENT = Lent(
    checks={"document_filed": document_filed, "number_recorded": number_recorded},
    ends={"document": document},
    facts={
        "document_filed": Fact(frozenset({"document.filed"}), _filed, frozenset({"kind", "of"}), replaced=_superseded),
    },
)
