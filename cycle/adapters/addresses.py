"""The one door to email-validator: is this an address that can be mailed?"""

from functools import cache, lru_cache
from importlib import import_module
from typing import Any


@lru_cache(maxsize=10_000)  # each is looked at when it is entered, when a mail is made and when it is sent
def valid_address(text: str) -> str | None:
    """The address as it goes to the mail server, or None when no mail can go there.

    The domain is written in lower case and in its ASCII form (RFC 5891). Nothing is asked of the network. A part before
    the @ that is not ASCII gives None: it needs SMTPUTF8, which hardly any relay offers.
    """
    library = _email_validator()
    try:
        return str(library.validate_email(text, check_deliverability=False).ascii_email or "") or None
    except library.EmailNotValidError:
        return None


def mailable_as_kept(text: str) -> bool:
    """Whether mail can go to an address that was checked when it was entered: not if its part before the @ is not ASCII.

    Of all that is checked this alone is let through at the door. So a reading command needs no library to know it.
    """
    return text.rpartition("@")[0].isascii()


@cache
def _email_validator() -> Any:
    """The library, loaded when the first address is checked: most commands check none, and it takes a while."""
    return import_module("email_validator")
