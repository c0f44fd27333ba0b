"""What a mail costs: built, sent and kept, near and far, beside what others send with and the fastest there is."""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from sqlmodel import select

from cycle.adapters.outcome import Outcome, OutcomeKind, Transport
from cycle.adapters.smtp import Relay, RelaySettings, Tls
from cycle.app.opening import open_site
from cycle.app.site import Site
from cycle.outbox.records import Mail
from cycle.outbox.rules.message import MailText, assemble
from cycle.reminders.actions.compose import Composed
from cycle.service.deliver import deliver
from cycle.service.write import composer_of
from tests.benchmarks import peers
from tests.benchmarks.figures import Figure, median, seconds_of
from tests.benchmarks.sink import sink
from tests.benchmarks.sites import environment, same_site, town_to_be_mailed

NEAR = 3000
NEAR_POOL = 10  # as in the table of peers that this is measured against
ROUNDS = 3
FAR_SECONDS = 0.03
FAR_EACH = 10
POOLS = (4, 10, 40)
# Others by name, with the size of their batches and the bound, 0 for none: in doubt after a kill is a batch at most.
PEERS = {
    "django-mailer's": ("django-mailer", 1, 4.0),
    f"django-post-office's, {NEAR_POOL} in doubt": ("django-post-office", NEAR_POOL, 2.0),
    f"django-post-office's, {peers.BATCH} in doubt": ("django-post-office", peers.BATCH, 0.0),
}
# Where `smtp-source` of Debian's postfix lies unpacked, if it is not installed.
UNPACKED = "SMTP_SOURCE"


def near(folder: Path) -> Iterator[Figure]:
    """Mails rendered, built, sent and each durably kept, in turn with others that render and send the same letter."""
    with sink() as port, town_to_be_mailed(folder, NEAR, port, CYCLE_SMTP__POOL=str(NEAR_POOL)) as home:
        letter = _letter(home)
        rates: dict[str, list[float]] = {name: [] for name in ("cycle", *PEERS)}
        for round in range(ROUNDS):
            with same_site(home, folder / f"near-{round}") as site:
                begun = time.perf_counter()
                sent = asyncio.run(deliver(site)).sent
                rates["cycle"].append(sent / (time.perf_counter() - begun))
                kept = f"{site.settings.smtp.pool} connections, SQLite {site.database.journal_mode}"
            for name, (peer, batch, _) in PEERS.items():
                if peers.installed(peer):
                    (folder / f"{name}-{round}").mkdir()
                    rates[name].append(peers.rate(peer, NEAR, port, folder / f"{name}-{round}", letter, batch))
        mine = median(rates["cycle"])
        for name, (_, _, bound) in PEERS.items():
            if rates[name]:
                theirs = median(rates[name])
                made_of = f"{mine:.0f} mails/s ({kept}) against {theirs:.0f}"
                yield Figure(f"mails near, of {name}", mine / theirs, "x", bound, made_of, at_least=True)
        limit = _smtp_source(port, len("".join(letter.values()).encode()))
        if limit is not None:
            made_of = f"{mine:.0f} mails/s against {limit:,.0f} of smtp-source, which only sends"
            yield Figure("mails near, of smtp-source's", mine / limit, "x", 0.0, made_of, at_least=True)


def _letter(home: Path) -> dict[str, str]:
    """The first mail as a template of Django's: its reference and the name of its reader are left open."""
    site = open_site(home)
    with site.journal.reading() as session:
        mail = session.exec(select(Mail).where(Mail.id == 1)).one()
        written = composer_of(site, session, site.now()).compose(mail)
    site.database.dispose()
    if not isinstance(written, Composed):
        raise RuntimeError("the first mail is stale")
    return {name: _open(text, written) for name, text in (("text", written.text), ("html", written.html))}


