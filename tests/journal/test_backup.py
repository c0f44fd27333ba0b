"""Backups: made while others write, verified before they count, never over a file; and erasures outlive them."""

import gzip
import json
import shutil
import sqlite3
import stat
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from small_log import Log, tampered
from small_town import PARTNERS, partner, settle
from sqlalchemy import text

from cycle.adapters.database import connect
from cycle.app.backup import back_up
from cycle.app.rollback import accept_restore
from cycle.app.upgrade import bring_up
from cycle.cli import shell
from cycle.errors import Broken, WrongInput
from cycle.journal.verify import verify
from cycle.migrations import REVISIONS

DATA = Path(__file__).parent.parent / "data"
QUAST = partner(6, "Kolibri", Nachname="Quastenflosser", **{"E-Mail": "x.quast@kolibri.example.org"})
LAW = '--reason "auf Wunsch" --legal-basis "Art. 17 DSGVO"'


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_a_backup_is_the_whole_database_only_for_its_owner_and_verified(cycle: Any) -> None:
    settle(cycle)
    file = cycle.home / "sicherung.db"

    told = json.loads(cycle(f"db backup {file} --json", login="j.weissenburger").out)

    assert (told["sha256"], stat.S_IMODE(file.stat().st_mode)) == (sha256(file.read_bytes()).hexdigest(), 0o600)
    copy = connect(f"sqlite:///{file}")
    original = verify(cycle.site.database)
    assert (verify(copy), told["entries"], told["head"]) == (original, original.entries, original.head)
    copy.dispose()
    assert sorted(each.name for each in cycle.home.glob("*sicherung*")) == ["sicherung.db"]


def test_a_backup_never_writes_over_a_file(cycle: Any) -> None:
    file = cycle.home / "sicherung.db"
    file.write_text("schon da")

    said = cycle(f"db backup {file}", code=2)
    assert cycle(f"db backup {file} --dry-run", code=2).err == said.err
    cycle(f"db backup {cycle.home / 'andere.db'} --dry-run")
    cycle(f"db backup {cycle.home / 'nirgends' / 'x.db'}", code=2)
    cycle(f"db backup {cycle.home / 'andere.db'}", login="niemand", code=6)

    assert said.err.endswith("gibt es schon und wird nicht überschrieben. Bitte eine andere Datei nennen.\n")
    assert file.read_text() == "schon da"
    assert sorted(each.name for each in cycle.home.glob("*.db*")) == ["cycle.db", "sicherung.db"]


def test_a_backup_is_made_while_somebody_writes(log: Log, tmp_path: Path) -> None:
    with log.entry(minutes=9) as entry:
        entry.tell(still="open")
        made = back_up(log.database.url, tmp_path / "b.db")

    assert made.entries == len(log.told()) - 1


def test_a_copy_that_does_not_verify_is_thrown_away(file: Path, tmp_path: Path) -> None:
    tampered(file, "UPDATE person SET login = 'x' WHERE id = 1")

    with pytest.raises(Broken) as error:
        back_up(f"sqlite:///{file}", tmp_path / "b.db")

    assert (error.value.key, error.value.problems) == ("backup_broken", ("problem.private_differs",))
    assert [each.facts["seq"] for each in error.value.problems] == [2]
    assert not [each for each in tmp_path.iterdir() if "b.db" in each.name]


def test_postgresql_is_told_to_use_its_own_tool(postgres_log: Log, tmp_path: Path) -> None:
    with pytest.raises(WrongInput) as error:
        back_up(postgres_log.database.url, tmp_path / "b.db")

    assert error.value.key == "backup_needs_pg_dump"


def test_an_upgrade_makes_a_verified_backup_of_the_version_before(tmp_path: Path) -> None:
    file = tmp_path / "cycle.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(gzip.decompress((DATA / "site_0001.sql.gz").read_bytes()).decode())

    done = bring_up(f"sqlite:///{file}", backup=tmp_path / "before.db")

    assert (done.applied, done.backup and done.backup.file) == (list(REVISIONS[1:]), tmp_path / "before.db")
    assert bring_up(f"sqlite:///{tmp_path / 'before.db'}").applied == done.applied


