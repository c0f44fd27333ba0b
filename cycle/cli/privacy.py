"""`cycle privacy`: what is kept about a person, whose time has come, the offer to the archive."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli import output, shell
from cycle.cli.helping import noun
from cycle.cli.options import Day, DryRun, Json, Reason
from cycle.cli.words import language, word

if TYPE_CHECKING:
    from cycle.app.privacy import Dossier
    from cycle.app.retention import Due

app = noun("privacy")
OfContact = Annotated[list[str] | None, typer.Option("--contact", metavar="NR", help=word("opt.contacts"), show_default=False)]
SHOWN = 60


@app.command("report", help=word("cli.privacy.report"))
def report(
    partner: Annotated[
        int | None, typer.Argument(metavar="PARTNER", min=0, max=LARGEST, help=word("arg.partner"), show_default=False)
    ] = None,
    contact: OfContact = None,
    login: Annotated[
        str | None, typer.Option("--login", metavar="LOGIN|p:…", help=word("opt.login_report"), show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    from cycle.app.privacy import dossiers
    from cycle.errors import WrongInput

    if (partner is None) == (login is None):
        raise WrongInput("report_of_whom")
    if partner is None or login is not None:
        _staff_report(login or "", json=json)
        return

    with shell.reading() as answer:
        found = dossiers(answer.session, answer.site.workflow(), partner, contact or ())
        persons = [_document(answer.session, each) for each in found]
    if json:
        output.as_json({"schema": "cycle/privacy/1", "partner": partner, "persons": persons})
        return
    if not persons:
        output.say("privacy.nobody", partner=partner)
    for person in persons:
        columns = [("col.field", "left"), ("col.value", "left")]
        output.as_table(shell.sentence("title.privacy", ref=person["ref"]), columns, list(_lines(person)))
    output.say("privacy.outside")


@app.command("due", help=word("cli.privacy.due"))
def due(
    on: Day = None,
    erase: Annotated[bool, typer.Option("--erase", help=word("opt.erase"))] = False,
    reason: Reason = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    if erase:
        _erase(reason=reason, on=on, dry_run=dry_run, json=json)
        return
    from cycle.app.retention import due as due_on

    with shell.reading() as answer:
        settings = answer.site.settings
        day = on or answer.today
        found = due_on(answer.session, settings.retention, settings.city.organiser, day)
    columns = [("col.class", "left"), ("col.no", "right"), ("col.partner", "right"), ("col.kept_from", "left")]
    columns += [("col.kept_until", "left"), ("col.archive", "left")]
    rows = [[word(f"kept.{each.kind}"), each.number, each.partner, each.ended, each.until, _archive(each)] for each in found]
    document = {"on": day, "due": [_due_document(each) for each in found]}
    output.show("title.due", columns=columns, rows=rows, json=json, schema="cycle/privacy-due/1", document=document)
    if found and not json:
        output.say("next", command="cycle privacy due --erase --dry-run")


@app.command("offer", help=word("cli.privacy.offer"))
def offer(
    partners: Annotated[
        list[int] | None, typer.Argument(metavar="PARTNER…", min=0, max=LARGEST, help=word("arg.partners"), show_default=False)
    ] = None,
    all_due: Annotated[bool, typer.Option("--due", help=word("opt.offer_due"))] = False,
    on: Day = None,
    reason: Reason = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.app.privacy import offer as offered
    from cycle.app.retention import waiting_for_offer
    from cycle.errors import WrongInput

    settings = shell.site().settings
    with shell.writing("partner.edited", "forget", reason=reason, on=on, dry_run=dry_run) as (entry, _):
        waiting = waiting_for_offer(entry.session, settings.retention, settings.city.organiser, entry.today) if all_due else []
        if all_due and not partners and not waiting:
            raise WrongInput("offer_nothing_waits")
        changed = offered(entry, [*(partners or ()), *waiting], entry.effective_on)
    numbers = [each.number for each in changed]
    output.done(
        "offered",
        entry=entry,
        json=json,
        dry_run=dry_run,
        partners=numbers,
        day=entry.effective_on,
        document={"partners": numbers, "offered_on": entry.effective_on},
        next="cycle privacy due",
    )


def finish_erasing(*, json: bool) -> dict[str, Any]:
    """After an erasure: clean the files, note it for a later restore; says what could not be done. Facts for a document."""
    from cycle.app.erasures import finish

    finished = finish(shell.site())
    if not json:
        if not finished.scrubbed:
            output.say("erasure.not_scrubbed")
        if not finished.noted:
            output.say("erasure.not_noted", file=finished.kept_in)
        output.say("privacy.outside")
    return {"scrubbed": finished.scrubbed, "noted": finished.noted}


def _erase(*, reason: str | None, on: Any, dry_run: bool, json: bool) -> None:
    from cycle.app.retention import erase_due
    from cycle.errors import WrongInput

    site = shell.site()
    settings = site.settings
    day = on or site.today()
    if day > site.today():
        raise WrongInput("day_in_future", day=day, today=site.today())
    with shell.writing("subject.erased", "forget", reason=reason, dry_run=dry_run) as (entry, _):
        found = erase_due(entry, site.workflow(), settings.retention, settings.city.organiser, day)
    after = {} if dry_run else finish_erasing(json=json)
    persons = {each.ref for each in found if each.kind in ("contact", "person")}
    mails = sum(subject.startswith("mail:") for subject in entry.facts["subjects"])  # with a person go the mails to it
    output.done(
        "due_erased",
        entry=entry,
        json=json,
        dry_run=dry_run,
        contacts=len(persons),
        mails=mails,
        document={"due": [_due_document(each) for each in found], "subjects": entry.facts["subjects"], **after},
        next="cycle history verify",
    )


def _document(session: Any, each: "Dossier") -> dict[str, Any]:
    from cycle.app.privacy import PERSONAL
    from cycle.meetings.rules import needs_of

    return {
        "ref": each.ref,
        "contacts": [
            {name: getattr(row, name) for name in ("id", "rank", "valid_from", "valid_to", "bounced_on", "wish", *PERSONAL)}
            for row in each.contacts
        ],
        **_mails_and_entries(session, each),
        "at_meetings": [
            {"participation": said.id, "meeting": meeting.name, "said_on": said.said_on, "needs": needs_of(said.needs)}
            for meeting, said in each.at_meetings
        ],
        "login": each.login,
        "also_contact_of": list(each.known_elsewhere),
        "erasable": each.subjects,
    }


def _staff_report(login: str, *, json: bool) -> None:
    from cycle.app.staff import PERSONAL as OF_STAFF
    from cycle.app.staff import staff_file
    from cycle.cli.telling import role_name
    from cycle.people.records import spans_of_person

    with shell.reading() as answer:
        found = staff_file(answer.session, answer.site.workflow(), login)
        own = {name: getattr(found.person, name) for name in OF_STAFF}
        spans = spans_of_person(answer.session, found.person)
        roles = [{"role": s.role, "group": s.group, "from": s.valid_from, "to": s.valid_to} for s in spans]
        told = _mails_and_entries(answer.session, found)
    person = {
        "ref": found.ref,
        **own,
        "roles": roles,
        **told,
        "also_contact_of": list(found.contact_of),
        "erasable": found.subjects,
    }
    if json:
        output.as_json({"schema": "cycle/privacy/1", "partner": None, "persons": [person]})
        return
    lines = [[word("col.ref"), person["ref"]]]
    lines += [[word(f"col.{field}"), own[field] or word("privacy.erased")] for field in OF_STAFF]
    lines += [
        [word("col.role"), f"{role_name(s.role)}, {_span(s)}"]
        for s in spans
        if s.valid_to is None or s.valid_to >= s.valid_from
    ]
    lines += _mail_lines(person)
    columns = [("col.field", "left"), ("col.value", "left")]
    output.as_table(shell.sentence("title.privacy", ref=person["ref"]), columns, lines)
    output.say("privacy.outside")


def _span(span: Any) -> str:
    value = shell.words().value
    return f"{value(span.valid_from)} – {value(span.valid_to) if span.valid_to else ''}".rstrip()


def _lines(person: dict[str, Any]) -> Any:
    from cycle.app.privacy import PERSONAL

    words = shell.site().workflow().vocab.get("salutations", {})
    labels = {name: entry.label(language()) for name, entry in words.items()}
    yield [word("col.ref"), person["ref"]]
    for contact in person["contacts"]:
        told = [labels.get(contact[name], contact[name]) if name == "salutation" else contact[name] for name in PERSONAL]
        rank = word(f"rank.{contact['rank']}")
        yield [f"{rank} {contact['id']}", ", ".join(filter(None, told)) or word("privacy.erased")]
    for said in person["at_meetings"]:
        if said["needs"]:
            yield [word("privacy.needs", meeting=said["meeting"]), ", ".join(f"{k}: {n}" for k, n in said["needs"].items())]
    yield from _mail_lines(person)
    if person["login"]:
        yield [word("privacy.login"), person["login"]]


def _mails_and_entries(session: Any, each: Any) -> dict[str, Any]:
    """The mails, entries and places of a dossier, the same for a contact and for somebody with a login."""
    from cycle.journal.history import reason

    return {
        "mails": [
            {
                "id": mail.id,
                "day": mail.day,
                "state": mail.state,
                "templates": mail.templates,
                "address": mail.address,
                "subject": mail.subject,
                "text": mail.text,
                "reply": mail.last_reply,
            }
            for mail in each.mails
        ],
        "entries": [
            {
                "seq": told.seq,
                "type": told.type,
                "cycle": told.cycle,
                "recorded_at": told.recorded_at,
                "reason": reason(session, told) if f"event:{told.id}" in each.reasons else None,
            }
            for told in each.entries
        ],
        "named_in": [*each.mails_naming, *each.named_in],
    }


def _mail_lines(person: dict[str, Any]) -> Any:
    for mail in person["mails"]:
        text = (mail["text"] or "").replace("\n", " ")
        told = [mail["address"], mail["subject"], text[:SHOWN] + ("…" if len(text) > SHOWN else "")]
        yield [word("privacy.mail", mail=mail["id"]), ", ".join(filter(None, told)) or word("privacy.erased")]
    for entry in person["entries"]:
        yield [word("privacy.entry", seq=entry["seq"]), f"{word('type.' + entry['type'])}, {entry['recorded_at']:%d.%m.%Y}"]
    for subject in person["named_in"]:
        yield [word("privacy.named_in"), subject]


def _archive(each: "Due") -> str | None:
    if each.missing:
        return word("archive.missing")
    return word("archive.offered", day=each.offered) if each.offered else None


def _due_document(each: "Due") -> dict[str, Any]:
    return {
        "class": each.kind,
        "number": each.number,
        "ref": each.ref,
        "partner": each.partner,
        "ended": each.ended,
        "kept_until": each.until,
        "offered_on": each.offered,
        "archive_missing": each.missing,
    }