def _open(text: str, written: Composed) -> str:
    name = written.to_name.rpartition(" ")[2]
    if not name or text.count(name) == 0:
        raise RuntimeError(f"the letter does not name {name!r}")
    return text.replace(name, "{{ name }}", 1).replace(written.reference, "{{ reference }}")


def far(folder: Path) -> Iterator[Figure]:
    """A pool against one connection where each answer takes 30 ms: the connections by themselves, and whole deliveries."""
    message = assemble(MailText("<1@x.org>", None, "", "a@x.org", "", "b@x.org", "Betreff", "Text\n" * 60))
    with sink(FAR_SECONDS) as port:
        one = asyncio.run(_pool(port, 1, message))
        for size in POOLS:
            rate = asyncio.run(_pool(port, size, message))
            made_of = f"{rate:.1f} mails/s against {one:.2f} of one connection"
            yield Figure(f"a pool of {size} far", rate / one / size, "x", 0.95, made_of, at_least=True)
        with town_to_be_mailed(folder, FAR_EACH * (2 + sum(POOLS)) + 4 * max(POOLS), port) as home:
            site = open_site(home)
            _delivered(site, 1, 1)  # templates, calendars and statements are read
            alone = _delivered(site, 1, FAR_EACH)
            for size in POOLS:
                rate = _delivered(site, size, size * FAR_EACH)
                made_of = f"{rate:.1f} mails/s against {alone:.2f}, written and kept"
                yield Figure(f"a delivery by {size} far", rate / alone / size, "x", 0.95, made_of, at_least=True)
            site.database.dispose()


class _Counted:
    """A connection that counts the mails of all of its pool."""

    def __init__(self, relay: Transport, sent: list[float]) -> None:
        self._relay = relay
        self._sent = sent

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        outcome = await self._relay.send(sender, recipient, message)
        self._sent.append(time.perf_counter())
        return outcome

    async def close(self) -> None:
        await self._relay.close()


def _delivered(site: Site, size: int, mails: int) -> float:
    """Mails a second of a delivery that ends after so many."""
    sent: list[float] = []
    smtp = site.settings.smtp

    async def work() -> float:
        relays = [Relay(RelaySettings(host=smtp.host, port=smtp.port, tls=Tls.NONE)) for _ in range(size)]
        begun = time.perf_counter()
        await deliver(site, [_Counted(relay, sent) for relay in relays], stop=lambda: len(sent) >= mails)
        taken = time.perf_counter() - begun
        for relay in relays:
            await relay.close()
        return len(sent) / taken

    return asyncio.run(work())


async def _pool(port: int, size: int, message: bytes) -> float:
    relays = [Relay(RelaySettings(host="127.0.0.1", port=port, tls=Tls.NONE)) for _ in range(size)]

    async def work(relay: Relay, mails: int) -> None:
        for _ in range(mails):
            outcome = await relay.send("a@x.org", "b@x.org", message)
            if outcome.kind is not OutcomeKind.SENT:
                raise RuntimeError(outcome.text)

    await asyncio.gather(*(work(relay, 1) for relay in relays))  # connected
    begun = time.perf_counter()
    await asyncio.gather(*(work(relay, FAR_EACH) for relay in relays))
    taken = time.perf_counter() - begun
    for relay in relays:
        await relay.close()
    return size * FAR_EACH / taken


def _smtp_source(port: int, length: int) -> float | None:
    """Mails a second of Debian's smtp-source with as many connections; None where it is not installed."""
    program = os.environ.get(UNPACKED) or shutil.which("smtp-source")
    if program is None:
        return None
    mails = 20 * NEAR
    command = [program, "-s", "4", "-m", str(mails), "-l", str(length), "-d", "-f", "a@x.org", "-t", "b@x.org"]
    libraries = Path(program).parent.parent / "lib" / "postfix"
    with environment(LD_LIBRARY_PATH=str(libraries)):
        return mails / seconds_of(lambda: subprocess.run([*command, f"127.0.0.1:{port}"], check=True), 1)
