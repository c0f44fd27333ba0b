"""Checks what the steps of a workflow file name: those of its ladder, and the mails after a fact."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from cycle.errors import Key, Mistake
from cycle.vocabulary import Lent
from cycle.workflow.arguments import Names, complain_of_name
from cycle.workflow.grammar import parse_offset
from cycle.workflow.reading import Place, Reading
from cycle.workflow.shape import unknown, unwanted
from cycle.workflow.unfold import FOLLOW_KEYS
from cycle.workflow.unfold import as_list as listed
from cycle.workflow.values import kinds_of, list_of, mapping

# What the narrowing keys of a mail under `on` name.
_NARROWED = {"phase": "phases", "kind": "vocab.documents", "of": "meetings", "meeting": "meetings"}


def complain_of_steps(reading: Reading, whole: Mapping[str, Any], lent: Lent, names: Names) -> None:
    """Notes what the steps of the ladder and the mails after facts name and is not there, and steps told twice."""
    for key in mapping(whole.get("ladder")):
        if key not in names.get("ladder", {key}):
            reading.complain(("ladder", key), unknown(Key("mistake.a.date"), key, names["ladder"]), at_key=True)
    for fact in mapping(whole.get("on")):
        if fact not in lent.facts:
            reading.complain(("on", fact), unknown(Key("mistake.a.fact"), fact, lent.facts), at_key=True)
    highest = len(list_of(whole.get("escalation")))
    kinds = kinds_of(whole)
    firsts: dict[tuple[str, ...], Place] = {}
    for place, step in all_steps(whole):
        mail, to, level = step.get("mail"), step.get("to"), step.get("level")
        if isinstance(mail, str) and mail not in names.get("mails", {mail}):
            reading.complain((*place, "mail"), _unknown_mail(mail, kinds))
        if isinstance(to, str) and to not in names.get("recipients", {to}):
            reading.complain((*place, "to"), unknown(Key("mistake.a.recipient"), to, names["recipients"]))
        if isinstance(level, int) and not isinstance(level, bool) and not 1 <= level <= highest:
            reading.complain((*place, "level"), Mistake("no_level", level=level, highest=highest))
        twin = firsts.setdefault(_ledger_key(place, step), place)
        if twin != place:
            reading.complain((*place, "mail"), Mistake("step_twice", mail=mail))
        if (to is None) == (level is None):
            reading.complain(place, Mistake("step_receiver"))
        if place[0] == "ladder" and isinstance(step.get("phase"), str):
            complain_of_name(reading, (*place, "phase"), step["phase"], "phases", names)
        if "attach" in step:
            _attached(reading, place, step, lent, names)
        if place[0] == "on" and str(place[1]) in lent.facts:
            _narrows(reading, place, step, lent.facts[str(place[1])].narrows, names)


def all_steps(whole: Mapping[str, Any]) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The places and values of the steps under `ladder` and of the mails under `on`."""
    for key, steps in mapping(whole.get("ladder")).items():
        yield from ((("ladder", key, index), step) for index, step in enumerate(list_of(steps)) if isinstance(step, dict))
    for key, follows in mapping(whole.get("on")).items():
        if isinstance(follows, dict):
            yield ("on", key), follows
        else:
            yield from ((("on", key, at), each) for at, each in enumerate(listed(follows)) if isinstance(each, dict))


def _attached(reading: Reading, place: Place, step: Mapping[str, Any], lent: Lent, names: Names) -> None:
    """An attachment that is called like a fact goes with the mails that follow it and no others; of the others none does."""
    fact = str(place[1]) if place[0] == "on" else ""
    fitting = {name for name in lent.attachments if (name == fact if fact else name not in lent.facts)}
    if not fitting:
        keys = FOLLOW_KEYS | (lent.facts[fact].narrows if fact in lent.facts else frozenset())
        reading.complain((*place, "attach"), unknown(Key("mistake.a.key"), "attach", keys - {"attach"}), at_key=True)
    elif isinstance(step["attach"], str):
        fitted = {**names, "attachments": frozenset(fitting)}
        complain_of_name(reading, (*place, "attach"), step["attach"], "attachments", fitted)


def _unknown_mail(mail: str, kinds: Mapping[str, str]) -> Mistake:
    mistake = unknown(Key("mistake.a.mail"), mail, kinds)
    return mistake if "nearest" in mistake.facts else Mistake("mail_without_kind", mail=mail)


def _ledger_key(place: Place, step: Mapping[str, Any]) -> tuple[str, ...]:
    """What the ledger tells one step of a date, or one mail after a fact, from another; `to` is not part of it."""
    told = {key: value for key, value in step.items() if key not in ("to", "phase", "attach")}
    with suppress(ValueError):
        told["at"] = parse_offset(str(step.get("at")))
    if place[0] == "on":
        told.pop("level", None)
    return (*map(str, place[:2]), *sorted(f"{key}={value}" for key, value in told.items()))


def _narrows(reading: Reading, place: Place, step: Mapping[str, Any], allowed: frozenset[str], names: Names) -> None:
    for key, value in step.items():
        if key in FOLLOW_KEYS:
            continue
        if key not in allowed:
            reading.complain((*place, key), unknown(Key("mistake.a.key"), key, allowed | FOLLOW_KEYS), at_key=True)
        elif not isinstance(value, str):
            reading.complain((*place, key), unwanted(value, Key("mistake.wanted.text")))
        elif key in _NARROWED:
            complain_of_name(reading, (*place, key), value, _NARROWED[key], names)
