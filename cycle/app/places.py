"""Where things lie: the shipped data, and a site's own folder that is looked into first."""

import os
from pathlib import Path

from cycle.errors import NotReady


def data_root() -> Path:
    """The folder with workflows/, templates/ and config/: inside an installed wheel, or the checkout's root.

    Raises:
        NotReady: if the installation has neither.
    """
    package = Path(__file__).parents[1]
    if (package / "_data").is_dir():
        return package / "_data"
    if (package.parent / "pyproject.toml").is_file():
        return package.parent
    raise NotReady("installation_broken", folder=package)


def home() -> Path:
    """The site's folder: CYCLE_HOME, else where the command is called."""
    return Path(os.environ.get("CYCLE_HOME") or Path.cwd()).absolute()
