"""Where mails go by the settings, and how long one may take on its way."""

from datetime import timedelta

from cycle.adapters.smtp import MaildirTransport, Relay, RelaySettings, Tls, Transport
from cycle.app.site import Site
from cycle.errors import WrongInput
from cycle.outbox.actions import UNSENT_AT_ONCE
from cycle.service.memory import Pace

COMMANDS_BEFORE_DATA = 4
# Writing into a folder twice is harmless, as the file's name comes from the Message-ID; so there more are taken at once.
MAILDIR_BATCH = 50
MAILDIR_LEASE = timedelta(minutes=1)


def transports(site: Site) -> list[Transport]:
    """Where mails go by the settings: one folder, or a pool of kept connections.

    Raises:
        WrongInput: without a host, or where a password would go in clear.
    """
    smtp = site.settings.smtp
    if site.settings.mail.transport == "maildir":
        return [MaildirTransport(site.home / "mail")]
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


def batch_of(site: Site, pool: int) -> int:
    """How many mails are claimed at a time: those of a process that dies are in doubt."""
    return MAILDIR_BATCH if site.settings.mail.transport == "maildir" else pool


def pace_of(site: Site) -> Pace:
    """How many mails a minute the relay takes by the settings; a folder takes all."""
    return Pace(0 if site.settings.mail.transport == "maildir" else site.settings.smtp.per_minute)


def lease_of(site: Site, most: int) -> timedelta:
    """How long `most` claimed mails may be under way, by the time-outs and the pace of the settings; after that they are
    in doubt. Into a folder they are written in a moment, and what a dead process left is written again at once."""
    if site.settings.mail.transport == "maildir":
        return MAILDIR_LEASE
    smtp = site.settings.smtp
    before = smtp.connect_timeout_seconds + COMMANDS_BEFORE_DATA * smtp.command_timeout_seconds
    waiting = most * 60 / smtp.per_minute if smtp.per_minute else 0
    return timedelta(seconds=UNSENT_AT_ONCE * before + smtp.data_timeout_seconds + waiting)
