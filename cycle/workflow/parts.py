"""The parts of a workflow, typed and frozen: roles, meetings, dates, phases, checks, transitions, mails, words.

Shape only. Whether a name exists in the same file is decided in `cycle.workflow.names`.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from cycle.errors import Mistake
from cycle.vocabulary import Right
from cycle.workflow.fields import (
    ClockText,
    ClockTime,
    Count,
    DateRuleText,
    DayRange,
    FileName,
    Id,
    MonthDay,
    OffsetText,
    Percent,
    Text,
    Weekdays,
    weekdays_of,
)
from cycle.workflow.grammar import When


class Shift(StrEnum):
    """What happens to a day that lies in one of its `avoid` calendars."""

    NEXT_WORKDAY = "next_workday"
    PREV_WORKDAY = "prev_workday"
    PLUS_WEEK = "plus_week"
    NONE = "none"


class TransitionKind(StrEnum):
    """The ways of a cycle besides forward."""

    SKIP = "skip"
    BACK = "back"
    REOPEN = "reopen"
    HOLD = "hold"
    CANCEL = "cancel"


class MailKind(StrEnum):
    """What a mail is: only reminders count against the policy, only information may go in quiet times."""

    REQUEST = "request"
    REMINDER = "reminder"
    INFORMATION = "information"
    OFFICE = "office"


class Part(BaseModel):
    """What all parts share: frozen, strict, no unknown key, written by the file's own names."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        validate_by_name=False,
        validate_by_alias=True,
        serialize_by_alias=True,
        defer_build=True,  # the whole workflow is built once, when the first is read
    )


class Labelled(Part):
    """A part with a name in both languages."""

    label_de: Text
    label_en: Text

    def label(self, language: str) -> str:
        """The name in English for `en`, in German for every other language."""
        return self.label_en if language == "en" else self.label_de


class PlanHead(Part):
    id: Id
    ref: Text
    version: Text
    title_de: Text
    title_en: Text

    def title(self, language: str) -> str:
        """The plan's title in English for `en`, in German for every other language."""
        return self.title_en if language == "en" else self.title_de


class CycleRule(Part):
    length_years: Count
    start: MonthDay
    label: Text
    max_active: Count
    previous_must_be_closed_before: Id | None = None

    def label_of(self, year: int) -> str:
        """How the cycle of that year is called: `{year}` and `{next}` (the year after) are filled in."""
        return self.label.replace("{year}", str(year)).replace("{next}", str(year + 1))


class HolidayCalendar(Part):
    kind: Literal["holidays"]
    region: Text
    extra: tuple[MonthDay, ...] = ()


class FileCalendar(Part):
    kind: Literal["file"]
    path: FileName
    type: Text
    # An anchor so few working days from a day of it is warned of. Left out of the pinned text where it is not said.
    warn_within_wd: Count | None = Field(default=None, exclude_if=lambda value: value is None)


class RangeCalendar(Part):
    kind: Literal["ranges"]
    ranges: tuple[DayRange, ...]
    warn_within_wd: Count | None = Field(default=None, exclude_if=lambda value: value is None)


Calendar = Annotated[HolidayCalendar | FileCalendar | RangeCalendar, Field(discriminator="kind")]


class SendWindow(Part):
    days: Weekdays
    opens: ClockTime = Field(alias="from")
    closes: ClockTime = Field(alias="to")
    not_on: tuple[Id, ...] = ()
    requests_and_reminders_not_in: tuple[Id, ...] = ()

    @property
    def weekdays(self) -> frozenset[int]:
        """The days of the week (0 = Monday) on which mail may go."""
        return weekdays_of(self.days)

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> "SendWindow":
        if self.opens >= self.closes:
            raise Mistake("window_backwards", opens=f"{self.opens:%H:%M}", closes=f"{self.closes:%H:%M}")
        return self


class Role(Labelled):
    may: Annotated[frozenset[Right], PlainSerializer(sorted, return_type=list[str])]
    only: Literal["own_group"] | None = None


