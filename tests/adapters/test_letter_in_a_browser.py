"""Every letter as a browser shows it, on a telephone and on a desk, in the light and in the dark; skipped without one."""

import json
import shutil
import subprocess
from html import escape, unescape
from pathlib import Path

import pytest
from test_letter_html import letter
from test_templates import EVERY_MAIL, FULL

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTHS = (360, 800)
SCHEMES = ("light", "dark")
LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3
SECONDS = 120
LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwenversicherungsverein" * 2

# Measured in each frame: what sticks out to the right, the contrast of each text, and what was fetched.
MEASURE = """
const light = colour => { const [r, g, b] = colour.match(/[\\d.]+/g).map(v => v / 255)
  .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const behind = one => { for (; one; one = one.parentElement) {
  const colour = getComputedStyle(one).backgroundColor; if (colour !== 'rgba(0, 0, 0, 0)') return colour; }
  return 'rgb(255, 255, 255)'; };
addEventListener('load', () => {
  const told = [...document.querySelectorAll('iframe')].map(frame => {
    const page = frame.contentDocument, wide = page.documentElement.clientWidth;
    const all = [...page.body.querySelectorAll('*')];
    const texts = all.filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
    const contrast = one => { const [a, b] = [getComputedStyle(one).color, behind(one)].map(light).sort();
      return (b + 0.05) / (a + 0.05); };
    return {name: frame.title, out: page.documentElement.scrollWidth - wide,
      elements: all.filter(one => one.getBoundingClientRect().right > wide + 1).map(one => one.tagName),
      contrast: Math.min(...texts.map(contrast)),
      size: Math.min(...texts.map(one => parseFloat(getComputedStyle(one).fontSize))),
      ground: behind(page.body), fetched: frame.contentWindow.performance.getEntriesByType('resource').length};
  });
  document.body.innerHTML = ''; document.body.textContent = JSON.stringify(told);
});
"""


@pytest.fixture(scope="module")
def browser() -> str:
    """The first browser there is."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no browser here ({', '.join(BROWSERS)}): Debian's chromium will do")
    return found


def shown(browser: str, folder: Path, pages: dict[str, str]) -> dict[str, dict[str, object]]:
    """What the browser measured of each page at each width in each scheme; a frame has the scheme of its style."""
    frames = [
        f'<iframe title="{name} {width} {scheme}" style="border:0;width:{width}px;height:900px;color-scheme:{scheme}"'
        f' srcdoc="{escape(html)}"></iframe>'
        for name, html in pages.items()
        for width in WIDTHS
        for scheme in SCHEMES
    ]
    file = folder / "pages.html"
    file.write_text(f'<!DOCTYPE html><meta charset="utf-8"><script>{MEASURE}</script><body>{"".join(frames)}', encoding="utf-8")
    answered = subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={folder / 'profile'}",
            "--dump-dom",
            str(file),
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    body = unescape(answered.stdout.partition("<body>")[2].partition("</body>")[0])
    return {each["name"]: each for each in json.loads(body)}


def faults(measured: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    """The pages that stick out, are hard to read, or fetched something."""
    return {
        name: each
        for name, each in measured.items()
        if each["out"] or each["elements"] or each["fetched"] or each["contrast"] < LEAST_CONTRAST or each["size"] < 13  # type: ignore[operator]
    }


def test_every_letter_fits_a_telephone_and_a_desk_and_can_be_read_in_the_dark(browser: str, tmp_path: Path) -> None:
    pages = {f"{language}/{name}": letter(name, language, FULL)[1] for language, name in EVERY_MAIL}

    measured = shown(browser, tmp_path, pages)

    assert len(measured) == len(EVERY_MAIL) * len(WIDTHS) * len(SCHEMES)
    assert faults(measured) == {}
    grounds = {scheme: {each["ground"] for name, each in measured.items() if name.endswith(scheme)} for scheme in SCHEMES}
    assert grounds == {"light": {"rgb(238, 242, 245)"}, "dark": {"rgb(20, 24, 27)"}}


def test_a_word_and_an_address_that_are_too_long_are_broken_and_stay_inside(browser: str, tmp_path: Path) -> None:
    link = f"https://umfrage.example.org/{'a1b2c3d4' * 20}?x=1"
    long = {**FULL, "org": {"name": LONG}, "survey": {**FULL["survey"], "link": link}, "city": LONG}

    measured = shown(browser, tmp_path, {"long": letter("survey_invitation", "de", long)[1]})

    assert faults(measured) == {}


def test_the_measure_sees_what_sticks_out_and_what_cannot_be_read(browser: str, tmp_path: Path) -> None:
    wide = '<body><p style="width:900px">breit</p>'
    pale = '<body><p style="color:#ccc;background:#fff">blass</p>'

    measured = shown(browser, tmp_path, {"wide": wide, "pale": pale})

    assert sorted(faults(measured)) == sorted(
        f"{name} {width} {scheme}" for name in ("wide", "pale") for width in WIDTHS for scheme in SCHEMES
    )
