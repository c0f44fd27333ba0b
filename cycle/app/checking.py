"""Loading a workflow file with or without a site: `cycle workflow check` works anywhere."""

from pathlib import Path

from cycle.app.furnishing import load_settings
from cycle.app.lent import LENT
from cycle.app.places import data_root, home
from cycle.workflow.load import load
from cycle.workflow.model import Workflow


def check_file(file: Path | None) -> Workflow:
    """The workflow of a file, or of the site's plan.

    Raises:
        NotFound, WrongInput: as `workflow.load`.
    """
    roots = [folder for folder in (home(), data_root()) if (folder / "workflows").is_dir()]
    if file is None:
        settings_file = home() / "config" / "cycle.toml"
        plan = load_settings(home()).plan if settings_file.is_file() else "integration"
        file = next(
            (root / "workflows" / f"{plan}.yaml" for root in roots if (root / "workflows" / f"{plan}.yaml").is_file()),
            Path(plan),
        )
    return load(file, lent=LENT, templates=templates(), defaults=data_root() / "config" / "workflow_defaults.yaml")


def templates() -> frozenset[str]:
    """The ids of the mail templates of the site, if there is one here, and the shipped ones."""
    roots = [folder / "templates" / "mail" for folder in (home(), data_root())]
    files = [file for root in roots if root.is_dir() for file in root.glob("*/*.txt.j2")]
    return frozenset(file.name.removesuffix(".txt.j2") for file in files) - {"letter"}
