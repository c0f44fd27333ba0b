"""How a file is named where it is kept, and which level a share reaches. Pure."""

import unicodedata
from collections.abc import Mapping
from pathlib import PurePath

LONGEST_NAME = 100
LONGEST_ENDING = 10


def plain_name(name: str) -> str:
    """A file's name as it is kept: composed letters, nothing unprintable, at most 100 characters with its ending."""
    printable = "".join(c if c.isprintable() else "_" for c in unicodedata.normalize("NFC", name))
    ending = PurePath(printable).suffix[:LONGEST_ENDING]
    return printable if len(printable) <= LONGEST_NAME else printable[: LONGEST_NAME - len(ending)] + ending


def level_reached(percent: int | None, thresholds: Mapping[str, int]) -> str | None:
    """The highest level whose threshold (in percent) is reached, None for none."""
    reached = [(least, name) for name, least in thresholds.items() if percent is not None and percent >= least]
    return max(reached)[1] if reached else None
