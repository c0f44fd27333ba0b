"""The options that many commands have: the same name, the same words, the same reading everywhere."""

from datetime import date
from typing import Annotated

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli.choosing import FIRST_YEAR, LAST_YEAR, as_day, as_plan
from cycle.cli.words import word

YearArg = Annotated[
    int, typer.Argument(metavar="YEAR", min=FIRST_YEAR, max=LAST_YEAR, help=word("arg.year"), show_default=False)
]
Day = Annotated[date | None, typer.Option("--on", parser=as_day, metavar="DAY", help=word("opt.on"), show_default=False)]
Reason = Annotated[str | None, typer.Option("--reason", help=word("opt.reason"), show_default=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help=word("opt.dry_run"))]
Json = Annotated[bool, typer.Option("--json", help=word("opt.json"))]
Expect = Annotated[
    int | None,
    typer.Option("--expect", metavar="VERSION", min=0, max=LARGEST, help=word("opt.expect"), show_default=False),
]
Notify = Annotated[bool, typer.Option("--notify", help=word("opt.notify"))]
OfPlan = Annotated[
    str | None, typer.Option("--plan", parser=as_plan, metavar="PLAN", help=word("opt.plan"), show_default=False)
]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="T", help=word("opt.as_of"), show_default=False)]
Effective = Annotated[
    date | None, typer.Option("--effective", parser=as_day, metavar="DAY", help=word("opt.effective"), show_default=False)
]
Yes = Annotated[bool, typer.Option("--yes", help=word("opt.yes"))]
Csv = Annotated[bool, typer.Option("--csv", help=word("opt.csv"))]
LegalBasis = Annotated[str | None, typer.Option("--legal-basis", help=word("opt.legal_basis"), show_default=False)]
AlsoErase = Annotated[
    list[str] | None, typer.Option("--also", metavar="TABLE:NR", help=word("opt.also_erase"), show_default=False)
]
