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

# The functions' bodies, and the triggers as PostgreSQL itself writes them (pg_get_triggerdef), so that both can be compared.
POSTGRESQL_FUNCTIONS = {
    "event_insert": f"""
BEGIN IF {_NEXT} THEN RAISE EXCEPTION 'the journal takes only its next entry'; END IF; RETURN NEW; END """,
    "event_change": """
BEGIN RAISE EXCEPTION 'the journal is only added to'; END """,
}
POSTGRESQL = {
    "event_insert": "CREATE TRIGGER event_insert BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION event_insert()",
    "event_change": "CREATE TRIGGER event_change BEFORE DELETE OR UPDATE ON event FOR EACH ROW EXECUTE FUNCTION event_change()",
    "event_truncate": "CREATE TRIGGER event_truncate BEFORE TRUNCATE ON event "
    "FOR EACH STATEMENT EXECUTE FUNCTION event_change()",
}
_ENABLED = ("O", "A")


def install(connection: Connection) -> None:
    """Put the triggers on the table `event`, in place of older ones of the same name."""
    if connection.dialect.name == "sqlite":
        for name, statement in SQLITE.items():
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
            connection.exec_driver_sql(statement)
        return
    for name, body in POSTGRESQL_FUNCTIONS.items():
        connection.exec_driver_sql(f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
    for name, statement in POSTGRESQL.items():
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON event")
        connection.exec_driver_sql(statement)


def foreign_triggers(connection: Connection) -> list[str]:
    """What differs from the triggers that belong there, on any table: missing, changed or added, as `name: what`."""
    if connection.dialect.name == "sqlite":
        return _differences(_sqlite(connection), SQLITE)
    return _differences(_postgresql(connection), POSTGRESQL)


def _differences(found: dict[str, str], wanted: dict[str, str]) -> list[str]:
    return sorted(
        [f"{name}: missing" for name in wanted if name not in found]
        + [f"{name}: changed" for name in wanted if name in found and found[name] != wanted[name]]
        + [f"{name}: foreign" for name in found if name not in wanted]
    )


def _sqlite(connection: Connection) -> dict[str, str]:
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    return {str(name): str(statement) for name, statement in connection.execute(text(query))}


def _postgresql(connection: Connection) -> dict[str, str]:
    """The triggers and rewrite rules of the schema; one that is switched off, or calls another body, is not as it was."""
    query = """
        SELECT c.relname, t.tgname, t.tgenabled, p.proname, p.prosrc, pg_get_triggerdef(t.oid, true)
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"""
    found = {}
    for table, name, enabled, function, body, definition in connection.execute(text(query)):
        sound = _told(enabled) in _ENABLED and body == POSTGRESQL_FUNCTIONS.get(function)
        found[name if table == "event" else f"{table}.{name}"] = definition if sound else f"{enabled} {body}"
    rules = "SELECT tablename, rulename, definition FROM pg_rules WHERE schemaname = current_schema()"
    for table, name, definition in connection.execute(text(rules)):
        found[f"{table}.{name}"] = definition
    return found


def _told(value: str | bytes) -> str:
    """psycopg gives PostgreSQL's one-byte "char" as bytes or text."""
    return value if isinstance(value, str) else value.decode()
