"""The seat belts in the database: triggers that refuse UPDATE, DELETE and every INSERT that is not the next entry.

A repeated unique column is refused by the trigger too, since `INSERT OR REPLACE` deletes the old row through whichever
unique index is left out. Migrations call `install` after every change of the tables.
"""

from sqlalchemy import Connection, text

_NEXT = """
    NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM event)
    OR NEW.prev <> coalesce((SELECT hash FROM event WHERE seq = NEW.seq - 1), '{zero}')
    OR EXISTS (SELECT 1 FROM event WHERE hash = NEW.hash)
    OR EXISTS (SELECT 1 FROM event WHERE cmd = NEW.cmd)
    OR EXISTS (SELECT 1 FROM event WHERE cycle = NEW.cycle AND cseq = NEW.cseq)
""".format(zero="0" * 64)

SQLITE = {
    "event_insert": f"""CREATE TRIGGER event_insert BEFORE INSERT ON event WHEN {_NEXT}
BEGIN SELECT RAISE(ABORT, 'the journal takes only its next entry'); END""",
    "event_update": """CREATE TRIGGER event_update BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END""",
    "event_delete": """CREATE TRIGGER event_delete BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END""",
}

POSTGRESQL = {
    "event_insert": f"""CREATE FUNCTION event_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF {_NEXT} THEN RAISE EXCEPTION 'the journal takes only its next entry'; END IF; RETURN NEW; END $$;
CREATE TRIGGER event_insert BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION event_insert()""",
    "event_change": """CREATE FUNCTION event_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the journal is only added to'; END $$;
CREATE TRIGGER event_change BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION event_change()""",
    "event_truncate": """CREATE TRIGGER event_truncate BEFORE TRUNCATE ON event
FOR EACH STATEMENT EXECUTE FUNCTION event_change()""",
}


def install(connection: Connection) -> None:
    """Put the triggers on the table `event`, in place of older ones of the same name."""
    if connection.dialect.name == "sqlite":
        for name, statement in SQLITE.items():
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
            connection.exec_driver_sql(statement)
        return
    for name, statement in POSTGRESQL.items():
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON event")
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name}()") if "CREATE FUNCTION" in statement else None
        connection.exec_driver_sql(statement)


def foreign_triggers(connection: Connection) -> list[str]:
    """What differs from the triggers that belong there: missing, changed or added, as `name: what`."""
    if connection.dialect.name == "sqlite":
        found: dict[str, str] = dict(_pairs(connection, "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        wanted = SQLITE
        differing = {name for name in wanted if name in found and found[name] != wanted[name]}
    else:
        query = "SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = 'event'::regclass"
        found = dict(_pairs(connection, query))
        wanted = POSTGRESQL
        differing = {name for name in wanted if found.get(name, "O") not in ("O", "A")}
    return sorted(
        [f"{name}: missing" for name in wanted if name not in found]
        + [f"{name}: changed" for name in differing]
        + [f"{name}: foreign" for name in found if name not in wanted]
    )


def _pairs(connection: Connection, query: str) -> list[tuple[str, str]]:
    return [
        (str(name), value if isinstance(value, str) else bytes(value).decode())
        for name, value in connection.execute(text(query))
    ]
