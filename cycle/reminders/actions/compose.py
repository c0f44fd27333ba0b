"""From a mail's items to its words, as of now."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session

from cycle.adapters.templates import Letters, Part
from cycle.cycles.records import Cycle, Year
from cycle.dates.rules import Calendar
from cycle.journal.questions import row_of
from cycle.outbox.records import Mail
from cycle.outbox.rules.message import CalendarPart
from cycle.reminders.actions.dress import as_html
from cycle.reminders.actions.invite import Invitations
from cycle.reminders.actions.meaning import Meaning
from cycle.reminders.actions.scene import PERSONAL, Scene, context
from cycle.reminders.actions.threads import Earlier, earlier
from cycle.reminders.records import ItemState, LedgerItem, items_of_mails
from cycle.reminders.rules.ladder import Why
from cycle.settings import Settings
from cycle.vocabulary import Asked, Channel, Enclosed, Recipient
from cycle.wording import Wording
from cycle.workflow.model import MailKind

# A step of a thing, as everybody hears of it in one language: cycle, subject, day, step, language, and whether
# a file goes along.
Step = tuple[int, str, date, str, str, bool]


@dataclass(frozen=True)
class Composed:
    """A mail's words: to whom, the reference in the subject, the whole text, as HTML too; the meetings for a calendar, and
    the files that go along.

    `references` are the mails it goes on from, oldest first; `duty` is whether its reader has something to do, so that it
    is nothing to unsubscribe from; `dropped` are the items that are stale; `versions` the templates it is written with, each
    with the SHA-256 of its file.
    """

    to_name: str
    address: str
    reference: str
    subject: str
    text: str
    html: str
    calendars: tuple[CalendarPart, ...] = ()
    files: tuple[Enclosed, ...] = ()
    references: tuple[str, ...] = ()
    duty: bool = True
    dropped: tuple[tuple[int, Why], ...] = ()
    versions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Stale:
    """Every item of a mail has lost its sense: it will not go, and why."""

    why: Why


class Composer:
    """Composes mails inside one reading session; what several mails share is asked once."""

    def __init__(
        self,
        session: Session,
        now: datetime,
        *,
        year: Callable[[Session, Cycle, datetime], Year],
        public: Callable[[Year], Calendar | None],
        letters: Callable[[Year], Letters],
        settings: Settings,
        sentence: Callable[..., str],
        wording: Callable[[str], Wording],
        documents: Path,
    ) -> None:
        self._session = session
        self._now = now
        self._year = year
        self._public = public
        self._letters = letters
        self._settings = settings
        self._sentence = sentence
        self._wording = wording
        self._documents = documents
        self._items: dict[int, list[LedgerItem]] = {}
        self._years: dict[int, Year] = {}
        self._letters_of: dict[int, Letters] = {}
        self._answers: dict[Step, dict[str, Any]] = {}
        self._parts: dict[tuple[Any, ...], tuple[Part, str | None]] = {}
        self._earlier: dict[int, Earlier] = {}
        self._invitations = Invitations()
        self._meaning = Meaning(session, self.year_of)

    @property
    def session(self) -> Session:
        """The reading session that it composes in."""
        return self._session

    def read(self, mail_ids: Sequence[int]) -> None:
        """Read the items of several mails, and what their readers got before, at once."""
        found = items_of_mails(self._session, mail_ids)
        self._items |= found
        before = earlier(self._session, [item for items in found.values() for item in items])
        self._earlier |= dict.fromkeys(found, before)

    def go_on(self, session: Session, now: datetime) -> None:
        """Compose more in a newer session of the same day, in which nothing that letters speak of has changed since."""
        self._session, self._now = session, now
        self._meaning.go_on(session)
        self._items.clear()
        self._earlier.clear()
        self._years = {number: replace(about, session=session, now=now) for number, about in self._years.items()}

    def items_of(self, mail_id: int) -> list[LedgerItem]:
        """The items inside one mail that were not taken out of it again."""
        if mail_id not in self._items:
            self.read([mail_id])
        return [item for item in self._items[mail_id] if item.state in (ItemState.IN_MAIL, ItemState.HELD)]

    def compose(self, mail: Mail) -> Composed | Stale:
        """The words of a mail whose items still make sense, or why none does."""
        return self._compose(mail.id or 0, self.items_of(mail.id or 0), mail.role)

    def letter(self, item: LedgerItem) -> Composed | Stale:
        """The words of an item that goes by post, or why it makes no sense any more."""
        return self._compose(0, [item], None)

    def _compose(self, number: int, items: Sequence[LedgerItem], role: str | None) -> Composed | Stale:
        kept: list[tuple[LedgerItem, Recipient, Mapping[str, Any]]] = []
        dropped: list[tuple[int, Why]] = []
        for item in items:
            about = self.year_of(item.cycle_id)
            fact = self._meaning.fact(item)
            recipient = self._meaning.recipient(about, item, fact, role)
            why = self._meaning.stale(about, item, recipient)
            if number and why is None and recipient is not None and recipient.channel is Channel.POST:
                why = Why.BY_POST  # wished for since the mail was made
            if why is not None or recipient is None:
                dropped.append((item.id or 0, why or Why.ANSWERED))
            else:
                kept.append((item, recipient, fact))
        if not kept:
            return Stale(dropped[0][1] if dropped else Why.SUPERSEDED)
        return self._write(number, kept, tuple(dropped))

    def year_of(self, cycle_id: int) -> Year:
        """The cycle of an item, as `Year`."""
        if cycle_id not in self._years:
            about = self._year(self._session, row_of(self._session, Cycle, cycle_id), self._now)
            self._years[cycle_id], self._letters_of[cycle_id] = about, self._letters(about)
        return self._years[cycle_id]

    def _write(
        self, number: int, kept: list[tuple[LedgerItem, Recipient, Mapping[str, Any]]], dropped: tuple[tuple[int, Why], ...]
    ) -> Composed:
        parts: list[Part] = []
        own: list[str | None] = []
        calendars: list[CalendarPart] = []
        files: list[Enclosed] = []
        versions: dict[str, str] = {}
        first = None
        for item, recipient, fact in kept:
            about = self.year_of(item.cycle_id)
            letters = self._letters_of[item.cycle_id]
            file = self._enclosed(about, item, recipient, fact)
            scene = Scene(about, item, recipient, fact, self._settings, self._public(about), self._sentence, file is not None)
            if file is not None and file not in files:
                files.append(file)
            names = letters.variables(item.template, recipient.language) | {"cycle"}
            part, html = self._part(scene, letters, names)
            versions[item.template] = letters.version(item.template, recipient.language)
            if part not in parts:  # an answer entered twice on one day is thanked for once
                parts.append(part)
                own.append(html)
            calendar = self._invitations.of(scene, names)
            if calendar is not None and calendar not in calendars:
                calendars.append(calendar)
            first = first or (scene, letters)
        assert first is not None
        scene, letters = first
        around = self._context(scene, {"plan", "cycle", "sender", "recipient", "org", "city"})
        around["reference"] = reference = self._reference(scene)
        text = letters.letter(parts, scene.recipient.language, around)
        one = scene.recipient
        items = [item for item, _, _ in kept]
        return Composed(
            to_name=" ".join(filter(None, [one.title, one.first_name, one.last_name])) or one.organisation,
            address=one.mail or "",
            reference=reference,
            subject=text.subject,
            text=text.body,
            html=as_html(letters, text, parts, own, one.language, around),
            calendars=tuple(calendars),
            files=tuple(files),
            references=self._earlier[number].references(number, items) if number in self._earlier else (),
            duty=any(item.kind != MailKind.INFORMATION for item in items),
            dropped=dropped,
            versions=tuple(versions.items()),
        )

    def _part(self, scene: Scene, letters: Letters, names: Collection[str]) -> tuple[Part, str | None]:
        """One item's text, and the HTML that its mail brings; where neither speaks of the reader it is the same for all."""
        about, template, language = scene.about, scene.item.template, scene.recipient.language
        key = (*self._same_for_all(scene), template, language)
        found = self._parts.get(key)
        if found is None:
            told = self._context(scene, names)
            part = replace(letters.render(template, language, told), year=about.cycle.label)
            found = (part, letters.own_html(template, language, told))
            if PERSONAL.isdisjoint(names):
                self._parts[key] = found
        return found

    def _enclosed(self, about: Year, item: LedgerItem, recipient: Recipient, fact: Mapping[str, Any]) -> Enclosed | None:
        """The file that an item's step attaches, for its reader; the same for the same facts."""
        name = self._meaning.attached(about, item)
        if name is None:
            return None
        asked = Asked(self._wording(recipient.language), self._settings, fact, self._documents)
        return about.lent.attachments[name](about, recipient, asked)

    def _context(self, scene: Scene, names: Collection[str]) -> dict[str, Any]:
        return context(scene, names, self._answers.setdefault(self._same_for_all(scene), {}))

    def _same_for_all(self, scene: Scene) -> Step:
        item = scene.item
        return (item.cycle_id, item.subject, item.day, item.step, scene.language, scene.form)

    def _reference(self, scene: Scene) -> str:
        plan = scene.about.workflow.plan
        year = scene.about.cycle.year
        return (
            f"{plan.ref}-{year}-{scene.recipient.partner:03d}" if scene.recipient.partner is not None else f"{plan.ref}-{year}"
        )
