"""A service from its start to its stop: what must hold before it may begin, and the entries that say so."""

import asyncio
import gc
import signal

from cycle import __version__
from cycle.app.proof import prove
from cycle.app.rollback import demand_current
from cycle.app.site import Site
from cycle.journal.actor import SERVICE
from cycle.service.gap import gap_before
from cycle.service.loop import HEARTBEAT_SECONDS, Service


async def serve(site: Site, *, heartbeat_seconds: float = HEARTBEAT_SECONDS) -> None:
    """Run until SIGTERM or SIGINT, with nothing half done.

    Raises:
        Broken: if the journal does not verify, now or in a night to come; a service must not write on top of that.
        NotReady: if the database is behind what was seen of it before, or another one.
    """
    gc.enable()
    await asyncio.to_thread(demand_current, site)
    await asyncio.to_thread(prove, site)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    service = Service(site, heartbeat_seconds)
    gap = gap_before(site)
    if gap is not None:
        with site.journal.entry("service.gap", by=SERVICE, now=site.now()) as entry:
            entry.tell(**{"from": gap.since, "to": gap.until, "clean": gap.clean})
    _say(service, "service.started")
    if gap is not None:
        service.log("service_gap", since=gap.since.isoformat(), until=gap.until.isoformat(), clean=gap.clean)
    try:
        await service.run(stop)
    finally:
        if service.broken is None:
            _say(service, "service.stopped")
    if service.broken is not None:
        raise service.broken


def _say(service: Service, type: str) -> None:
    with service.site.journal.entry(type, by=SERVICE, now=service.site.now()) as entry:
        entry.tell(software=__version__)
    service.log(type.replace(".", "_"), software=__version__, holder=service.holder)
