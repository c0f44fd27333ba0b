"""The inventory: the survey and its answers, the partners' projects and their yearly review, gap snapshots."""

import json
from collections.abc import Collection, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import JSON, Column, Text, UniqueConstraint, bindparam, cast
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, col, select

from cycle.adapters.prepared import Question
from cycle.cycles.records import Year, previous, workflow_of
from cycle.dates.records import deadlines
from cycle.inventory.rules.change import compare
from cycle.inventory.rules.gap import KINDS, Offer, Scope, analysis
from cycle.inventory.rules.response import Given, Response
from cycle.inventory.rules.response import response as counted_response
from cycle.inventory.rules.review import Coverage, Reported, by_carrier, counted, silent
from cycle.journal.questions import asked, asked_once, rows_of_cycle, rows_where
from cycle.journal.records import Row, private
from cycle.partners.records import ENDED, Contact, Partner, PartnerStatus, Rank, memberships, network, resolve
from cycle.vocabulary import Channel


class Survey(Row, table=True):
    """The survey of a cycle. `invited` (numbers of partners) is frozen when it closes; before, it is who is asked now."""

    __tablename__ = "survey"

    cycle_id: int = Field(foreign_key="cycle.id", unique=True)
    closed_on: date | None = None
    invited: list[int] | None = Field(default=None, sa_column=Column(JSON, nullable=True))


class Answer(Row, table=True):
    """One answer of one partner. Every version is kept, the last counts; `late` came after the date, or after the close.

    Of an answer by the survey form: `form_sha256` is the hash of what the form says, `reported` the projects as it tells
    them, `remark` its free text.
    """

    __tablename__ = "answer"

    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    partner: int
    answered_on: date
    channel: str | None = None
    usable: bool = True
    late: bool = False
    after_close: bool = False
    projects: int | None = None
    form_sha256: str | None = None
    reported: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    remark: str | None = private()


class Project(Row, table=True):
    """A partner's project as last reported. `carrier` None: without one. `amount` in whole euros, None unknown, 0 none."""

    __tablename__ = "project"

    number: int = Field(unique=True)
    title: str
    carrier: int | None = Field(default=None, index=True)
    partners: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    fields: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    target_groups: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    direction: str | None = None
    starts: date | None = None
    ends: date | None = None
    status: str
    amount: int | None = None
    funding: str | None = None
    participants: int | None = None
    district: str | None = None
    inventory_year: int | None = Field(default=None, index=True)
    answered_on: date | None = None
    remark: str | None = private()


class ProjectReview(Row, table=True):
    """What a carrier said of a project in one cycle's review; the last counts."""

    __tablename__ = "project_review"
    __table_args__ = (UniqueConstraint("cycle_id", "project"),)

    cycle_id: int = Field(foreign_key="cycle.id")
    project: int
    answered_on: date
    channel: str | None = None
    status: str | None = None
    ended_on: date | None = None
    reached: int | None = None
    obstacles: str | None = private()
    remark: str | None = private()


class GapSnapshot(Row, table=True):
    """A gap analysis as it was recorded; never computed again for the past. Shares in ten-thousandths."""

    __tablename__ = "gap_snapshot"

    cycle_id: int = Field(foreign_key="cycle.id", index=True)
    recorded_on: date
    scope: str
    projects: int
    response_net: int | None = None
    result: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


def survey_of(session: Session, cycle_id: int) -> Survey | None:
    """The survey of a cycle, None before anything was recorded of it."""
    return next(iter(rows_of_cycle(session, Survey, cycle_id)), None)


def all_answers(session: Session, cycle_id: int) -> list[Answer]:
    """Every answer of a cycle's survey, all versions, by day and then as they came in."""
    return sorted(rows_of_cycle(session, Answer, cycle_id), key=lambda answer: answer.answered_on)


def answers_of(session: Session, cycle_id: int) -> dict[int, Answer]:
    """The answer that counts of each partner: the last that came before the close, else the last."""
    answers: dict[int, Answer] = {}
    for answer in all_answers(session, cycle_id):
        known = answers.get(answer.partner)
        if known is None or known.after_close or not answer.after_close:
            answers[answer.partner] = answer
    return answers


