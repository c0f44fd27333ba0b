"""cycle gap: which target groups and fields have too few projects, shown or recorded."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cycle.cli.shell import DryRun, Expect, Json, OfPlan, Reason, YearArg, done, language, reading, say, show, word, writing

if TYPE_CHECKING:
    from cycle.workflow.model import Workflow


def add_to(app: typer.Typer) -> None:
    """Put `gap` on the command line."""
    app.command("gap", help=word("cli.gap"))(gap)


def gap(
    year: YearArg,
    record: Annotated[bool, typer.Option("--record", help=word("opt.gap_record"))] = False,
    scope: Annotated[str, typer.Option("--scope", metavar="all|active", help=word("opt.gap_scope"))] = "",
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    from cycle.inventory.actions.gaps import record_gap
    from cycle.inventory.records import gap_of, response, snapshot_of
    from cycle.inventory.rules.gap import chosen_scope

    chosen = chosen_scope(scope)
    if record:
        with writing("gap.recorded", "record", year=year, plan=plan, reason=reason, expect=expect, dry_run=dry_run) as (
            entry,
            about,
        ):
            snapshot = record_gap(entry, about, scope=chosen)
        document = _document(about.workflow, snapshot.result, snapshot.response_net, snapshot.recorded_on)
        if not json:
            _show(document)
        done(
            "gap_recorded",
            entry=entry,
            json=json,
            dry_run=dry_run,
            document=document,
            next=f"cycle status {year}",
            projects=snapshot.projects,
            gaps=_gaps(document),
        )
        return
    with reading(year, plan=plan) as about:
        kept = snapshot_of(about.session, about.cycle_id)
        if kept is not None and (not scope or kept.scope == chosen):
            document = _document(about.workflow, kept.result, kept.response_net, kept.recorded_on)
        else:
            document = _document(about.workflow, gap_of(about, chosen), response(about).net, None)
    _show(document, json=json)


def _document(workflow: "Workflow", result: dict[str, Any], response_net: int | None, recorded_on: Any) -> dict[str, Any]:
    # Shares are kept in ten-thousandths; a reader of JSON gets them as parts of one.
    document: dict[str, Any] = {"recorded": recorded_on, "response": _decimal(response_net)}
    for name, value in result.items():
        if name in ("target_group_share", "field_share"):
            document[name] = {key: _decimal(part) for key, part in value.items()}
        else:
            document[name] = _decimal(value) if name.endswith("_share") else value
    lowest = workflow.gap.caution_below_response_percent
    document["caution"] = response_net is not None and response_net < lowest * 100
    document["labels"] = {
        words: {key: entry.label(language()) for key, entry in workflow.vocab[words].items()}
        for words in ("target_groups", "fields")
    }
    return document


def _show(document: dict[str, Any], *, json: bool = False) -> None:
    from cycle.inventory.rules.shares import percent_text

    rows = []
    for kind, words in (("target_group", "target_groups"), ("field", "fields")):
        for key, part in document[f"{kind}_share"].items():
            label = document["labels"][words].get(key, key)
            percent = percent_text(round(part * 10_000), language())
            status = word(f"gap.status.{document[f'{kind}_status'][key]}")
            rows.append([word(f"gap.{kind}"), label, document[f"{kind}_count_full"][key], percent, status])
    if not json:
        say(
            "gap.funding",
            scope=word(f"gap.scope.{document['scope']}"),
            projects=document["projects"],
            known=document["funding_known"],
            unknown=document["funding_unknown"],
            small=percent_text(_ten_thousandths(document["funding_le_5000_share"]), language()),
            median=document["funding_median"],
            total=document["funding_total"],
            cooperation=percent_text(_ten_thousandths(document["cooperation_share"]), language()),
        )
        if document["caution"]:
            say("gap.caution", net=percent_text(_ten_thousandths(document["response"]), language()))
    columns = (("kind", "left"), ("word", "left"), ("count", "right"), ("share", "right"), ("status", "left"))
    show(
        "gap.recorded" if document["recorded"] else "gap.computed",
        columns=[(f"column.gap.{name}", side) for name, side in columns],
        rows=rows,
        json=json,
        document=document,
        schema="cycle/gap/1",
    )


def _gaps(document: dict[str, Any]) -> list[str]:
    return [
        document["labels"][words].get(key, key)
        for kind, words in (("target_group", "target_groups"), ("field", "fields"))
        for key, status in document[f"{kind}_status"].items()
        if status == "gap"
    ]


def _decimal(ten_thousandths: int | None) -> float | None:
    return None if ten_thousandths is None else ten_thousandths / 10_000


def _ten_thousandths(part: float | None) -> int | None:
    return None if part is None else round(part * 10_000)
