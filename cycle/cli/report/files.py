"""Where a report is read from, and where it is written to."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cycle.adapters.files import write_whole
from cycle.cli import shell
from cycle.errors import WrongInput

if TYPE_CHECKING:
    from cycle.cycles.records import Year

LANGUAGES = ("de", "en")
STDOUT = "-"


def at_its_end(about: "Year") -> "Year":
    """The year at the moment of the journal's last entry: so the same history gives the same report on any later day."""
    from cycle.journal.history import entries

    newest = next(iter(entries(about.session, newest_first=True)))
    return shell.site().year(about.session, about.cycle, newest.recorded_at)


def written(content: bytes, out: str | None, name: str) -> Path | None:
    """The file that now holds the whole of it, None for standard output. It is whole or not there."""
    if out == STDOUT:
        typer.echo(content if name.endswith(".pdf") else content.decode(), nl=False)
        return None
    file = Path(out or name)
    if not file.name or file.is_dir() or file.is_symlink() or (file.exists() and not _is_an_earlier_one(file, name)):
        raise WrongInput("copy_exists", file=file)
    write_whole(file, content)
    return file


def _is_an_earlier_one(file: Path, name: str) -> bool:
    """Whether a file may be a report that was written before: nothing else is ever written over."""
    return file.is_file() and file.suffix == Path(name).suffix
