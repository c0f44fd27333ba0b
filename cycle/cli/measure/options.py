"""What the commands of measures have in common: the number of one, and what can be told of it."""

from datetime import date
from typing import Annotated

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli.choosing import as_day
from cycle.cli.words import word

MeasureArg = Annotated[str, typer.Argument(metavar="NUMBER", help=word("arg.plan.measure"), show_default=False)]
Field = Annotated[str | None, typer.Option("--field", help=word("opt.plan.field"), show_default=False)]
Groups = Annotated[list[str] | None, typer.Option("--target-group", help=word("opt.plan.target_groups"), show_default=False)]
Owner = Annotated[
    int | None, typer.Option("--owner", metavar="PARTNER", min=0, max=LARGEST, help=word("opt.plan.owner"), show_default=False)
]
Interim = Annotated[str | None, typer.Option("--interim", metavar="ROLE", help=word("opt.plan.interim"), show_default=False)]
Due = Annotated[date | None, typer.Option("--due", parser=as_day, metavar="DAY", help=word("opt.plan.due"), show_default=False)]
Cost = Annotated[int | None, typer.Option("--cost", min=0, max=LARGEST, help=word("opt.plan.cost"), show_default=False)]
Secured = Annotated[str | None, typer.Option("--secured", help=word("opt.plan.secured"), show_default=False)]
Funding = Annotated[str | None, typer.Option("--funding", help=word("opt.plan.funding"), show_default=False)]
Indicator = Annotated[str | None, typer.Option("--indicator", help=word("opt.plan.indicator"), show_default=False)]
Unit = Annotated[str | None, typer.Option("--unit", help=word("opt.plan.unit"), show_default=False)]
Target = Annotated[str | None, typer.Option("--target", metavar="N", help=word("opt.plan.target"), show_default=False)]
