"""What is looked at in what runs: mail and its server, anchors on their way, the outbox, the service."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import col, select

from cycle.adapters.addresses import valid_address
from cycle.adapters.greeting import no_greeting
from cycle.app.site import Site
from cycle.cycles.records import running
from cycle.errors import WrongInput
from cycle.journal.history import entries
from cycle.outbox.records import Mail, MailState
from cycle.outbox.rules.envelope import envelope_sender
from cycle.partners.records import bounced_partners
from cycle.service.anchoring import unsent_anchors
from cycle.service.doctor.examined import Examined, Health
from cycle.service.records import ANOTHER, ONCE, Pulse
from cycle.service.tick import SILENT_SECONDS

CONNECT_SECONDS = 5
# A service without a heartbeat for so long, and not stopped, is dead; a `cycle run --once` comes every five minutes.
DEAD_SECONDS = 600


def anchors(site: Site) -> Iterator[Examined]:
    """Whether the end of the history is kept elsewhere, and what of it has not gone there."""
    settings = site.settings.anchors
    if not settings.wanted:
        yield Examined(Health.WARNING, "no_anchors")
        return
    yield Examined(Health.GOOD, "anchors", {"mails": len(settings.mail), "folder": settings.folder or None})
    for address in settings.mail:
        if valid_address(address) is None:
            yield Examined(Health.BAD, "anchor_address", {"address": address})
    with site.journal.reading() as session:
        unsent = unsent_anchors(session)
    if unsent:
        facts = dict.fromkeys(("unclear", "failed", "waiting"), 0) | unsent
        yield Examined(Health.WARNING, "anchors_unsent", facts)


def mail(site: Site) -> Iterator[Examined]:
    """Whether mail can go: its sender, and the server or the folder that takes it. Raises WrongInput where none is named."""
    settings = site.settings
    if valid_address(settings.mail.sender) is None:
        yield Examined(Health.BAD, "no_sender", {"sender": settings.mail.sender})
    returns = settings.mail.bounce_domain
    if returns and valid_address(envelope_sender("<token@here>", "", returns)) is None:
        yield Examined(Health.BAD, "no_bounce_domain", {"domain": returns})
    if settings.mail.transport == "maildir":
        if (site.home / "mail").exists() and not (site.home / "mail").is_dir():
            yield Examined(Health.BAD, "maildir_no_folder", {"folder": site.home / "mail"})
            return
        yield Examined(Health.WARNING, "maildir", {"folder": site.home / "mail"})
        return
    if not settings.smtp.host:
        raise WrongInput("no_mail_server", file=site.home / "config" / "cycle.toml")
    host, port = settings.smtp.host, settings.smtp.port
    try:
        instead = no_greeting(host, port, tls=settings.smtp.tls == "tls", seconds=CONNECT_SECONDS)
    except OSError as error:
        yield Examined(Health.BAD, "server_down", {"host": host, "port": port, "problem": error})
        return
    if instead is None:
        yield Examined(Health.GOOD, "server", {"host": host, "port": port})
        return
    key, facts = instead
    problem = site.wording.sentence(key, **facts)
    yield Examined(Health.BAD, "server_garbage", {"host": host, "port": port, "problem": problem})


def outbox(site: Site) -> Iterator[Examined]:
    """Mails that somebody must look after, and partners whose address takes none."""
    with site.journal.reading() as session:
        states = list(session.exec(select(Mail.state).where(col(Mail.state).in_([MailState.UNCLEAR, MailState.FAILED]))))
        unreachable = bounced_partners(session)
    if MailState.UNCLEAR in states:
        yield Examined(Health.WARNING, "mails_unclear", {"count": states.count(MailState.UNCLEAR)})
    if MailState.FAILED in states:
        yield Examined(Health.WARNING, "mails_failed", {"count": states.count(MailState.FAILED)})
    if unreachable:
        yield Examined(Health.WARNING, "addresses_bounced", {"partners": unreachable})


def service(site: Site) -> Iterator[Examined]:
    """Whether the service runs, what troubles it had, and the years under way."""
    with site.journal.reading() as session:
        pulse = session.exec(select(Pulse)).first()
        last = next(iter(entries(session, types=["service.started", "service.stopped"], newest_first=True)), None)
        years = [cycle.label for cycle in running(session)]
    now = site.now()
    if pulse is None or pulse.beat_at is None:
        yield Examined(Health.WARNING, "no_service")
    else:
        seconds = int((now - pulse.beat_at).total_seconds())
        comes_and_goes = pulse.holder == ONCE
        died = not comes_and_goes and last is not None and last.type == "service.started" and seconds > DEAD_SECONDS
        if died:
            yield Examined(Health.BAD, "service_died", {"since": pulse.beat_at})
        else:
            silent = seconds > (DEAD_SECONDS if comes_and_goes else SILENT_SECONDS)
            yield Examined(Health.WARNING if silent else Health.GOOD, "service", {"seconds": seconds})
        yield from _troubles(pulse, now)
    yield Examined(Health.GOOD, "years", {"years": years})


def _troubles(pulse: Pulse, now: datetime) -> Iterator[Examined]:
    if pulse.trouble == ANOTHER and pulse.trouble_at and abs((now - pulse.trouble_at).total_seconds()) < SILENT_SECONDS:
        yield Examined(Health.WARNING, "two_services", {"holder": pulse.holder})
    if pulse.troubles:
        facts = {"count": pulse.troubles, "since": pulse.started_at, "at": pulse.trouble_at, "trouble": pulse.trouble}
        yield Examined(Health.WARNING, "service_troubles", facts)
