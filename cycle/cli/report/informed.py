"""`cycle report informed`: who was told of what by mail or letter, and who never was, with the reason."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from cycle.cli import output, shell
from cycle.cli.options import AsOf, Csv, Json, OfPlan, YearArg
from cycle.cli.report.telling import subject_label, why_words
from cycle.cli.words import word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cycle.reports.rules.informed import Subject, Untold

COLUMNS = [
    ("col.first", "whole"),
    ("col.subject", "left"),
    ("col.template", "left"),
    ("col.by_mail", "right"),
    ("col.by_letter", "right"),
    ("col.waiting", "right"),
    ("col.untold", "left"),
]


def informed(year: YearArg, as_of: AsOf = None, csv: Csv = False, plan: OfPlan = None, json: Json = False) -> None:
    from cycle.cli.telling import labels_of
    from cycle.partners.records import partners_all
    from cycle.reports.records.informed import informed as asked

    with shell.reading(year, plan=plan, as_of=as_of) as about:
        found = asked(about)
        labels = labels_of([about.workflow])
        organisations = {partner.number: partner.name for partner in partners_all(about.session)}
    if json:
        told = {"subjects": [subject_document(each) for each in found.subjects], "never": [_one(each) for each in found.never]}
        output.as_json({"schema": "cycle/report-informed/1", "year": year, "as_of": as_of, **told})
        return
    if csv:
        header = ["first", "last", "subject", "template", "by_mail", "by_letter", "waiting", "untold", "reason"]
        output.as_csv(header, [_line(each, labels) for each in found.subjects])
        return
    rows = [
        [
            each.first,
            subject_label(each.subject, labels),
            ", ".join(each.templates),
            len(each.by_mail),
            len(each.by_letter),
            len(each.waiting),
            untold_words(each.untold),
        ]
        for each in found.subjects
    ]
    output.as_table(word("title.informed", year=year), COLUMNS, rows)
    typer.echo("")
    for one in found.never:
        told_why = why_words(one.why)
        typer.echo(word("never_told", partner=one.partner, name=organisations.get(one.partner), why=told_why))
    if not found.never:
        typer.echo(word("never_told_nobody"))


def untold_words(untold: "Sequence[Untold]") -> str | None:
    """How many were not told, by reason; the numbers of the partners where they are few."""
    if not untold:
        return None
    counts = Counter(each.why for each in untold)
    parts = []
    for why, count in counts.items():
        numbers = [str(each.partner) for each in untold if each.why == why]
        few = f" ({', '.join(numbers)})" if count <= FEW else ""
        parts.append(f"{count}{few}: {why_words(why)}")
    return "; ".join(parts)


FEW = 6


def subject_document(each: "Subject") -> dict[str, Any]:
    """One subject in JSON, partners by number."""
    return {
        "subject": each.subject,
        "templates": each.templates,
        "first": each.first,
        "last": each.last,
        "by_mail": each.by_mail,
        "by_letter": each.by_letter,
        "waiting": each.waiting,
        "untold": [_one(one) for one in each.untold],
    }


def _one(untold: "Untold") -> dict[str, Any]:
    return {"partner": untold.partner, "why": untold.why}


def _line(each: "Subject", labels: Mapping[str, str]) -> list[Any]:
    told = [", ".join(map(str, numbers)) for numbers in (each.by_mail, each.by_letter, each.waiting)]
    untold = ", ".join(str(one.partner) for one in each.untold)
    reasons = ", ".join(dict.fromkeys(why_words(one.why) for one in each.untold))
    templates = ", ".join(each.templates)
    return [each.first, each.last, subject_label(each.subject, labels), templates, *told, untold, reasons]
