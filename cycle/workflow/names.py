"""Checks that every name in a workflow file exists: in the file itself, among what the houses lend, among the templates.

Works on the file's own values and passes over whatever has the wrong shape, so that all mistakes come in one go.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from cycle.errors import Key, Mistake
from cycle.vocabulary import Lent, Right
from cycle.workflow.arguments import (
    Names,
    complain_of_arguments,
    complain_of_name,
    complain_of_value,
    keyword_parameters,
    value_parameter,
)
from cycle.workflow.grammar import Relative, Rule, parse_offset, parse_rule
from cycle.workflow.model import ENGINE_LISTS, EVERY_ACTIVE, PARTNER_DEPUTY, WEEKLY_DIGEST, folded
from cycle.workflow.parts import MailKind, TransitionKind
from cycle.workflow.reading import Place, Reading
from cycle.workflow.shape import unknown, unwanted
from cycle.workflow.unfold import CHECK_KEYS, FOLLOW_KEYS
from cycle.workflow.unfold import as_list as listed

_FROM_EVERYWHERE = (TransitionKind.HOLD.value, TransitionKind.CANCEL.value)
# What the narrowing keys of a mail under `on` name.
_NARROWED = {"phase": "phases", "kind": "vocab.documents", "of": "meetings", "meeting": "meetings"}


def complain_of_names(
    reading: Reading, whole: Mapping[str, Any], lent: Lent, templates: frozenset[str], defaults: Mapping[str, Any]
) -> None:
    """Notes every name that does not exist; `whole` is the complete file in its own form."""
    names = _names(whole, lent)
    _simple_names(reading, whole, names)
    _dates(reading, whole, lent, names)
    _checks(reading, whole, lent, names)
    _mails(reading, whole, templates)
    _steps(reading, whole, lent, names)
    _four_eyes(reading, whole)
    _words(reading, whole, defaults)


def mapping(value: Any) -> dict[str, Any]:
    """The value if it is a mapping, else an empty one: its shape is complained of elsewhere."""
    return value if isinstance(value, dict) else {}


def entries(whole: Mapping[str, Any], section: str) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The places and values of a section that is a mapping (or list) of mappings."""
    value = whole.get(section)
    pairs: Iterable[tuple[str | int, Any]] = value.items() if isinstance(value, dict) else enumerate(_list(value))
    for key, entry in pairs:
        if isinstance(entry, dict):
            yield (section, key), entry


def kinds_of(whole: Mapping[str, Any]) -> dict[str, str]:
    """The kind of every mail that the file names."""
    return {mail: kind.value for kind in MailKind for mail in _texts(mapping(whole.get("mails")).get(kind.value))}


