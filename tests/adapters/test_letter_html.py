"""The HTML of the letters: the words of the text and no others, escaped, with nothing to be fetched."""

from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from test_templates import BARE, EVERY_MAIL, FULL, LANGUAGES, LETTERS, NEEDS_A_THEME, SHIPPED

from cycle.adapters.templates import Letters, Text
from cycle.errors import WrongInput
from cycle.outbox.rules.blocks import RULE, blocks
from cycle.reminders.actions.dress import as_html

FETCHING = frozenset({"img", "script", "iframe", "object", "embed", "link", "video", "audio", "form", "input", "base"})


class Page(HTMLParser):
    """What a page shows, which elements it has, and where it leads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.links: list[str] = []
        self.urls: list[str] = []
        self.shown: list[str] = []
        self._inside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self._inside.append(tag)
        given = dict(attrs)
        self.links += [given["href"] or ""] if "href" in given else []
        self.urls += [value for name, value in attrs if name in ("src", "background", "srcset", "action") and value]
        self.urls += [value for _, value in attrs if value and "url(" in value]
        if tag == "li" and "value" in given:
            self.shown.append(f"{given['value']}.")

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside[: len(self._inside) - self._inside[::-1].index(tag) - 1]

    def handle_data(self, data: str) -> None:
        if "body" in self._inside:
            self.shown += data.split()


def letter(name: str, language: str, context: dict[str, Any]) -> tuple[Text, str]:
    """A letter of one mail as text and as HTML."""
    parts = [LETTERS.render(name, language, context)]
    around = {**context, "reference": "IP-2026-017"}
    text = LETTERS.letter(parts, language, around)
    return text, as_html(LETTERS, text, parts, [None], language, around)


def words(text: str) -> list[str]:
    """The words of a letter's text without the signs that stand for a list's dots and the line above the small print."""
    lines = [line.removeprefix("- ") for line in text.replace(RULE, "\n").split("\n")]
    return [word for line in lines for word in line.split() if word != "==="]


@pytest.mark.parametrize(("language", "name"), EVERY_MAIL)
@pytest.mark.parametrize("context", [FULL, BARE], ids=["full", "bare"])
def test_the_html_says_what_the_text_says(language: str, name: str, context: dict[str, Any]) -> None:
    if name in NEEDS_A_THEME and context["theme"] is None:
        pytest.skip("there is no such mail without a theme")

    text, html = letter(name, language, context)

    page = Page(html)
    assert "".join(page.shown) == "".join(["Integrationsplan", "·", "Musterstadt", *words(text.body)])
    assert (page.elements & FETCHING, page.urls) == (set(), [])
    assert {link.partition(":")[0] for link in page.links} <= {"https", "mailto"}
    assert f"<title>{text.subject}</title>" in unescape(html)


def test_several_messages_keep_their_order_and_their_years() -> None:
    mails = [("survey_invitation", "2025"), ("measure_due", "2025"), ("invitation_spring", "2026")]
    parts = [LETTERS.render(name, "de", {**FULL, "cycle": {"year": int(year), "label": year}}) for name, year in mails]
    text = LETTERS.letter(parts, "de", {**FULL, "reference": None})

    page = Page(as_html(LETTERS, text, parts, [None] * 3, "de", FULL))

    assert "".join(page.shown) == "".join(["Integrationsplan", "·", "Musterstadt", *words(text.body)])


def test_what_people_write_is_text_and_never_markup() -> None:
    spoilt = {**FULL, "org": {"name": '<script>alert("x")</script> & Söhne'}, "city": "<b>Stadt</b>"}

    _, html = letter("survey_invitation", "de", spoilt)

    page = Page(html)
    assert page.elements & {"script", "b"} == set()
    assert '<script>alert("x")</script> & Söhne' in " ".join(page.shown)


def test_the_page_names_the_language_that_it_is_written_in() -> None:
    pages = {language: letter("survey_invitation", language, FULL)[1] for language in ("de", "en", "leicht", "uk")}

    named = {language: page.partition('<html lang="')[2][:2] for language, page in pages.items()}
    assert named == {"de": "de", "en": "en", "leicht": "de", "uk": "de"}


def own(folder: Path, **files: str) -> Letters:
    """A site's own HTML files before the shipped ones: `de__hello` is mail/de/hello.html.j2, `letter` is for all."""
    for name, text in files.items():
        file = folder / "mail" / f"{name.replace('__', '/')}.html.j2"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Letters([folder, SHIPPED], LANGUAGES)


def dressed(letters: Letters, *names: str, context: dict[str, Any] = FULL) -> str:
    parts = [letters.render(name, "de", context) for name in names]
    around = {**context, "reference": None}
    html = [letters.own_html(name, "de", context) for name in names]
    return as_html(letters, letters.letter(parts, "de", around), parts, html, "de", around)


def test_a_mail_may_bring_a_body_of_its_own_and_keeps_greeting_closing_and_notice(tmp_path: Path) -> None:
    letters = own(tmp_path, de__measure_due="{% block body %}<h3>{{ measure.title }}</h3>{% endblock %}")

    spoilt = {**FULL, "measure": {**FULL["measure"], "title": "Rat & <Tat>"}}
    html = dressed(letters, "survey_invitation", "measure_due", context=spoilt)

    shown = " ".join(Page(html).shown)
    assert "<h3>Rat &amp; &lt;Tat&gt;</h3>" in html
    assert LETTERS.render("measure_due", "de", spoilt).body.split("\n")[0][1:] not in shown
    assert shown.index("Sehr geehrte Frau") < shown.index("1. Bestandserhebung") < shown.index("Rat & <Tat>")
    assert shown.index("Rat & <Tat>") < shown.index("Mit freundlichen Grüßen") < shown.index("automatisch erstellt")


def test_the_names_of_a_body_of_its_own_are_asked_for_too(tmp_path: Path) -> None:
    letters = own(tmp_path, de__measure_due="{% block body %}{{ theme.title }}{% endblock %}")

    assert "theme" in letters.variables("measure_due", "de")
    assert "theme" not in LETTERS.variables("measure_due", "de")


def test_a_site_may_have_a_layout_of_its_own(tmp_path: Path) -> None:
    letters = own(tmp_path, letter="<title>{{ subject }}</title>{% for block in written %}{{ block|safe }}{% endfor %}")

    html = dressed(letters, "measure_due")

    assert html.startswith(f"<title>{LETTERS.render('measure_due', 'de', FULL).subject}</title><p class=")


def test_a_mistake_in_the_layout_is_told_with_file_and_line(tmp_path: Path) -> None:
    letters = own(tmp_path, letter="<p>\n{% if subjekt %}x{% endif %}</p>")

    with pytest.raises(WrongInput) as wrong:
        dressed(letters, "measure_due")

    assert wrong.value.facts == {
        "template": str(tmp_path / "mail" / "letter.html.j2"),
        "line": 2,
        "problem": "template.undefined",
    }
    assert wrong.value.facts["problem"].facts == {"name": "subjekt"}


def test_a_batch_writes_each_block_once_and_mixes_up_nobody() -> None:
    names = [f"Person{number}" for number in range(100, 150)]

    pages = [letter("measure_due", "de", {**FULL, "recipient": {**FULL["recipient"], "last_name": name}})[1] for name in names]

    assert [[name for name in names if name in page] for page in pages] == [[name] for name in names]


def test_every_block_of_every_letter_is_written() -> None:
    seen = {block.kind for language, name in EVERY_MAIL for block in blocks(letter(name, language, FULL)[0].body)}

    assert {kind.value for kind in seen} == {"paragraph", "facts", "bullets", "numbers", "signature", "small"}
