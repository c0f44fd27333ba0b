"""A paper in its two forms: a page of HTML to read and print, and Markdown. The same paper gives the same bytes."""

import re

from cycle.adapters.templates import Letters
from cycle.reports.rules.paper import Paper
from cycle.wording import Wording

HTML = "report/paper.html.j2"
MARKDOWN = "report/paper.md.j2"
# What Markdown would read as more than a sign (CommonMark 2.4), and what begins a line that would be no paragraph.
_SIGNS = re.compile(r"([\\`*_\[\]<>|#~])")
_BEGINS = re.compile(r"^(\d+)([.)])(?=\s)|^([-+=])")


def as_html(paper: Paper, wording: Wording, letters: Letters) -> str:
    """The page; everything in it is escaped, and it fetches nothing.

    Raises:
        NotFound: `unknown_template`, where a site's templates lack it.
        WrongInput: `template_error`, with file and line.
    """
    return letters.text(HTML, {"p": paper, "lang": paper.language, "say": wording.sentence, "anchor": paper.anchor})


def as_markdown(paper: Paper, letters: Letters) -> str:
    """The same in Markdown, pictures in words. Raises as `as_html`."""
    return letters.text(MARKDOWN, {"p": paper, "md": escaped, "cell": in_a_cell})


def escaped(text: str) -> str:
    """A text that Markdown shows as it is."""
    return _BEGINS.sub(_masked, _SIGNS.sub(r"\\\1", " ".join(text.split())))


def in_a_cell(text: str) -> str:
    """A text in a cell of a table of Markdown."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))


def _masked(found: re.Match[str]) -> str:
    return f"{found[1]}\\{found[2]}" if found[1] else f"\\{found[3]}"
