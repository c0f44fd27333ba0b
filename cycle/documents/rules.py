"""How a file is named where it is kept, and which level a share reaches. Pure."""

import mimetypes
import unicodedata
from collections.abc import Mapping
from pathlib import PurePath

LONGEST_NAME = 100
MOST_NAME_BYTES = 200  # a file system takes 255 as a rule, and the hash stands in front
LONGEST_ENDING = 10
# A mail grows by a third by base64, and many mail servers refuse one above 10 MB (RFC 5321, 4.5.3.1 sets no limit).
MOST_ATTACHED = 5_000_000
OCTETS = "application/octet-stream"
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"}
_SPELLED = str.maketrans(_UMLAUTS | dict(zip('łŁøØı–—"\\', "lLoOi--__", strict=True)))


def plain_name(name: str) -> str:
    """A file's name as it is kept: composed letters, nothing unprintable, at most 100 characters with its ending, and 200 bytes
    (letters of other scripts take up to four)."""
    printable = "".join(c if c.isprintable() else "_" for c in unicodedata.normalize("NFC", name))
    ending = PurePath(printable).suffix[:LONGEST_ENDING]
    name = printable if len(printable) <= LONGEST_NAME else printable[: LONGEST_NAME - len(ending)] + ending
    if len(name.encode()) <= MOST_NAME_BYTES:
        return name
    stem = name.removesuffix(ending)
    while len(f"{stem}{ending}".encode()) > MOST_NAME_BYTES:
        stem = stem[:-1]
    return f"{stem}{ending}"


def ascii_name(name: str) -> str:
    """A file's name as any mail program takes it: ASCII, without quotation marks (RFC 2183, 2.3); `document` in place of a
    name of which no letter and no digit is left."""
    ascii_only = unicodedata.normalize("NFKD", name.translate(_SPELLED)).encode("ascii", "ignore").decode()
    stem, dot, ending = " ".join(ascii_only.split()).rstrip(". ").rpartition(".")
    stem, ending = (stem.strip(), f"{dot}{ending}") if dot else (ending, "")
    return f"{stem if any(map(str.isalnum, stem)) else 'document'}{ending}"


def media_type(name: str) -> str:
    """The media type of a file by its ending; application/octet-stream for an unknown one (RFC 2046, 4.5.1)."""
    found, encoding = mimetypes.guess_type(name)
    return found if found and not encoding and not found.startswith(("text/", "message/", "multipart/")) else OCTETS


def level_reached(percent: int | None, thresholds: Mapping[str, int]) -> str | None:
    """The highest level whose threshold (in percent) is reached, None for none."""
    reached = [(least, name) for name, least in thresholds.items() if percent is not None and percent >= least]
    return max(reached)[1] if reached else None
