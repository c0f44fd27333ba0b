"""What the parts of a year's report are written with."""

from dataclasses import dataclass
from typing import Any

from cycle.adapters.templates import Sentences
from cycle.reports.actions.names import Names
from cycle.reports.rules.paper import Cell, Column, Items, Table, Text
from cycle.reports.rules.year import YearTold
from cycle.wording import Wording


@dataclass(frozen=True)
class Told:
    """The year, and the words to tell it in."""

    year: YearTold
    names: Names
    wording: Wording
    sentences: Sentences

    def tell(self, name: str, *facts: Any) -> str:
        """One sentence of the templates."""
        return self.sentences.tell(name, *facts)

    def label(self, key: str) -> str:
        """A label of the templates."""
        return self.sentences.tell("label", key)

    def day(self, day: Any) -> str:
        """A day as its readers write it."""
        return str(self.wording.value(day))

    def text(self, name: str, *facts: Any, tone: str = "") -> Text | None:
        """A paragraph; None where there is nothing to say."""
        said = self.tell(name, *facts)
        return Text(said, tone) if said else None

    def items(self, *said: str) -> Items:
        """A list of the sentences that say something."""
        return Items(tuple(each for each in said if each))

    def columns(self, **kinds: str) -> tuple[Column, ...]:
        """Columns by the keys of their labels, each with the kind of its cells."""
        return tuple(Column(self.label(key), kind) for key, kind in kinds.items())

    def table(self, caption: str, columns: tuple[Column, ...], rows: list[tuple[Cell, ...]]) -> Table:
        """A table under a sentence of the templates."""
        return Table(self.tell(caption), columns, tuple(rows))
