"""The form of the journal, `cycle-log/1`: canonical text, hashes, commitments. Pure; nothing here opens a database.

The form is published: a body is RFC 8785 JSON in a narrow profile (no floats, NFC strings, integers up to 2^53-1), and an
entry's hash is the RFC 6962 leaf hash of a four-line header, so that it can be checked without this program.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from functools import lru_cache
from typing import Any

SPEC = "cycle-log/1"
NO_HASH = "0" * 64
IDENTITY = 16  # hex digits of the first hash that name a log
LARGEST = 2**53 - 1
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_KEY = re.compile("[a-z0-9_]+")
_RECORDED_AT = '"recorded_at":"'
# Made once: json.dumps makes one at every call. What comes here is read from JSON or made by `profiled`: never a circle.
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False)


class OutsideProfile(TypeError):
    """A value that the journal's form has no place for: a float, a naive time, a string that is not NFC."""


def canonical(value: Any) -> str:
    """The canonical text of a value already in the profile (`profiled`)."""
    return _CANONICAL.encode(value)


def profiled(value: Any) -> Any:
    """The value as JSON of the profile: enums by value, days and times as text, tuples as lists.

    Raises:
        OutsideProfile: for floats, large integers, naive times, other types, strings outside NFC or with controls,
            keys that are not of [a-z0-9_]+ (others RFC 8785 sorts otherwise than Python).
    """
    if value is None or value is True or value is False:
        return value
    kind = type(value)
    if kind is str:
        return _text(value)
    if kind is int:
        if -LARGEST <= value <= LARGEST:
            return value
        raise OutsideProfile(f"{value} is larger than 2^53-1")
    if kind is dict:  # what most values are made of goes before the questions that cost more
        return {_key(name): profiled(inner) for name, inner in value.items()}
    if kind is list:
        return [profiled(inner) for inner in value]
    if isinstance(value, Enum):
        return profiled(value.value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_key(name): profiled(inner) for name, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [profiled(inner) for inner in value]
    raise OutsideProfile(f"{kind.__name__} {value!r} has no place in the journal")


def instant(moment: datetime) -> str:
    """A UTC time with six digits and Z. Raises OutsideProfile for a naive one."""
    if moment.tzinfo is None:
        raise OutsideProfile(f"{moment!r} has no time zone")
    return _in_utc(moment.astimezone(UTC))


@lru_cache(maxsize=256)  # an entry says its own moment in several places; of local times two may be equal that are not the same
def _in_utc(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def parse_instant(text: str) -> datetime:
    """The moment that `instant` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def recorded_at_of(body: str) -> str:
    """When an entry was recorded, from its canonical body without reading all of it: the last of its names that is written so,
    since keys are sorted, what follows has no such key, and a quotation mark in a text is escaped.

    Raises:
        ValueError: for a body that does not say it.
    """
    at = body.rindex(_RECORDED_AT) + len(_RECORDED_AT)
    return body[at : body.index('"', at)]


def body_sha256(body: str) -> str:
    """The hex SHA-256 of a body's UTF-8 bytes."""
    return hashlib.sha256(body.encode()).hexdigest()


def entry_hash(seq: int, prev: str, body: str) -> str:
    """The hash of an entry: SHA-256 of 0x00 and its header, the RFC 6962 leaf hash."""
    return leaf(header(seq, prev, body_sha256(body)))


def header(seq: int, prev: str, body_hash: str) -> bytes:
    """The four lines that are hashed; the last ends in a newline too."""
    return f"{SPEC}\n{seq}\n{prev}\n{body_hash}\n".encode()


def leaf(data: bytes) -> str:
    """The RFC 6962 leaf hash, hex."""
    return hashlib.sha256(b"\x00" + data).hexdigest()


def anchor_line(first: str, seq: int, digest: str) -> str:
    """The line that fixes a history up to an entry: the begin of its first hash, the entry's number, the entry's hash."""
    return f"{SPEC} {first[:IDENTITY]} {seq} {digest}"


def export_line(seq: int, prev: str, body: str, digest: str, *, shown: bool) -> str:
    """An entry as one line of JSON: whole, or, where it is withheld, only what closes the chain (cycle-log/1). Of what no
    sound journal holds (bytes for a text) at least what it looks like."""
    said = {"body": body} if shown else {"body_sha256": body_sha256(body)}
    line = {"seq": seq, "prev": prev, **said, "hash": digest}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"), default=str)


def root(hashes: Sequence[str]) -> bytes:
    """The RFC 6962 tree over entry hashes 1..n. Raises ValueError without any."""
    if not hashes:
        raise ValueError("a tree needs a leaf")
    if len(hashes) == 1:
        return bytes.fromhex(hashes[0])
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root(hashes[:split]) + root(hashes[split:])).digest()


def commitment(salt: bytes, text: str) -> str:
    """The hex commitment to the canonical text of a private value: SHA-256 of 0x02, 32 bytes of salt, and the text."""
    return hashlib.sha256(b"\x02" + salt + text.encode()).hexdigest()


@lru_cache(maxsize=4096)
def _key(name: Any) -> str:
    if isinstance(name, str) and _KEY.fullmatch(name):
        return name
    raise OutsideProfile(f"{name!r} is no key of [a-z0-9_]+")


def _text(value: str) -> str:
    if value.isascii():
        if value.isprintable():
            return value
    elif not unicodedata.is_normalized("NFC", value):
        raise OutsideProfile(f"{value!r} is not NFC")
    if _FORBIDDEN.search(value):
        raise OutsideProfile(f"{value!r} holds a control character or a lone surrogate")
    return value
