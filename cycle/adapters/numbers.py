"""Whole numbers: how people write them, and what one may be, so that every database can hold it."""

import re

LARGEST = 2**31 - 1  # where PostgreSQL's integer ends
_WHOLE = re.compile(r"-?([0-9]{1,15}|[0-9]{1,3}(\.[0-9]{3}){1,4})")


def whole(text: str) -> int | None:
    """A whole number, with dots for thousands or without; None for anything else."""
    return int(text.replace(".", "")) if _WHOLE.fullmatch(text) else None
