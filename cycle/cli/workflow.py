"""`cycle workflow`: is a workflow file right, and what does it say."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cycle.cli import output
from cycle.cli.helping import noun
from cycle.cli.options import Json
from cycle.cli.words import language, word, wording

app = noun("workflow")


class Form(StrEnum):
    """How a workflow is shown."""

    TABLE = "table"
    MERMAID = "mermaid"
    SCHEMA = "schema"


@app.command("check", help=word("cli.workflow.check"))
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=word("arg.workflow_file"), show_default=False)],
    json: Json = False,
) -> None:
    workflow = _load(file)
    from cycle.workflow.canonical import canonical_text, sha256_of

    facts = {
        "plan": workflow.plan.id,
        "phases": len(workflow.phases),
        "dates": len(workflow.dates),
        "checks": len(workflow.checks),
        "mails": len(workflow.mails.every),
    }
    if json:
        output.as_json({"schema": "cycle/workflow-check/1", "ok": True, "sha256": sha256_of(canonical_text(workflow)), **facts})
        return
    typer.echo(word("workflow_ok", file=file, **facts))


@app.command("show", help=word("cli.workflow.show"))
def show(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help=word("arg.workflow_file"), show_default=False)] = None,
    form: Annotated[Form, typer.Option("--as", help=word("opt.form"))] = Form.TABLE,
    json: Json = False,
) -> None:
    from cycle.workflow.show import as_mermaid, as_rows, as_schema

    if form is Form.SCHEMA:
        output.as_json(as_schema())
        return
    workflow = _load(file)
    if form is Form.MERMAID:
        typer.echo(as_mermaid(workflow, language()))
        return
    names = ("section", "key", "label", "rule", "end")
    found = [{name: getattr(row, name) for name in names} for row in as_rows(workflow, language())]
    if json:
        output.as_json({"schema": "cycle/workflow-rows/1", "plan": workflow.plan.id, "rows": found})
        return
    rows = [[word(f"section.{row['section']}"), *list(row.values())[1:-1], _end(row)] for row in found]
    columns = [(f"col.{name}", "left") for name in names]
    output.as_table(workflow.plan.title(language()), columns, rows)


def _end(row: dict[str, str]) -> str:
    """How a row ends: whether a phase is final and a check hard in words, all else as it stands in the file."""
    key = f"ends.{row['end']}"
    return word(key) if row["section"] != "date" and key in wording() else row["end"]


def _load(file: Path | None):  # type: ignore[no-untyped-def]  # the type would load pydantic before it is needed
    from cycle.app.checking import check_file

    return check_file(file)
