"""What is wrong with a site and how to mend it: each thing looked at by itself, so that one fault hides no other."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from cycle.adapters.addresses import valid_address
from cycle.adapters.database import safe_wal, sqlite_file
from cycle.adapters.greeting import no_greeting
from cycle.adapters.templates import LETTER, Letters, Part
from cycle.app.erasures import pending
from cycle.app.furnishing import load_settings, wording_of
from cycle.app.opening import open_site
from cycle.app.proof import sentences
from cycle.app.rollback import behind
from cycle.app.site import Site
from cycle.cycles.records import running
from cycle.documents.rules import MOST_ATTACHED
from cycle.errors import CycleError, WrongInput
from cycle.journal.history import entries
from cycle.journal.verify import verify
from cycle.outbox.records import Mail, MailState
from cycle.outbox.rules.envelope import envelope_sender
from cycle.partners.records import ENDED, Partner, bounced_partners
from cycle.reminders.actions.scene import ANSWERS
from cycle.reminders.actions.scene.specimen import specimen
from cycle.service.anchoring import unsent_anchors
from cycle.service.enclosing import not_enclosed
from cycle.service.records import ANOTHER, ONCE, Pulse
from cycle.service.tick import SILENT_SECONDS
from cycle.settings import unknown_variables
from cycle.wording import Wording

CONNECT_SECONDS = 5
# A service without a heartbeat for so long, and not stopped, is dead; a `cycle run --once` comes every five minutes.
DEAD_SECONDS = 600
_MOST_PROBLEMS = 5  # of one file; the others are told by the command that reads it
# Given to every letter by its surroundings, not by a scene.
AROUND = frozenset({"reference", "parts"})
# Given to the HTML of every letter, beside what its text's surroundings get.
LAYOUT = frozenset({"subject", "written", "lang", "block", "reference", "plan", "cycle", "sender", "recipient", "org", "city"})


class Health(StrEnum):
    """How bad it is: only BAD makes the command fail."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True)
