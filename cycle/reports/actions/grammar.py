"""What the sentences of a report may use: numbers, days and names as its readers write them, and the right number of nouns."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cycle.reports.actions.names import Names, percent, whole
from cycle.reports.rules.paper import apart
from cycle.wording import Wording


def grammar(names: Names, wording: Wording) -> Mapping[str, Callable[..., Any]]:
    """The functions that a template of sentences may call, by their names there."""
    language = wording.language

    def some(number: int, none: str, one: str, many: str) -> str:
        """Words for none and one, which say their number themselves; of many it stands in place of {n}, else before them."""
        said = {0: none, 1: one}.get(number) or (many if "{n}" in many else f"{{n}} {many}")
        return said.replace("{n}", whole(number, language))

    def listed(words: Sequence[str]) -> str:
        """Words in a row, "and" before the last."""
        if len(words) < 2:
            return "".join(words)
        return f"{', '.join(words[:-1])} {wording.sentence('and')} {words[-1]}"

    return {
        "whole": lambda number: whole(number, language),
        "percent": lambda share: percent(share, language),
        "ratio": lambda share: ratio(share, language),
        "euro": lambda amount: euro(amount, language),
        "day": wording.value,
        "value": wording.value,
        "some": some,
        "listed": listed,
        "quoted": lambda titles: [wording.sentence("dossier.quoted", text=apart(title)) for title in titles],
        "apart": apart,
        "name": lambda kind, key: apart(names.of(kind, key)),
        "called": lambda kind, keys: [apart(names.of(kind, key)) for key in keys],
        "rating": lambda status: wording.sentence(f"gap.status.{status}"),
        "scope": lambda scope: wording.sentence(f"gap.scope.{scope}"),
        "thing": names.thing,
    }


def euro(amount: int | None, language: str) -> str:
    """An amount of money: 1.234 € in German, €1,234 elsewhere; a dash for an unknown one."""
    text = whole(amount, language)
    if amount is None:
        return text
    return f"{text} €" if language == "de" else f"€{text}"


def ratio(share: int | None, language: str) -> str:
    """How many there are of one for each of the other, with one place, from ten-thousandths: 2,4 in German."""
    if share is None:
        return "–"
    tenths = (share + 500) // 1000
    return f"{tenths // 10}{',' if language == 'de' else '.'}{tenths % 10}"
