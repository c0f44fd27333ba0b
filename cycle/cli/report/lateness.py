"""`cycle report lateness`: every deadline with first plan, plan, actual, working days late and why; every move once."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from cycle.cli import output, shell
from cycle.cli.options import AsOf, Csv, Effective, Json, OfPlan, YearArg
from cycle.cli.report.telling import act_document, who
from cycle.cli.words import language, word, wording

if TYPE_CHECKING:
    from cycle.reports.rules.lateness import DateLine, Lateness, Moved

COLUMNS = [
    ("col.first_planned", "whole"),
    ("col.planned", "whole"),
    ("col.actual", "whole"),
    ("col.late", "right"),
    ("col.label", "left"),
    ("col.reason", "left"),
    ("col.key", "whole"),
]
MOVES = [
    ("col.no", "right"),
    ("col.day", "whole"),
    ("col.who", "left"),
    ("col.label", "left"),
    ("col.before", "whole"),
    ("col.after", "whole"),
    ("col.went_along", "right"),
    ("col.reason", "left"),
]


def lateness(
    year: YearArg,
    as_of: AsOf = None,
    effective: Effective = None,
    csv: Csv = False,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.cli.telling import labels_of, names_of
    from cycle.dates.rules import public_calendar
    from cycle.reports.records.lateness import lateness as asked

    with shell.reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        found = asked(about, public_calendar(shell.calendars_for(about)))
        dates = {key: rule.label(language()) for key, rule in about.workflow.dates.items()}
        labels = labels_of([about.workflow]) | dates  # a phase or meeting may have the id of a date
        phases = {phase.id: phase.label(language()) for phase in about.workflow.phases}
        checks = {name: check.label(language()) for name, check in about.workflow.checks.items()}
        names = names_of(about.session)
    moves = {move.act.seq: move for move in found.moves}
    reasons = {line.date.key: _why(line, moves, labels, checks) for line in found.lines}
    if json:
        _as_json(found, labels, names, reasons, {"as_of": as_of, "effective": effective})
        return
    if csv:
        header = ["key", "label", "phase", "first_planned", "planned", "actual", "late", "late_before", "moved_by", "reason"]
        output.as_csv(header, [_line(line, labels, phases, reasons) for line in found.lines])
        return
    rows = [
        [
            line.date.first_planned,
            line.date.planned,
            line.date.actual,
            line.late_in_all or None,
            labels[line.date.key],
            reasons[line.date.key] or None,
            line.date.key,
        ]
        for line in found.lines
    ]
    output.as_table(word("title.lateness", year=year), COLUMNS, rows)
    if found.moves:
        typer.echo("")
        output.as_table(word("title.all_moves", year=year), MOVES, [_move(move, labels, names) for move in found.moves])
    typer.echo("")
    facts = {"late": len(found.late), "all": len(found.lines), "moves": len(found.moves), "moved": found.moved_dates}
    typer.echo(word("lateness_told", **facts))


def _line(line: "DateLine", labels: Mapping[str, str], phases: Mapping[str, str], reasons: Mapping[str, str]) -> list[Any]:
    asked = line.date
    days = [asked.first_planned, asked.planned, asked.actual]
    moved_by = ", ".join(map(str, line.moved_by))
    phase = phases[asked.phase]
    return [asked.key, labels[asked.key], phase, *days, line.late, line.late_before, moved_by, reasons[asked.key]]


def _move(move: "Moved", labels: Mapping[str, str], names: Mapping[str, str]) -> list[Any]:
    from cycle.cli.telling import named

    act = move.act
    label = named(move.key, labels)
    return [act.seq, act.day, who(act, names), label, move.before, move.after, len(move.followers) or None, act.reason]


def _why(line: "DateLine", moves: Mapping[int, "Moved"], labels: Mapping[str, str], checks: Mapping[str, str]) -> str:
    """Why a date has the day it has and was late, as far as the history tells it: moves, attempts, what stood open."""
    asked = line.date
    told = []
    for number in line.moved_by:
        move = moves[number]
        key = "lateness_moved" if move.key == asked.key else "lateness_went_along"
        told.append(word(key, date=labels.get(move.key, move.key), number=number, reason=move.act.reason))
    for each in asked.attempts:
        body, outcome = labels.get(each.body, each.body), labels.get(each.outcome, each.outcome)
        told.append(word("lateness_attempt", on=each.on, body=body, outcome=outcome))
    if line.late_in_all:
        if line.open_checks:
            open_checks = ", ".join(f"{check} {checks.get(check, '')}".strip() for check in line.open_checks)
            told.append(word("lateness_open", checks=open_checks))
        elif f"waited.{asked.done}" in wording():
            value = asked.done_value or ""
            told.append(word(f"waited.{asked.done}", value=checks.get(value) or labels.get(value, value)))
    return "; ".join(told)


def _as_json(
    found: "Lateness", labels: Mapping[str, str], names: Mapping[str, str], reasons: Mapping[str, str], clocks: dict[str, Any]
) -> None:
    deadlines = [
        {
            "key": line.date.key,
            "label": labels[line.date.key],
            "phase": line.date.phase,
            "anchor": line.date.anchor,
            "first_planned": line.date.first_planned,
            "planned": line.date.planned,
            "actual": line.date.actual,
            "status": line.date.status,
            "open": line.open,
            "late_working_days": line.late,
            "late_before_moved": line.late_before,
            "overdue_on": line.date.overdue_on,
            "shift_reason": line.date.shift_reason,
            "moved_by": line.moved_by,
            "open_checks": line.open_checks,
            "attempts": [
                {"on": each.on, "body": each.body, "outcome": each.outcome, "reference": each.reference}
                for each in line.date.attempts
            ],
            "reason": reasons[line.date.key] or None,
        }
        for line in found.lines
    ]
    moves = [move_document(move, names) for move in found.moves]
    facts = {"late": len(found.late), "moved_dates": found.moved_dates, "deadlines": deadlines, "moves": moves}
    output.as_json({"schema": "cycle/report-lateness/1", "year": found.year, **clocks, **facts})


def move_document(move: "Moved", names: Mapping[str, str]) -> dict[str, Any]:
    """One move in JSON: what moved from where to where, what went along, who moved it and why."""
    days = {"key": move.key, "from": move.before, "to": move.after}
    along = {"followers": move.followers, "missed": move.missed, "anew": move.anew}
    return {**days, **along, **act_document(move.act, names)}
