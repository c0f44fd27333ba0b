"""What a site reads of its folders, the city's own before those shipped: workflow files, templates, calendars."""

from pathlib import Path

from cycle.app.calendars import SiteCalendars
from cycle.app.lent import LENT
from cycle.app.places import data_root
from cycle.dates.rules import Calendars
from cycle.errors import NotFound
from cycle.workflow.model import Workflow

# Workflow files as they were read in this process: by path and time of change, and by what they say where these templates are.
# The next site opened on one reads it not anew, wherever it lies.
_READ: dict[tuple[Path, float] | tuple[bytes, frozenset[str]], Workflow] = {}


class SiteFiles:
    """The files of one site; each is read once, a workflow file again when it has changed."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._workflows = _READ
        self._calendars: dict[int, tuple[Workflow, SiteCalendars]] = {}

    def folders(self, kind: str) -> tuple[Path, ...]:
        """Where to look for workflows, templates or config: the site's own folder first."""
        return tuple(folder for folder in (self.home / kind, data_root() / kind) if folder.is_dir())

    def plans(self) -> list[str]:
        """The plans that have a workflow file."""
        return sorted({file.stem for folder in self.folders("workflows") for file in folder.glob("*.yaml")})

    def workflow_path(self, plan: str) -> Path:
        """The file of a plan. Raises NotFound with the plans there are."""
        for folder in self.folders("workflows"):
            if (folder / f"{plan}.yaml").is_file():
                return folder / f"{plan}.yaml"
        raise NotFound("unknown_plan", plan=plan, known=", ".join(self.plans()))

    def workflow_file(self, path: Path) -> Workflow:
        """The workflow of a file, read again only when the file has changed."""
        key = (path, path.stat().st_mtime if path.exists() else 0.0)
        if key not in self._workflows:
            said = (_content(path), self.templates())
            if said not in self._workflows:
                from cycle.workflow.load import load  # reads YAML, which a year at work has behind it

                self._workflows[said] = load(
                    path, lent=LENT, templates=said[1], defaults=data_root() / "config" / "workflow_defaults.yaml"
                )
            self._workflows[key] = self._workflows[said]
        return self._workflows[key]

    def templates(self) -> frozenset[str]:
        """The ids of the mail templates there are in any language."""
        files = [file for folder in self.folders("templates") for file in (folder / "mail").glob("*/*.txt.j2")]
        return frozenset(file.name.removesuffix(".txt.j2") for file in files) - {"letter"}

    def calendars(self, workflow: Workflow, *, as_asked: bool = False) -> Calendars:
        """The workflow's calendars, each read once. A broken one is told now, or `as_asked` where it is asked: who counts
        working days reads no school year."""
        known = self._calendars.get(id(workflow))
        if known is None:
            known = (workflow, SiteCalendars(workflow.calendars, [folder / "calendars" for folder in self.folders("config")]))
            self._calendars[id(workflow)] = known  # with the workflow: its id is its own while it lives
        return known[1] if as_asked else known[1].whole()


def _content(file: Path) -> bytes:
    """What a file says; nothing where it cannot be read: whoever loads it tells why."""
    try:
        return file.read_bytes()
    except OSError:
        return b""