class Examined:
    """One thing looked at: its key in the wording, and the facts."""

    health: Health
    key: str
    facts: dict[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The same in JSON."""
        return {"health": self.health.value, "key": self.key, "facts": {n: _plain(v) for n, v in self.facts.items()}}


def examine(home: Path) -> list[Examined]:
    """Everything that can be looked at without changing anything."""
    found: list[Examined] = []
    words = wording_of(home, os.environ.get("CYCLE_LANGUAGE", "de"))
    for name in unknown_variables(list(os.environ)):
        found.append(Examined(Health.WARNING, "unknown_variable", {"variable": name}))
    try:
        words = wording_of(home, load_settings(home).language)
        found.append(Examined(Health.GOOD, "settings"))
        site = open_site(home)
    except CycleError as error:
        return [*found, _error(error, words)]
    try:
        for look in (
            _database,
            _journal,
            _guard,
            _erasures,
            _anchors,
            _workflow,
            _calendars,
            _templates,
            _documents,
            _mail,
            _outbox,
            _service,
        ):
            found += _looked(look, site)
    finally:
        site.database.dispose()
    return _once(found)


def _looked(look: Callable[[Site], Iterator[Examined]], site: Site) -> list[Examined]:
    found: list[Examined] = []
    try:
        for each in look(site):
            found.append(each)  # one by one: what was seen before an error counts
    except CycleError as error:
        found.append(_error(error, site.wording))
    return found


def _once(found: list[Examined]) -> list[Examined]:
    """Without the errors told before: several looks need the workflow, and each meets the same mistakes in it."""
    told: list[Examined] = []
    for each in found:
        if each.key != "error" or each.document() not in [other.document() for other in told]:
            told.append(each)
    return told


def _error(error: CycleError, words: Wording) -> Examined:
    told = getattr(error, "problems", ())
    lines = [words.problem(problem) for problem in told[:_MOST_PROBLEMS]]
    if len(told) > _MOST_PROBLEMS:
        lines.append(words.sentence("doctor.more_problems", count=len(told) - _MOST_PROBLEMS))
    problems = "".join(f"\n  {line}" for line in lines)
    sentence = words.sentence(error.key, **error.facts)
    return Examined(Health.BAD, "error", {"error": error, "sentence": sentence, "problems": problems})


def _plain(value: Any) -> Any:
    if isinstance(value, CycleError):
        return value.key
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, OSError):
        return value.strerror or str(value)
    return value if isinstance(value, int | list | None) else str(value)


def _database(site: Site) -> Iterator[Examined]:
    if site.database.kind == "sqlite":
        yield Examined(Health.GOOD, "sqlite", {"mode": site.database.journal_mode, "safe": safe_wal()})
    else:
        yield Examined(Health.GOOD, "postgresql")
    if site.sandbox:
        yield Examined(Health.WARNING, "sandbox")


def _journal(site: Site) -> Iterator[Examined]:
    verdict = verify(site.database)
    if verdict.intact:
        yield Examined(Health.GOOD, "journal", {"entries": verdict.entries})
    else:
        told = sentences(site, verdict)
        yield Examined(Health.BAD, "journal_broken", {"count": len(told), "first": told[0]})


def _guard(site: Site) -> Iterator[Examined]:
    found = behind(site)
    if found is not None:
        refusal = found.refusal()
        yield Examined(Health.BAD, "behind", {"sentence": site.wording.sentence(refusal.key, **refusal.facts)})
        return
    last_seen = site.journal.last_seen
    if last_seen is None:
        return
    problem = last_seen.keep()
    file, database = last_seen.file, sqlite_file(site.database.url)
    if problem is not None or file is None:
        yield Examined(Health.WARNING, "guard_unwritable", {"problem": problem or "HOME"})
    elif database is not None and file.absolute().is_relative_to(database.absolute().parent):
        yield Examined(Health.WARNING, "guard_beside", {"file": file})


def _erasures(site: Site) -> Iterator[Examined]:
    with site.journal.reading() as session:
        waiting = pending(site, session)
    if waiting:
        yield Examined(Health.BAD, "erasures_wait", {"count": len(waiting)})


def _anchors(site: Site) -> Iterator[Examined]:
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


def _workflow(site: Site) -> Iterator[Examined]:
    workflow = site.workflow()
    yield Examined(Health.GOOD, "workflow", {"plan": workflow.plan.id, "version": workflow.plan.version})


def _calendars(site: Site) -> Iterator[Examined]:
    calendars = site.calendars(site.workflow())
    last = min(calendar.last.year for calendar in calendars.values())
    health = Health.WARNING if last <= site.today().year + 1 else Health.GOOD
    yield Examined(health, "calendars", {"year": last})


def _templates(site: Site) -> Iterator[Examined]:
    workflow = site.workflow()
    letters = Letters(site.folders("templates"), workflow.languages)
    readers = _readers(site)
    for language in dict.fromkeys([*workflow.languages, *readers]):
        for template in (LETTER, *workflow.mails.every):
            try:
                yield from _template(letters, template, language, specimen(workflow.dates))
            except CycleError as error:  # told as one fault: the other templates are tried all the same
                yield _error(error, site.wording)
    kinds = workflow.mails
    for language, count in readers.items():
        wanted = (LETTER, *kinds.request, *kinds.reminder, *kinds.information)
        missing = [each for each in wanted if _is_missing(letters, each, language)]
        if missing:
            facts = {"language": language, "partners": count, "templates": missing, "first": workflow.languages[0]}
            yield Examined(Health.WARNING, "template_untranslated", facts)
    for language in workflow.languages:
        unknown = letters.layout_variables(language) - LAYOUT
        if unknown:
            yield Examined(
                Health.BAD, "template_unknown", {"template": f"{LETTER}.html", "language": language, "names": sorted(unknown)}
            )
    yield Examined(Health.GOOD, "templates", {"count": len(workflow.mails.every)})


def _template(letters: Letters, template: str, language: str, context: dict[str, Any]) -> Iterator[Examined]:
    """What is wrong with one template of one language: names that do not exist, else that it cannot be filled."""
    if letters.language_of(template, language) != language:
        return
    unknown = letters.variables(template, language) - ANSWERS.keys() - AROUND
    if unknown:
        facts = {"template": template, "language": language, "names": sorted(unknown)}
        yield Examined(Health.BAD, "template_unknown", facts)
    elif template == LETTER:
        letters.letter([Part("Subject", "text", language)] * 2, language, context)
    else:
        part = letters.render(template, language, context)
        if not part.subject.strip() or not part.body.strip():
            yield Examined(Health.BAD, "template_empty", {"template": template, "language": language})
        letters.own_html(template, language, context)


def _is_missing(letters: Letters, template: str, language: str) -> bool:
    try:
        return letters.language_of(template, language) != language
    except CycleError:
        return False  # told already


def _readers(site: Site) -> dict[str, int]:
    """How many partners that take part are written to in each language."""
    with site.journal.reading() as session:
        query = select(Partner.language).where(col(Partner.status).not_in(ENDED)).order_by(col(Partner.language))
        return dict(Counter(session.exec(query)))


def _documents(site: Site) -> Iterator[Examined]:
    gone, large = not_enclosed(site)
    if gone:
        yield Examined(Health.WARNING, "documents_gone", {"documents": gone})
    if large:
        yield Examined(Health.WARNING, "documents_not_attached", {"documents": large, "megabytes": MOST_ATTACHED // 1_000_000})


def _mail(site: Site) -> Iterator[Examined]:
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


def _outbox(site: Site) -> Iterator[Examined]:
    with site.journal.reading() as session:
        states = list(session.exec(select(Mail.state).where(col(Mail.state).in_([MailState.UNCLEAR, MailState.FAILED]))))
        unreachable = bounced_partners(session)
    if MailState.UNCLEAR in states:
        yield Examined(Health.WARNING, "mails_unclear", {"count": states.count(MailState.UNCLEAR)})
    if MailState.FAILED in states:
        yield Examined(Health.WARNING, "mails_failed", {"count": states.count(MailState.FAILED)})
    if unreachable:
        yield Examined(Health.WARNING, "addresses_bounced", {"partners": unreachable})


def _service(site: Site) -> Iterator[Examined]:
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
