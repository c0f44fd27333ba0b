"""The one door to email-validator: is this an address that can be mailed?"""

from email_validator import EmailNotValidError, validate_email


def valid_address(text: str) -> str | None:
    """The address as it goes to the mail server, or None when no mail can go there.

    The domain is written in lower case and in its ASCII form (RFC 5891). Nothing is asked of the network. A part before
    the @ that is not ASCII gives None: it needs SMTPUTF8, which hardly any relay offers.
    """
    try:
        return validate_email(text, check_deliverability=False).ascii_email
    except EmailNotValidError:
        return None
