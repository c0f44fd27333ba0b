"""`cycle report decisions`: who decided what, when, on which basis; and the steps of the year with their checks."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from cycle.cli import output, shell
from cycle.cli.options import AsOf, Csv, Effective, Json, OfPlan, YearArg
from cycle.cli.report.telling import act_document, who
from cycle.cli.words import word

if TYPE_CHECKING:
    from cycle.reports.rules.decisions import Decided, StepTaken

COLUMNS = [
    ("col.decided_on", "whole"),
    ("col.body", "left"),
    ("col.subject", "left"),
    ("col.outcome", "left"),
    ("col.reference", "left"),
    ("col.papers", "left"),
    ("col.no", "right"),
    ("col.who", "left"),
]
STEPS = [
    ("col.day", "whole"),
    ("col.before", "left"),
    ("col.after", "left"),
    ("col.round", "right"),
    ("col.checks", "left"),
    ("col.second", "left"),
    ("col.no", "right"),
    ("col.who", "left"),
    ("col.reason", "left"),
]


def decisions(
    year: YearArg,
    as_of: AsOf = None,
    effective: Effective = None,
    csv: Csv = False,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.cli.telling import labels_of, names_of, second_line
    from cycle.reports.records.decisions import decisions as asked

    with shell.reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        found = asked(about)
        labels = labels_of([about.workflow])
        names = names_of(about.session)
    if json:
        facts = {"year": year, "as_of": as_of, "effective": effective}
        told = {
            "decisions": [_document(each, names) for each in found.decisions],
            "steps": [_step_document(each, names) for each in found.steps],
        }
        output.as_json({"schema": "cycle/report-decisions/1", **facts, **told})
        return
    rows = [_row(each, labels, names) for each in found.decisions]
    steps = [
        [
            step.act.effective_on,
            labels.get(step.before, step.before),
            labels.get(step.after, step.after),
            step.round,
            _checks(step),
            second_line(step.act.second, names),
            step.act.seq,
            who(step.act, names),
            step.act.reason,
        ]
        for step in found.steps
    ]
    if csv:
        header = ["decided_on", "body", "subject", "outcome", "reference", "papers", "no", "who"]
        step_lines = [[s[0], None, f"{s[1]} → {s[2]} ({s[3]})", s[4], s[5], None, s[6], s[7]] for s in steps]
        output.as_csv(header, sorted([*rows, *step_lines], key=lambda row: int(row[6] or 0)))
        return
    output.as_table(word("title.report_decisions", year=year), COLUMNS, rows)
    typer.echo("")
    output.as_table(word("title.steps", year=year), STEPS, steps)


def _row(each: "Decided", labels: Mapping[str, str], names: Mapping[str, str]) -> list[Any]:
    subject = " ".join(filter(None, [labels.get(each.subject, each.subject), each.theme, each.title and f"„{each.title}“"]))
    quorum = f" ({each.present}/{each.members})" if each.present is not None and each.members is not None else ""
    papers = ", ".join(f"{labels.get(p.kind, p.kind)} ({p.sha256[:12]})" for p in each.papers)
    outcome = labels.get(each.outcome, each.outcome) + quorum
    if each.confirms:
        outcome = word("dossier.confirmed", day=each.confirms)
    by = (each.act.seq, who(each.act, names)) if each.act else (None, None)
    return [each.decided_on, labels.get(each.body, each.body), subject, outcome, each.reference, papers or None, *by]


def _checks(step: "StepTaken") -> str | None:
    marks = [f"{c.check} {'+' if c.met else word('waived') if c.waived else '-'}" for c in step.checks]
    return ", ".join(marks) or None


def _document(each: "Decided", names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "subject": each.subject,
        "theme": each.theme,
        "title": each.title,
        "body": each.body,
        "decided_on": each.decided_on,
        "outcome": each.outcome,
        "confirms": each.confirms,
        "reference": each.reference,
        "present": each.present,
        "members": each.members,
        "vote": each.vote,
        "basis": [{"kind": b.kind, "ref": b.ref, "sha256": b.sha256} for b in each.basis],
        "papers": [
            {"kind": p.kind, "of": p.of, "filename": p.filename, "sha256": p.sha256, "filed_on": p.filed_on}
            for p in each.papers
        ],
        "act": act_document(each.act, names) if each.act else None,
    }


def _step_document(step: "StepTaken", names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "from": step.before,
        "to": step.after,
        "round": step.round,
        "standing": step.standing,
        "code": step.code,
        "checks": [{"check": c.check, "met": c.met, "waived": c.waived} for c in step.checks],
        "workflow": step.workflow,
        "act": act_document(step.act, names),
    }
