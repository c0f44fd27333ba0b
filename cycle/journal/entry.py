"""One journal entry while it is open: the changes it makes at once, and what it will say of them when it closes."""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, select
from sqlalchemy.orm.attributes import instance_state
from sqlmodel import Session, col

from cycle.adapters.prepared import ask, run
from cycle.errors import Conflict
from cycle.journal.actor import Actor
from cycle.journal.form import canonical, commitment, parse_instant, profiled
from cycle.journal.pen import pen
from cycle.journal.questions import forget_answers, known_from_now_on
from cycle.journal.records import Event, Row
from cycle.journal.shape import Shape, greatest_id, insert_of, shape, update_of

R = TypeVar("R", bound=Row)


class Entry:
    """An open entry: one transaction, one type, one cycle or none.

    `session` reads inside the transaction; nothing is written through it. `now` and `today` (of the site's zone) are the
    command's time, `effective_on` the day it counts from.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        type: str,
        actor: Actor,
        cycle: str | None,
        now: datetime,
        today: date,
        effective_on: date | None,
        reason: str | None,
    ) -> None:
        self.type = type
        self.actor = actor
        self.cycle = cycle
        self.now = now
        self.today = today
        self.effective_on = effective_on or today
        self.reason = reason
        self.session = Session(bind=connection, autoflush=False)
        self.changes: list[dict[str, Any]] = []
        self.facts: dict[str, Any] = {}
        self.basis: list[dict[str, Any]] = []
        self.second: dict[str, Any] | None = None
        self.supersedes: str | None = None
        self.private: dict[str, str] = {}
        self.openings: list[tuple[str, bytes, str, str]] = []
        self.seq = 0
        self.left_out = False
        self.event_id = ""
        self.hash = ""
        self._connection = connection
        self._next_id: dict[str, int] = {}

    @property
    def connection(self) -> Connection:
        """The connection of the entry's transaction; only the journal writes on it."""
        return self._connection

    def tell(self, **facts: Any) -> None:
        """Put facts into the entry's `data`: ids, numbers, days, vocabulary words; nothing personal."""
        for name, value in facts.items():
            self.facts[name] = profiled(value)

    def leave_out(self) -> None:
        """There is nothing to say after all: no entry is written, what was changed is undone."""
        self.left_out = True

    def rest_on(self, kind: str, ref: str, sha256: str | None = None) -> None:
        """Name what the decision rests on: a resolution, minutes, a document."""
        self.basis.append({"kind": kind, "ref": ref, "sha256": sha256})

    def expect(self, row: Row, version: int | None = None) -> None:
        """Be sure that the row is still as it was read (or has the `version` that a script asked for).

        Raises:
            Conflict: with who, when and what came in between.
        """
        table = shape(type_of(row)).table
        # A row that was read in here, with the lock held, is as it stands in the table.
        here = instance_state(row).session_id == self.session.hash_key
        found = row.version if here else self._connection.execute(select(table.c.version).where(table.c.id == row.id)).scalar()
        wanted = row.version if version is None else version
        if found != wanted:
            raise self._conflict(table.name, row.id, wanted, found)

    def add(self, row: R) -> R:
        """INSERT the row; it gets its id and version here."""
        self.add_all([row])
        return row

    def add_all(self, rows: Sequence[R]) -> Sequence[R]:
        """INSERT rows of one table in one statement; ids and versions are given here, in their order."""
        if not rows:
            return rows
        form = shape(type_of(rows[0]))
        first = self._ids(form.table, len(rows))
        values, stored, private = [], [], []
        for number, row in enumerate(rows, start=first):
            held = row.__dict__
            held["id"], held["version"] = number, 1
            stored.append({name: held.get(name) for name in form.encode} | {"id": number, "version": 1})
            values.append([form.encode[name](held.get(name)) for name in form.public])
            private.append(self._commit_to(form, row, {}, always=False))
        with pen(self._connection):
            run(self._connection, insert_of(form.table), stored)
        forget_answers(self.session, type_of(rows[0]))
        for row in rows:
            known_from_now_on(self.session, row)
        change: dict[str, Any] = {
            "add": form.table.name,
            "fields": list(form.public),
            "ids": list(range(first, first + len(rows))),
            "rows": values,
        }
        if any(private):
            change["private"] = private
        self.changes.append(change)
        return rows

    def change(self, row: R, **fields: Any) -> R:
        """UPDATE the row where its version still holds; the row shows the result. Fields that stay as they are drop out.

        Raises:
            Conflict: if somebody changed the row since it was read.
            TypeError: for a field the table has not, one of machinery, a value the column cannot hold, or a row with
                fields set by hand (our bug).
        """
        form = shape(type_of(row))
        if instance_state(row).modified:
            raise TypeError(f"{form.table.name} {row.id}: a field was set by hand; call change()")
        changed: dict[str, Any] = {}
        checked: dict[str, Any] = {}
        public: dict[str, list[Any]] = {}
        for name, value in fields.items():
            if name not in form.encode or name in form.machinery:
                raise TypeError(f"{form.table.name}.{name} cannot be changed by an entry")
            held = getattr(row, name)
            if value == held:
                continue
            changed[name], checked[name] = value, form.encode[name](value)
            if name in form.public:
                public[name] = [form.encode[name](held), checked[name]]
        if not changed:
            return row
        with pen(self._connection):
            values = {f"_{n}": v for n, v in changed.items()} | {"_id": row.id, "_version": row.version}
            touched = run(self._connection, update_of(form.table, frozenset(changed)), [values])
        if touched != 1:
            found = self._connection.execute(select(form.table.c.version).where(form.table.c.id == row.id)).scalar()
            raise self._conflict(form.table.name, row.id, row.version, found)
        row.__dict__.update(changed, version=row.version + 1)  # past the session: for it the row is as it was loaded
        forget_answers(self.session, type_of(row))
        change: dict[str, Any] = {"change": form.table.name, "id": row.id, "fields": public}
        if len(public) < len(changed):
            change["private"] = self._commit_to(form, row, checked, always=True)
        self.changes.append(change)
        return row

    def refuse(self, findings: Sequence[Mapping[str, Any]]) -> None:
        """Become the entry that says it was refused: nothing of what was changed is left, only what was attempted."""
        attempted = self.type
        self.type = "phase.refused" if attempted.startswith("phase.") else "command.refused"
        self.changes.clear()
        self.facts.clear()
        self.basis.clear()
        self.private.clear()
        self.openings.clear()
        self._next_id.clear()
        self.session.expunge_all()
        self.session.info.clear()
        self.second = self.supersedes = None
        self.left_out = False
        self.tell(attempted=attempted, findings=findings)

    def nothing_by_hand(self) -> None:
        """Raise TypeError if a loaded row was changed past the entry (our bug)."""
        if self.session.dirty or self.session.new or self.session.deleted:
            raise TypeError(f"{self.type}: rows were changed past the entry")

    def commit_to_reason(self, seq_subject: str) -> None:
        """Put the commitment to the reason into the entry, its opening beside the chain."""
        if self.reason is not None:
            self._open("reason", profiled(self.reason), seq_subject)

    def _commit_to(self, form: Shape, row: Row, checked: Mapping[str, Any], *, always: bool) -> str | None:
        """Commit to the private fields of a row; some of them were `checked`, and encoded, before."""
        if not form.private:
            return None
        value = {name: checked[name] if name in checked else form.encode[name](getattr(row, name)) for name in form.private}
        if not always and all(part is None for part in value.values()):
            return None
        name = f"p{len(self.private) + 1}"
        self._open(name, value, f"{form.table.name}:{row.id}")
        return name

    def _open(self, name: str, value: Any, subject: str) -> None:
        salt, text = os.urandom(32), canonical(value)
        promised = commitment(salt, text)
        self.private[name] = promised
        self.openings.append((promised, salt, text, subject))

    def _ids(self, table: Table, count: int) -> int:
        first = self._next_id.get(table.name)
        if first is None:
            ((greatest,),) = ask(self._connection, greatest_id(table), {})
            first = (greatest or 0) + 1
        self._next_id[table.name] = first + count
        return first

    def _conflict(self, table: str, number: int | None, wanted: int | None, found: int | None) -> Conflict:
        entries = select(col(Event.body)).order_by(col(Event.seq).desc()).execution_options(yield_per=50)
        winner: Mapping[str, Any] = {}
        with self._connection.execute(entries) as bodies:
            for (body,) in bodies:
                told = json.loads(body)
                if any(_is_about(change, table, number) for change in told["data"]["changes"]):
                    winner = _told(told)
                    break
        return Conflict("somebody_was_first", table=table, expected=wanted, found=found, **winner)


def type_of(row: Row) -> type[Row]:
    """The model of a row."""
    return type(row)


def _is_about(change: Mapping[str, Any], table: str, number: int | None) -> bool:
    return (change.get("change") == table and change["id"] == number) or (
        change.get("add") == table and number in change["ids"]
    )


def _told(told: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "who": told["actor"]["ref"],
        "role": told["actor"]["role"],
        "when": parse_instant(told["recorded_at"]),
        "what": told["type"],
    }
