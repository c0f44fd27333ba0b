"""How somebody who spoke at a meeting and is neither contact nor staff is forgotten: found by name, for want of a reference."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from cycle.app.privacy import free_text, mails_to_namesakes, parted, texts_naming
from cycle.cycles.records import Cycle
from cycle.cycles.rules import need_reason
from cycle.errors import NotFound, WrongInput
from cycle.journal.entry import Entry
from cycle.journal.erasure import erase
from cycle.journal.records import Opening
from cycle.meetings.records import AgendaItem, Meeting
from cycle.partners.records import Contact, Partner
from cycle.people.rules import called, citation, naming, surnames, whole
from cycle.workflow.model import Workflow

_ITEM = "agenda_item:"
_TITLES = frozenset({"Dr.", "Prof."})  # by which somebody is addressed without a salutation too
_NOTHING = re.compile(r"(?!)")
_BETWEEN = r"\s*\([^()]{0,40}?"  # how a letter puts who speaks behind the title of an item


@dataclass(frozen=True)
class SpeakerFile:
    """Where somebody is named who speaks at meetings: programme items, mails, other free texts; all as subjects. `titles` are
    the items whose title, which is public, names the person; `with_others` those that name more than the person, which goes
    too; `contact_of` the partners whose contact is called so."""

    items: tuple[str, ...]
    mails_naming: tuple[str, ...]
    named_in: tuple[str, ...]
    titles: tuple[str, ...]
    with_others: tuple[str, ...]
    contact_of: tuple[int, ...]
    names: re.Pattern[str]
    surnames: re.Pattern[str]

    @property
    def subjects(self) -> list[str]:
        """What forgetting erases: who speaks, in every programme of then and now, and the mails that name the person."""
        return [*self.items, *self.mails_naming]


def speaker_file(session: Session, workflow: Workflow, name: str) -> SpeakerFile:
    """What is kept about a speaker of that name: by the first and last name, whatever title stands in front; somebody of
    whom a programme has one name only by all that it says. How somebody is addressed (Frau Ernst) may be somebody else, and
    is among `named_in`, for a person to look at."""
    asked = " ".join(name.split())
    words = workflow.vocab.get("salutations", {}).values()
    salutations = {word.label(language) for word in words for language in ("de", "en")}
    parts = {called(asked, salutations)}
    full = naming(salutations=(), names=parts, addresses=())
    spoken = _spoken_by(session, full, asked)
    public = {number: title for number, title in session.exec(select(AgendaItem.id, AgendaItem.title)) if number is not None}
    lines = [f"{whole(public[number])}{_BETWEEN}{whole(said)}" for number, texts in spoken.items() for said in texts]
    printed = re.compile("|".join([full.pattern, *lines]), re.IGNORECASE)
    addressed, alone = naming(salutations=salutations | _TITLES, names=parts, addresses=()), surnames(parts)
    items = [f"{_ITEM}{number}" for number in sorted(spoken)]
    naming_it = [each for each in texts_naming(session, printed, _NOTHING) if each.startswith("mail:")]
    mails, _ = parted(naming_it, mails_to_namesakes(session, None, alone))
    maybe = dict.fromkeys([*naming_it, *texts_naming(session, addressed, alone)])
    named = (number for number, title in sorted(public.items()) if full.search(title) or alone.search(title))
    others = (number for number, texts in sorted(spoken.items()) if any(_says_more(text, parts, salutations) for text in texts))
    return SpeakerFile(
        items=tuple(items),
        mails_naming=mails,
        named_in=tuple(each for each in maybe if each not in {*items, *mails}),
        titles=tuple(f"{_ITEM}{number}" for number in named),
        with_others=tuple(f"{_ITEM}{number}" for number in others),
        contact_of=tuple(_contact_of(session, *next(iter(parts)))),
        names=addressed,
        surnames=alone,
    )


def places(session: Session) -> dict[str, dict[str, int | str]]:
    """Where the items of programmes stand that were not dropped: by subject year, meeting and position."""
    columns = (col(AgendaItem.id), col(Cycle.year), col(Meeting.name), col(AgendaItem.position))
    query = select(*columns).join(Meeting, col(Meeting.id) == col(AgendaItem.meeting_id))
    query = query.join(Cycle, col(Cycle.id) == col(Meeting.cycle_id)).where(col(AgendaItem.dropped).is_(False))
    return {
        f"{_ITEM}{number}": {"year": year, "meeting": meeting, "position": position}
        for number, year, meeting, position in session.exec(query)
    }


def forget_speaker(
    entry: Entry, workflow: Workflow, name: str, *, legal_basis: str | None, also: Sequence[str] = ()
) -> SpeakerFile:
    """Erase for good who spoke: the name in every programme, the mails that name it, and the subjects of `also`. What was
    spoken about, when and where stays.

    Raises:
        NotFound: for a name that no programme holds, without `also`, or an unknown subject.
        WrongInput: without a reason or a citation of the law, or if the reason names the person.
    """
    need_reason(entry.reason)
    basis = citation(legal_basis)
    found = speaker_file(entry.session, workflow, name)
    if not found.items and not also:  # what was told of the last time may still be named
        raise NotFound("unknown_speaker", name=" ".join(name.split()))
    if any(pattern.search(entry.reason or "") for pattern in (found.names, found.surnames)):
        raise WrongInput("forget_staff_reason_names")
    extra = [free_text(entry.session, subject) for subject in also]
    entry.tell(refs=[], legal_basis=basis, speaker=True)
    erase(entry, [*found.subjects, *extra])
    return found


def _spoken_by(session: Session, full: re.Pattern[str], asked: str) -> dict[int, set[str]]:
    """The programme items whose speaker is or was the person, each with what it says or said."""
    query = select(col(Opening.subject), col(Opening.value)).where(col(Opening.subject).startswith(_ITEM))
    found: dict[int, set[str]] = {}
    for subject, value in session.exec(query):
        said = " ".join(str(json.loads(value).get("speaker") or "").split())
        if said and (full.search(said) or said.casefold() == asked.casefold()):
            found.setdefault(int(subject.removeprefix(_ITEM)), set()).add(said)
    return found


def _says_more(said: str, parts: set[tuple[str, str]], salutations: set[str]) -> bool:
    """Whether what stands in a programme is more than the person's name and titles: an organisation, a second person."""
    first, last = next(iter(parts))
    known = {_untitled(each, salutations) for each in (f"{first} {last}", f"{last}, {first}")}
    return _untitled(said, salutations) not in known


def _untitled(text: str, salutations: set[str]) -> str:
    titles = {each.casefold() for each in salutations}
    return " ".join(each for each in text.casefold().split() if not each.endswith(".") and each not in titles)


def _contact_of(session: Session, first: str, last: str) -> list[int]:
    query = select(Partner.number).join(Contact, col(Contact.partner_id) == col(Partner.id))
    query = query.where(Contact.first_name == first, Contact.last_name == last).order_by(col(Partner.number))
    return list(dict.fromkeys(session.exec(query)))
