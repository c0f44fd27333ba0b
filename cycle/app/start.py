"""Making a site: its folder, settings, workflow and calendars to edit, its database, and the first entry."""

import hashlib
import secrets
import shutil
from importlib.resources import files
from pathlib import Path

from sqlalchemy import make_url

from cycle import __version__
from cycle.adapters.clock import SystemClock, parse_instant
from cycle.adapters.database import connect, sqlite_file
from cycle.app.furnishing import database_url, last_seen_of, load_settings, zone_of
from cycle.app.opening import open_site
from cycle.app.places import data_root
from cycle.app.site import Site
from cycle.app.upgrade import nothing_of_ours, revision_of, upgrade
from cycle.errors import WrongInput
from cycle.journal.actor import Actor
from cycle.journal.form import SPEC
from cycle.journal.journal import Journal
from cycle.people.actions import new_ref
from cycle.people.records import Person, RoleSpan
from cycle.people.rules import demand_own_login
from cycle.vocabulary import Right

FOLDERS = ("config/calendars", "workflows", "templates/mail/de", "documents", "mail")


def make_site(home: Path, *, sandbox: bool, login: str, now: str | None = None) -> Site:
    """A new site in a folder, whose caller gets the workflow's first role and each that may change people.

    `now` sets the clock of the first entry, in a sandbox only. Files that are there already are kept as they are.

    Raises:
        WrongInput: if there is a site already, the folder cannot be written, `now` is given outside a sandbox, or the login
            is the history's own word for the programme.
        Broken: if there is one whose history was taken away.
    """
    if now is not None and not sandbox:
        raise WrongInput("clock_outside_sandbox", variable="CYCLE_NOW")
    demand_own_login(login)
    settings_file = home / "config" / "cycle.toml"
    try:
        for folder in FOLDERS:
            (home / folder).mkdir(parents=True, exist_ok=True)
        _copy(data_root() / "config" / "cycle.toml", settings_file)
        for name in ("calendars/calendar_bw.csv",):
            _copy(data_root() / "config" / name, home / "config" / name)
    except OSError as error:
        raise WrongInput("folder_unwritable", folder=home, problem=error) from error
    settings = load_settings(home)
    _copy(data_root() / "workflows" / f"{settings.plan}.yaml", home / "workflows" / f"{settings.plan}.yaml")
    zone = zone_of(settings.timezone)
    url = database_url(home, settings)
    file = sqlite_file(url)
    if file is not None and file.exists():
        raise WrongInput("site_exists", folder=home, database=file)
    if file is None and revision_of(url) is not None:
        raise WrongInput("site_exists", folder=home, database=make_url(url).database)
    if file is None:
        nothing_of_ours(url)
    try:
        upgrade(url)
    except BaseException:
        _take_back(file)
        raise
    database = connect(url, settings.database.journal)
    site = Site(home, settings, database, sandbox=sandbox)
    try:
        workflow = site.workflow()
        moment = parse_instant(now, zone) if now else SystemClock().now()
        first = next(iter(workflow.roles))
        roles = dict.fromkeys([first, *(name for name, role in workflow.roles.items() if Right.PEOPLE in role.may)])
        ref = new_ref()
        last_seen_of(url, settings).forget()
        with Journal(database, zone).entry("log.opened", by=Actor(ref, first), now=moment) as entry:
            entry.tell(
                log=secrets.token_hex(16),
                municipality=settings.city.name,
                timezone=settings.timezone,
                spec=SPEC,
                spec_sha256=spec_sha256(),
                software=__version__,
                sandbox=sandbox,
            )
            person = entry.add(Person(ref=ref, login=login))
            entry.add_all([RoleSpan(person_id=person.id or 0, role=role, valid_from=entry.today) for role in roles])
    except BaseException:
        database.dispose()
        _take_back(file)
        raise
    database.dispose()
    return open_site(home)


def spec_sha256() -> str:
    """The SHA-256 of the page that says what the journal's form is, shipped beside the code."""
    return hashlib.sha256(files("cycle.journal").joinpath("cycle-log-1.md").read_bytes()).hexdigest()


def _take_back(file: Path | None) -> None:
    """Remove the SQLite file that this very call made: an empty one would be taken for a site."""
    if file is not None:
        file.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    if source.is_file() and not target.exists():
        shutil.copyfile(source, target)
