"""The machine of a workflow: which steps there are from each phase, as `transitions` runs them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from transitions import Machine

from cycle.vocabulary import Finding
from cycle.workflow.model import TransitionKind, Workflow

logging.getLogger("transitions").setLevel(logging.WARNING)


@dataclass
class Subject:
    """What the machine moves: it has no model of its own, since rows must not grow methods."""

    state: str
    reasons: Sequence[Finding] = ()


def machine_for(workflow: Workflow, phases: tuple[str, ...]) -> Machine:
    """The machine of a workflow for a year with these phases, built once."""
    return _machine(phases, tuple(_ways(workflow, phases)))


@lru_cache(maxsize=256)
def _machine(phases: tuple[str, ...], ways: tuple[tuple[str, str, str], ...]) -> Machine:
    machine = Machine(model=None, states=list(phases), initial=phases[0], auto_transitions=False, send_event=True)
    for trigger, source, target in ways:
        machine.add_transition(trigger, source, target, conditions=[_nothing_missing])
    return machine


def _nothing_missing(event: Any) -> bool:
    return not event.model.reasons


def _ways(workflow: Workflow, phases: tuple[str, ...]) -> list[tuple[str, str, str]]:
    ways = [("advance", source, target) for source, target in pairwise(phases)]
    for rule in workflow.transitions:
        for target in rule.to:
            if rule.from_ in phases and target in phases:
                codes = rule.codes or ("",)
                names = (
                    [f"skip:{target}:{code}" for code in codes]
                    if rule.kind is TransitionKind.SKIP
                    else [f"{rule.kind}:{target}"]
                )
                ways += [(name, rule.from_, target) for name in names]
    return ways
