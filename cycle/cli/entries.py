"""`cycle history list` and `show`: the entries as sentences, as documents and as lines for a spreadsheet."""

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cycle.cli import shell
from cycle.cli.shell import LARGEST, AsOf, Effective, Json, OfPlan, word
from cycle.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cycle.journal.history import Told

Year = Annotated[
    int | None,
    typer.Argument(
        metavar="[YEAR]", min=shell.FIRST_YEAR, max=shell.LAST_YEAR, help=word("arg.year_optional"), show_default=False
    ),
]


def list_entries(
    year: Year = None,
    type: Annotated[list[str] | None, typer.Option("--type", help=word("opt.type"), show_default=False)] = None,
    last: Annotated[int | None, typer.Option("--last", min=1, help=word("opt.last"), show_default=False)] = None,
    backdated: Annotated[bool, typer.Option("--backdated", help=word("opt.backdated"))] = False,
    as_of: AsOf = None,
    effective: Effective = None,
    csv: Annotated[bool, typer.Option("--csv", help=word("opt.csv"))] = False,
    plan: OfPlan = None,
    json: Json = False,
) -> None:
    from cycle.cli.telling import entry_document, entry_sentence, labels_of, names_of
    from cycle.cycles.records import cycles_of, workflows_of
    from cycle.journal.history import delay_days, entries, reason, written_by

    zone = shell.site().zone
    for each in type or ():
        shell.choose("--type", each, (key.removeprefix("type.") for key in shell.wording().keys if key.startswith("type.")))
    with shell.reading(year, plan=plan, as_of=as_of, effective=effective) as about:
        cycle = about.cycle.key if year is not None else None
        of_plan = [each.key for each in cycles_of(about.session, plan)] if plan is not None and year is None else None
        every = entries(about.session, cycle=cycle, cycles=of_plan, types=type or (), newest_first=True)
        newest = (each for each in every if not backdated or delay_days(each, zone) > 0)
        found = list(islice(newest, last))[::-1]
        names = names_of(about.session)
        told = [(entry, reason(about.session, entry)) for entry in found]
        labels = labels_of(workflows_of(about.session))
        versions = written_by(about.session, found)
    late = {entry.seq: delay_days(entry, zone) for entry in found}
    if json:
        documents = [
            entry_document(entry, why) | {"delay_days": late[entry.seq], "software": versions[entry.seq]} for entry, why in told
        ]
        facts = {"year": year, "as_of": as_of, "effective": effective, "backdated": backdated}
        shell.as_json({"schema": "cycle/history/1", **facts, "entries": documents})
        return
    rows = [
        [
            entry.seq,
            entry.recorded_at,
            names.get(entry.body["actor"]["ref"], entry.body["actor"]["ref"]),
            entry_sentence(entry, labels, names),
            why,
        ]
        for entry, why in told
    ]
    if csv:
        _csv(told, rows, late, versions)
        return
    columns = [("col.no", "right"), ("col.when", "whole"), ("col.who", "left"), ("col.what", "left"), ("col.reason", "left")]
    if backdated:
        columns = [*columns[:2], ("col.effective", "whole"), ("col.delay_days", "right"), *columns[2:]]
        rows = [[*row[:2], entry.effective_on, late[entry.seq], *row[2:]] for row, (entry, _) in zip(rows, told, strict=True)]
    shell.as_table(word("title.backdated" if backdated else "title.history"), columns, rows)


def _csv(
    told: "Iterable[tuple[Told, str | None]]", rows: list[list[Any]], late: dict[int, int], versions: dict[int, str]
) -> None:
    """The same for a spreadsheet, with what an auditor looks for beside it: the number within the year (without a gap),
    role, type, checks, the workflow's hash, the days it was recorded late, the programme's version, who approved."""
    header = ["no", "when", "who", "what", "reason", "of_year", "role", "type", "checks", "workflow", "effective", "hash"]
    header += ["delay_days", "software", "second"]
    lines = []
    for (entry, _), row in zip(told, rows, strict=True):
        checks = [f"{c['check']} {'+' if c['met'] else 'waived' if c['waived'] else '-'}" for c in entry.data.get("checks", [])]
        more = [entry.body["cseq"], entry.body["actor"]["role"], entry.type, ", ".join(checks), entry.data.get("workflow")]
        second = entry.body["second"]
        known = [late[entry.seq], versions[entry.seq], second and f"{second['ref']} ({second['role']})"]
        lines.append([*row, *more, entry.effective_on, entry.hash, *known])
    shell.as_csv(header, lines)


def show_entry(
    number: Annotated[int, typer.Argument(metavar="NR", min=0, max=LARGEST, help=word("arg.seq"), show_default=False)],
    json: Json = False,
) -> None:
    from cycle.cli.telling import actor_line, changed_lines, entry_document, entry_sentence, labels_of, names_of, second_line
    from cycle.cycles.records import workflows_of
    from cycle.journal.history import by_id, delay_days, entries, reason, written_by

    with shell.reading() as answer:
        told = next(iter(entries(answer.session, after=number - 1, until=number)), None)
        if told is None:
            raise NotFound("unknown_entry", number=number)
        why = reason(answer.session, told)
        names = names_of(answer.session)
        labels = labels_of(workflows_of(answer.session))
        software = written_by(answer.session, [told])[told.seq]
        old = by_id(answer.session, told.body["supersedes"]) if told.body["supersedes"] else None
    late = delay_days(told, shell.site().zone)
    corrects = old.seq if old else None
    if json:
        known = {"delay_days": late, "software": software, "corrects": corrects}
        shell.as_json({"schema": "cycle/entry/1", **entry_document(told, why), **known})
        return
    body = told.body
    lines: list[tuple[str, Any]] = [
        ("col.no", told.seq),
        ("col.what", entry_sentence(told, labels, names)),
        ("col.when", told.recorded_at),
        ("col.effective", told.effective_on),
        ("col.delay_days", late or None),
        ("col.who", actor_line(body["actor"], names, labels)),
        ("col.second", second_line(body["second"], names)),
        ("col.reason", why),
        ("col.basis", ", ".join(f"{each['kind']} {each['ref']}" for each in body["basis"]) or None),
        ("col.corrects", corrects),
        ("col.cycle", f"{body['cycle']} / {body['cseq']}" if body["cycle"] else None),
        ("col.software", software),
        ("col.hash", told.hash),
    ]
    shell.as_table(
        word("title.entry", number=number),
        [("col.field", "left"), ("col.value", "left")],
        [[word(k), v] for k, v in lines if v is not None],
    )
    for line in changed_lines(told):
        typer.echo(line)
