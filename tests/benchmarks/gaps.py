"""The gap analysis: from the projects in the database to the snapshot in the journal, and from there to the page."""

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from cycle.adapters.templates import Letters
from cycle.app.furnishing import wording_of
from cycle.app.site import Site
from cycle.cli.main import run
from cycle.inventory.actions.gaps import record_gap
from cycle.inventory.records import Project
from cycle.inventory.rules.gap import Scope
from cycle.reports.actions.gap_page import GapPage, drawn, gap_page
from cycle.reports.actions.gap_words import GapWords, labels_of
from cycle.reports.records.dossier.proof import proof
from cycle.reports.records.gap import stored_gap
from cycle.vocabulary import Right
from tests.benchmarks.figures import Figure, median, processor, seconds_of
from tests.benchmarks.sites import empty_town

YEAR = 2025
SIZES = (1_000, 10_000, 100_000)
BOUNDS = {1_000: 0.2, 10_000: 0.5, 100_000: 5.0}
PAGE_BOUND = 0.5
TIMES = 3
CARRIERS = 400


def gap_analyses(folder: Path) -> Iterator[Figure]:
    """Seconds for the snapshot of inventories of three sizes, and for the page made of it."""
    for size in SIZES:
        with empty_town(folder / f"gap-{size}") as site:
            if code := run(["start", str(YEAR)]):
                raise RuntimeError(f"start {YEAR} ended with {code}")
            _fill(site, size)
            worked: list[float] = []
            taken = seconds_of(lambda site=site, worked=worked: _record(site, worked), TIMES)
            made_of = f"database to snapshot; {median(worked) / size * 1e6:.1f} µs of processor time a project"
            yield Figure(f"gap analysis of {size:,} projects", taken, "s", BOUNDS[size], made_of)
            written = seconds_of(lambda site=site: _page(site), TIMES)
            yield Figure(f"its page, {size:,} projects", written, "s", PAGE_BOUND, "snapshot to HTML, anchor line included")


def _fill(site: Site, size: int) -> None:
    """Projects of every kind: one to three groups and fields, some with partners, some without an amount or a carrier."""
    chance = random.Random(size)
    with site.entry("project.imported", Right.IMPORT, year=YEAR) as (entry, about):
        assert about is not None
        fields, groups = (sorted(about.workflow.vocab[words]) for words in ("fields", "target_groups"))
        for number in range(1, size + 1):
            entry.add(
                Project(
                    number=number,
                    title=f"Projekt {number}",
                    carrier=chance.randint(2, CARRIERS) if chance.random() > 0.02 else None,
                    partners=chance.sample(range(2, CARRIERS), chance.choice((0, 0, 0, 1, 2))),
                    fields=chance.sample(fields, chance.randint(1, 3)),
                    target_groups=chance.sample(groups, chance.randint(1, 3)),
                    status=chance.choice(("planned", "running", "running", "completed")),
                    amount=chance.choice((None, 0, 500, 3_000, 5_000, 12_000, 80_000)),
                    inventory_year=YEAR,
                    answered_on=date(YEAR, 4, 1),
                )
            )


def _record(site: Site, worked: list[float]) -> None:
    with processor(worked), site.entry("gap.recorded", Right.RECORD, year=YEAR) as (entry, about):
        assert about is not None
        record_gap(entry, about, scope=Scope.ALL)


def _page(site: Site) -> None:
    with site.reading(YEAR) as (session, about):
        assert about is not None
        found = stored_gap(about)
        assert found is not None
        words = GapWords(labels_of(about.workflow, None, "de"), wording_of(site.home, "de", site.zone))
        head = GapPage("Musterstadt", about.workflow.plan.title("de"), about.cycle.label, proof(session, about.cycle.key))
        gap_page(head, drawn(found[0], words), Letters(site.files.folders("templates"), ("de",)))
