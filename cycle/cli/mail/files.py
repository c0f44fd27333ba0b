"""Writing a mail into files, to look at it before it goes: its HTML part for a browser, its bytes for a mail program."""

from pathlib import Path

from cycle.adapters.files import write_whole
from cycle.cli import shell
from cycle.cli.words import word
from cycle.errors import NotFound


def write_files(number: int, *, html: Path | None, eml: Path | None) -> dict[str, Path]:
    """Write what was asked for, as the mail would go out now; the files by their kind.

    Raises:
        NotFound: for an unknown mail, or one that will not go (`mail_is_stale`).
        WrongInput: if a file cannot be written.
    """
    from cycle.adapters.addresses import valid_address
    from cycle.outbox.records import mail_of
    from cycle.reminders.actions.compose import Stale
    from cycle.reminders.rules.ladder import Why
    from cycle.service.write import composer_of, message_of

    site = shell.site()
    now = site.now()
    with site.reading() as (session, _):
        mail = mail_of(session, number)
        composed = composer_of(site, session, now).compose(mail)
        if isinstance(composed, Stale):
            raise NotFound("mail_is_stale", mail=number, why=word(f"why.{composed.why.value}"))
        address = valid_address(composed.address)
        if address is None:
            raise NotFound("mail_is_stale", mail=number, why=word(f"why.{Why.NO_ADDRESS.value}"))
        wanted = {
            "html": (html, composed.html.encode("utf-8")),
            "eml": (eml, message_of(site, mail, composed, address, now)),
        }
    written = {}
    for kind, (file, content) in wanted.items():
        if file is not None:
            write_whole(file, content)
            written[kind] = file
    return written
