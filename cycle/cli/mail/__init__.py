"""`cycle mail`: what went out, what waits, what will go. One file a moment of a mail's life; here they get their names."""

from cycle.cli.helping import noun
from cycle.cli.mail.after import retry
from cycle.cli.mail.ahead import preview
from cycle.cli.mail.batch import approve, withhold
from cycle.cli.mail.explain import explain
from cycle.cli.mail.forecast import forecast
from cycle.cli.mail.letters import letters
from cycle.cli.mail.log import log
from cycle.cli.mail.looking import list_mails, show_mail
from cycle.cli.mail.queue import queue
from cycle.cli.mail.returned import bounce
from cycle.cli.mail.trial import try_out
from cycle.cli.words import word

app = noun("mail")
for name, command in (
    ("list", list_mails),
    ("show", show_mail),
    ("preview", preview),
    ("forecast", forecast),
    ("queue", queue),
    ("approve", approve),
    ("withhold", withhold),
    ("retry", retry),
    ("explain", explain),
    ("log", log),
    ("bounce", bounce),
    ("test", try_out),
    ("letters", letters),
):
    app.command(name, help=word(f"cli.mail.{name}"))(command)
