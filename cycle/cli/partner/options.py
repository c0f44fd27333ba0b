"""What the commands of partners have in common: the number of one, and options that take a text."""

from typing import Annotated, Any

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli.words import word

Number = Annotated[int, typer.Argument(metavar="NR", min=0, max=LARGEST, help=word("arg.partner"), show_default=False)]


def text_option(option: str, help: str) -> Any:
    """An option that takes a text."""
    return Annotated[str | None, typer.Option(option, help=help, show_default=False)]
