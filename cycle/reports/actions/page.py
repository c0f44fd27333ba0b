"""A dossier as one page of HTML: the facts with their words, drawn by the templates in `report/`. The same facts and
words give the same bytes."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from cycle.adapters.templates import Letters
from cycle.dates.rules import DateStatus
from cycle.plan.rules.status import THEME
from cycle.reports.rules.acts import Act
from cycle.reports.rules.dossier import Dossier, MeetingTold, PhaseTold
from cycle.reports.rules.informed import Untold
from cycle.reports.rules.lateness import DateLine
from cycle.reports.rules.timeline import Picture, Point, Span, Track, picture
from cycle.wording import Wording
from cycle.workflow.model import Workflow

TEMPLATE = "report/dossier.html.j2"
# Of what kind the thing is that a date waited for.
WAITED = {"met": "check", "held": "meeting", "left": "phase", "entered": "phase", "document": "documents", "sent": "mail_title"}
WAITED |= {"decided": "decision_subjects"}
NOT_DRAWN = frozenset({DateStatus.SKIPPED_AT_OPEN})


def page(dossier: Dossier, workflow: Workflow, wording: Wording, letters: Letters) -> str:
    """The whole page. `wording` is in the language asked for, which is the first of `letters`.

    Raises:
        NotFound: `unknown_template`, where a site's templates lack it.
        WrongInput: `template_error`, with file and line.
    """
    names = Names(workflow, wording)
    return letters.text(
        TEMPLATE,
        {
            "d": dossier,
            "lang": wording.language,
            "say": wording.sentence,
            "has": wording.__contains__,
            "show": wording.value,
            "name": names.of,
            "plan_title": workflow.plan.title(wording.language),
            "percent": lambda share: _percent(share, wording.language),
            "whole": lambda number: _whole(number, wording.language),
            "picture": _picture(dossier, names),
            "moves": {move.act.seq: move for move in dossier.lateness.moves},
            "others": _by_type(dossier.others),
            "waited": WAITED,
            "acts_of": _with_acts,
            "called": lambda kind, keys: ", ".join(names.of(kind, key) for key in keys),
            "thing": names.thing,
            "about": lambda subject: names.subject(subject, dossier.types),
            "reason_of": names.untold,
            "organisation": lambda number: f"{dossier.organisations.get(number, '–')} ({number})",
            "untold_of": _by_reason,
            "checks": [check for phase in workflow.phases for check in phase.exit],
        },
    )


class Names:
    """What ids are called in one language; an id that the workflow does not know is shown as it is."""

    def __init__(self, workflow: Workflow, wording: Wording) -> None:
        language = wording.language
        known: dict[str, Mapping[str, str]] = {
            "phase": {phase.id: phase.label(language) for phase in workflow.phases},
            "date": {key: rule.label(language) for key, rule in workflow.dates.items()},
            "meeting": {key: rule.label(language) for key, rule in workflow.meetings.items()},
            "role": {key: role.label(language) for key, role in workflow.roles.items()},
            "check": {key: check.label(language) for key, check in workflow.checks.items()},
        }
        known |= {
            words: {key: word.label(language) for key, word in entries.items()} for words, entries in workflow.vocab.items()
        }
        self._known = known
        self._wording = wording

    def of(self, kind: str, key: str | None) -> str:
        """The name of an id of some kind: phase, date, meeting, role, check or a list of the vocabulary."""
        if key is None:
            return "–"
        if key == THEME and kind == "decision_subjects":
            return self._wording.sentence("subject_theme")
        spoken = f"{kind}.{key}"
        return self._known.get(kind, {}).get(key) or (self._wording.sentence(spoken) if spoken in self._wording else key)

    def thing(self, object: str) -> str:
        """What a correction names (meeting/spring, need/B-2025-01)."""
        kind, _, key = object.partition("/")
        return self.of(kind, key) if kind == "meeting" else f"{self._wording.sentence(f'thing.{kind}')} {key}"

    def subject(self, subject: str, types: Mapping[str, str]) -> str:
        """What a mail was about: a date, a measure, an entry."""
        kind, _, key = subject.partition("/")
        match kind:
            case "date":
                return self.of("date", key)
            case "measure" | "search":
                return self._wording.sentence("subject_measure", measure=key)
            case "followup":
                return self._wording.sentence("subject_followup", followup=key)
            case "event":
                entry = self._wording.sentence("subject_event", number=key)
                return f"{self._wording.sentence(f'type.{types[subject]}')} ({entry})" if subject in types else entry
        return subject

    def untold(self, why: str | None) -> str:
        """Why somebody was not told."""
        for key in (f"why.{why}", f"mail_state.{why}", f"not_told.{why}"):
            if key in self._wording:
                return self._wording.sentence(key)
        return why or self._wording.sentence("not_told_nothing_meant")


def _with_acts(found: Sequence[Any]) -> list[tuple[Act, Any]]:
    """Each with its entry, itself where it is one."""
    return [(each if isinstance(each, Act) else each.act, each) for each in found]


def _by_reason(found: Sequence[Untold]) -> list[tuple[str | None, list[int]]]:
    """The partners by why they were not told."""
    return [(why, [each.partner for each in found if each.why == why]) for why in dict.fromkeys(each.why for each in found)]


def _by_type(acts: Sequence[Act]) -> list[tuple[str, list[Act]]]:
    return [(type, [act for act in acts if act.type == type]) for type in dict.fromkeys(act.type for act in acts)]


def _picture(dossier: Dossier, names: Names) -> Picture:
    """Phases, then what people agree on and where they meet, then every other date that was moved or late."""
    spans = _spans(dossier, names)
    of_meetings = {each.date_key for each in dossier.meetings}
    lines = [line for line in dossier.lateness.lines if line.date.status not in NOT_DRAWN]
    anchors = [_track(line, names) for line in lines if line.date.anchor and line.date.key not in of_meetings]
    agreed = [*_meetings(dossier.meetings, names), *anchors]
    others = [_track(line, names) for line in lines if not line.date.anchor and (line.moved_by or line.late_in_all)]
    return picture(spans, (sorted(agreed, key=_first), sorted(others, key=_first)))


def _first(track: Track) -> date:
    return min(point.first for point in track.points)


def _spans(dossier: Dossier, names: Names) -> list[Span]:
    spans, begins = [], dossier.head.started_on
    for each in dossier.phases:
        planned = (begins, each.first_planned) if each.first_planned and each.first_planned >= begins else None
        begins = each.first_planned or begins
        real = tuple((stay.entered_on, stay.left_on or max(dossier.head.seen_on, stay.entered_on)) for stay in each.stays)
        spans.append(Span(names.of("phase", each.phase), planned, real, _late_from(each), each.late))
    return spans


def _late_from(phase: PhaseTold) -> date | None:
    return phase.planned if phase.late else None


def _meetings(meetings: Sequence[MeetingTold], names: Names) -> list[Track]:
    by_rule: dict[str, list[Point]] = {}
    for each in meetings:
        day = each.day or each.held_on
        if day is not None and each.status != "cancelled":
            by_rule.setdefault(each.rule, []).append(Point(each.first or day, day, each.held_on))
    return [Track(names.of("meeting", rule), tuple(points)) for rule, points in by_rule.items()]


def _track(line: DateLine, names: Names) -> Track:
    told = line.date
    return Track(names.of("date", told.key), (Point(told.first_planned, told.planned, told.actual),), line.late_in_all)


def _percent(share: int | None, language: str) -> str:
    if share is None:
        return "–"
    tenths = (share + 5) // 10  # a share is in ten-thousandths
    text = f"{tenths // 10}.{tenths % 10}"
    return f"{text.replace('.', ',')} %" if language == "de" else f"{text} %"


def _whole(number: int | None, language: str) -> str:
    return "–" if number is None else f"{number:,}".replace(",", "." if language == "de" else ",")
