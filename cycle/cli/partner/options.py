"""What the commands of partners have in common: the number of one, and options that take a text."""

from typing import Annotated, Any

import typer

from cycle.cli.shell import LARGEST, word

Number = Annotated[int, typer.Argument(metavar="NR", min=0, max=LARGEST, help=word("arg.partner"), show_default=False)]


def text_option(option: str, key: str) -> Any:
    """An option that takes a text; `key` is that of its help in the wording."""
    return Annotated[str | None, typer.Option(option, help=word(key), show_default=False)]
