"""What ids are called in one language, and numbers as its readers write them."""

from collections.abc import Mapping

from cycle.plan.rules.status import THEME
from cycle.wording import Wording
from cycle.workflow.model import Workflow


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


def percent(share: int | None, language: str) -> str:
    """A share in ten-thousandths as percent with one place: "68,9 %" in German, "68.9 %" elsewhere; a dash for none."""
    if share is None:
        return "–"
    tenths = (share + 5) // 10
    text = f"{tenths // 10}.{tenths % 10}"
    return f"{text.replace('.', ',')} %" if language == "de" else f"{text} %"


def whole(number: int | None, language: str) -> str:
    """A whole number with its thousands apart: 1.234 in German, 1,234 elsewhere; a dash for none."""
    return "–" if number is None else f"{number:,}".replace(",", "." if language == "de" else ",")
