"""What a new year takes over from the last: the one picture for the coordinator, when it starts and later."""

from collections.abc import Callable, Sequence
from datetime import date
from textwrap import fill
from typing import TYPE_CHECKING, Any

import typer

from cycle.cli import output, shell
from cycle.cli.planned import all_of_plan
from cycle.cli.shell import sentence
from cycle.cli.words import language, word
from cycle.errors import WrongInput

if TYPE_CHECKING:
    from cycle.cycles.records import Year
    from cycle.reports.rules.takeover import Offer, Takeover
    from cycle.workflow.model import Workflow

DOUBTFUL_NAMED = 8


def takeover_document(about: "Year") -> dict[str, Any]:
    """The picture of a cycle as it stands, with the labels of its workflow and the names of persons."""
    from cycle.cli.telling import names_of
    from cycle.dates.rules import public_calendar
    from cycle.reports.records.takeover import takeover

    found = takeover(about, public_calendar(shell.calendars_for(about)))
    document: dict[str, Any] = all_of_plan(_document(found, about.workflow, names_of(about.session)), about.cycle.plan)
    return document


def print_takeover(told: dict[str, Any]) -> None:
    """The same for a person, in 80 columns; commands on lines of their own, to be copied."""
    say = typer.echo
    previous = told["previous"]
    say(
        sentence("takeover.head", year=told["year"], previous=previous)
        if previous
        else sentence("takeover.first", year=told["year"])
    )
    if told["previous_standing"] == "cancelled":
        say(sentence("takeover.cancelled", previous=previous))
    say("\n" + sentence("takeover.dates", count=told["dates"]))
    for each in told["anchors"]:
        shift = " " + sentence("takeover.shifted", reason=each["shift_reason"]) if each["shift_reason"] else ""
        state = word("takeover.confirmed" if each["confirmed_on"] else "takeover.unconfirmed")
        _line(sentence("takeover.anchor", day=each["planned"], label=each["label"], state=state) + shift, 2)
        _command(each["command"])
    _offers("needs", told["needs"])
    _offers("measures", told["measures"])
    _theme(told)
    _partners(told["doubtful"])
    _people(told["roles"])
    _mails(told)


def show_takeover(year: int | None, *, as_of: str | None, effective: date | None, plan: str | None, json: bool) -> None:
    """`cycle status YEAR --takeover`: the picture again, as it stands now or stood then."""
    if year is None:
        raise WrongInput("takeover_needs_year")
    with shell.reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        told = takeover_document(about)
    if json:
        output.as_json({"schema": "cycle/takeover/1", "as_of": as_of, "effective": effective, **told})
        return
    print_takeover(told)


def _document(found: "Takeover", workflow: "Workflow", names: dict[str, str]) -> dict[str, Any]:
    spoken = language()
    rules = workflow.dates
    year = found.year
    return {
        "year": year,
        "previous": found.previous,
        "previous_standing": found.previous_standing,
        "dates": found.dates,
        "anchors": [
            {
                "key": each.key,
                "label": rules[each.key].label(spoken),
                "planned": each.planned,
                "shift_reason": each.shift_reason,
                "confirmed_on": each.confirmed_on,
                "command": None if each.confirmed_on else f"cycle date confirm {year} {each.key}",
            }
            for each in found.anchors
        ],
        "needs": [_offer(each) for each in found.needs],
        "measures": [_offer(each) | {"due": each.due, "owner": _role_label(each.owner, workflow)} for each in found.measures],
        "themes": [
            {"number": each.number, "title": each.title, "valid_to": each.last, "command": each.command}
            for each in found.themes
        ],
        "last_theme": _last_theme(found),
        "suggest": None if found.themes else f"cycle theme suggest {year}",
        "doubtful": [{"number": each.number, "name": each.name, "bounced": each.bounced} for each in found.doubtful],
        "roles": [
            {
                "role": role,
                "label": workflow.roles[role].label(spoken),
                "persons": [names.get(ref, ref) for ref in refs],
                "command": None if refs else f"cycle people add LOGIN --name … --role {role}",
            }
            for role, refs in found.roles.items()
        ],
        "mails": [
            {
                "template": each.template,
                "date": each.key,
                "label": rules[each.key].label(spoken),
                "day": each.day,
                "phase": each.phase,
                "approval": each.approval,
                "phase_label": workflow.phase(each.phase).label(spoken) if each.phase else None,
                "unconfirmed": each.unconfirmed,
                "unconfirmed_label": rules[each.unconfirmed].label(spoken) if each.unconfirmed else None,
            }
            for each in found.mails
        ],
    }


