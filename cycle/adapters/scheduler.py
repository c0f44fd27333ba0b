"""The one door to APScheduler: an alarm clock that holds no reminder and may lose every job without harm."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

NEXT = "next"


class Alarm:
    """Calls back at the next due instant. Re-armed after every tick; what it misses, the heartbeat makes up for."""

    def __init__(self, wake: Callable[[], Awaitable[None]], *, on_trouble: Callable[[str], None]) -> None:
        self._wake = wake
        self._on_trouble = on_trouble
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        self._scheduler.add_listener(self._listen, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)

    def start(self) -> None:
        """Start; only inside a running event loop."""
        self._scheduler.start()

    def arm(self, at: datetime) -> None:
        """Call back at that instant, instead of any set before."""
        self._scheduler.add_job(self._wake, DateTrigger(at), id=NEXT, replace_existing=True)

    def poke(self) -> None:
        """Wake the scheduler up: one exception inside its job store would stop it for good."""
        self._scheduler.wakeup()

    def pause(self) -> None:
        """Start nothing new."""
        self._scheduler.pause()

    def stop(self) -> None:
        """End. What is running must have been waited for: the scheduler would cancel it."""
        self._scheduler.shutdown(wait=False)

    def _listen(self, event: Any) -> None:
        self._on_trouble(type(event).__name__ if event.code != EVENT_JOB_ERROR else repr(event.exception))
