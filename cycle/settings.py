"""The settings of a site: shipped defaults, then the site's config/cycle.toml, then secret files, then CYCLE_… variables."""

import difflib
import os
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from cycle.errors import Key, WrongInput

SITE_FILE = "cycle.toml"
UNSUBSCRIBE_TOKEN = "{token}"
OTHER_VARIABLES = ("CYCLE_HOME", "CYCLE_NOW", "CYCLE_ACTOR", "CYCLE_LANGUAGE", "CYCLE_TEST_PG_URL")


_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
_HEADER = re.compile(r"\s*\[([\w.-]+)\]")
_KEY = re.compile(r"\s*([\w-]+)\s*=")
_LIMITS = {"greater_than": "gt", "greater_than_equal": "ge", "less_than": "lt", "less_than_equal": "le"}
# What a fault of TOML is called in the wording, by how Python's sentence about it begins.
_TOML = {
    "toml.quote": ("Unterminated string", "Illegal character"),
    "toml.backslash": ("Unescaped", "Invalid hex", "Escaped"),
    "toml.equals": ("Expected '='",),
    "toml.rest": ("Expected newline",),
    "toml.bracket": ("Expected ']", "Unclosed"),
    "toml.twice": ("Cannot", "Duplicate"),
    "toml.value": ("Invalid value", "Invalid date"),
}
# The first word of pydantic's error type, and the sentence for it.
_KEYS = {
    "finite": "setting_not_a_number",
    "tuple": "setting_not_a_list",
    "int": "setting_not_a_number",
    "float": "setting_not_a_number",
    "string": "setting_not_a_text",
    "model": "setting_not_a_section",
    "unsubscribe": "setting_unsubscribe_url",
}


@dataclass(frozen=True)
class SettingProblem:
    """One setting that is wrong: in which file and line (or variable), the key of its sentence, and the facts."""

    file: str
    line: int | None
    key: str
    facts: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.place}: {self.key}: {', '.join(str(value) for value in self.facts.values())}"

    @property
    def place(self) -> str:
        """File and line, or the variable."""
        return f"{self.file}:{self.line}" if self.line else self.file


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class DatabaseSettings(_Part):
    """`url` empty: the SQLite file cycle.db in the site's folder. `journal` applies to SQLite."""

    url: str = ""
    journal: Literal["auto", "wal", "delete"] = "auto"


class MailSettings(_Part):
    """`transport` maildir writes into the site's folder mail/: nothing is sent until a server is named.

    `unsubscribe_url` is a page of the city, https, whose address holds `{token}` for the mail it is called from.
    With `bounce_domain` what cannot be delivered comes back to bounce+TOKEN@ that domain, one token a mail.
    """

    transport: Literal["maildir", "smtp"] = "maildir"
    sender: str = ""
    reply_to: str = ""
    message_id_domain: str = ""
    bounce_domain: str = ""
    unsubscribe_url: str = ""

    @field_validator("unsubscribe_url")
    @classmethod
    def _a_page_for_one_mail(cls, given: str) -> str:
        if given and not (
            given.startswith("https://") and UNSUBSCRIBE_TOKEN in given and given.isascii() and given.isprintable()
        ):
            raise PydanticCustomError("unsubscribe_url", "https:// and {{token}} are needed")
        return given


class SmtpSettings(_Part):
    """The mail server; all time-outs in seconds. A process gives it at most `per_minute` mails a minute, 0 is any number."""

    host: str = ""
    port: int = Field(default=587, ge=1, le=65535)
    tls: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    pool: int = Field(default=4, ge=1, le=100)
    per_minute: int = Field(default=0, ge=0, le=100_000)
    connect_timeout_seconds: float = Field(default=20, gt=0)
    command_timeout_seconds: float = Field(default=60, gt=0)
    data_timeout_seconds: float = Field(default=600, gt=0)


class ServiceSettings(_Part):
    """`ping_url` is fetched after each good heartbeat, at most once a minute: who watches it sees the service fall silent."""

    ping_url: str = Field(default="", pattern=r"^(https?://\S+)?$")


class AnchorSettings(_Part):
    """Where the anchors of the history go by themselves: a `folder` (from the site's folder on; best on another machine) and
    addresses outside the office, such as the auditors'. Without both only `cycle history seal` gives one."""

    folder: str = ""
    mail: tuple[str, ...] = ()

    @property
    def wanted(self) -> bool:
        """Whether anybody is to get them."""
        return bool(self.folder or self.mail)


class GuardSettings(_Part):
    """`folder` keeps the last entry seen, outside the database's folder; empty: the user's own folder for such states."""

    folder: str = ""


class CitySettings(_Part):
    """`organiser` is the partner number of the city's own office; it gets no mail that goes to `partners`."""

    name: str = "Musterstadt"
    organiser: int | None = 1


class SenderSettings(_Part):
    """Who signs the letters."""

    name: str = ""
    unit: str = ""
    phone: str = ""


class RetentionSettings(_Part):
    """How many months personal data are kept after their end, and which classes the archive is offered first."""

    contact_months: int = Field(default=12, ge=0, le=1200)
    mail_text_months: int = Field(default=24, ge=0, le=1200)
    person_months: int = Field(default=36, ge=0, le=1200)
    archive_first: tuple[Literal["contact", "mail_text", "person"], ...] = ()