def projects_all(session: Session) -> list[Project]:
    """Every project by number."""
    return list(asked_once(session, Project, "all", lambda: sorted(rows_where(session, Project), key=lambda row: row.number)))


def project_of(session: Session, number: int) -> Project | None:
    """One project by number, None if there is none."""
    return next(iter(rows_where(session, Project, number=number)), None)


def projects_of(year: Year) -> list[Project]:
    """The projects last reported in the inventory of this cycle, by number."""
    query = select(Project).where(
        col(Project.inventory_year) >= year.cycle.year,
        col(Project.inventory_year) < year.cycle.year + year.workflow.cycle.length_years,
    )
    return list(year.session.exec(query.order_by(col(Project.number))))


def reviews_of(session: Session, cycle_id: int) -> dict[int, ProjectReview]:
    """The reviews of a cycle by project number."""
    return {row.project: row for row in rows_of_cycle(session, ProjectReview, cycle_id)}


def snapshot_of(session: Session, cycle_id: int, scope: Scope | None = None) -> GapSnapshot | None:
    """The last snapshot of a cycle, or the last of a scope."""
    rows = rows_where(session, GapSnapshot, cycle_id=cycle_id)
    return next((row for row in reversed(rows) if scope is None or row.scope == scope), None)


def due_day(year: Year, value: str = "survey") -> date | None:
    """The day by which answers to the survey (or the review) are due: the planned day of the date that they end."""
    keys = survey_keys(year, value)
    return max((row.planned for row in deadlines(year.session, year.cycle_id) if row.key in keys), default=None)


def asked_since(year: Year) -> date | None:
    """The day on which the request went out that the survey's answers answer; None while none did."""
    dates, mails = year.workflow.dates, year.workflow.mails
    phases = {dates[key].phase for key in survey_keys(year)}
    asking = {
        key
        for key, rule in dates.items()
        if rule.phase in phases and rule.done.word == "sent" and (rule.done.value or "") in mails.request
    }
    return min((row.actual for row in deadlines(year.session, year.cycle_id) if row.key in asking and row.actual), default=None)


def invited_numbers(year: Year) -> tuple[int, ...]:
    """The numbers of the partners who are asked: frozen when the survey closes, before that the active and dormant of today
    and those that have left since they were asked."""
    survey = survey_of(year.session, year.cycle_id)
    if survey is not None and survey.invited is not None:
        return tuple(survey.invited)
    return tuple(sorted({*network(year.session, year.organiser), *_left_since_asked(year)}))


def response(year: Year) -> Response:
    """The survey's numbers as they stand; after the close they stay, as later answers and bounces do not count."""
    return counted_response(invited_numbers(year), given_answers(year), neutral_numbers(year))


def neutral_numbers(year: Year) -> set[int]:
    """Those asked who could not answer through no choice of theirs: mail came back, or the organisation has left (dissolved,
    moved away), by the day that the survey counts (source: DOMAIN.md §4.4)."""
    invited = invited_numbers(year)
    survey = survey_of(year.session, year.cycle_id)
    day = survey.closed_on if survey is not None and survey.closed_on else year.today
    left = {number for number, left_on in left_partners(year.session) if left_on is not None and left_on <= day}
    return (_unreachable(year.session, invited, day) | left) & set(invited)


def given_answers(year: Year) -> dict[int, Given]:
    """The answers that count, by the partner who is asked: that of a merged partner counts for the one it went into."""
    invited = frozenset(invited_numbers(year))
    given: dict[int, Given] = {}
    for origin, answer in answers_of(year.session, year.cycle_id).items():
        number = counts_for(year.session, origin, invited)
        if not answer.after_close and (number == origin or number not in given):
            given[number] = Given(answer.answered_on, answer.usable, answer.late)
    return given


