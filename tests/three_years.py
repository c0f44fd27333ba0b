"""A town whose need of 2024 goes on through three years: theme, measure, two carries, and what came of it."""

from typing import Any

from played import played_once
from small_town import name_everybody, write_partners

NEED = (
    'need add 2024 "Praktikumsplätze ohne B1-Nachweis" --field work --target-group young_adults --target-group youth'
    " --source Netzwerktreffen --priority high --amount 6000 --secured no --on 2024-04-16"
)
MEASURE = (
    'measure add 2024 "Praktikumsbörse" --field work --target-group young_adults --need B-2024-01 --theme T1 --owner 2'
    " --due 2024-12-31 --on 2024-05-02 --cost 6000 --secured no"
)


@played_once
def begin(cycle: Any) -> Any:
    """2024 is opened late, with the partners and everybody in a role, on 10 January 2025."""
    cycle(f"partner import {write_partners(cycle.home / 'partners.csv')}", at="2025-01-10T09:00:00+01:00")
    name_everybody(cycle)
    cycle("start 2024")
    return cycle


@played_once
def first_year(cycle: Any) -> Any:
    """The need, its theme without quorum and then decided, a measure for it that did not get far."""
    begin(cycle)
    cycle(NEED, at="2025-01-10T10:00:00+01:00")
    study = cycle.home / "studie.txt"
    study.write_text("Jugendarbeitslosigkeit 2024", encoding="utf-8")
    cycle(f"document file 2024 evidence --of B-2024-01 --file {study}")
    cycle(
        'theme propose 2024 "Übergang in den Beruf" --field work --primary --target-group young_adults --need B-2024-01'
        ' --valid-from 2024-01-01 --valid-to 2025-12-31 --on 2024-05-20 --reason "Lücke bei jungen Erwachsenen"'
    )
    cycle(
        "decision record 2024 theme --theme T1 --body Integrationsausschuss --outcome failed_quorum --present 8 --members 19"
        ' --needed 10 --on 2024-06-20 --reason "nicht beschlussfähig"'
    )
    cycle(
        'theme decide 2024 T1 --body Integrationsausschuss --reference "Vorlage 2024/071" --present 4 --members 19 --needed 3'
        " --on 2024-07-04"
    )
    cycle(MEASURE)
    cycle('measure update 2024 M-2024-01 --status running --percent 20 --note "Zwei Betriebe gewonnen" --on 2024-10-15')
    return cycle


def into_the_second(cycle: Any) -> Any:
    """2025 begins; need and measure are carried into it."""
    cycle("start 2025", at="2025-01-13T09:00:00+01:00")
    cycle('need settle 2024 B-2024-01 --as carried --to 2025 --reason "keine Mittel"')
    cycle('measure carry 2024 M-2024-01 --to 2025 --due 2025-12-31 --reason "Mittel beantragt"')
    return cycle


def end_the_first(cycle: Any) -> Any:
    """2024 is ended by the sponsor, with the deputy's yes; what that said."""
    cycle("approve 2024 cancel", login="s.stell", at="2025-12-08T09:00:00+01:00")
    return cycle('cancel 2024 --yes --reason "Krisenjahr"', login="d.dez")


def into_the_third(cycle: Any) -> Any:
    """2026 begins, once 2024 is ended; both are carried again, the measure is done and the need covered."""
    cycle('need settle 2025 B-2024-01 --as carried --to 2026 --reason "Förderantrag läuft"', at="2025-12-09T09:00:00+01:00")
    cycle('measure carry 2025 M-2024-01 --to 2026 --due 2026-06-30 --reason "Förderantrag läuft"')
    cycle("start 2026", at="2026-01-12T09:00:00+01:00")
    cycle('measure update 2026 M-2024-01 --status done --percent 100 --note "31 Plätze"', at="2026-05-04T09:00:00+02:00")
    cycle('need settle 2026 B-2024-01 --as covered --reason "31 Plätze vermittelt"')
    return cycle
