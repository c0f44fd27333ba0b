"""Network groups from a file, and a group's speaker."""

from dataclasses import dataclass
from pathlib import Path

from cycle.adapters.tables import Problem, Report, Source, count, read, value
from cycle.adapters.tables.mending import filled_line
from cycle.errors import WrongInput
from cycle.journal.entry import Entry
from cycle.partners.records import NetworkGroup, group_of, groups_all, partners_all

COLUMNS = {
    "code": ("Nr", "Kürzel", "Gruppe"),
    "name": ("Name",),
    "speaker": ("Sprecher Partner-Nr", "Sprecher"),
    "members": ("Mitglieder",),
}


@dataclass(frozen=True)
class ImportedGroups:
    """What an import did, by codes; `unknown_speakers` are numbers of partners that are not known yet."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unknown_speakers: tuple[int, ...]


def read_groups(file: Path | Source, report: Report | None = None) -> list[NetworkGroup]:
    """The groups of a file, not yet entered. With a `report` wrong rows are told there and left out.

    Raises:
        NotFound, WrongInput: as `tables.read`, or without a report `partner_file_wrong` with every wrong cell.
    """
    table = read(file, columns=COLUMNS, required=("code", "name"))
    seen = Report() if report is None else report
    seen.begin(table)
    groups, lines = list[NetworkGroup](), dict[str, int]()
    for row in table.rows:
        code = value(table, row, "code", filled_line, seen)
        name = value(table, row, "name", filled_line, seen)
        speaker = value(table, row, "speaker", count, seen)
        members = value(table, row, "members", count, seen)
        if code in lines:
            told = {"group": code, "other": lines[code]}
            seen.append(Problem(table.file, row.line, table.headers["code"], "group_twice", **told))
        if seen.is_wrong(row.line) or code is None or name is None:
            continue
        lines[code] = row.line
        groups.append(NetworkGroup(code=code, name=name, speaker=speaker, members=members))
    if report is None and seen.errors:
        raise WrongInput("partner_file_wrong", problems=seen.errors, file=table.file, count=len(seen.errors))
    return groups


def import_groups(entry: Entry, file: Path | Source, report: Report | None = None) -> ImportedGroups:
    """The groups of a file, by code; groups that the file does not name stay. No entry if nothing is new.

    Raises:
        NotFound, WrongInput: as `read_groups`.
    """
    groups = read_groups(file, report)
    known = {group.code: group for group in groups_all(entry.session)}
    added = entry.add_all([group for group in groups if group.code not in known])
    changed = []
    for group in groups:
        before = known.get(group.code)
        if before is not None:
            version = before.version
            entry.change(before, name=group.name, speaker=group.speaker, members=group.members)
            changed += [group.code] if before.version != version else []
    partners = {partner.number for partner in partners_all(entry.session)}
    unknown = sorted({group.speaker for group in groups if group.speaker is not None and group.speaker not in partners})
    if not added and not changed:
        entry.leave_out()
    entry.tell(added=[group.code for group in added], changed=changed, unknown_speakers=unknown)
    return ImportedGroups(tuple(group.code for group in added), tuple(changed), tuple(unknown))


def edit_group(entry: Entry, code: str, *, speaker: int | None = None, name: str | None = None) -> NetworkGroup:
    """Another speaker (the number of a partner, which may become known later) or name of a group.

    Raises:
        NotFound: for an unknown group.
        WrongInput: if nothing is given, or it is so already.
    """
    group = group_of(entry.session, code)
    given = {key: new for key, new in {"speaker": speaker, "name": (name or "").strip() or None}.items() if new is not None}
    if all(getattr(group, key) == new for key, new in given.items()):
        raise WrongInput("group_is_so", group=code)
    entry.tell(group=code, fields=sorted(given))
    return entry.change(group, **given)