class MeetingRule(Labelled):
    date: Id | None = None
    per: Literal["group"] | None = None
    many: bool = False
    until: Id | None = None
    # Left out of the pinned text where there is none: a workflow without it keeps the text it had.
    register_until: Id | None = Field(default=None, exclude_if=lambda value: value is None)
    kind: Id
    opens: ClockText | None = Field(default=None, alias="from")
    closes: ClockText | None = Field(default=None, alias="to")
    venue: Text | None = None
    mode: Literal["on_site", "online", "hybrid"] | None = None


class Done(Part):
    """The fact that ends a date: a lent word, its value, and what narrows it (`document: minutes, of: spring`)."""

    word: Id
    value: Text | None = None
    narrow: dict[Id, Text] = Field(default_factory=dict)


class DateRule(Labelled):
    rule: DateRuleText
    avoid: tuple[Id, ...] = ()
    shift: Shift = Shift.NONE
    anchor: bool = False
    when: When | None = None
    done: Done
    phase: Id


class Phase(Labelled):
    id: Id
    due: Id | None = None
    exit: tuple[Id, ...] = ()
    final: bool = False
    four_eyes: bool = False
    when: When | None = None


class CheckRule(Labelled):
    """A lent check with its parameters (lists are tuples)."""

    check: Id
    hard: bool
    params: dict[Id, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _freeze(self) -> "CheckRule":
        for name, value in self.params.items():
            self.params[name] = _frozen(value)
        return self


class Transition(Part):
    kind: TransitionKind
    from_: Id = Field(alias="from")
    to: tuple[Id, ...] = ()
    codes: tuple[Id, ...] = ()
    also: tuple[Id, ...] = ()
    owed_later: tuple[Id, ...] = ()
    needs_document: Id | None = None
    needs: Literal["review_date"] | None = None
    within_days: Count | None = None
    four_eyes: bool = False


class MailKinds(Part):
    request: tuple[Id, ...] = ()
    reminder: tuple[Id, ...] = ()
    information: tuple[Id, ...] = ()
    office: tuple[Id, ...] = ()
    by_hand: tuple[Id, ...] = ()

    def kind_of(self, template: str) -> MailKind:
        """The kind of a mail.

        Raises:
            KeyError: the workflow sends no such mail.
        """
        for kind in MailKind:
            if template in getattr(self, kind.value):
                return kind
        raise KeyError(template)

    @property
    def every(self) -> tuple[str, ...]:
        """Every mail that the workflow may send."""
        return (*self.request, *self.reminder, *self.information, *self.office)


class Step(Part):
    at: OffsetText
    mail: Id
    to: Id | None = None
    level: Count | None = None
    phase: Id | None = None
    attach: Id | None = None


class Follow(Part):
    """A mail that follows a fact; `narrow` says which facts of that name are meant. Without `attach` the pinned text is what
    it was before there was such a key."""

    mail: Id
    to: Id | None = None
    level: Count | None = None
    attach: Id | None = None
    narrow: dict[Id, Text] = Field(default_factory=dict)

    @model_serializer(mode="wrap")
    def _without_nothing(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = write(self)
        if self.attach is None:
            written.pop("attach", None)
        return written


class GapRule(Part):
    gap_below_percent: Percent
    expandable_below_percent: Percent
    focus_from_percent: Percent
    caution_below_response_percent: Percent
    funding_bands_eur: tuple[Count, ...]
    small_funding_eur: Count = 5_000  # up to here small funds do; beyond it money must be asked for

    @model_validator(mode="after")
    def _rising(self) -> "GapRule":
        if not self.gap_below_percent <= self.expandable_below_percent <= self.focus_from_percent:
            raise Mistake("percentages_fall")
        if list(self.funding_bands_eur) != sorted(set(self.funding_bands_eur)):
            raise Mistake("bands_fall")
        return self


class Word(Part):
    de: Text
    en: Text
    also: tuple[Text, ...] = ()
    with_number: bool = False
    monitored: bool = True
    language: Text | None = None

    def label(self, language: str) -> str:
        """The word in English for `en`, in German for every other language."""
        return self.en if language == "en" else self.de


def _frozen(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(_frozen(each) for each in value)
    if isinstance(value, dict):
        return {key: _frozen(each) for key, each in value.items()}
    return value
