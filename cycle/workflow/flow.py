"""Checks that a year can run through the phases and transitions of a workflow file, from the first to a final one.

Works on the file's own values, as `cycle.workflow.values` gives them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cycle.errors import Mistake
from cycle.workflow.parts import TransitionKind
from cycle.workflow.reading import Place, Reading
from cycle.workflow.values import entries

Entry = tuple[Place, dict[str, Any]]

# Which further keys each kind of transition may, and must, have.
_ALLOWED = {
    TransitionKind.SKIP: {"to", "codes", "also", "owed_later", "needs_document", "four_eyes"},
    TransitionKind.BACK: {"to", "four_eyes"},
    TransitionKind.REOPEN: {"to", "within_days", "four_eyes"},
    TransitionKind.HOLD: {"needs", "four_eyes"},
    TransitionKind.CANCEL: {"four_eyes"},
}
_NEEDED = {
    TransitionKind.SKIP: ("to", "codes"),
    TransitionKind.BACK: ("to",),
    TransitionKind.REOPEN: ("to",),
    TransitionKind.HOLD: (),
    TransitionKind.CANCEL: (),
}


def complain_of_flow(reading: Reading, whole: Mapping[str, Any]) -> None:
    """Notes everything that would keep a year from running: phases that cannot be reached, dead ends, wrong ways."""
    phases: dict[str, Entry] = {}
    for place, entry in entries(whole, "phases"):
        phase = entry.get("id")
        if isinstance(phase, str) and phase in phases:
            reading.complain((*place, "id"), Mistake("phase_twice", phase=phase))
        elif isinstance(phase, str):
            phases[phase] = (place, entry)
    if phases:
        _transitions(reading, whole, phases)
    if phases and all(isinstance(entry.get("final", False), bool) for _, entry in phases.values()):
        _reach(reading, whole, phases)


def _transitions(reading: Reading, whole: Mapping[str, Any], phases: Mapping[str, Entry]) -> None:
    seen: set[tuple[str, str, str]] = set()
    for place, entry in entries(whole, "transitions"):
        kind = _kind(entry)
        if kind is None:
            continue
        for key in sorted(set(entry) - {"kind", "from"} - _ALLOWED[kind]):
            if key in set().union(*_ALLOWED.values()):
                mistake = Mistake("way_without", kind=kind, name=key, known=sorted(_ALLOWED[kind]))
                reading.complain((*place, key), mistake, at_key=True)
        for key in _NEEDED[kind]:
            if not entry.get(key):
                reading.complain(place, Mistake("way_needs", kind=kind, name=key))
        source = str(entry.get("from"))
        final = source in phases and phases[source][1].get("final") is True
        if final and kind is not TransitionKind.REOPEN:
            reading.complain((*place, "from"), Mistake("way_out_of_final", phase=source))
        if source in phases and not final and kind is TransitionKind.REOPEN:
            reading.complain((*place, "from"), Mistake("reopen_of_open", phase=source))
        for target_place, target in _targets(place, entry):
            if source in phases and target in phases and not (final and kind is not TransitionKind.REOPEN):
                _direction(reading, target_place, kind, source, target, phases)
            if (kind, source, target) in seen:
                reading.complain(target_place, Mistake("way_twice", kind=kind, source=source, target=target))
            seen.add((kind, source, target))


def _direction(
    reading: Reading, place: Place, kind: TransitionKind, source: str, target: str, phases: Mapping[str, Entry]
) -> None:
    order = list(phases)
    distance = order.index(target) - order.index(source)
    if kind is TransitionKind.SKIP and distance < 2:
        reading.complain(place, Mistake("skip_of_nothing", source=source, target=target))
    if kind is TransitionKind.BACK and distance >= 0:
        reading.complain(place, Mistake("back_to_later", source=source, target=target))
    if kind is TransitionKind.REOPEN and phases[target][1].get("final") is True:
        reading.complain(place, Mistake("reopen_to_final", phase=target))


def _reach(reading: Reading, whole: Mapping[str, Any], phases: Mapping[str, Entry]) -> None:
    order = list(phases)
    first_place, first = phases[order[0]]
    if first.get("final") is True:
        reading.complain(first_place, Mistake("first_is_final", phase=order[0]))
    if first.get("when") is not None:
        reading.complain((*first_place, "when"), Mistake("first_not_always"), at_key=True)
    finals = [phase for phase in order if phases[phase][1].get("final") is True]
    always_final = [phase for phase in finals if phases[phase][1].get("when") is None]
    if not always_final:
        place = phases[order[-1]][0]
        reading.complain(place, Mistake("no_final_phase", phase=order[-1]))
        return
    forward = {phase: {after} - {None} for phase, after in zip(order, [*order[1:], None], strict=True)}
    forward.update((phase, set()) for phase in finals)
    for place, entry in entries(whole, "transitions"):
        source = str(entry.get("from"))
        if _kind(entry) is TransitionKind.SKIP and source in forward and source not in finals:
            forward[source].update(target for _, target in _targets(place, entry))
    reached = _closure(forward, order[0])
    for phase in order:
        place = phases[phase][0]
        if phase not in reached:
            reading.complain(place, Mistake("phase_unreachable", phase=phase))
        if phase not in finals and not _closure(forward, phase) & set(finals):
            reading.complain(place, Mistake("dead_end", phase=phase))


def _closure(ways: Mapping[str, set[Any]], start: str) -> set[str]:
    reached: set[str] = set()
    ahead = [start]
    while ahead:
        phase = ahead.pop()
        if phase in ways and phase not in reached:
            reached.add(phase)
            ahead.extend(ways[phase])
    return reached


def _kind(entry: Mapping[str, Any]) -> TransitionKind | None:
    return next((kind for kind in TransitionKind if kind.value == entry.get("kind")), None)


def _targets(place: Place, entry: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    to = entry.get("to")
    if isinstance(to, str):
        yield (*place, "to"), to
    elif isinstance(to, list):
        yield from (((*place, "to", index), each) for index, each in enumerate(to) if isinstance(each, str))
