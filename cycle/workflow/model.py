"""A workflow: the whole process of one plan type, typed and frozen, and the questions asked of it.

This is the pinned form. A file may write some things shorter (`cycle.workflow.unfold`) and leave sections out.
The order of phases, languages, escalation and all lists is kept; mappings have no order once a text is pinned.
"""

import unicodedata
from functools import cached_property

from pydantic import Field

from cycle.errors import NotFound
from cycle.workflow.fields import Id, Text, TimezoneName
from cycle.workflow.parts import (
    Calendar,
    CheckRule,
    CycleRule,
    DateRule,
    Done,
    FileCalendar,
    Follow,
    GapRule,
    HolidayCalendar,
    MailKind,
    MailKinds,
    MeetingRule,
    Part,
    Phase,
    PlanHead,
    RangeCalendar,
    Role,
    SendWindow,
    Shift,
    Step,
    Transition,
    TransitionKind,
    Word,
)
from cycle.workflow.policy import Digest, Policy

__all__ = [
    "ENGINE_LISTS",
    "EVERY_ACTIVE",
    "PARTNER_DEPUTY",
    "WEEKLY_DIGEST",
    "Calendar",
    "CheckRule",
    "CycleRule",
    "DateRule",
    "Digest",
    "Done",
    "FileCalendar",
    "Follow",
    "GapRule",
    "HolidayCalendar",
    "MailKind",
    "MailKinds",
    "MeetingRule",
    "Phase",
    "PlanHead",
    "Policy",
    "RangeCalendar",
    "Role",
    "SendWindow",
    "Shift",
    "Step",
    "Transition",
    "TransitionKind",
    "Word",
    "Workflow",
    "folded",
    "spellings_of",
]

EVERY_ACTIVE = "every_active"  # `from` of a transition that leaves any phase which is not final
PARTNER_DEPUTY = "partner_deputy"  # an escalation level that is no role: the organisation's second contact
WEEKLY_DIGEST = "weekly_digest"  # the template of the mail that policy.digest asks for
# The ids of these lists are set by commands: a file may only say how they are called.
ENGINE_LISTS = frozenset(
    {
        "directions",
        "priorities",
        "partner_status",
        "project_status",
        "need_status",
        "theme_status",
        "measure_status",
        "funding_secured",
        "answer_timing",
        "channels",
        "salutations",
        "decision_outcomes",
    }
)


class Workflow(Part):
    plan: PlanHead
    cycle: CycleRule
    timezone: TimezoneName
    languages: tuple[Text, ...] = Field(min_length=1)
    calendars: dict[Id, Calendar]
    send_window: SendWindow
    roles: dict[Id, Role]
    escalation: tuple[Id, ...] = Field(min_length=1)
    meetings: dict[Id, MeetingRule]
    dates: dict[Id, DateRule]
    phases: tuple[Phase, ...] = Field(min_length=2)
    checks: dict[Id, CheckRule]
    transitions: tuple[Transition, ...]
    policy: Policy
    mails: MailKinds
    ladder: dict[Id, tuple[Step, ...]]
    on: dict[Id, tuple[Follow, ...]]
    gap: GapRule
    vocab: dict[Id, dict[Id, Word]]

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The ids of all phases in the order of the year."""
        return tuple(phase.id for phase in self.phases)

    @cached_property
    def ranked(self) -> dict[str, Role]:
        """The roles, those that do the daily work (the escalation) first: a pinned text has lost the file's order."""
        names = [name for name in self.escalation if name in self.roles]
        return {name: self.roles[name] for name in dict.fromkeys([*names, *self.roles])}

    @property
    def first_phase(self) -> str:
        """The id of the phase in which a cycle begins."""
        return self.phases[0].id

    def phase(self, phase: str) -> Phase:
        """The phase with that id.

        Raises:
            NotFound: the workflow has no such phase.
        """
        for each in self.phases:
            if each.id == phase:
                return each
        raise NotFound("unknown_phase", phase=phase, known=", ".join(self.order))

    def phases_in(self, year: int) -> tuple[Phase, ...]:
        """The phases that a cycle of that year has, in order (`when` leaves some out)."""
        return tuple(phase for phase in self.phases if phase.when is None or phase.when.applies(year))

    def is_final(self, phase: str) -> bool:
        """Whether a cycle in that phase is closed. Raises: NotFound as `phase`."""
        return self.phase(phase).final

    def transitions_from(self, phase: str) -> tuple[Transition, ...]:
        """The ways out of a phase besides forward, those from every active phase included. Raises: NotFound as `phase`."""
        return self._ways_out[self.phase(phase).id]

    @cached_property
    def _ways_out(self) -> dict[str, tuple[Transition, ...]]:
        sources = {phase.id: {phase.id} if phase.final else {phase.id, EVERY_ACTIVE} for phase in self.phases}
        return {phase: tuple(each for each in self.transitions if each.from_ in among) for phase, among in sources.items()}

    def word_id(self, words: str, text: str) -> str | None:
        """The id of a word of the list `words`, by its id, German or English label or a further spelling.

        Case and Unicode composition do not matter. A word `with_number` is also found with its number behind it.
        """
        found = self.word_and_number(words, text)
        return found[0] if found else None

    def word_and_number(self, words: str, text: str) -> tuple[str, str | None] | None:
        """As `word_id`, with the number that stands behind it: "Netzwerkgruppe NG2" is ("group", "NG2")."""
        spellings = self.spellings.get(words, {})
        asked = folded(text)
        if asked in spellings:
            return spellings[asked], None
        head, _, number = unicodedata.normalize("NFC", text).strip().rpartition(" ")
        word = spellings.get(folded(head))
        if word is not None and number and self.vocab[words][word].with_number:
            return word, number
        return None

    @cached_property
    def spellings(self) -> dict[str, dict[str, str]]:
        """Each list's ids by every (folded) spelling that an import accepts."""
        return {
            words: {folded(text): word for word, entry in entries.items() for text in spellings_of(word, entry)}
            for words, entries in self.vocab.items()
        }


def spellings_of(word: str, entry: Word) -> tuple[str, ...]:
    """Everything that a word may be called: its id, both labels, further spellings."""
    return (word, entry.de, entry.en, *entry.also)


def folded(text: str) -> str:
    """A spelling as it is compared: composed, without outer spaces, in one case."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
