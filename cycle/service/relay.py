"""Where mails go by the settings, and how long one may take on its way."""

from datetime import timedelta

from cycle.adapters.maildir import MaildirTransport
from cycle.adapters.outcome import Transport
from cycle.adapters.smtp import Relay, RelaySettings, Tls
from cycle.app.site import Site
from cycle.errors import WrongInput
from cycle.outbox.actions import UNSENT_AT_ONCE
from cycle.service.memory import Pace

COMMANDS_BEFORE_DATA = 4
# How many mails are written into a folder at a time: what is the same for all of them is made durable once.
FOLDER_AT_ONCE = 50
FOLDER_LEASE = timedelta(minutes=1)
# How many mails are claimed and written ahead, and for how long they are nobody else's.
BATCH = 25
FOLDER_BATCH = 100  # a folder takes them before anything can change, and what a batch reads is asked once for all of it
CLAIM_LEASE = timedelta(minutes=1)


def transports(site: Site) -> list[Transport]:
    """Where mails go by the settings: one folder, or a pool of kept connections.

    Raises:
        WrongInput: without a host, or where a password would go in clear.
    """
    smtp = site.settings.smtp
    if site.settings.mail.transport == "maildir":
        return [MaildirTransport(site.home / "mail")] * FOLDER_AT_ONCE
    if not smtp.host:
        raise WrongInput("no_mail_server", file=site.home / "config" / "cycle.toml")
    relay = RelaySettings(
        host=smtp.host,
        port=smtp.port,
        tls=Tls(smtp.tls),
        username=smtp.username or None,
        password=smtp.password.get_secret_value() or None,
        connect_seconds=smtp.connect_timeout_seconds,
        command_seconds=smtp.command_timeout_seconds,
        data_seconds=smtp.data_timeout_seconds,
    )
    return [Relay(relay) for _ in range(smtp.pool)]


def batch_of(site: Site) -> int:
    """How many mails are claimed and written ahead: no more than go in a minute."""
    if site.settings.mail.transport == "maildir":
        return FOLDER_BATCH
    return min(BATCH, site.settings.smtp.per_minute or BATCH)


def pace_of(site: Site) -> Pace:
    """How many mails a minute the relay takes by the settings; a folder takes all."""
    return Pace(0 if site.settings.mail.transport == "maildir" else site.settings.smtp.per_minute)


def lease_of(site: Site) -> timedelta:
    """How long a mail may be under way by the time-outs of the settings; after that it is in doubt. Into a folder it is
    written in a moment."""
    if site.settings.mail.transport == "maildir":
        return FOLDER_LEASE
    smtp = site.settings.smtp
    before = smtp.connect_timeout_seconds + COMMANDS_BEFORE_DATA * smtp.command_timeout_seconds
    return timedelta(seconds=UNSENT_AT_ONCE * before + smtp.data_timeout_seconds)