def test_an_upgrade_of_a_database_that_does_not_verify_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "cycle.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(gzip.decompress((DATA / "site_0001.sql.gz").read_bytes()).decode())
        connection.execute("UPDATE partner SET name = 'past the journal' WHERE id = 1")
        connection.commit()
    before = file.read_bytes()

    with pytest.raises(Broken):
        bring_up(f"sqlite:///{file}", backup=tmp_path / "before.db")

    assert (file.read_bytes(), (tmp_path / "before.db").exists()) == (before, False)


def test_an_upgrade_can_be_tried_without_a_trace(old: Any) -> None:
    before = (old.home / "cycle.db").read_bytes()

    tried = old("db upgrade --dry-run")
    told = json.loads(old("db upgrade --dry-run --json").out)
    refused = old("db upgrade --dry-run", login="niemand", code=6)

    assert ((old.home / "cycle.db").read_bytes(), (old.home / "backups").exists()) == (before, False)
    assert (told["dry_run"], told["applied"]) == (True, list(REVISIONS[1:]))
    assert tried.err.startswith(
        f"Probelauf, nichts wurde geschrieben. Umgestellt würde auf den Stand dieses Programms ({REVISIONS[1]}"
    )
    assert f"Vorher gesichert würde in {old.home / 'backups'}/cycle-0001-" in tried.err
    assert "niemand" in refused.err
    old("db upgrade")
    assert old("db upgrade --dry-run").err == "Die Datenbank war schon auf dem Stand dieses Programms.\n"


def test_a_site_is_upgraded_by_an_entry_of_who_did_it_with_the_backup_as_its_basis(old: Any) -> None:
    said = json.loads(old("db upgrade --json").out)

    backup = Path(said["backup"])
    assert (said["applied"], backup.parent) == (list(REVISIONS[1:]), old.home / "backups")
    last = json.loads(old("history list --json --last 1").out)["entries"][0]
    assert (last["type"], last["actor"]["role"], last["data"]["before"]) == ("migration.applied", "admin", "0001")
    assert last["basis"] == [
        {"kind": "backup", "ref": backup.name, "sha256": sha256(backup.read_bytes()).hexdigest()},
    ]
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert json.loads(old("db upgrade --json").out) == {"schema": "cycle/upgrade/1", "applied": []}


def test_nobody_unknown_upgrades_a_site(old: Any) -> None:
    before = (old.home / "cycle.db").read_bytes()

    old("db upgrade", login="niemand", code=6)

    assert (old.home / "cycle.db").read_bytes() == before
    assert list((old.home / "backups").iterdir()) == []
    old("db upgrade")


@pytest.fixture
def old(cycle: Any) -> Any:
    """The site with the database of the first version."""
    shell.close()
    file = cycle.home / "cycle.db"
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(gzip.decompress((DATA / "site_0001.sql.gz").read_bytes()).decode())
    return cycle


def test_a_backup_brought_back_gets_the_erasures_again_that_were_made_since(cycle: Any) -> None:
    settle(cycle, [*PARTNERS, QUAST])
    backup = cycle.home.parent / "before.db"
    cycle(f"db backup {backup}")
    cycle(f"partner forget 6 {LAW}")
    shell.close()
    shutil.copyfile(backup, cycle.home / "cycle.db")
    assert b"Quastenflosser" in (cycle.home / "cycle.db").read_bytes()

    waiting = json.loads(cycle("db erasures --json").out)["erasures"]
    accepted = cycle('db accept-restore --reason "Platte war defekt" --json')
    said = json.loads(accepted.out)
    assert "älteren Stand" not in accepted.err

    assert [each["open_again"] for each in waiting] == [["contact:7"]]
    assert said["erased_again"] == 1
    assert b"Quastenflosser" not in (cycle.home / "cycle.db").read_bytes()
    assert verify(cycle.site.database).problems == ()
    assert cycle("db erasures --apply", code=2).err.startswith("Dieser Datenbank fehlt keine Löschung")


