"""The service's log: one JSON object a line on standard error, by stable keys; never an address or a name.

The one door to structlog, loaded by the service only: a plain command starts without it.
"""

import logging
import sys
import traceback
from collections.abc import Callable, MutableMapping
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from cycle.errors import CycleError


def open_log(now: Callable[[], datetime]) -> Callable[..., None]:
    """The log: called with an event and facts by name; each line also tells `at`, the site's time."""

    def stamp(_: Any, __: str, facts: MutableMapping[str, Any]) -> dict[str, Any]:
        return {"at": now().isoformat(timespec="seconds"), **facts}

    logger = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=[stamp, structlog.processors.JSONRenderer(default=str)],
    )

    def log(event: str, **facts: Any) -> None:
        logger.info(event, **facts)

    return log


class LibraryLog(logging.Handler):
    """Turns what a library warns of into lines of the log: which one, how bad, where; not its words, which hold anything."""

    def __init__(self, log: Callable[..., None]) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """One line a record."""
        error = record.exc_info[1] if record.exc_info else None
        told = told_of(error) if isinstance(error, Exception) else None
        self._log("library", library=record.name, level=record.levelname.lower(), line=record.lineno, error=told)


def told_of(error: Exception) -> str:
    """What may be logged of an error: key and facts of one a person can answer, else its kind and where it arose."""
    if isinstance(error, CycleError):
        facts = ", ".join(f"{name}={value}" for name, value in error.facts.items() if "@" not in str(value))
        return f"{error.key}: {facts}" if facts else error.key
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
