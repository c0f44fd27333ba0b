"""Header values beyond ASCII as encoded words (RFC 2047): every line within 76 characters, no character cut in two.

Not `email.header`: it counts the length of what is left anew for every character, which was most of what building a mail cost.
"""

import base64
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

Part = TypeVar("Part", str, bytes)

MAX_LINE = 76
_AROUND = len("=?utf-8?q??=")
# What may stand for itself everywhere, also in the name before an address (RFC 2047 §5 (3)); `_` is a space.
_PLAIN = {ord(each): each for each in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/"} | {32: "_"}
_QUOTED = tuple(_PLAIN.get(byte, f"={byte:02X}") for byte in range(256))


@lru_cache(maxsize=1000)  # the sender of every mail is the same
def encoded(header: str, value: str) -> str:
    """The value after `header: `, in as many encoded words as it takes, one a line; the shorter of Q and B."""
    quoted = [_quoted(character) for character in value]
    first = MAX_LINE - len(header) - len(": ") - _AROUND
    following = MAX_LINE - len(" ") - _AROUND
    if sum(map(len, quoted)) > len(value.encode()) * 4 // 3:
        whole = [character.encode() for character in value]
        words = _filled(whole, first // 4 * 3, following // 4 * 3)
        return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(b''.join(word)).decode('ascii')}?=" for word in words)
    return "\r\n ".join(f"=?utf-8?q?{''.join(word)}?=" for word in _filled(quoted, first, following))


@lru_cache(maxsize=1000)
def _quoted(character: str) -> str:
    return "".join(_QUOTED[byte] for byte in character.encode())


def _filled(parts: Sequence[Part], first: int, following: int) -> list[list[Part]]:
    """The parts in order, in rows as long as there is room."""
    rows: list[list[Part]] = [[]]
    room = first
    for part in parts:
        if len(part) > room:
            rows.append([])
            room = following
        rows[-1].append(part)
        room -= len(part)
    return rows