def test_erasures_made_again_later_touch_no_row_that_has_the_number_now(cycle: Any) -> None:
    settle(cycle)
    backup = cycle.home.parent / "before.db"
    cycle(f"db backup {backup}")
    cycle("partner edit 4 --last-name Quastenflosser --mail x.quast@example.org")  # contact 7
    cycle(f"partner forget 4 {LAW}")
    shell.close()
    shutil.copyfile(backup, cycle.home / "cycle.db")
    accept_restore(cycle.site, "Platte war defekt")
    cycle("partner edit 3 --last-name Wellensittich --mail w@example.org")  # another contact 7

    said = json.loads(cycle("db erasures --apply --json").out)

    kept = (cycle.home / "cycle.db").read_bytes()
    assert (said["subjects"], b"Wellensittich" in kept, b"cassia@verein" in kept) == (["contact:5"], True, False)
    assert cycle("db erasures --apply", code=2).err.startswith("Dieser Datenbank fehlt keine Löschung")


def test_the_list_of_erasures_is_only_the_owners_and_holds_nothing_personal(cycle: Any, tmp_path: Path) -> None:
    settle(cycle, [*PARTNERS, QUAST])
    cycle(f"partner forget 6 {LAW}")
    (file,) = (tmp_path / "state").rglob("*.jsonl")
    noted = file.read_text()

    file.unlink()
    assert json.loads(cycle("db erasures --json").out)["erasures"] == []
    cycle("db erasures --note")

    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == (noted, 0o600)
    assert not [word for word in ("Quast", "Kolibri", "Wunsch", "@") if word in noted]


def test_a_list_that_cannot_be_written_is_told(cycle: Any, tmp_path: Path) -> None:
    settle(cycle)
    (tmp_path / "state").write_text("no folder")

    said = cycle(f"partner forget 4 {LAW}")

    assert "cycle db erasures --note" in said.err


ADDED_SINCE = {
    "measure": (
        "cost_actual", "funding_source", "indicator", "indicator_unit", "target", "actual", "replaced_by",
    ),
    "measure_update": ("cost_actual", "actual", "obstacles", "told_by", "role"),
    "project_review": ("obstacles",),
    "need": ("further_groups", "costs", "secured"),
    "theme": ("target_groups",),
    "decision": ("needed",),
    "meeting": ("link", "present", "citizens_on_site", "citizens_online", "citizens_needs"),
    "participation": ("on_site", "online"),
    "answer": ("form_sha256", "reported", "remark"),
    "cycle": ("secret",),
}  # fmt: skip


@pytest.mark.parametrize("backend", ["postgresql"])
def test_on_postgresql_an_upgrade_says_that_there_must_be_a_backup_and_leaves_its_entry(cycle_anywhere: Any) -> None:
    with cycle_anywhere.site.database.writer.begin() as connection:  # as it was before 0004 and what came after it
        connection.execute(text("ALTER TABLE partner DROP COLUMN archive_offered_on"))
        for table in ("anchor_mail", "assessment", "followup", "agenda_item"):
            connection.execute(text(f"DROP TABLE IF EXISTS {table}"))
        for table, columns in ADDED_SINCE.items():
            for column in columns:
                connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))
        connection.execute(text("DROP INDEX ix_mail_day"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    shell.close()

    said = cycle_anywhere("db upgrade", code=2)
    cycle_anywhere("db upgrade --yes")

    assert "pg_dump" in said.err
    last = json.loads(cycle_anywhere("history list --json --last 1").out)["entries"][0]
    assert (last["type"], last["data"]["before"], last["basis"]) == ("migration.applied", "0003", [])
