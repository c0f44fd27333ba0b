"""Who decided what, when, on which basis: the decisions of bodies and the steps of a year."""

from cycle.cycles.records import Year
from cycle.documents.records import documents_of
from cycle.phases.actions import STEP_TYPES
from cycle.phases.records import stays
from cycle.plan.records import Decision as DecisionRow
from cycle.plan.records import decisions_of, themes_all
from cycle.reports.records.acts import acts_of
from cycle.reports.rules.acts import Act
from cycle.reports.rules.decisions import Checked, Decided, Decisions, Paper, StepTaken


def decisions(about: Year) -> Decisions:
    """The decisions of bodies with resolution and documents, and every step with its checks, in the order recorded."""
    acts = acts_of(about)
    made = {
        number: act for act in acts for change in act.changes if change.get("add") == "decision" for number in change["ids"]
    }
    titles = {theme.number: theme.title for theme in themes_all(about.session, about.cycle.plan)}
    return Decisions(
        about.cycle.year,
        tuple(_decided(about, row, made.get(row.id or 0), titles) for row in decisions_of(about.session, about.cycle_id)),
        tuple(_step(act) for act in acts if act.type in STEP_TYPES),
    )


def _decided(about: Year, row: DecisionRow, act: Act | None, titles: dict[str, str]) -> Decided:
    return Decided(
        act=act,
        subject=row.subject,
        theme=row.theme,
        title=row.title or titles.get(row.theme or ""),
        body=row.body,
        decided_on=row.decided_on,
        outcome=row.outcome,
        reference=row.reference,
        present=row.present,
        members=row.members,
        vote=row.vote,
        basis=act.basis if act else (),
        papers=_papers(about, row, act),
    )


def _papers(about: Year, row: DecisionRow, act: Act | None) -> tuple[Paper, ...]:
    if act is None:
        return ()
    phase = _phase_of(about, row, act)
    return tuple(
        Paper(each.kind, each.of, each.filename, each.sha256, each.filed_on)
        for each in documents_of(about.session, about.cycle_id)
        if each.phase == phase and not each.superseded and each.filed_on <= act.day
    )


def _phase_of(about: Year, row: DecisionRow, act: Act) -> str | None:
    """The phase of the date that such a decision ends; where none does, the phase in which it was recorded."""
    for rule in about.workflow.dates.values():
        if (rule.done.word, rule.done.value) == ("decided", row.subject):
            return rule.phase
    entered = [stay.phase for stay in stays(about.session, about.cycle_id) if stay.entered_at <= act.recorded_at]
    return entered[-1] if entered else None


def _step(act: Act) -> StepTaken:
    data = act.data
    return StepTaken(
        act=act,
        before=data["from"],
        after=data["to"],
        round=data["round"],
        standing=data["standing"],
        code=data.get("code"),
        checks=tuple(Checked(each["check"], each["met"], each["waived"]) for each in data.get("checks", ())),
        workflow=data.get("workflow"),
    )
