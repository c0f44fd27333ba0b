"""What the service remembers of itself: heartbeat and the head it last looked at. Mere machinery, one row."""

from datetime import datetime

from sqlmodel import Field

from cycle.journal.records import Record

# The pulse's trouble while two services run on one database.
ANOTHER = "another service beats too"
# Who a `cycle run --once` is: one that comes and goes.
ONCE = "once"


class Pulse(Record, table=True):
    """`seen` is the last entry the tick has looked at, `wake_at` the next instant it has something to do. `troubles` counts
    what went wrong since `started_at`, `trouble` is the last of it."""

    __tablename__ = "pulse"
    __table_args__ = ({"info": {"machinery": True}},)

    id: int = Field(primary_key=True)
    seen: int = 0
    wake_at: datetime | None = None
    beat_at: datetime | None = None
    holder: str | None = None
    started_at: datetime | None = None
    troubles: int | None = None
    trouble_at: datetime | None = None
    trouble: str | None = None
