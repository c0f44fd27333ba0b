"""What a site's folder says before it is opened: its settings, the URL of its database, its time zone, its words."""

import os
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cycle import settings as settings_module
from cycle.app.places import data_root
from cycle.errors import WrongInput
from cycle.settings import Settings
from cycle.wording import Wording


def load_settings(home: Path) -> Settings:
    """The settings of a site's folder."""
    secrets = os.environ.get("CREDENTIALS_DIRECTORY")
    site_file = home / "config" / settings_module.SITE_FILE
    defaults = data_root() / "config" / settings_module.SITE_FILE
    return settings_module.load(defaults, site_file, Path(secrets) if secrets else None)


def database_url(home: Path, settings: Settings) -> str:
    """The URL of the settings; without one the SQLite file cycle.db in the site's folder."""
    return settings.database.url or f"sqlite:///{home / 'cycle.db'}"


def zone_of(name: str) -> ZoneInfo:
    """A time zone by name. Raises WrongInput."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise WrongInput("unknown_timezone", timezone=name) from error


def wording_of(home: Path, language: str, zone: ZoneInfo | None = None) -> Wording:
    """The sentences of a language, German where it lacks one; a site's own folder overrides."""
    folders = [folder for folder in (home / "templates", data_root() / "templates") if folder.is_dir()]
    return Wording(folders, list(dict.fromkeys([language, "de"])), zone)
