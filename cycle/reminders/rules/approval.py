"""What a person approves: a hash over the words and the recipient of each letter of a batch, and over the whole batch."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

# So many digits of a hash are enough to name a batch that was seen.
LEAST_DIGITS = 12


def words_sha256(words: Mapping[str, Any]) -> str:
    """The hash of one letter: everything that its reader gets to see, and where it goes."""
    text = json.dumps(words, ensure_ascii=False, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def batch_sha256(letters: Sequence[tuple[str, str]]) -> str:
    """The hash of a batch: of each letter, in the order made, its reader and the hash of its words."""
    return hashlib.sha256("\n".join(f"{person} {digest}" for person, digest in letters).encode()).hexdigest()


def seen_before(letters: Sequence[tuple[str, str]], seen: str) -> int | None:
    """How many of the letters, from the first, were the batch whose hash somebody has seen: all, fewer, or None.

    `seen` may be shortened to its first digits.
    """
    for count in range(len(letters), 0, -1):
        if batch_sha256(letters[:count]).startswith(seen.lower()):
            return count
    return None