def _last_theme(found: "Takeover") -> dict[str, Any] | None:
    last = found.last_theme
    return {"number": last.number, "title": last.title, "valid_to": last.last} if last else None


def _role_label(owner: str | None, workflow: "Workflow") -> str | None:
    """Who has a measure: a partner's short name, or the label of the role that stands in."""
    return workflow.roles[owner].label(language()) if owner in workflow.roles else owner


def _offer(each: "Offer") -> dict[str, Any]:
    return {
        "number": each.number,
        "title": each.title,
        "way": each.way.value,
        "age": each.age,
        "carry_count": each.count,
        "command": each.command,
    }


def _offers(kind: str, offers: Sequence[dict[str, Any]]) -> None:
    line: Callable[..., str] = _need_line if kind == "needs" else _measure_line
    taken = [each for each in offers if each["command"] is None]
    offered = [each for each in offers if each["command"] is not None]
    typer.echo("\n" + sentence(f"takeover.{kind}", taken=len(taken), offered=len(offered)))
    for each in [*taken, *offered]:
        _line(f"{each['number']} {each['title']}", 2)
        _line(f"{line(each)}; {word('takeover.way_' + each['way'])}", 4)
        _command(each["command"])


def _need_line(each: dict[str, Any]) -> str:
    return sentence("takeover.need", age=each["age"], count=each["carry_count"])


def _measure_line(each: dict[str, Any]) -> str:
    owner = each["owner"] or word("takeover.nobody")
    return sentence("takeover.measure", owner=owner, due=each["due"], age=each["age"], count=each["carry_count"])


def _theme(told: dict[str, Any]) -> None:
    typer.echo("")
    for each in told["themes"]:
        key = "takeover.theme_settled" if each["command"] is None else "takeover.theme"
        _line(sentence(key, number=each["number"], title=each["title"], last=each["valid_to"]))
        _command(each["command"])
    if not told["themes"]:
        last = told["last_theme"]
        if last:
            _line(sentence("takeover.last_theme", number=last["number"], title=last["title"], last=last["valid_to"]))
        _line(sentence("takeover.no_theme", year=told["year"]))
        _command(told["suggest"])


def _partners(doubtful: Sequence[dict[str, Any]]) -> None:
    typer.echo("\n" + sentence("takeover.doubtful", count=len(doubtful)))
    for each in doubtful[:DOUBTFUL_NAMED]:
        why = word("takeover.bounced" if each["bounced"] else "takeover.unreachable")
        _line(sentence("takeover.partner", number=each["number"], name=each["name"], why=why), 2)
    if len(doubtful) > DOUBTFUL_NAMED:
        typer.echo("  " + sentence("takeover.more", count=len(doubtful) - DOUBTFUL_NAMED))
    if doubtful:
        _command(f"cycle partner edit {doubtful[0]['number']} --mail … --reason …")


def _people(roles: Sequence[dict[str, Any]]) -> None:
    typer.echo("\n" + word("takeover.people"))
    for each in roles:
        _line(sentence("takeover.role", label=each["label"], persons=each["persons"] or word("takeover.nobody")), 2)
        _command(each["command"])


def _mails(told: dict[str, Any]) -> None:
    first: date | None = told["mails"][0]["day"] if told["mails"] else None
    typer.echo("\n" + (sentence("takeover.mails", day=first) if first else word("takeover.no_mails")))
    for each in told["mails"]:
        facts = {"day": each["day"], "label": each["label"]}
        if each["unconfirmed"] and not each["phase"]:
            line = sentence("takeover.mail_unconfirmed", **facts, anchor=each["unconfirmed_label"])
        elif each["approval"]:
            line = sentence("takeover.mail_approval", **facts)
        elif each["phase"]:
            line = sentence("takeover.mail_waits", **facts, phase=each["phase_label"])
        else:
            line = sentence("takeover.mail", **facts)
        _line(line, 2)
    for key in dict.fromkeys(each["unconfirmed"] for each in told["mails"] if each["unconfirmed"] and not each["phase"]):
        _command(next(each["command"] for each in told["anchors"] if each["key"] == key))


def _line(text: str, indent: int = 0) -> None:
    """A sentence in lines of 80 columns, further ones indented."""
    space = " " * indent
    typer.echo(fill(text, 79, initial_indent=space, subsequent_indent=space + "  ", break_on_hyphens=False))


def _command(command: str | None) -> None:
    if command is not None:
        typer.echo(f"    → {command}")
