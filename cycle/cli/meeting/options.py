"""What the commands of meetings have in common: their arguments and options, and the counts and numbers in them."""

import re
from typing import TYPE_CHECKING, Annotated

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli.helping import noun
from cycle.cli.words import language, word
from cycle.errors import WrongInput

if TYPE_CHECKING:
    from cycle.cycles.records import Year

app = noun("meeting")
Name = Annotated[str, typer.Argument(metavar="MEETING", help=word("arg.meeting"), show_default=False)]
Group = Annotated[str | None, typer.Option("--group", help=word("opt.group"), show_default=False)]
Venue = Annotated[str | None, typer.Option("--venue", help=word("opt.venue"), show_default=False)]
At = Annotated[str | None, typer.Option("--at", metavar="HH:MM", help=word("opt.at_time"), show_default=False)]
Until = Annotated[str | None, typer.Option("--until", metavar="HH:MM", help=word("opt.until_time"), show_default=False)]
Mode = Annotated[str | None, typer.Option("--mode", help=word("opt.mode"), show_default=False)]
Link = Annotated[str | None, typer.Option("--link", metavar="URL", help=word("opt.link"), show_default=False)]
Note = Annotated[str | None, typer.Option("--note", help=word("opt.note"), show_default=False)]
Partners = Annotated[
    list[int] | None, typer.Option("--partner", min=0, max=LARGEST, help=word("opt.partners"), show_default=False)
]
Present = Annotated[str | None, typer.Option("--present", metavar="N,N,…", help=word("opt.present"), show_default=False)]

_NUMBERS = re.compile(r"\d{1,9}(\s*,\s*\d{1,9})*")


def called(about: "Year", name: str) -> str:
    """What people call a meeting: the label of its rule in the workflow file, with the group where it is a group's own."""
    from cycle.cli.telling import named

    return named(name, {key: rule.label(language()) for key, rule in about.workflow.meetings.items()})


def numbers(text: str | None) -> list[int] | None:
    """Partners' numbers written with commas, `4,7,12`. Raises WrongInput for anything else."""
    if text is None:
        return None
    if not _NUMBERS.fullmatch(text.strip()):
        raise WrongInput("bad_numbers", text=text)
    return [int(part) for part in text.split(",")]
