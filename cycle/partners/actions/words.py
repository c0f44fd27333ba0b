"""What a person or a file wrote of a partner becomes an id, a language code, an address that can be mailed."""

import re

from cycle.adapters.addresses import valid_address
from cycle.errors import WrongInput
from cycle.vocabulary import Channel
from cycle.workflow.model import Workflow
from cycle.workflow.words import word_of

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
