"""`cycle report exceptions`: waivers, overrides, corrections, moves, who was never told, when the service did not run."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import typer

from cycle.cli import output, shell
from cycle.cli.options import AsOf, Csv, Json, OfPlan, YearArg
from cycle.cli.report.informed import subject_document, untold_words
from cycle.cli.report.lateness import move_document
from cycle.cli.report.telling import act_document, subject_label, who, why_words
from cycle.cli.words import word

if TYPE_CHECKING:
    from cycle.reports.rules.exceptions import Exceptions

COLUMNS = [
    ("col.kind", "left"),
    ("col.no", "right"),
    ("col.day", "whole"),
    ("col.who", "left"),
    ("col.what", "left"),
    ("col.reason", "left"),
]


def exceptions(year: YearArg, as_of: AsOf = None, csv: Csv = False, plan: OfPlan = None, json: Json = False) -> None:
    from cycle.cli.telling import labels_of, names_of
    from cycle.dates.rules import public_calendar
    from cycle.reports.records.exceptions import exceptions as asked

    with shell.reading(year, plan=plan, as_of=as_of) as about:
        found = asked(about, public_calendar(shell.calendars_for(about)))
        labels = labels_of([about.workflow])
        names = names_of(about.session)
    if json:
        output.as_json({"schema": "cycle/report-exceptions/1", "year": year, "as_of": as_of, **_document(found, names)})
        return
    rows = list(_rows(found, labels, names))
    if csv:
        output.as_csv(["kind", "no", "day", "who", "what", "reason"], rows)
        return
    output.as_table(word("title.exceptions", year=year), COLUMNS, rows)
    typer.echo("")
    typer.echo(word("exceptions_told", count=found.count, refused=len(found.refused)))


def _rows(found: "Exceptions", labels: Mapping[str, str], names: Mapping[str, str]) -> Iterator[list[Any]]:
    from cycle.cli.entry_facts import worded
    from cycle.cli.telling import act_sentence

    for kind, acts in (
        ("exception_waiver", [each.act for each in found.waivers]),
        ("exception_override", [each.act for each in found.overrides]),
        ("exception_correction", [each.act for each in found.corrections]),
        ("exception_move", [each.act for each in found.moves]),
    ):
        for act in {act.seq: act for act in acts}.values():
            yield [word(kind), act.seq, act.day, who(act, names), act_sentence(act, labels, names), act.reason]
    for act in found.others:
        kind = word(f"exception_other.{act.type}")
        yield [kind, act.seq, act.day, who(act, names), act_sentence(act, labels, names), act.reason]
    for each in found.untold:
        subject = subject_label(each.subject, labels)
        told = word(
            "exception_untold_of",
            count=len(each.untold),
            subject=subject,
            templates=", ".join(worded("templates", list(each.templates))),
        )
        yield [word("exception_untold"), None, each.first, None, told, untold_words(each.untold)]
    for one in found.never_told:
        yield [word("exception_never"), None, None, None, word("exception_never_of", partner=one.partner), why_words(one.why)]
    for gap in found.gaps:
        value = shell.words().value
        told = word("exception_gap_of", since=value(gap.since), until=value(gap.until))
        clean = word("exception_gap_clean" if gap.clean else "exception_gap_broken")
        yield [word("exception_gap"), gap.seq, None, word("service"), told, clean]


def _document(found: "Exceptions", names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "count": found.count,
        "waivers": [
            {"check": each.check, "phase": each.phase, "round": each.round, **act_document(each.act, names)}
            for each in found.waivers
        ],
        "overrides": [
            {"from": each.before, "to": each.after, "round": each.round, "code": each.code, **act_document(each.act, names)}
            for each in found.overrides
        ],
        "corrections": [
            {
                "object": each.thing,
                "field": each.field,
                "was": each.was,
                "now": each.now,
                "corrects": each.corrects,
                **act_document(each.act, names),
            }
            for each in found.corrections
        ],
        "moves": [move_document(each, names) for each in found.moves],
        "others": [act_document(each, names) for each in found.others],
        "refused": [act_document(each, names) for each in found.refused],
        "untold": [subject_document(each) for each in found.untold],
        "never_told": [{"partner": each.partner, "why": each.why} for each in found.never_told],
        "service_gaps": [{"entry": each.seq, "from": each.since, "to": each.until, "clean": each.clean} for each in found.gaps],
    }