def rule_of(text: Any) -> Rule | None:
    """The date rule that a text means; None where it is none: that is complained of elsewhere."""
    try:
        return parse_rule(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _names(whole: Mapping[str, Any], lent: Lent) -> Names:
    # a section of the wrong shape is left out, so that not every name of it is complained of as well
    sections = ("meetings", "dates", "roles", "checks", "calendars")
    names = {section: frozenset(whole[section]) for section in sections if isinstance(whole.get(section), dict)}
    if isinstance(whole.get("phases"), list):
        names["phases"] = frozenset(_texts([entry.get("id") for _, entry in entries(whole, "phases")]))
        names["every_active"] = names["phases"] | {EVERY_ACTIVE}
    if isinstance(whole.get("mails"), dict):
        names["mails"] = frozenset(kinds_of(whole))
    names["audiences"] = frozenset(lent.audiences)
    names["attachments"] = frozenset(lent.attachments)
    if "roles" in names:
        names["recipients"] = names["audiences"] | names["roles"]
        names["escalation"] = names["roles"] | {PARTNER_DEPUTY}
    if "dates" in names:
        names["ladder"] = names["dates"] | frozenset(lent.dated)
    for words, entry in mapping(whole.get("vocab")).items():
        names[f"vocab.{words}"] = frozenset(mapping(entry))
    return names


def _simple_names(reading: Reading, whole: Mapping[str, Any], names: Names) -> None:
    def one(place: Place, entry: Mapping[str, Any], key: str, section: str) -> None:
        if isinstance(entry.get(key), str):
            complain_of_name(reading, (*place, key), entry[key], section, names)

    def all_of(place: Place, entry: Mapping[str, Any], key: str, section: str) -> None:
        for index, name in enumerate(entry[key] if isinstance(entry.get(key), list) else ()):
            if isinstance(name, str):
                complain_of_name(reading, (*place, key, index), name, section, names)

    one(("cycle",), mapping(whole.get("cycle")), "previous_must_be_closed_before", "phases")
    for key in ("not_on", "requests_and_reminders_not_in"):
        all_of(("send_window",), mapping(whole.get("send_window")), key, "calendars")
    all_of((), whole, "escalation", "escalation")
    all_of(("policy",), mapping(whole.get("policy")), "approval", "mails")
    all_of(("mails",), mapping(whole.get("mails")), "by_hand", "mails")
    for place, meeting in entries(whole, "meetings"):
        one(place, meeting, "date", "dates")
        one(place, meeting, "until", "dates")
        one(place, meeting, "register_until", "dates")
        if sum((bool(meeting.get("date")), bool(meeting.get("per")), meeting.get("many") is True)) != 1:
            reading.complain(place, Mistake("meeting_without_time"), at_key=True)
    for place, date in entries(whole, "dates"):
        all_of(place, date, "avoid", "calendars")
        one(place, date, "phase", "phases")
    for place, phase in entries(whole, "phases"):
        one(place, phase, "due", "dates")
        all_of(place, phase, "exit", "checks")
    for place, transition in entries(whole, "transitions"):
        every = "every_active" if transition.get("kind") in _FROM_EVERYWHERE else "phases"
        one(place, transition, "from", every)
        one(place, transition, "to", "phases")
        all_of(place, transition, "to", "phases")
        all_of(place, transition, "codes", "vocab.skip_codes")
        all_of(place, transition, "also", "checks")
        all_of(place, transition, "owed_later", "checks")
        one(place, transition, "needs_document", "vocab.documents")


def _dates(reading: Reading, whole: Mapping[str, Any], lent: Lent, names: Names) -> None:
    for place, date in entries(whole, "dates"):
        rule = rule_of(date.get("rule"))
        if isinstance(rule, Relative):
            complain_of_name(reading, (*place, "rule"), rule.key, "dates", names)
        _done(reading, (*place, "done"), date.get("done"), lent, names)


def _done(reading: Reading, place: Place, done: Any, lent: Lent, names: Names) -> None:
    if isinstance(done, str):
        word, at, value, narrow = done, place, None, {}
    elif isinstance(done, dict) and done:
        word = next(iter(done))
        at, value = (*place, word), done[word]
        narrow = {key: each for key, each in done.items() if key != word}
    else:
        return
    if word not in lent.ends:
        reading.complain(at, unknown(Key("mistake.a.word"), word, lent.ends), at_key=True)
        return
    parameter = value_parameter(lent.ends[word])
    if value is not None and parameter:
        complain_of_value(reading, at, value, parameter.annotation, names)
    elif value is not None:
        reading.complain(at, Mistake("end_with_value", word=word))
    elif parameter and parameter.required:
        reading.complain(at, Mistake("end_without_value", word=word))
    complain_of_arguments(reading, place, narrow, keyword_parameters(lent.ends[word]), names)


def _checks(reading: Reading, whole: Mapping[str, Any], lent: Lent, names: Names) -> None:
    for place, check in entries(whole, "checks"):
        name = check.get("check")
        if not isinstance(name, str):
            continue
        if name not in lent.checks:
            reading.complain((*place, "check"), unknown(Key("mistake.a.check"), name, lent.checks))
            continue
        given = {key: value for key, value in check.items() if key not in CHECK_KEYS}
        parameters = keyword_parameters(lent.checks[name])
        complain_of_arguments(reading, place, given, parameters, names, also_known=CHECK_KEYS)


def _mails(reading: Reading, whole: Mapping[str, Any], templates: frozenset[str]) -> None:
    mails = mapping(whole.get("mails"))
    seen: dict[str, str] = {}
    steps = _texts([step.get("mail") for _, step in _all_steps(whole)])
    by_hand = _texts(mails.get("by_hand"))
    steps += [WEEKLY_DIGEST] if mapping(whole.get("policy")).get("digest") else []
    for kind in MailKind:
        for index, mail in enumerate(_list(mails.get(kind.value))):
            place = ("mails", kind.value, index)
            if not isinstance(mail, str):
                continue
            if mail in seen:
                reading.complain(place, Mistake("mail_of_two_kinds", mail=mail, kind=seen[mail]))
                continue
            seen[mail] = kind.value
            if mail not in templates:
                reading.complain(place, unknown(Key("mistake.a.template"), mail, templates))
            elif mail not in steps and mail not in by_hand:
                reading.complain(place, Mistake("mail_unused", mail=mail))


def _steps(reading: Reading, whole: Mapping[str, Any], lent: Lent, names: Names) -> None:
    for key in mapping(whole.get("ladder")):
        if key not in names.get("ladder", {key}):
            reading.complain(("ladder", key), unknown(Key("mistake.a.date"), key, names["ladder"]), at_key=True)
    for fact in mapping(whole.get("on")):
        if fact not in lent.facts:
            reading.complain(("on", fact), unknown(Key("mistake.a.fact"), fact, lent.facts), at_key=True)
    highest = len(_list(whole.get("escalation")))
    kinds = kinds_of(whole)
    firsts: dict[tuple[str, ...], Place] = {}
    for place, step in _all_steps(whole):
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


def _attached(reading: Reading, place: Place, step: Mapping[str, Any], lent: Lent, names: Names) -> None:
    """An attachment that is called like a fact goes with the mails that follow it and no others; of the others none does."""
    fact = str(place[1]) if place[0] == "on" else ""
    fitting = {name for name in lent.attachments if (name == fact if fact else name not in lent.facts)}
    if not fitting:
        keys = FOLLOW_KEYS | (lent.facts[fact].narrows if fact in lent.facts else frozenset())
        reading.complain((*place, "attach"), unknown(Key("mistake.a.key"), "attach", keys - {"attach"}), at_key=True)
    elif isinstance(step["attach"], str):
        complain_of_name(
            reading, (*place, "attach"), step["attach"], "attachments", {**names, "attachments": frozenset(fitting)}
        )


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


def _four_eyes(reading: Reading, whole: Mapping[str, Any]) -> None:
    approving = [role for _, role in entries(whole, "roles") if Right.APPROVE.value in _list(role.get("may"))]
    if approving or not isinstance(whole.get("roles"), dict):
        return
    for section in ("phases", "transitions"):
        for place, entry in entries(whole, section):
            if entry.get("four_eyes") is True:
                reading.complain((*place, "four_eyes"), Mistake("nobody_approves"))


def _words(reading: Reading, whole: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    shipped = mapping(defaults.get("vocab"))
    for words, list_ in mapping(whole.get("vocab")).items():
        if words not in shipped:
            reading.complain(("vocab", words), unknown(Key("mistake.a.list"), words, shipped), at_key=True)
            continue
        seen: dict[str, str] = {}
        for word, entry in mapping(list_).items():
            place = ("vocab", words, word)
            if words in ENGINE_LISTS and word not in shipped[words]:
                reading.complain(place, unknown(Key("mistake.a.word"), word, shipped[words]), at_key=True)
            for spelling in {folded(each) for each in (word, *_spellings(mapping(entry)))}:
                other = seen.setdefault(spelling, word)
                if other != word:
                    reading.complain(place, Mistake("spelling_twice", spelling=spelling, word=other), at_key=True)
            language = mapping(entry).get("language")
            given = place in reading.key_marks
            if given and isinstance(language, str) and language not in _list(whole.get("languages")):
                mistake = unknown(Key("mistake.a.language"), language, _texts(whole.get("languages")))
                reading.complain((*place, "language"), mistake)


def _spellings(entry: Mapping[str, Any]) -> list[str]:
    return [each for each in (entry.get("de"), entry.get("en"), *_texts(entry.get("also"))) if isinstance(each, str)]


def _all_steps(whole: Mapping[str, Any]) -> Iterator[tuple[Place, dict[str, Any]]]:
    for key, steps in mapping(whole.get("ladder")).items():
        yield from ((("ladder", key, index), step) for index, step in enumerate(_list(steps)) if isinstance(step, dict))
    for key, follows in mapping(whole.get("on")).items():
        if isinstance(follows, dict):
            yield ("on", key), follows
        else:
            yield from ((("on", key, at), each) for at, each in enumerate(listed(follows)) if isinstance(each, dict))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    return [each for each in _list(value) if isinstance(each, str)]
