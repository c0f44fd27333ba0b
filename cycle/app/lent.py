"""Which house lends which word to workflow files. A house is loaded when one of its words is asked: few commands ask many."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from importlib import import_module
from typing import Any

from cycle.vocabulary import Lent

WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "checks": {
        "dates": ("dates_confirmed",),
        "documents": ("document_filed", "number_recorded"),
        "partners": ("partners_reachable",),
        "inventory": ("survey_closed", "response_rate", "gap_recorded", "projects_reviewed"),
        "plan": (
            "needs_recorded_or_none_declared",
            "needs_settled",
            "primary_theme_valid",
            "theme_decided",
            "theme_linked_to_need",
            "decision_recorded",
            "measures_updated_since",
            "measures_complete",
            "unfinished_measures_decided",
            "assessments_recorded",
        ),
        "meetings": ("meeting_held", "every_group_met_or_excused"),
        "phases": ("roles_filled", "previous_cycle"),
        "reminders": ("mail_accepted",),
    },
    "audiences": {
        "partners": ("partners", "active_partners", "group_members"),
        "inventory": ("survey_silent", "answering_partner"),
        "plan": ("measure_owner",),
        "meetings": ("invited", "members_to_meet", "not_declined"),
        "reminders": ("review_owed", "review_silent", "told_of_meeting", "invited_before_move"),
    },
    "ends": {
        "dates": ("passed",),
        "documents": ("document",),
        "inventory": ("answered", "closed", "recorded"),
        "plan": ("decided",),
        "meetings": ("held",),
        "phases": ("entered", "left", "met"),
        "reminders": ("sent",),
    },
    "dated": {"plan": ("each_measure_due", "each_search_due", "each_followup_due")},
    "facts": {
        "documents": ("document_filed",),
        "inventory": ("survey_answered",),
        "plan": ("theme_decided", "measure_assigned", "measure_unowned", "second_carry"),
        "meetings": ("meeting_moved", "meeting_edited", "meeting_cancelled"),
        "phases": ("phase_skipped", "cycle_closed"),
    },
    "attachments": {"reminders": ("survey_form", "document_filed")},
}


class _Words(Mapping[str, Any]):
    """The words of one kind, each found in the house that lends it."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._house = {word: house for house, words in WORDS[kind].items() for word in words}

    def __getitem__(self, word: str) -> Any:
        return getattr(lent_by(self._house[word]), self._kind)[word]

    def __contains__(self, word: object) -> bool:
        return word in self._house

    def __iter__(self) -> Iterator[str]:
        return iter(self._house)

    def __len__(self) -> int:
        return len(self._house)


@cache
def lent_by(house: str) -> Lent:
    """All that one house lends."""
    lent: Lent = import_module(f"cycle.{house}.words").LENT
    return lent


LENT = Lent(**{each.name: _Words(each.name) for each in fields(Lent)})
