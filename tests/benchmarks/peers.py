"""What others send with: django-mailer and django-post-office on SQLite, each as its own documentation sets it up.

As a programme (`python -m tests.benchmarks.peers NAME COUNT PORT FOLDER < BODY`) it puts so many mails into its queue, sends
them, and prints the seconds that the sending alone took: putting into words and queueing are given to them for nothing.
"""

import importlib.util
import logging
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PEERS = {"django-mailer": "mailer", "django-post-office": "post_office"}
SUBJECT = "Einladung zum Frühjahrstreffen [IP-2025-{number:06}]"


def installed(name: str) -> bool:
    """Whether the extra `bench` is installed."""
    return all(importlib.util.find_spec(module) is not None for module in ("django", PEERS[name]))


def rate(name: str, count: int, port: int, folder: Path, body: str) -> float:
    """Mails a second of one of them, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.peers", name, str(count), str(port), str(folder)]
    told = subprocess.run(command, input=body, capture_output=True, text=True, check=True)
    return count / float(told.stdout)


def _send_all(name: str) -> Callable[[], Any]:
    if name == "django-mailer":
        from mailer.engine import send_all  # noqa: PLC0415 - it wants Django set up first

        return send_all
    from post_office.mail import send_queued  # noqa: PLC0415 - the same

    return send_queued


def _queue(name: str, count: int, body: str) -> None:
    from django.db import transaction  # noqa: PLC0415 - the same

    with transaction.atomic():  # all at once, so that it does not take minutes; it is not counted
        for number in range(count):
            to = f"verein{number:06}@verein.example.org"
            subject = SUBJECT.format(number=number)
            if name == "django-mailer":
                from mailer import send_mail  # noqa: PLC0415 - the same

                send_mail(subject, body, "cycle@stadt.example.org", [to])
            else:
                from post_office import mail  # noqa: PLC0415 - the same

                mail.send(to, "cycle@stadt.example.org", subject=subject, message=body)


def _set_up(name: str, port: int, folder: Path) -> None:
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
        POST_OFFICE={"BACKENDS": {"default": smtp}, "BATCH_SIZE": 100, "THREADS_PER_PROCESS": 5, "CELERY_ENABLED": False},
        EMAIL_USE_LOCALTIME=False,
    )
    django.setup()
    call_command("migrate", verbosity=0)


def main() -> None:
    """Queue, send, print the seconds."""
    name, count, port, folder = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    body = sys.stdin.read()
    logging.disable(logging.CRITICAL)
    _set_up(name, port, folder)
    _queue(name, count, body)
    send = _send_all(name)
    begun = time.perf_counter()
    while _left(name):
        send()
    sys.stdout.write(str(time.perf_counter() - begun))


def _left(name: str) -> int:
    if name == "django-mailer":
        from mailer.models import Message  # noqa: PLC0415 - the same

        return int(Message.objects.count())
    from post_office.models import STATUS, Email  # noqa: PLC0415 - the same

    return int(Email.objects.filter(status=STATUS.queued).count())


if __name__ == "__main__":
    main()
