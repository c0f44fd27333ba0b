"""`cycle config`: the settings as they are in force."""

from typing import Any

from cycle.cli import output
from cycle.cli.helping import noun
from cycle.cli.options import Json
from cycle.cli.words import word

app = noun("config")


@app.callback()
def group() -> None:
    """The settings of the site."""


@app.command("show", help=word("cli.config.show"))
def show(json: Json = False) -> None:
    from cycle.app.furnishing import database_url, load_settings
    from cycle.app.opening import without_password
    from cycle.app.places import home

    settings = load_settings(home())
    found: dict[str, Any] = settings.model_dump(mode="json")
    found["database"]["url"] = without_password(database_url(home(), settings))
    if json:
        output.as_json({"schema": "cycle/config/1", **found})
        return
    rows = []
    for name, value in found.items():
        inner = value.items() if isinstance(value, dict) else [(None, value)]
        rows += [[f"{name}.{key}" if key else name, part] for key, part in inner]
    output.as_table(word("title.config", folder=home()), [("col.key", "left"), ("col.value", "left")], rows)
