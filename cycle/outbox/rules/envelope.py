"""The sender on the envelope: where what cannot be delivered comes back to, and which mail it says it was (VERP)."""

import re

BOUNCE = "bounce+"
_RETURNED = re.compile(r"bounce\+([0-9a-z]+)@", re.IGNORECASE)


def envelope_sender(message_id: str, sender: str, bounce_domain: str) -> str:
    """`bounce+TOKEN@domain`, the token being what stands before the @ of the Message-ID; without a domain the sender."""
    if not bounce_domain:
        return sender
    return f"{BOUNCE}{message_id.strip('<>').partition('@')[0]}@{bounce_domain}"


def tokens_in(text: str) -> list[str]:
    """The tokens of every such address in a text, in lower case: relays may change the case."""
    return list(dict.fromkeys(token.lower() for token in _RETURNED.findall(text)))
