"""What goes along with an exported history: its cover for people and for programs, and what to check it with."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from cycle import __version__
from cycle.app.places import data_root
from cycle.app.site import Site
from cycle.journal.entry import Entry
from cycle.journal.export import Line, Selection
from cycle.journal.form import SPEC, anchor_line
from cycle.journal.verify import Verdict
from cycle.people.records import person_by_ref

SCHEMA = "cycle/export/1"
ENCLOSED = ("verify.pl", "verify.mjs", "LIESMICH.txt", "README.txt")
SPEC_PAGE = "cycle-log-1.md"


@dataclass(frozen=True)
class Asked:
    """What is to go out: one year's entries or all, of a span of days, without some, as lines, as a table, with openings."""

    year: int | None = None
    plan: str | None = None
    first: date | None = None
    last: date | None = None
    redact: tuple[str, ...] = ()
    exact: bool = True
    table: bool = True
    openings: bool = False


@dataclass
class Tally:
    """What has gone out so far: of all entries and of each cycle's those that are shown."""

    entries: int = 0
    shown: int = 0
    openings: int = 0
    redacted: set[str] = field(default_factory=set)
    cycles: dict[str, list[int]] = field(default_factory=dict)

    def take(self, line: Line) -> None:
        """Count one line."""
        self.entries += 1
        self.shown += line.shown
        self.openings += len(line.openings)
        self.redacted.update(line.redacted)
        if line.cycle is not None:
            count = self.cycles.setdefault(str(line.cycle), [0, 0])
            count[0] += line.shown
            count[1] += 1


class Sink:
    """A file while it is written, its size and hash; without a file only those. Text that is none is written as it looks."""

    def __init__(self, file: Path | None) -> None:
        self._stream = file.open("xb") if file else None
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, text: str) -> int:
        """Take some more text."""
        return self.take(text.encode("utf-8", "backslashreplace"))

    def take(self, data: bytes) -> int:
        """Take some more bytes."""
        self._hash.update(data)
        self.size += len(data)
        if self._stream is not None:
            self._stream.write(data)
        return len(data)

    def close(self) -> None:
        """No more will come."""
        if self._stream is not None:
            self._stream.close()

    @property
    def sha256(self) -> str:
        """The hash of what was written."""
        return self._hash.hexdigest()


def sha256_of(file: Path) -> str:
    """The hash of a file of any size."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def cover_document(
    site: Site, entry: Entry, asked: Asked, selection: Selection, verdict: Verdict, tally: Tally, sinks: Mapping[str, Sink]
) -> dict[str, Any]:
    """The cover in JSON: what was asked, how much and how complete it is, its head, who made it, when, with which version."""
    person = person_by_ref(entry.session, entry.actor.ref)
    return {
        "schema": SCHEMA,
        "asked": {
            "cycle": selection.cycle,
            "from": asked.first,
            "to": asked.last,
            "redact": sorted(asked.redact),
            "openings": asked.openings,
        },
        "municipality": site.settings.city.name,
        "spec": SPEC,
        "anchor": anchor_line(verdict.log, verdict.entries, verdict.head),
        "head": verdict.head,
        "entries": tally.entries,
        "shown": tally.shown,
        "withheld": tally.entries - tally.shown,
        "openings": tally.openings,
        "cycles": {name: {"shown": shown, "entries": of} for name, (shown, of) in sorted(tally.cycles.items())},
        "files": {name: {"size": sink.size, "sha256": sink.sha256} for name, sink in sinks.items()},
        "intact": verdict.intact,
        "problems": problem_sentences(site, verdict),
        "by": {"ref": entry.actor.ref, "role": entry.actor.role, "name": person.name or person.login if person else None},
        "at": entry.now,
        "software": __version__,
    }


def problem_sentences(site: Site, verdict: Verdict) -> list[str]:
    """What verifying found, in the words of the site."""
    return [site.wording.sentence(f"problem.{each.key}", seq=each.seq, **each.facts) for each in verdict.problems]


def small_files(site: Site, document: Mapping[str, Any], *, exact: bool) -> dict[str, bytes]:
    """The cover twice, in the site's words and in JSON, and (with exact lines) what to check them with: two programs, how to
    use them, and the page that says what they check."""
    told = json.dumps(document, ensure_ascii=False, indent=1, default=str)
    found = {"cover.txt": cover_text(site, document, exact=exact).encode(), "cover.json": f"{told}\n".encode()}
    if exact:
        folder = data_root() / "templates" / "export"
        found |= {name: (folder / name).read_bytes() for name in ENCLOSED}
        found[SPEC_PAGE] = files("cycle.journal").joinpath(SPEC_PAGE).read_bytes()
    return found


def cover_text(site: Site, document: Mapping[str, Any], *, exact: bool) -> str:
    """The cover as a page of text."""
    say = site.wording.sentence
    asked, by = document["asked"], document["by"]
    complete = [say("cover.cycle", cycle=name, **counts) for name, counts in document["cycles"].items()]
    sizes = [say("cover.file", file=name, **facts) for name, facts in document["files"].items()]
    role = say(f"role.{by['role']}") if f"role.{by['role']}" in site.wording else by["role"]
    title = say("cover.title", municipality=document["municipality"])
    parts = [
        [title, "=" * len(title)],
        [] if document["intact"] else [say("cover.broken", count=len(document["problems"])), *document["problems"]],
        [
            say("cover.asked_cycle", cycle=asked["cycle"]) if asked["cycle"] else say("cover.asked_all"),
            *([say("cover.asked_span", first=asked["from"], last=asked["to"])] if asked["from"] or asked["to"] else []),
            *([say("cover.asked_redact", words=asked["redact"])] if asked["redact"] else []),
            say("cover.with_openings" if asked["openings"] else "cover.without_openings", count=document["openings"]),
        ],
        [say("cover.count", **{name: document[name] for name in ("entries", "shown", "withheld")}), *complete],
        sizes,
        [say("cover.anchor", line=document["anchor"]), say("cover.anchor_how")],
        [say("cover.intact")] if document["intact"] else [],
        [
            say("cover.by", name=by["name"], role=role, ref=by["ref"]),
            say("cover.at", at=document["at"], software=document["software"]),
            say("cover.recorded"),
        ],
        [say("cover.how_to_check" if exact else "cover.table_only")],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"
