"""The one door to the names of languages: "Kurdisch (Kurmandschi)" or "Turkish" becomes the code of ISO 639."""

import re
from functools import cache
from importlib import import_module

_ASIDE = re.compile(r"\s*\([^)]*\)")


def language_named(text: str) -> str | None:
    """The code of a language by its German or English name (CLDR), what stands in brackets left out; None if unknown."""
    return _names().get(_ASIDE.sub("", text).strip().casefold())


@cache
def _names() -> dict[str, str]:
    # Loaded when the first name is looked up: most files have codes.
    babel = import_module("babel")
    names: dict[str, str] = {}
    for language in ("en", "de"):
        found = babel.Locale.parse(language).languages
        names |= {
            name.casefold(): code for code, name in sorted(found.items(), key=lambda each: -len(each[0])) if "_" not in code
        }
    return names