def silent_numbers(year: Year) -> tuple[int, ...]:
    """The numbers of the partners who are asked and have not answered; who answered after the close is not asked again, and
    who has left is nobody to ask."""
    left = {number for number, _ in left_partners(year.session)}
    invited = [number for number in invited_numbers(year) if number not in left]
    answered = answers_of(year.session, year.cycle_id)
    heard = {counts_for(year.session, origin, frozenset(invited)) for origin in answered}
    return tuple(number for number in invited if number not in heard)


def left_partners(session: Session) -> Sequence[tuple[int, date | None]]:
    """The numbers of the partners that have left, with the day; asked once."""
    return asked_once(session, Partner, "left", lambda: [(number, on) for number, on in asked(session, _left_ones())])


def survey_keys(year: Year, value: str = "survey") -> frozenset[str]:
    """The dates that end with the answers to the survey (or the review)."""
    return frozenset(
        key for key, rule in year.workflow.dates.items() if (rule.done.word, rule.done.value) == ("answered", value)
    )


def counts_for(session: Session, origin: int, invited: Collection[int]) -> int:
    """Whose answer it is: the partner's own, if it is asked, else that of the partner it was merged into."""
    return origin if origin in invited else resolve(session, origin)


def counted_projects(year: Year) -> tuple[Reported, ...]:
    """The projects that the review of this cycle counts, as of today or, once the cycle's year is over, its last day."""
    rows = asked_once(year.session, Project, "runs", lambda: asked(year.session, _runs()))
    carriers = _answering(year.session, {carrier for _, carrier, *_ in rows if carrier is not None})
    projects = [
        Reported(number, None if carrier is None else carriers.get(carrier), starts, ends, status)
        for number, carrier, starts, ends, status in rows
    ]
    return counted(projects, on=min(year.today, year.last_day), first_day=year.first_day)


@cache
def _runs() -> Question:
    """What is asked of every project at every look: whose it is, and how long it runs."""
    columns = (col(Project.number), col(Project.carrier), col(Project.starts), col(Project.ends), col(Project.status))
    return sa_select(*columns).order_by(col(Project.number))


def review_carriers(year: Year) -> dict[int, tuple[int, ...]]:
    """Who is asked in the review, and for which projects: each carrier, through `merged_into`; one that has left is nobody."""
    return by_carrier(counted_projects(year))


def carriers_silent(year: Year) -> set[int]:
    """The carriers that have answered for none of their projects yet."""
    return silent(review_carriers(year), reviews_of(year.session, year.cycle_id))


def coverage(year: Year) -> Coverage:
    """How many of the counted projects were reviewed in this cycle."""
    reviewed = reviews_of(year.session, year.cycle_id)
    projects = counted_projects(year)
    return Coverage(len(projects), sum(project.number in reviewed for project in projects))


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


def _left_since_asked(year: Year) -> list[int]:
    left = left_partners(year.session)
    since = asked_since(year) if left else None
    return [number for number, left_on in left if since is not None and left_on is not None and left_on >= since]


@cache
def _left_ones() -> Question:
    return sa_select(col(Partner.number), col(Partner.left_on)).where(col(Partner.status) == PartnerStatus.LEFT)


def _answering(session: Session, carriers: Collection[int]) -> dict[int, int]:
    # An organisation that is not known (yet) answers for itself.
    ended = {each.number for each in memberships(session) if each.status in ENDED}
    answering: dict[int, int] = {}
    for carrier in carriers:
        today = resolve(session, carrier) if carrier in ended else carrier
        if today not in ended:
            answering[carrier] = today
    return answering


def _unreachable(session: Session, numbers: Collection[int], on: date) -> set[int]:
    query = select(Partner.number, Contact).join(Contact, col(Contact.partner_id) == col(Partner.id))
    reachable: dict[int, bool] = {}
    for number, contact in session.exec(query.where(Partner.channel == Channel.MAIL, Contact.rank == Rank.PRIMARY)):
        began = contact.valid_from is None or contact.valid_from <= on
        if began and (contact.valid_to is None or contact.valid_to >= on):
            bounced = contact.bounced_on is not None and contact.bounced_on <= on
            reachable[number] = reachable.get(number, False) or not bounced
    return {number for number in numbers if not reachable.get(number, True)}
