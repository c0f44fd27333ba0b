"""What others send with: django-mailer and django-post-office on SQLite, each as its own documentation sets it up.

As a programme (`python -m tests.benchmarks.peers NAME COUNT PORT FOLDER BATCH`, the letter as JSON on standard input) it puts
so many mails into its queue, sends them, and prints the seconds that putting into words and sending took. Queueing is given to
them for nothing, and of the letter only reference and name are left to fill in: text and HTML, as `cycle` sends them.

django-mailer writes down each mail as it has gone. django-post-office writes down a batch when all of it has gone: who is
killed before that sends it again. So it is measured with the batch of its documentation, and with one that leaves no more
mails in doubt than `cycle` does.
"""

import importlib.util
import json
import logging
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

PEERS = {"django-mailer": "mailer", "django-post-office": "post_office"}
BATCH = 100  # django-post-office's own
THREADS = 10
SUBJECT = "[{{ reference }}] Einladung zum Frühjahrstreffen"
SENDER = "cycle@stadt.example.org"


def installed(name: str) -> bool:
    """Whether the extra `bench` is installed."""
    return all(importlib.util.find_spec(module) is not None for module in ("django", PEERS[name]))


def rate(name: str, count: int, port: int, folder: Path, letter: Mapping[str, str], batch: int) -> float:
    """Mails a second of one of them, in a process of its own; `batch` is for the one that has any."""
    command = [sys.executable, "-m", "tests.benchmarks.peers", name, str(count), str(port), str(folder), str(batch)]
    told = subprocess.run(command, input=json.dumps(letter), capture_output=True, text=True, check=True)
    return count / float(told.stdout)


def _send_all(name: str) -> Callable[[], Any]:
    if name == "django-mailer":
        from mailer.engine import send_all  # noqa: PLC0415 - it wants Django set up first

        return send_all
    from post_office.mail import send_queued  # noqa: PLC0415 - the same

    return send_queued


def _queue(name: str, count: int, letter: Mapping[str, str]) -> float:
    """Queue the mails; the seconds that it took to put into words what is not put into words when it is sent."""
    from django.db import transaction  # noqa: PLC0415 - the same

    facts = [{"reference": f"IP-2025-{number}", "name": f"Verein {number}"} for number in range(count)]
    to = [f"verein{number:06}@verein.example.org" for number in range(count)]
    with transaction.atomic():  # all at once, so that it does not take minutes
        if name == "django-post-office":
            from post_office import mail  # noqa: PLC0415 - the same
            from post_office.models import EmailTemplate  # noqa: PLC0415 - the same

            template = EmailTemplate.objects.create(
                name="letter", subject=SUBJECT, content=letter["text"], html_content=letter["html"]
            )
            for address, about in zip(to, facts, strict=True):
                mail.send(address, SENDER, template=template, context=about, render_on_delivery=True)
            return 0.0
        from django.template import Context, Template  # noqa: PLC0415 - the same
        from mailer import send_html_mail  # noqa: PLC0415 - the same

        begun = time.perf_counter()
        plain, html, subject = (Template(source) for source in (letter["text"], letter["html"], SUBJECT))
        written = [
            (subject.render(context), plain.render(context), html.render(Context(about)))
            for about in facts
            for context in [Context(about, autoescape=False)]
        ]
        taken = time.perf_counter() - begun
        for address, (subject_line, text, html_text) in zip(to, written, strict=True):
            send_html_mail(subject_line, text, html_text, SENDER, [address])
        return taken


def _set_up(name: str, port: int, folder: Path, batch: int) -> None:
    import django  # noqa: PLC0415 - only where the extra is installed
    from django.conf import settings  # noqa: PLC0415 - the same
    from django.core.management import call_command  # noqa: PLC0415 - the same

    backend = {"django-mailer": "mailer.backend.DbBackend", "django-post-office": "post_office.EmailBackend"}[name]
    smtp = "django.core.mail.backends.smtp.EmailBackend"
    settings.configure(
        SECRET_KEY="measured",
        USE_TZ=True,
        INSTALLED_APPS=["django.contrib.contenttypes", PEERS[name]],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / f"{PEERS[name]}.db")}},
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        EMAIL_BACKEND=backend,
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
        MAILER_EMAIL_BACKEND=smtp,
        MAILER_USE_FILE_LOCK=False,
        POST_OFFICE={
            "BACKENDS": {"default": smtp},
            "BATCH_SIZE": batch,
            "THREADS_PER_PROCESS": min(batch, THREADS),
            "CELERY_ENABLED": False,
        },
        EMAIL_USE_LOCALTIME=False,
    )
    django.setup()
    call_command("migrate", verbosity=0)


def main() -> None:
    """Queue, send, print the seconds."""
    name, count, port, folder, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]), int(sys.argv[5])
    letter = json.load(sys.stdin)
    logging.disable(logging.CRITICAL)
    _set_up(name, port, folder, batch)
    wording = _queue(name, count, letter)
    send = _send_all(name)
    begun = time.perf_counter()
    while _left(name):
        send()
    sys.stdout.write(str(wording + time.perf_counter() - begun))


def _left(name: str) -> int:
    if name == "django-mailer":
        from mailer.models import Message  # noqa: PLC0415 - the same

        return int(Message.objects.count())
    from post_office.models import STATUS, Email  # noqa: PLC0415 - the same

    return int(Email.objects.filter(status=STATUS.queued).count())


if __name__ == "__main__":
    main()
