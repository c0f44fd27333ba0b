"""The database's migrations, in the order they are applied; the last is what this version of the programme needs."""

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010")