class Settings(BaseSettings):
    """All settings of one site, frozen."""

    model_config = SettingsConfigDict(env_prefix="CYCLE_", env_nested_delimiter="__", extra="forbid", frozen=True)

    plan: str = "integration"
    language: Literal["de", "en"] = "de"
    timezone: str = "Europe/Berlin"
    database: DatabaseSettings = DatabaseSettings()
    mail: MailSettings = MailSettings()
    smtp: SmtpSettings = SmtpSettings()
    service: ServiceSettings = ServiceSettings()
    anchors: AnchorSettings = AnchorSettings()
    guard: GuardSettings = GuardSettings()
    city: CitySettings = CitySettings()
    sender: SenderSettings = SenderSettings()
    retention: RetentionSettings = RetentionSettings()


def load(defaults: Path, site: Path, secrets: Path | None = None) -> Settings:
    """The settings of a site; `secrets` is a folder of files named like smtp__password (systemd's $CREDENTIALS_DIRECTORY).

    Raises:
        WrongInput: naming file, key, what is wrong, and for an unknown key the nearest known one.
    """
    for file in (defaults, site):
        _readable(file)

    class Sourced(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            sources: list[Any] = [EnvSettingsSource(settings_cls)]
            if secrets is not None and secrets.is_dir():
                sources.append(NestedSecretsSettingsSource(file_secret_settings, secrets_dir=secrets, env_prefix=""))
            sources.append(TomlConfigSettingsSource(settings_cls, toml_file=[defaults, site], deep_merge=True))
            return tuple(sources)

    try:
        loaded = Sourced()
    except ValidationError as error:
        problems: list[Any] = [_problem(site, part) for part in error.errors()]
        raise WrongInput("settings_invalid", file=site, problems=problems) from error
    return Settings.model_construct(**{name: getattr(loaded, name) for name in Settings.model_fields})


def unknown_variables(environment: Sequence[str] | None = None) -> list[str]:
    """CYCLE_… variables that name no setting, each with the nearest one that does."""
    known = set(OTHER_VARIABLES) | {f"CYCLE_{key.replace('.', '__').upper()}" for key in keys()}
    found = sorted(name for name in (os.environ if environment is None else environment) if name.startswith("CYCLE_"))
    return [
        f"{name} ({near}?)" if (near := _nearest(name.upper(), known)) else name for name in found if name.upper() not in known
    ]


def toml_problem(error: tomllib.TOMLDecodeError) -> Key:
    """What is wrong with a TOML file, as a fact for a sentence."""
    return Key(next((key for key, begins in _TOML.items() if str(error).startswith(begins)), "toml.other"))


def keys() -> list[str]:
    """Every setting's name, as in `smtp.host`."""
    names = []
    for name, field in Settings.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            names += [f"{name}.{key}" for key in inner.model_fields]
        else:
            names.append(name)
    return names


def _readable(file: Path) -> None:
    try:
        with file.open("rb") as stream:
            tomllib.load(stream)
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.search(str(error))
        lines = file.read_text(encoding="utf-8").splitlines() or [""]
        line, column = (int(found[1]), int(found[2])) if found else (len(lines), len(lines[-1]) + 1)
        raise WrongInput("settings_broken", file=file, line=line, column=column, problem=toml_problem(error)) from error
    except UnicodeDecodeError as error:
        raise WrongInput("settings_not_utf8", file=file) from error
    except OSError as error:
        raise WrongInput("settings_missing", file=file, problem=error) from error


def _problem(site: Path, part: Any) -> SettingProblem:
    setting = ".".join(str(step) for step in part["loc"])
    variable = "CYCLE_" + setting.replace(".", "__").upper()
    given = next((name for name in os.environ if name.upper() == variable), None)
    line = None if given else _line_of(site, part["loc"])
    place = given or (str(site) if line else setting)
    facts: dict[str, Any] = {"setting": setting}
    kind = part["type"]
    if kind == "extra_forbidden":
        near = _nearest(setting, keys())
        key, facts = ("setting_unknown_but", facts | {"nearest": near}) if near else ("setting_unknown", facts)
    elif kind == "literal_error":
        key, facts = "setting_not_allowed", facts | {"known": part["ctx"]["expected"].replace(" or ", ", ").replace("'", "")}
    elif kind == "string_pattern_mismatch":
        key = "setting_not_an_address"
    elif kind in _LIMITS:
        key, facts = "setting_out_of_range", facts | {"limit": part["ctx"][_LIMITS[kind]]}
    else:
        key, facts = _KEYS.get(kind.partition("_")[0], "setting_wrong"), facts
    return SettingProblem(place, line, key, facts)


def _line_of(site: Path, steps: Sequence[str | int]) -> int | None:
    """The line in which a key of a section stands, as far as the eye finds it."""
    section: list[str] = []
    for number, text in enumerate(site.read_text(encoding="utf-8").splitlines(), start=1):
        if header := _HEADER.match(text):
            section = header[1].split(".")
        if (key := _KEY.match(text)) and [*section, key[1]] == [str(step) for step in steps]:
            return number
        if header and section == [str(step) for step in steps]:
            return number
    return None


def _nearest(name: str, known: Sequence[str] | set[str]) -> str | None:
    return next(iter(difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.5)), None)
