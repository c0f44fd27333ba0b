"""cycle gap: which target groups and fields have too few projects: recorded, shown as it was recorded, or as a page."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cycle.cli import output, shell
from cycle.cli.options import DryRun, Expect, Json, OfPlan, Reason, YearArg
from cycle.cli.output import done
from cycle.cli.shell import reading, writing
from cycle.cli.words import language, word
from cycle.errors import WrongInput

if TYPE_CHECKING:
    from cycle.cycles.records import Year
    from cycle.reports.actions.gap_words import GapWords
    from cycle.reports.rules.gap import GapTold

LANGUAGES = ("de", "en")


def add_to(app: typer.Typer) -> None:
    """Put `gap` on the command line."""
    app.command("gap", help=word("cli.gap"))(gap)


def gap(
    year: YearArg,
    record: Annotated[bool, typer.Option("--record", help=word("opt.gap_record"))] = False,
    now: Annotated[bool, typer.Option("--now", help=word("opt.gap_now"))] = False,
    scope: Annotated[str, typer.Option("--scope", metavar="all|active", help=word("opt.gap_scope"))] = "",
    html: Annotated[str | None, typer.Option("--html", metavar="FILE", help=word("opt.gap_html"), show_default=False)] = None,
    lang: Annotated[
        str | None, typer.Option("--language", metavar="LANGUAGE", help=word("opt.gap_language"), show_default=False)
    ] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="T", help=word("opt.gap_as_of"), show_default=False)] = None,
    reason: Reason = None,
    plan: OfPlan = None,
    dry_run: DryRun = False,
    expect: Expect = None,
    json: Json = False,
) -> None:
    _refuse_what_does_not_fit(year, record=record, now=now, html=html, lang=lang, as_of=as_of)
    if record:
        _record(year, scope, as_of=as_of, reason=reason, plan=plan, dry_run=dry_run, expect=expect, json=json)
        return
    if html is not None:
        _prove()
    with reading(year, plan=plan, as_of=as_of) as about:
        told, result = _found(about, scope, now=now)
        words = _words(about, lang or language())
        if html is not None:
            _write_page(about, told, words, html, json=json)
            return
    from cycle.cli.gap_table import document, shown

    if json:
        output.as_json({"schema": "cycle/gap/1", "year": year, **document(told, result, words)})
        return
    shown(told, words, about.cycle.label)


def _refuse_what_does_not_fit(
    year: int, *, record: bool, now: bool, html: str | None, lang: str | None, as_of: str | None
) -> None:
    if record and html is not None:
        raise WrongInput("gap_record_and_page", year=year)
    if record and now:
        raise WrongInput("gap_record_and_now")
    if now and as_of is not None:
        raise WrongInput("gap_now_and_as_of")
    if lang is not None and lang not in LANGUAGES:
        raise WrongInput("gap_language_unknown", text=lang)
    if lang is not None and html is None:
        raise WrongInput("gap_language_of_page")


def _record(
    year: int,
    scope: str,
    *,
    as_of: str | None,
    reason: str | None,
    plan: str | None,
    dry_run: bool,
    expect: int | None,
    json: bool,
) -> None:
    from cycle.cli.gap_table import document, shown
    from cycle.inventory.actions.gaps import record_gap
    from cycle.inventory.rules.gap import GapStatus, chosen_scope
    from cycle.reports.records.gap import counted_gap, told_of, unfunded_needs

    chosen, then = chosen_scope(scope), None
    if as_of is not None:
        with reading(year, plan=plan, as_of=as_of) as past:
            then = counted_gap(past, chosen)[1]
    with writing("gap.recorded", "record", year=year, plan=plan, reason=reason, expect=expect, dry_run=dry_run) as (
        entry,
        about,
    ):
        needs = unfunded_needs(about) if then is None else then["needs_unfunded"]
        snapshot = record_gap(entry, about, scope=chosen, result=then, unfunded=needs)
        told, words = told_of(about, snapshot), _words(about, language())
    if not json:
        shown(told, words, about.cycle.label)
    gaps = [words.label(line.kind, line.word) for line in told.lines if line.status == GapStatus.GAP]
    done(
        "gap_recorded",
        entry=entry,
        json=json,
        dry_run=dry_run,
        document=document(told, snapshot.result, words),
        next=f"cycle status {year}",
        projects=snapshot.projects,
        gaps=gaps or None,
    )


def _found(about: "Year", scope: str, *, now: bool) -> tuple["GapTold", dict[str, Any]]:
    """What was recorded last, of the scope that is named; where nothing was, or where that is asked for, what counts now."""
    from cycle.inventory.rules.gap import chosen_scope
    from cycle.reports.records.gap import counted_gap, stored_gap

    chosen = chosen_scope(scope)
    kept = None if now else stored_gap(about, chosen if scope else None)
    return kept or counted_gap(about, chosen)


def _words(about: "Year", language: str) -> "GapWords":
    from cycle.app.furnishing import wording_of
    from cycle.reports.actions.gap_words import GapWords, labels_of
    from cycle.reports.records.gap import workflow_before

    here = shell.site()
    return GapWords(labels_of(about.workflow, workflow_before(about), language), wording_of(here.home, language, here.zone))


def _prove() -> None:
    from cycle.app.proof import prove

    prove(shell.site())  # the anchor line of a broken history would prove nothing


def _write_page(about: "Year", told: "GapTold", words: "GapWords", file: str, *, json: bool) -> None:
    from cycle.adapters.templates import Letters
    from cycle.cli.report.files import written
    from cycle.reports.actions.gap_page import GapPage, drawn, gap_page
    from cycle.reports.records.dossier.proof import proof

    here = shell.site()
    plan = about.workflow.plan.title(words.language)
    proved = proof(about.session, about.cycle.key)
    head = GapPage(here.settings.city.name, plan, about.cycle.label, proved)
    content = gap_page(head, drawn(told, words), Letters(here.files.folders("templates"), (words.language,)))
    place = written(content.encode(), file, f"gap-{about.cycle.plan}-{about.cycle.year}.html")
    if place is not None:
        done("gap_written", json=json, year=about.cycle.label, file=place, anchor=proved.anchor)
