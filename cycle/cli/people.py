"""`cycle people`: who works with the programme, and who holds which role."""

from typing import Annotated

import typer

from cycle.cli import output, shell
from cycle.cli.helping import noun
from cycle.cli.options import AlsoErase, AsOf, Day, DryRun, Json, LegalBasis, Reason
from cycle.cli.words import word
from cycle.errors import WrongInput

app = noun("people")
Login = Annotated[str, typer.Argument(metavar="LOGIN", help=word("arg.login"), show_default=False)]
Name = Annotated[str | None, typer.Option("--name", help=word("opt.name"), show_default=False)]
Mail = Annotated[str | None, typer.Option("--mail", help=word("opt.mail"), show_default=False)]
Phone = Annotated[str | None, typer.Option("--phone", help=word("opt.phone"), show_default=False)]
Roles = Annotated[list[str] | None, typer.Option("--role", help=word("opt.role"), show_default=False)]
Group = Annotated[str | None, typer.Option("--group", help=word("opt.group"), show_default=False)]


@app.command("list", help=word("cli.people.list"))
def list_people(
    history: Annotated[bool, typer.Option("--history", help=word("opt.history"))] = False,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    from cycle.cli.telling import role_name
    from cycle.people.records import everybody, holds

    if history:
        _list_roles(as_of, json=json)
        return
    with shell.reading(as_of=as_of) as answer:
        rows, documents = [], []
        for person, spans in everybody(answer.session):
            held = [span for span in spans if holds(span, answer.today)]
            roles = [span.role for span in held]
            groups = [span.group for span in held if span.group]
            rows.append(
                [person.login, person.name, person.mail, person.phone, ", ".join(map(role_name, roles)), ", ".join(groups)]
            )
            documents.append(
                {
                    "login": person.login,
                    "ref": person.ref,
                    "name": person.name,
                    "mail": person.mail,
                    "phone": person.phone,
                    "roles": [{"role": s.role, "group": s.group, "from": s.valid_from, "to": s.valid_to} for s in spans],
                }
            )
    columns = [(f"col.{name}", "left") for name in ("login", "name", "mail", "phone", "role", "group")]
    output.show("title.people", columns=columns, rows=rows, json=json, schema="cycle/people/1", document={"people": documents})


def _list_roles(as_of: str | None, *, json: bool) -> None:
    """Every span of a role, with who gave it and who ended it."""
    from cycle.cli.telling import names_of, role_name
    from cycle.reports.records.roles import roles

    with shell.reading(as_of=as_of) as answer:
        found = roles(answer.session, answer.site.zone)
        names = names_of(answer.session)
    rows, documents = [], []
    for held in found:
        by, ended_by = ((act.who, act.recorded_at) if act else (None, None) for act in (held.given, held.ended))
        giver = names.get(by[0] or "", by[0])
        name = role_name(held.role)
        rows.append([names.get(held.person, held.person), name, held.group, held.valid_from, held.valid_to, giver, by[1]])
        documents.append(
            {
                "person": held.person,
                "name": names.get(held.person),
                "role": held.role,
                "group": held.group,
                "from": held.valid_from,
                "to": held.valid_to,
                "given": {"by": by[0], "entry": held.given and held.given.seq, "at": by[1]},
                "ended": {"by": ended_by[0], "entry": held.ended and held.ended.seq, "at": ended_by[1]},
            }
        )
    columns = [("col.name", "left"), ("col.role", "left"), ("col.group", "left"), ("col.from", "whole"), ("col.to", "whole")]
    columns += [("col.given_by", "left"), ("col.recorded", "whole")]
    document = {"as_of": as_of, "roles": documents}
    output.show("title.roles", columns=columns, rows=rows, json=json, schema="cycle/roles/1", document=document)


@app.command("add", help=word("cli.people.add"))
def add(
    login: Login,
    name: Annotated[str, typer.Option("--name", help=word("opt.name"), show_default=False)],
    role: Roles = None,
    mail: Mail = None,
    phone: Phone = None,
    group: Group = None,
    on: Day = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.cli.telling import role_name
    from cycle.partners.records import ref_of_address
    from cycle.people.actions import add_person

    _check(role or [], mail, group)
    with shell.writing("people.changed", "people", on=on, dry_run=dry_run) as (entry, _):
        ref = ref_of_address(entry.session, mail) if mail else None
        add_person(entry, login, name=name, mail=mail, phone=phone, roles=role or [], group=group, ref=ref)
    output.done(
        "person_added",
        entry=entry,
        json=json,
        dry_run=dry_run,
        login=login,
        role=[role_name(each) for each in role or []],
        next="cycle people list",
    )


@app.command("change", help=word("cli.people.change"))
def change(
    login: Login,
    name: Name = None,
    role: Roles = None,
    mail: Mail = None,
    phone: Phone = None,
    group: Group = None,
    reason: Reason = None,
    on: Day = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.people.actions import change_person, keep_somebody

    _check(role or [], mail, group)
    with shell.writing("people.changed", "people", reason=reason, on=on, dry_run=dry_run) as (entry, _):
        change_person(entry, login, name=name, mail=mail, phone=phone, roles=role or [], group=group)
        keep_somebody(entry, _giving_roles())
    output.done("person_changed", entry=entry, json=json, dry_run=dry_run, login=login, next="cycle people list")


@app.command("leave", help=word("cli.people.leave"))
def leave(login: Login, reason: Reason = None, on: Day = None, dry_run: DryRun = False, json: Json = False) -> None:
    from cycle.people.actions import keep_somebody
    from cycle.people.actions import leave as end_roles

    with shell.writing("people.changed", "people", reason=reason, on=on, dry_run=dry_run) as (entry, _):
        end_roles(entry, login)
        keep_somebody(entry, _giving_roles())
    output.done("person_left", entry=entry, json=json, dry_run=dry_run, login=login, next="cycle people list")


@app.command("forget", help=word("cli.people.forget"))
def forget(
    login: Login,
    legal_basis: LegalBasis = None,
    also: AlsoErase = None,
    reason: Reason = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.app.staff import forget_staff
    from cycle.cli.privacy import finish_erasing

    workflow = shell.site().workflow()
    with shell.writing("subject.erased", "forget", reason=reason, dry_run=dry_run) as (entry, _):
        found = forget_staff(entry, workflow, login, legal_basis=legal_basis, also=also or ())
    named = sorted(set(found.named_in) - set(also or ()))
    after = {} if dry_run else finish_erasing(json=json)
    if named and not json:
        output.say("staff.still_named", subjects=named, login=found.ref)
    if found.contact_of and not json:
        output.say("staff.stays", partners=found.contact_of)
    count = entry.facts["count"]
    facts = {"ref": found.ref, "subjects": entry.facts["subjects"], "count": count, "named_in": named, **after}
    output.done(
        "staff_forgotten",
        entry=entry,
        json=json,
        dry_run=dry_run,
        ref=found.ref,
        count=count,
        document=facts,
        next="cycle history verify",
    )


def _giving_roles() -> list[str]:
    """The roles whose holders may give roles."""
    from cycle.vocabulary import Right

    return [name for name, role in shell.site().workflow().roles.items() if Right.PEOPLE in role.may]


def _check(roles: list[str], mail: str | None, group: str | None) -> None:
    """Roles must be the workflow's, a group one of the network's, an address one that can be mailed."""
    from cycle.adapters.addresses import valid_address
    from cycle.partners.records import group_of

    site = shell.site()
    known = site.workflow().roles
    for role in roles:
        if role not in known:
            raise WrongInput("unknown_role", role=role, known=", ".join(known))
    if mail and valid_address(mail) is None:
        raise WrongInput("bad_address", address=mail)
    if group is not None:
        with site.journal.reading() as session:
            group_of(session, group)
