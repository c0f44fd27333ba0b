"""What a site's folder says before it is opened: its settings, the URL of its database, its time zone, its words."""

import hashlib
import os
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import make_url

from cycle import settings as settings_module
from cycle.adapters.database import sqlite_file
from cycle.app.places import data_root
from cycle.errors import WrongInput
from cycle.journal.lastseen import LastSeen
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


def last_seen_of(url: str, settings: Settings) -> LastSeen:
    """The rollback guard of a database, in the folder of the settings, else where the system wants such states."""
    file = sqlite_file(url)
    shared = make_url(url).set(username=None, password=None)  # whoever connects, it is one database
    place = str(file.resolve()) if file is not None else shared.render_as_string()
    folder = state_folder(settings)
    name = f"{hashlib.sha256(place.encode()).hexdigest()[:24]}.json"
    return LastSeen(folder / name if folder is not None else None, place)


def state_folder(settings: Settings) -> Path | None:
    """Where is kept what must outlive the database; None for a user without a home."""
    given = settings.guard.folder or os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    if given:
        return Path(given)
    base = os.environ.get("XDG_STATE_HOME", "")
    try:
        return (Path(base) if base else Path.home() / ".local" / "state") / "cycle"
    except RuntimeError:  # a user without a home
        return None


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
