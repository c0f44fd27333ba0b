"""The settings of a site: shipped defaults, then the site's config/cycle.toml, then secret files, then CYCLE_… variables."""

import difflib
import os
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from cycle.errors import WrongInput

SITE_FILE = "cycle.toml"
OTHER_VARIABLES = ("CYCLE_HOME", "CYCLE_NOW", "CYCLE_ACTOR", "CYCLE_LANGUAGE", "CYCLE_TEST_PG_URL")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DatabaseSettings(_Part):
    """`url` empty: the SQLite file cycle.db in the site's folder. `journal` applies to SQLite."""

    url: str = ""
    journal: Literal["auto", "wal", "delete"] = "auto"


class MailSettings(_Part):
    """`transport` maildir writes into the site's folder mail/: nothing is sent until a server is named."""

    transport: Literal["maildir", "smtp"] = "maildir"
    sender: str = ""
    reply_to: str = ""
    message_id_domain: str = ""


class SmtpSettings(_Part):
    """The mail server; all time-outs in seconds."""

    host: str = ""
    port: int = Field(default=587, ge=1, le=65535)
    tls: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    pool: int = Field(default=4, ge=1, le=100)
    connect_timeout_seconds: float = Field(default=20, gt=0)
    command_timeout_seconds: float = Field(default=60, gt=0)
    data_timeout_seconds: float = Field(default=600, gt=0)


class CitySettings(_Part):
    """`organiser` is the partner number of the city's own office; it gets no mail that goes to `partners`."""

    name: str = "Musterstadt"
    organiser: int | None = 1


class SenderSettings(_Part):
    """Who signs the letters."""

    name: str = ""
    unit: str = ""
    phone: str = ""


class Settings(BaseSettings):
    """All settings of one site, frozen."""

    model_config = SettingsConfigDict(env_prefix="CYCLE_", env_nested_delimiter="__", extra="forbid", frozen=True)

    plan: str = "integration"
    language: Literal["de", "en"] = "de"
    timezone: str = "Europe/Berlin"
    database: DatabaseSettings = DatabaseSettings()
    mail: MailSettings = MailSettings()
    smtp: SmtpSettings = SmtpSettings()
    city: CitySettings = CitySettings()
    sender: SenderSettings = SenderSettings()


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
        raise WrongInput("settings_invalid", file=site, problems=[_problem(site, part) for part in error.errors()]) from error
    return Settings.model_construct(**{name: getattr(loaded, name) for name in Settings.model_fields})


def unknown_variables(environment: Sequence[str] | None = None) -> list[str]:
    """CYCLE_… variables that name no setting, each with the nearest one that does."""
    known = set(OTHER_VARIABLES) | {f"CYCLE_{key.replace('.', '__').upper()}" for key in keys()}
    found = sorted(name for name in (os.environ if environment is None else environment) if name.startswith("CYCLE_"))
    return [f"{name} ({_nearest(name, known)})" for name in found if name.upper() not in known]


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
        raise WrongInput("settings_broken", file=file, problem=str(error)) from error
    except UnicodeDecodeError as error:
        raise WrongInput("settings_broken", file=file, problem="not UTF-8") from error
    except OSError as error:
        raise WrongInput("settings_missing", file=file, problem=error.strerror or str(error)) from error


def _problem(site: Path, part: Any) -> str:
    key = ".".join(str(step) for step in part["loc"])
    if part["type"] == "extra_forbidden":
        return f"{site}: {key}: {_nearest(key, keys())}"
    return f"{site}: {key}: {part['msg']}"


def _nearest(name: str, known: Sequence[str] | set[str]) -> str:
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    return f"unknown; did you mean {close[0]}?" if close else "unknown"
