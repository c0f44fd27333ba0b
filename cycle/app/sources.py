"""A file to be imported, with what people of this city write in their tables."""

from pathlib import Path

from cycle.adapters.tables import Source, habits_of
from cycle.app.places import data_root

FILE = Path("config") / "tables.toml"


def source(home: Path, file: Path, sheet: str | None = None) -> Source:
    """A file, the sheet of it that is asked for, and the habits: those shipped and those of the site's own folder.

    Raises:
        WrongInput: `habits_wrong` for a site's file that cannot be read.
    """
    return Source(file, sheet, habits_of([data_root() / FILE, home / FILE]))
