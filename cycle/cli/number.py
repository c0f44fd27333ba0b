"""`cycle number`: numbers that a workflow asks for, such as the points of an audit."""

from typing import Annotated

import typer

from cycle.adapters.numbers import LARGEST
from cycle.cli import output, shell
from cycle.cli.helping import noun
from cycle.cli.options import Day, DryRun, Expect, Json, OfPlan, YearArg
from cycle.cli.words import language, word

app = noun("number")


@app.command("record", help=word("cli.number.record"))
def record(
    year: YearArg,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help=word("arg.number"), show_default=False)],
    value: Annotated[int, typer.Argument(metavar="VALUE", min=0, max=LARGEST, help=word("arg.value"), show_default=False)],
    on: Day = None,
    plan: OfPlan = None,
    expect: Expect = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    from cycle.documents.actions import record_number

    with shell.writing("number.recorded", "record", year=year, plan=plan, on=on, expect=expect, dry_run=dry_run) as (
        entry,
        about,
    ):
        record_number(entry, about, number, value)
    output.done(
        "number_recorded", entry=entry, json=json, dry_run=dry_run, number=number, value=value, next=f"cycle number list {year}"
    )


@app.command("list", help=word("cli.number.list"))
def list_numbers(year: YearArg, plan: OfPlan = None, json: Json = False) -> None:
    from cycle.documents.records import numbers_of
    from cycle.documents.words import measured

    with shell.reading(year, plan=plan) as about:
        labels = {
            id_: each.label(language()) for words in ("numbers", "levels") for id_, each in about.workflow.vocab[words].items()
        }
        shares = measured(about)
        rows, found = [], []
        for row in numbers_of(about.session, about.cycle_id):
            percent, level = shares.get(row.number, (None, None))
            share = None if percent is None else f"{percent} %"
            rows.append([row.recorded_on, labels.get(row.number, row.number), row.value, share, labels.get(level or "")])
            found.append(
                {"number": row.number, "label": labels.get(row.number), "value": row.value, "recorded_on": row.recorded_on}
                | {"percent": percent, "level": level}
            )
    columns = [
        ("col.day", "left"),
        ("col.figure", "left"),
        ("col.value", "right"),
        ("col.share", "right"),
        ("col.level", "left"),
    ]
    output.show("title.numbers", columns=columns, rows=rows, json=json, schema="cycle/numbers/1", document={"numbers": found})
