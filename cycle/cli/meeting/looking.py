"""Meetings shown: the list of a year, one with its programme and who comes, and the draft of a text for the press."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cycle.adapters.files import write_whole
from cycle.cli import output, shell
from cycle.cli.meeting.agenda import show_items, told
from cycle.cli.meeting.options import Group, Name, app
from cycle.cli.options import AsOf, Effective, Json, OfPlan, YearArg
from cycle.cli.words import language, word

SAID = ("status", "partner", "organisation", "on_site", "online", "needs", "late", "on")


@app.command("list", help=word("cli.meeting.list"))
def list_meetings(
    year: YearArg, as_of: AsOf = None, effective: Effective = None, plan: OfPlan = None, json: Json = False
) -> None:
    from cycle.inventory.rules.shares import percent_text
    from cycle.meetings.records import attendance_of, meetings_of

    with shell.reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        found = [_document(about, meeting) for meeting in meetings_of(about.session, about.cycle_id)]
        there = attendance_of(about.session, about.cycle_id, about.organiser)
    rows = [
        [m["name"], m["label"], m["day"], m["start"], m["venue"], word(f"meeting_status.{m['status']}"), _people(m)]
        for m in found
    ]
    columns = [(f"col.{name}", "left") for name in ("meeting", "label", "day", "start", "venue", "state", "people")]
    attendance = {name: getattr(there, name) for name in ("held", "noted", "on_site", "online", "at_least", "active")}
    attendance |= {"organisations": list(there.organisations), "active_present": there.active_present, "share": there.share}
    document = {"meetings": found, "attendance": attendance}
    output.show("title.meetings", columns=columns, rows=rows, json=json, schema="cycle/meetings/1", document=document)
    if there.noted and not json:
        output.say(
            "attendance_told",
            organisations=len(there.organisations),
            present=there.active_present,
            active=there.active,
            percent=percent_text(there.share or 0, language()),
            noted=there.noted,
            held=there.held,
        )


@app.command("show", help=word("cli.meeting.show"))
def show_meeting(
    year: YearArg,
    name: Name,
    group: Group = None,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help=word("opt.meeting_csv"), show_default=False)] = None,
    as_of: AsOf = None,
    effective: Effective = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.meetings.actions import find

    with shell.reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        meeting = find(about, name, group)
        shown = _document(about, meeting)
        items, coming = told(about, meeting), _coming(about, meeting)
    if csv is not None:
        _write_csv(csv, coming)
    if json:
        output.as_json({"schema": "cycle/meeting/1", **shown, "agenda": items, **coming})
        return
    fields = shown | {"status": word(f"meeting_status.{meeting.status}")}
    rows = [[word(f"meeting.{key}"), value] for key, value in fields.items() if value not in (None, False) and key != "kind"]
    output.as_table(shown["label"], [("col.field", "left"), ("col.value", "left")], rows)
    if items:
        show_items(items)
    if coming["said"]:
        _show_said(coming)
    output.as_table(word("title.coming"), [("col.field", "left"), ("col.value", "right")], _sums(coming["sums"]))
    if csv is not None:
        output.say("done.coming_written", file=csv, count=len(coming["said"]))


@app.command("press", help=word("cli.meeting.press"))
def press(
    year: YearArg,
    name: Name,
    group: Group = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help=word("opt.press_to"), show_default=False)] = None,
    as_of: AsOf = None,
    effective: Effective = None,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.adapters.templates import Letters
    from cycle.meetings.actions import find
    from cycle.reports.records.press import facts

    site = shell.site()
    with shell.reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        meeting = find(about, name, group)
        found = facts(about, meeting, site.settings, language())
        text = Letters(site.files.folders("templates"), ("de", "en")).text(f"press/{language()}/meeting.txt.j2", found)
    if to is not None:
        write_whole(to, text.encode("utf-8"))
    filed = f"cycle document file {year} press_text --of {meeting.rule} --file {to or 'FILE'}"
    if json:
        output.as_json(
            {"schema": "cycle/press/1", "year": year, "meeting": meeting.name, "text": text, "file": to, "next": filed}
        )
        return
    if to is None:
        typer.echo(text, nl=False)
    else:
        output.say("done.press_written", file=to)
    output.say("press_is_a_draft")
    output.say("next", command=filed)


def _document(about: Any, meeting: Any) -> dict[str, Any]:
    from cycle.dates.records import deadlines
    from cycle.meetings.actions import day_of

    rule = about.workflow.meetings[meeting.rule]
    days = {row.key: row.planned for row in deadlines(about.session, about.cycle_id)}
    return {
        "name": meeting.name,
        "label": rule.label(language()),
        "kind": meeting.kind,
        "group": meeting.group,
        "day": day_of(about, meeting),
        "start": meeting.opens,
        "end": meeting.closes,
        "venue": meeting.venue,
        "mode": meeting.mode,
        "link": meeting.link,
        "register_until": days.get(rule.register_until),
        "status": meeting.status,
        "held_on": meeting.held_on,
        "on_site": meeting.on_site,
        "online": meeting.online,
        "online_at_least": meeting.online_at_least,
        "present": meeting.present,
        "sequence": meeting.sequence,
    }


def _coming(about: Any, meeting: Any) -> dict[str, Any]:
    """What partners said, and the sums for whoever prepares rooms and food; who gave no number is counted apart."""
    from cycle.dates.records import deadlines
    from cycle.meetings.records import Word, participations
    from cycle.meetings.rules import needs_of, total
    from cycle.partners.records import partners_all

    names = {partner.number: partner.name for partner in partners_all(about.session)}
    closes = about.workflow.meetings[meeting.rule].register_until
    last = next((row.planned for row in deadlines(about.session, about.cycle_id) if row.key == closes), None)
    every = sorted(participations(about.session, meeting.id or 0), key=lambda each: each.partner)
    late = {each.partner for each in every if last is not None and each.said_on > last}
    registered = [each for each in every if each.status == Word.REGISTERED]
    said = [
        {
            "partner": each.partner,
            "organisation": names.get(each.partner),
            "status": each.status,
            "mode": each.mode,
            "on_site": each.on_site,
            "online": each.online,
            "needs": needs_of(each.needs),
            "on": each.said_on,
            "late": each.partner in late,
        }
        for each in every
    ]
    needs = total([*(needs_of(each.needs) for each in registered), needs_of(meeting.citizens_needs)])
    sums: dict[str, Any] = {
        "registered": len(registered),
        "excused": len(every) - len(registered),
        "on_site": sum(each.on_site or 0 for each in registered) + (meeting.citizens_on_site or 0),
        "online": sum(each.online or 0 for each in registered) + (meeting.citizens_online or 0),
        "without_number": sum(each.on_site is None and each.online is None for each in registered),
        "citizens": (meeting.citizens_on_site or 0) + (meeting.citizens_online or 0),
        "late": sum(each.partner in late for each in registered),
        "needs": needs,
    }
    words = about.workflow.vocab.get("attendance_needs", {})
    sums["need_labels"] = {need: _need(words, need) for need in needs}
    return {"said": said, "sums": sums}


def _need(words: Any, need: str) -> str:
    """`interpretation ar` as a person reads it: the label, and what stands behind it."""
    word_, _, more = need.partition(" ")
    label = words[word_].label(language()) if word_ in words else word_
    return f"{label} {more}".strip()


def _show_said(coming: dict[str, Any]) -> None:
    """What partners said as a table, without columns in which nothing stands."""
    lines = [dict(zip(SAID, line, strict=True)) for line in _lines(coming)]
    shown = [name for name in SAID if any(line[name] not in (None, "") for line in lines)]
    right = ("partner", "on_site", "online")
    columns = [(f"col.said.{name}", "right" if name in right else "left") for name in SAID if name in shown]
    output.as_table(word("title.said"), columns, [[line[name] for name in shown] for line in lines])


def _lines(coming: dict[str, Any]) -> list[list[Any]]:
    labels = coming["sums"]["need_labels"]
    return [
        [
            word(f"said.{each['status']}"),
            each["partner"],
            each["organisation"],
            each["on_site"] if each["on_site"] is not None or each["online"] is not None else _word_of_mode(each["mode"]),
            each["online"],
            ", ".join(f"{count} × {labels.get(need, need)}" for need, count in each["needs"].items()),
            word("said.late") if each["late"] else None,
            each["on"],
        ]
        for each in coming["said"]
    ]


def _word_of_mode(mode: str | None) -> str | None:
    """How somebody comes who gave no number."""
    return word(f"mode.{mode}") if mode else None


def _sums(sums: dict[str, Any]) -> list[list[Any]]:
    names = ("registered", "excused", "on_site", "online", "without_number", "citizens", "late")
    rows = [[word(f"coming.{name}"), sums[name]] for name in names if sums[name] or name in ("registered", "on_site", "online")]
    return [*rows, *([sums["need_labels"][need], count] for need, count in sums["needs"].items())]


def _write_csv(file: Path, coming: dict[str, Any]) -> None:
    """Who comes, one line an organisation and one for each sum: for the house and the kitchen, without anybody's name."""
    lines = [*_lines(coming), *([label, None, None, count] for label, count in _sums(coming["sums"]))]
    output.as_csv(SAID, [[*line, *[None] * (len(SAID) - len(line))] for line in lines], file=file, prefix="col.said.")


def _people(meeting: dict[str, Any]) -> str:
    online = meeting["online"]
    parts = [str(meeting["on_site"]) if meeting["on_site"] is not None else None]
    parts.append(f"{'≥' if meeting['online_at_least'] else ''}{online} online" if online is not None else None)
    return " + ".join(part for part in parts if part)
