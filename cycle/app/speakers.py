"""How somebody who spoke at a meeting and is neither contact nor staff is forgotten: found by name, for want of a reference."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from cycle.app.privacy import free_text, texts_naming
from cycle.cycles.rules import need_reason
from cycle.errors import NotFound, WrongInput
from cycle.journal.entry import Entry
from cycle.journal.erasure import erase
from cycle.journal.records import Opening
from cycle.meetings.records import AgendaItem
from cycle.partners.records import Contact, Partner
from cycle.people.rules import citation, naming, surnames
from cycle.workflow.model import Workflow

_ITEM = "agenda_item:"
# An academic title and the like, in front of the names: Prof., Dr., Dipl.-Ing.
_TITLE = re.compile(r"\S+\.\s*")
_TITLES = frozenset({"Dr.", "Prof."})


@dataclass(frozen=True)
class SpeakerFile:
    """Where somebody is named who speaks at meetings: programme items, mails, other free texts; all as subjects. `titles` are
    the items whose title, which is public, names the person; `contact_of` the partners whose contact is called so."""

    items: tuple[str, ...]
    mails_naming: tuple[str, ...]
    named_in: tuple[str, ...]
    titles: tuple[str, ...]
    contact_of: tuple[int, ...]
    names: re.Pattern[str]
    surnames: re.Pattern[str]

    @property
    def subjects(self) -> list[str]:
        """What forgetting erases: who speaks, in every programme of then and now, and the mails that name the person."""
        return [*self.items, *self.mails_naming]


def speaker_file(session: Session, workflow: Workflow, name: str) -> SpeakerFile:
    """What is kept about a speaker of that name. Raises NotFound if no programme of then or now names it."""
    asked = " ".join(name.split())
    plain = _TITLE.sub("", asked)
    first, _, last = plain.rpartition(" ")
    words = workflow.vocab.get("salutations", {}).values()
    titles = {word.label(language) for word in words for language in ("de", "en")} | _TITLES | set(_TITLE.findall(asked))
    called = {(first, last)}
    pattern = naming(salutations={each.strip() for each in titles}, names=called, addresses=[])
    alone = surnames(called)
    items = tuple(f"{_ITEM}{number}" for number in sorted(_spoken_by(session, pattern, asked)))
    if not items:
        raise NotFound("unknown_speaker", name=asked)
    named_in = [each for each in texts_naming(session, pattern, alone) if each not in items]
    public = session.exec(select(AgendaItem.id, AgendaItem.title).order_by(col(AgendaItem.id)))
    return SpeakerFile(
        items=items,
        mails_naming=tuple(each for each in named_in if each.startswith("mail:")),
        named_in=tuple(each for each in named_in if not each.startswith("mail:")),
        titles=tuple(f"{_ITEM}{number}" for number, title in public if pattern.search(title) or alone.search(title)),
        contact_of=tuple(_contact_of(session, first, last)),
        names=pattern,
        surnames=alone,
    )


def forget_speaker(
    entry: Entry, workflow: Workflow, name: str, *, legal_basis: str | None, also: Sequence[str] = ()
) -> SpeakerFile:
    """Erase for good who spoke: the name in every programme, the mails that name it, and the subjects of `also`. What was
    spoken about, when and where stays.

    Raises:
        NotFound: for a name that no programme holds, or an unknown subject.
        WrongInput: without a reason or a citation of the law, or if the reason names the person.
    """
    need_reason(entry.reason)
    basis = citation(legal_basis)
    found = speaker_file(entry.session, workflow, name)
    if any(pattern.search(entry.reason or "") for pattern in (found.names, found.surnames)):
        raise WrongInput("forget_staff_reason_names")
    extra = [free_text(entry.session, subject) for subject in also]
    entry.tell(refs=[], legal_basis=basis, speaker=True)
    erase(entry, [*found.subjects, *extra])
    return found


def _spoken_by(session: Session, pattern: re.Pattern[str], asked: str) -> set[int]:
    """The programme items whose speaker is or was the person."""
    query = select(col(Opening.subject), col(Opening.value)).where(col(Opening.subject).startswith(_ITEM))
    said = ((subject, str(json.loads(value).get("speaker") or "")) for subject, value in session.exec(query))
    return {
        int(subject.removeprefix(_ITEM))
        for subject, speaker in said
        if pattern.search(speaker) or " ".join(speaker.split()).casefold() == asked.casefold()
    }


def _contact_of(session: Session, first: str, last: str) -> list[int]:
    query = select(Partner.number).join(Contact, col(Contact.partner_id) == col(Partner.id))
    query = query.where(Contact.first_name == first, Contact.last_name == last).order_by(col(Partner.number))
    return list(dict.fromkeys(session.exec(query)))
