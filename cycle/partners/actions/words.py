"""What a person or a file wrote of a partner becomes an id, a language code, an address that can be mailed."""

import re

from cycle.adapters.addresses import valid_address
from cycle.adapters.languages import language_named
from cycle.adapters.tables import CellError, Grade, Habits, Mended, as_cell, mended
from cycle.adapters.tables.mending import mailbox_meant
from cycle.errors import WrongInput
from cycle.vocabulary import Channel
from cycle.workflow.model import Workflow
from cycle.workflow.words import word_of

_IN_ANGLES = re.compile(r"[^<>]*<([^<>]+)>")
_AT = re.compile(r"\s*[(\[{]\s*at\s*[)\]}]\s*|\s+at\s+", re.IGNORECASE)
_BETWEEN = re.compile(r"[;,\s|]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def channel_of(workflow: Workflow, text: str) -> tuple[Channel, str | None]:
    """The channel a word of the list stands for, and the language that goes with it (mail in easy language)."""
    found = word_of(workflow, "channels", text)
    way = next((channel for channel in Channel if channel == found), Channel.MAIL)
    return way, workflow.vocab["channels"][found].language


def language_code(workflow: Workflow, text: str) -> str:
    """A language of the workflow, or any other code of two or three letters. Raises WrongInput."""
    code = text.strip().casefold()
    if code not in workflow.languages and not _LANGUAGE.fullmatch(code):
        raise WrongInput("partner_language_unknown", text=text, known=", ".join(workflow.languages))
    return code


def mailable(text: str) -> str:
    """An address that mail can go to. Raises WrongInput: for none at all, or one with an umlaut before the @."""
    kept = address(text)
    if valid_address(kept) is None:
        raise WrongInput("address_before_at", text=kept)
    return kept


def address(text: str) -> str:
    """An address as it is kept. Raises WrongInput `partner_address_invalid` if it is none.

    One with an umlaut before the @ is kept though nothing can be sent there: somebody has to ask for another.
    """
    before, at, domain = text.strip().rpartition("@")
    if valid_address(text) is None and (before.isascii() or valid_address(f"x{at}{domain}") is None):
        raise WrongInput("partner_address_invalid", text=text)
    return text.strip()


def spoken(workflow: Workflow, text: str) -> str | Mended[str]:
    """A language's code, also by the language's name. Raises CellError `partner_language_unknown`."""
    try:
        return language_code(workflow, text)
    except WrongInput as error:
        code = language_named(text)
        if code is None:
            raise as_cell(error) from None
        return mended("cell_mended", code, text=text, value=code)


def addresses(text: str, habits: Habits) -> list[str] | Mended[list[str]]:
    """The addresses in a cell, mostly one; what people put around an address is taken off.

    One that cannot be mailed, or whose domain looks like a slip of the pen, comes with a warning. Raises CellError
    `partner_address_invalid`, `partner_address_meant`.
    """
    parts = [part for part in _BETWEEN.split(text) if part] if text.count("@") > 1 else [text]
    found = list(dict.fromkeys(_address(part) for part in parts if text.count("@") < 2 or "@" in part))
    for mail in found:
        if valid_address(mail) is None:
            return mended("partner_address_unmailable", found, grade=Grade.WARNING, text=mail)
        meant = mailbox_meant(mail, habits)
        if meant is not None:
            return mended("cell_mailbox_meant", found, grade=Grade.WARNING, text=mail, meant=meant)
    if len(found) > 1:
        return mended("partner_several_mails", found, first=found[0], others=found[1:])
    return found if found == [text] else mended("cell_mended", found, text=text, value=found[0])


def _address(text: str) -> str:
    angles = _IN_ANGLES.fullmatch(text)
    bare = "".join((angles[1] if angles else text).split()).strip(".,;:<>\"'")
    bare = bare[7:] if bare.casefold().startswith("mailto:") else bare
    try:
        return address(bare)
    except WrongInput as error:
        meant = _AT.sub("@", text).replace("@@", "@").replace(",", ".").replace(" ", "")
        if valid_address(meant) is not None:
            raise CellError("partner_address_meant", text=text, meant=meant) from None
        raise CellError(error.key, text=text) from None
