"""How a table's rows go into the journal: which columns are public, private or machinery, and how values are checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import JSON, Boolean, Date, DateTime, Insert, Integer, Select, String, Table, Update, bindparam, func, select
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import SQLModel

from cycle.journal.form import OutsideProfile, instant, profiled


@dataclass(frozen=True)
class Shape:
    """One table as the journal sees it. `encode` gives a column's value as JSON of the profile, or raises."""

    table: Table
    public: tuple[str, ...]
    private: tuple[str, ...]
    machinery: frozenset[str]
    encode: Mapping[str, Callable[[Any], Any]]


@cache
def shape(model: type[SQLModel]) -> Shape:
    """The shape of a journalled table (a `Row`); `id` and `version` are the journal's own and left out of `public`."""
    return table_shape(model.__table__)  # type: ignore[attr-defined]


@cache
def table_shape(table: Table) -> Shape:
    """The same, from the table."""
    public: list[str] = []
    private: list[str] = []
    machinery: list[str] = []
    encode: dict[str, Callable[[Any], Any]] = {}
    for column in table.columns:
        if column.name in ("id", "version"):
            continue
        kind = column.info.get("kind", "public")
        {"public": public, "private": private, "machinery": machinery}[kind].append(column.name)
        encode[column.name] = _encoder(f"{table.name}.{column.name}", column.type, bool(column.nullable))
    return Shape(table, tuple(public), tuple(private), frozenset(machinery), encode)


def journalled(tables: Mapping[str, Table]) -> dict[str, Table]:
    """Those tables that replay rebuilds: all but the journal's own and those of mere machinery."""
    return {name: table for name, table in tables.items() if not (table.info.get("journal") or table.info.get("machinery"))}


@cache
def update_of(table: Table, fields: frozenset[str]) -> Update:
    """UPDATE … SET fields, version WHERE id AND version, built once for each set of fields."""
    return (
        table.update()
        .where(table.c.id == bindparam("_id"), table.c.version == bindparam("_version"))
        .values({name: bindparam(f"_{name}") for name in fields} | {"version": table.c.version + 1})
    )


@cache
def machinery_update_of(table: Table, holding: frozenset[str], fields: frozenset[str]) -> Update:
    """UPDATE … SET fields WHERE id AND what the row must hold, built once for each set of both."""
    return (
        table.update()
        .where(table.c.id == bindparam("_id"), *(table.c[name] == bindparam(f"_held_{name}") for name in sorted(holding)))
        .values({name: bindparam(f"_{name}") for name in sorted(fields)})
    )


@cache
def greatest_id(table: Table) -> Select[tuple[int | None]]:
    """SELECT max(id); None for an empty table."""
    return select(func.max(table.c.id))


@cache
def insert_of(table: Table) -> Insert:
    """INSERT of whole rows."""
    return table.insert()


def _encoder(where: str, kind: TypeEngine[Any], nullable: bool) -> Callable[[Any], Any]:
    inner = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    for base, check in _CHECKS:
        if isinstance(inner, base):
            return _checked(where, check, nullable)
    raise TypeError(f"{where}: {kind!r} cannot be journalled")


def _checked(where: str, check: Callable[[Any], Any], nullable: bool) -> Callable[[Any], Any]:
    def encode(value: Any) -> Any:
        if value is None:
            if nullable:
                return None
            raise OutsideProfile(f"{where} must not be empty")
        try:
            return check(value)
        except OutsideProfile as error:
            raise OutsideProfile(f"{where}: {error}") from error

    return encode


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise OutsideProfile(f"{value!r} is no whole number")
    return int(profiled(value))


def _yes_or_no(value: Any) -> bool:
    if type(value) is not bool:
        raise OutsideProfile(f"{value!r} is not true or false")
    return value


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise OutsideProfile(f"{value!r} is no text")
    return str(profiled(value))


def _moment(value: Any) -> str:
    if not isinstance(value, datetime):
        raise OutsideProfile(f"{value!r} is no time")
    return instant(value)


def _day(value: Any) -> str:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise OutsideProfile(f"{value!r} is no day")
    return value.isoformat()


# Boolean before Integer and DateTime before Date: the first that fits is taken.
_CHECKS: tuple[tuple[type[TypeEngine[Any]], Callable[[Any], Any]], ...] = (
    (Boolean, _yes_or_no),
    (Integer, _whole),
    (DateTime, _moment),
    (Date, _day),
    (JSON, profiled),
    (String, _string),
)
