"""The settings of a site: shipped defaults, then the site's config/cycle.toml, then secret files, then CYCLE_… variables."""

import os
from collections.abc import Sequence
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

from cycle.errors import WrongInput
from cycle.settings.problems import demand_readable, nearest, problem_of

SITE_FILE = "cycle.toml"
UNSUBSCRIBE_TOKEN = "{token}"
OTHER_VARIABLES = ("CYCLE_HOME", "CYCLE_NOW", "CYCLE_ACTOR", "CYCLE_LANGUAGE", "CYCLE_TEST_PG_URL")


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


class _Variables(EnvSettingsSource):
    """The CYCLE_… variables. One that should be JSON and is not stays a text, so that its field says what is wrong."""

    def decode_complex_value(self, field_name: str, field: Any, value: Any) -> Any:
        try:
            return super().decode_complex_value(field_name, field, value)
        except (ValueError, RecursionError):
            return value


def load(defaults: Path, site: Path, secrets: Path | None = None) -> Settings:
    """The settings of a site; `secrets` is a folder of files named like smtp__password (systemd's $CREDENTIALS_DIRECTORY).

    Raises:
        WrongInput: naming file, key, what is wrong, and for an unknown key the nearest known one.
    """
    for file in (defaults, site):
        demand_readable(file)

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
            sources: list[Any] = [_Variables(settings_cls)]
            if secrets is not None and secrets.is_dir():
                sources.append(NestedSecretsSettingsSource(file_secret_settings, secrets_dir=secrets, env_prefix=""))
            sources.append(TomlConfigSettingsSource(settings_cls, toml_file=[defaults, site], deep_merge=True))
            return tuple(sources)

    try:
        loaded = Sourced()
    except ValidationError as error:
        problems: list[Any] = [problem_of(site, part, keys()) for part in error.errors()]
        raise WrongInput("settings_invalid", file=site, problems=problems) from error
    return Settings.model_construct(**{name: getattr(loaded, name) for name in Settings.model_fields})


def unknown_variables(environment: Sequence[str] | None = None) -> list[str]:
    """CYCLE_… variables that name no setting, each with the nearest one that does."""
    known = set(OTHER_VARIABLES) | {f"CYCLE_{key.replace('.', '__').upper()}" for key in keys()}
    found = sorted(name for name in (os.environ if environment is None else environment) if name.startswith("CYCLE_"))
    return [
        f"{name} ({near}?)" if (near := nearest(name.upper(), known)) else name for name in found if name.upper() not in known
    ]


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
