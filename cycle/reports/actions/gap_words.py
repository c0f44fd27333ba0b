"""A gap analysis in the words of one language: labels, sentences, percent and euros."""

from collections.abc import Mapping, Sequence
from datetime import date

from cycle.inventory.rules.gap import KINDS
from cycle.reports.rules.gap import GapTold, Line, change_text, share_text
from cycle.reports.rules.gap_sentences import Fact, Pair, Percent, Rated, Said, Scoped, headlines, notes
from cycle.wording import Wording
from cycle.workflow.model import Workflow

PERCENT = "\N{NO-BREAK SPACE}%"  # a line does not begin with the sign
Labels = Mapping[str, Mapping[str, str]]


def labels_of(workflow: Workflow, before: Workflow | None, language: str) -> dict[str, dict[str, str]]:
    """What the words are called, by kind and id; one that is gone as the year before called it."""
    return {
        kind: {
            word: entry.label(language)
            for each in (before, workflow)
            if each is not None
            for word, entry in each.vocab[words].items()
        }
        for kind, words in KINDS.items()
    }


class GapWords:
    """Says a gap analysis in the language of `wording`; a word without a label is called by its id."""

    def __init__(self, labels: Labels, wording: Wording) -> None:
        self.labels = labels
        self.wording = wording
        self.language = wording.language

    def label(self, kind: str, word: str) -> str:
        """What a target group or field is called."""
        return self.labels.get(kind, {}).get(word, word)

    def headlines(self, told: GapTold) -> list[str]:
        """The sentences to quote (`gap.say.…`)."""
        return [self.sentence(said) for said in headlines(told)]

    def notes(self, told: GapTold) -> list[str]:
        """The sentences that say how to read it."""
        return [self.sentence(said) for said in notes(told)]

    def sentence(self, said: Said) -> str:
        """One sentence with its facts in words."""
        return self.wording.sentence(f"gap.say.{said.key}", **{name: self.fact(value) for name, value in said.facts.items()})

    def fact(self, value: Fact) -> object:
        """A fact in words: counts and euros grouped, shares in percent, words listed."""
        match value:
            case int():
                return self.whole(value)
            case Percent():
                return self.percent(value.share)
            case Scoped():
                return self.wording.sentence(f"gap.scope.{value.scope}")
            case tuple():
                return self.listed([self._word(each) for each in value])
            case str() | date() | None:
                return value

    def whole(self, number: int | None) -> str:
        """A whole number in groups of three."""
        return "–" if number is None else f"{number:,}".replace(",", "." if self.language == "de" else ",")

    def percent(self, share: int | None) -> str:
        """A share with one place."""
        if share is None:
            return "–"
        tenths = (share + 5) // 10
        return f"{tenths // 10}{',' if self.language == 'de' else '.'}{tenths % 10}{PERCENT}"

    def share(self, line: Line) -> str:
        """A word's share, never rounded up to a threshold that it does not reach."""
        return f"{share_text(line, self.language)}{PERCENT}"

    def change(self, line: Line) -> str:
        """The change against the year before, in percentage points with an arrow."""
        return change_text(line.change, self.language)

    def status(self, line: Line) -> str:
        """What a share is called; a focus by that name too."""
        rated = self.wording.sentence(f"gap.status.{line.status}")
        return f"{rated}, {self.wording.sentence('gap.focus')}" if line.focus else rated

    def band(self, key: str, above: int | None, up_to: int | None) -> str:
        """What a funding band is called, by its edges in euros."""
        if above is None:
            return self.wording.sentence(f"gap.band.{key}")
        form = "over" if up_to is None else "up_to" if not above else "between"
        return self.wording.sentence(
            f"gap.band.{form}", above=self.whole(above), least=self.whole(above + 1), up_to=self.whole(up_to)
        )

    def listed(self, words: Sequence[str]) -> str:
        """A list in a sentence: "a, b und c"."""
        if len(words) < 2:
            return "".join(words)
        return f"{', '.join(words[:-1])} {self.wording.sentence('gap.and')} {words[-1]}"

    def _word(self, each: Line | Rated | Pair) -> str:
        match each:
            case Line():
                return f"{self.label(each.kind, each.word)} ({self.share(each)})"
            case Rated():
                return f"{self.label(each.line.kind, each.line.word)} ({self.share(each.line)}, {self.status(each.line)})"
        return self.label(*each)
