"""Years that began before there were survey forms can give some out: the upgrade gives each its secret."""

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

from cycle.app.upgrade import bring_up

DATA = Path(__file__).parent.parent / "data"


def test_each_year_gets_a_secret_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "cycle.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(gzip.decompress((DATA / "site_0004.sql.gz").read_bytes()).decode())
        years = connection.execute("SELECT count(*) FROM cycle").fetchone()[0]

    bring_up(f"sqlite:///{file}")

    with closing(sqlite3.connect(file)) as connection:
        secrets = [secret for (secret,) in connection.execute("SELECT secret FROM cycle")]
    assert years > 0
    assert (len({*secrets}), {len(secret) for secret in secrets}) == (years, {64})
