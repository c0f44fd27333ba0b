"""What the journal remembers: the chain of entries, the openings of private values, and how columns are declared.

Every column of every house is public (its values stand in the journal), private (the journal holds a commitment) or
machinery (leases, attempts, hints: not journalled). It is said once, where the column is declared.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint
from sqlmodel import Field, SQLModel
from sqlmodel._compat import SQLModelConfig

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention


# What loads the tables of all houses. `app`, which knows them, puts it here: this house stands below them, and a command
# loads only those that it asks.
HOUSES: list[Callable[[], object]] = []


def every_table() -> Mapping[str, Table]:
    """All tables by name, those of houses that this process did not need yet among them."""
    for load in HOUSES:
        load()
    return SQLModel.metadata.tables


def private(default: Any = None, **how: Any) -> Any:
    """A column of a person's data or free text: nullable, and only a commitment to it enters the journal."""
    return Field(default=default, nullable=True, sa_column_kwargs={"info": {"kind": "private"}}, **how)


def machinery(default: Any = None, *, personal: bool = False, **how: Any) -> Any:
    """A column that the programme needs to run and nobody else: never journalled. `personal` is one that may hold words
    about a person, as what a server answered: it is blanked with the private ones."""
    return Field(default=default, nullable=True, sa_column_kwargs={"info": {"kind": "machinery", "personal": personal}}, **how)


class Record(SQLModel):
    """What every table begins with: no validator is built for it, since none is asked; that is a third of its cost."""

    model_config = SQLModelConfig(defer_build=True)


class Row(Record):
    """What every journalled table begins with: the id the journal hands out, and the count of changes since."""

    id: int | None = Field(default=None, primary_key=True, sa_column_kwargs={"autoincrement": False})
    version: int = Field(default=1)

    if not TYPE_CHECKING:  # which knows the fields' names and types from the class itself

        def __init__(self, **given: Any) -> None:
            """A new row: what is not given has its default. SQLModel's own way to fill it costs more than its INSERT.

            Raises:
                TypeError: for a field that the table has not.
            """
            fixed, made, names = _filled(type(self))
            if not given.keys() <= names:
                raise TypeError(f"{type(self).__name__} has no field {', '.join(sorted(given.keys() - names))}")
            self.__dict__.update(fixed | {name: make() for name, make in made} | given)


@cache
def _filled(model: type[Row]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]], frozenset[str]]:
    """The defaults of a model's fields, those that are made anew for each row, and the names of all."""
    fields = model.model_fields
    optional = {name: field for name, field in fields.items() if not field.is_required()}
    fixed = {name: field.default for name, field in optional.items() if field.default_factory is None}
    made: Any = [(name, field.default_factory) for name, field in optional.items() if field.default_factory is not None]
    return fixed, made, frozenset(fields)


class Event(Record, table=True):
    """One entry of the chain. `body` is the exact text that was hashed; the columns beside it only answer questions."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("hash"),
        UniqueConstraint("cmd"),
        UniqueConstraint("cycle", "cseq"),
        Index("ix_event_type_seq", "type", "seq"),
        CheckConstraint("seq > 0", name="seq_positive"),
        {"info": {"journal": True}},
    )

    seq: int = Field(sa_column=Column("seq", Integer, primary_key=True, autoincrement=False))
    prev: str = Field(sa_column=Column("prev", Text, nullable=False))
    body: str = Field(sa_column=Column("body", Text, nullable=False))
    hash: str = Field(sa_column=Column("hash", Text, nullable=False))
    cycle: str | None = Field(default=None, sa_column=Column("cycle", Text, nullable=True))
    cseq: int | None = Field(default=None, sa_column=Column("cseq", Integer, nullable=True))
    cmd: str = Field(sa_column=Column("cmd", Text, nullable=False))
    type: str = Field(sa_column=Column("type", Text, nullable=False))


class Opening(Record, table=True):
    """What opens a commitment: the salt and the canonical text of the value. May be deleted; the chain stays whole."""

    __tablename__ = "opening"
    __table_args__ = (Index("ix_opening_subject", "subject"), {"info": {"journal": True}})

    commitment: str = Field(sa_column=Column("commitment", Text, primary_key=True))
    salt: bytes = Field(sa_column=Column("salt", LargeBinary, nullable=False))
    value: str = Field(sa_column=Column("value", Text, nullable=False))
    subject: str = Field(sa_column=Column("subject", Text, nullable=False))


class AnchorState(StrEnum):
    """What became of a mail with an anchor; `unclear` may have gone and is not sent again."""

    WAITING = "waiting"
    UNDER_WAY = "under_way"
    SENT = "sent"
    UNCLEAR = "unclear"
    FAILED = "failed"


class AnchorMail(Record, table=True):
    """One anchor on its way to one address of the settings: never twice the same, since both are the key.

    `next_try_at` of one under way is when its process must have ended; `reply` tells code and phase, never an address.
    """

    __tablename__ = "anchor_mail"
    __table_args__ = {"info": {"machinery": True}}

    seq: int = Field(sa_column=Column("seq", Integer, primary_key=True, autoincrement=False))
    address: str = Field(primary_key=True)
    line: str
    token: str
    state: str
    attempts: int = 0
    next_try_at: datetime | None = None
    sent_at: datetime | None = None
    reply: str | None = None
