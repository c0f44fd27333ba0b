"""Header lines of a mail: mailboxes, subjects, ids. What could end a line is refused, what is not ASCII is encoded.

Not `email.message`: on Python 3.11 its folding loses spaces between encoded words, and it is twenty times slower.
"""

import binascii
import re
import string
from functools import lru_cache

from cycle.errors import WrongInput

MAX_LINE = 76

_BARE_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")  # RFC 5322, atoms
_TOKEN = re.compile(r"[!-;=?-~]+")  # printable ASCII without space and angle brackets
_ADDRESS = re.compile(r"[!-;=?A-~]+@[!-;=?A-~]+")
# What could end the line (U+2028 and U+2029 with it), and what cannot be written as UTF-8.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BARE = frozenset(string.ascii_letters + string.digits + "!*+-/")  # what a name may hold as it is, RFC 2047 §5 (3)
_WORD = ("=?utf-8?{}?", "?=")
_AROUND = len("=?utf-8?q??=")


def mailbox(header: str, name: str, address: str) -> str:
    """`From: Name <address>`. Raises WrongInput: `header_injection` with the `header`."""
    _refuse_controls(header, name)
    if not _ADDRESS.fullmatch(address):
        raise WrongInput("header_injection", header=header)
    name = re.sub(" +", " ", name).strip(" ")
    if not name:
        return _folded(header, address)
    phrase = name if _BARE_PHRASE.fullmatch(name) else '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    if not _plain(f"{header}: {phrase}"):
        phrase = _encoded(header, name)
    line = f"{header}: {phrase} <{address}>"
    return line if len(line.rsplit("\r\n", 1)[-1]) <= MAX_LINE else f"{header}: {phrase}\r\n <{address}>"


def unstructured(header: str, value: str) -> str:
    """`Subject: value`. Raises WrongInput: `header_injection` with the `header`."""
    _refuse_controls(header, value)
    plain = _plain(f"{header}: {value}") and value == value.strip(" ")
    return f"{header}: {value if plain else _encoded(header, value)}"


def message_ids(header: str, ids: tuple[str, ...]) -> str:
    """`References: <one@domain>` with one id a line. Raises WrongInput: `header_injection` with the `header`."""
    for each in ids:
        if not (each.startswith("<") and each.endswith(">") and _ADDRESS.fullmatch(each[1:-1])):
            raise WrongInput("header_injection", header=header)
    return _folded(header, "\r\n ".join(ids))


def unsubscribe(where: str) -> list[str]:
    """The lines of RFC 2369 for a `mailto:` address; for an `https:` address also the one click of RFC 8058.

    Raises:
        WrongInput: `header_injection` with the `header`.
    """
    if not (where.startswith(("mailto:", "https://")) and _TOKEN.fullmatch(where)):
        raise WrongInput("header_injection", header="List-Unsubscribe")
    line = _folded("List-Unsubscribe", f"<{where}>")
    return [line] if where.startswith("mailto:") else [line, "List-Unsubscribe-Post: List-Unsubscribe=One-Click"]


def _folded(header: str, value: str) -> str:
    first = value.split("\r\n", 1)[0]
    return f"{header}:{' ' if len(header) + 2 + len(first) <= MAX_LINE else chr(13) + chr(10) + ' '}{value}"


def _plain(line: str) -> bool:
    return line.isascii() and len(line) <= MAX_LINE and "=?" not in line


@lru_cache(maxsize=1000)  # the sender of a mail to all is the same 150 times
def _encoded(header: str, value: str) -> str:
    """The value as encoded words (RFC 2047): as many characters a line as fit, none of them cut in two."""
    pieces = [_quoted(character) for character in value]
    octets = len(value.encode("utf-8"))
    in_base64 = sum(map(len, pieces)) > (octets + 2) // 3 * 4
    room = MAX_LINE - len(header) - len(": ") - _AROUND
    words: list[str] = []
    inside: list[str] = []
    used = 0
    for character, piece in zip(value, pieces, strict=True):
        size = len(character.encode("utf-8")) if in_base64 else len(piece)
        if used + size > (room // 4 * 3 if in_base64 else room):
            words.append("".join(inside))
            inside, used, room = [], 0, MAX_LINE - len(" ") - _AROUND
        inside.append(character if in_base64 else piece)
        used += size
    words.append("".join(inside))
    kind = "b" if in_base64 else "q"
    return "\r\n ".join(_WORD[0].format(kind) + (_base64(word) if in_base64 else word) + _WORD[1] for word in words)


@lru_cache(maxsize=4000)
def _quoted(character: str) -> str:
    if character == " ":
        return "_"
    if character in _BARE:
        return character
    return "".join(f"={octet:02X}" for octet in character.encode("utf-8"))


def _base64(text: str) -> str:
    return binascii.b2a_base64(text.encode("utf-8"), newline=False).decode("ascii")


def _refuse_controls(header: str, value: str) -> None:
    if _CONTROL.search(value):
        raise WrongInput("header_injection", header=header)
