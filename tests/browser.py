"""A browser, where there is one, that measures pages: what sticks out, what cannot be read, what was fetched."""

import importlib.util
import json
import os
import shutil
import subprocess
from html import escape, unescape
from pathlib import Path

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3
SECONDS = 120

# Measured in each frame: what sticks out to the right, the contrast of each text, and what was fetched. What may be
# pushed sideways (.scroll) sticks out of nothing; a frame named paper shows what is printed.
MEASURE = """
const light = colour => { const [r, g, b] = colour.match(/[\\d.]+/g).map(v => v / 255)
  .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const behind = one => { for (; one; one = one.parentElement) {
  const colour = getComputedStyle(one).backgroundColor; if (colour !== 'rgba(0, 0, 0, 0)') return colour; }
  return 'rgb(255, 255, 255)'; };
const print = page => { for (const sheet of page.styleSheets) for (const rule of sheet.cssRules) if (rule.media)
  rule.media.mediaText = rule.media.mediaText.startsWith('print') ? 'all' : 'not all'; };
addEventListener('load', () => {
  const told = [...document.querySelectorAll('iframe')].map(frame => {
    const page = frame.contentDocument;
    if (frame.title.includes(' paper')) print(page);
    const wide = page.documentElement.clientWidth;
    const all = [...page.body.querySelectorAll('*')].filter(one => !one.closest('.scroll'));
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


ASK_AXE = """
addEventListener('load', () => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',
  'best-practice']}).then(told => { document.body.innerHTML = ''; document.body.textContent = JSON.stringify(
  told.violations.map(one => [one.id, one.nodes.length, one.nodes[0].html.slice(0, 200)])); }));
"""


def found() -> str:
    """The first browser there is; without one the test is skipped."""
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        pytest.skip(f"no browser here ({', '.join(BROWSERS)}): Debian's chromium will do")
    return browser


def measured(browser: str, folder: Path, frames: list[tuple[str, int, str, str]]) -> dict[str, dict[str, object]]:
    """What the browser measured of each frame: its name, width, scheme (light or dark) and page."""
    shown = [
        f'<iframe title="{name}" style="border:0;width:{width}px;height:900px;color-scheme:{scheme}"'
        f' srcdoc="{escape(html)}"></iframe>'
        for name, width, scheme, html in frames
    ]
    page = f'<!DOCTYPE html><meta charset="utf-8"><script>{MEASURE}</script><body>{"".join(shown)}'
    told: list[dict[str, object]] = json.loads(body_of(browser, folder, page))
    return {str(each["name"]): each for each in told}


def violations(browser: str, folder: Path, html: str) -> list[list[object]]:
    """What axe finds against WCAG 2.2 A and AA and its best practice: rule, how many places, the first.

    axe-core (MPL-2.0) is none of ours: the file axe.min.js is that of AXE_CORE, or of axe-playwright-python where it is
    installed; without it the test is skipped.
    """
    script = axe().read_text(encoding="utf-8")
    answered = body_of(browser, folder, html.replace("</body>", f"<script>{script}</script><script>{ASK_AXE}</script></body>"))
    told: list[list[object]] = json.loads(answered)
    return told


def axe() -> Path:
    """The file of axe-core."""
    package = importlib.util.find_spec("axe_playwright_python")
    places = [Path(os.environ["AXE_CORE"])] if "AXE_CORE" in os.environ else []
    places += [Path(place) / "axe.min.js" for place in (package.submodule_search_locations or ())] if package else []
    file = next((place for place in places if place.is_file()), None)
    if file is None:
        pytest.skip("no axe-core here: set AXE_CORE to its axe.min.js, or install axe-playwright-python")
    return file


def body_of(browser: str, folder: Path, page: str) -> str:
    """The text that a page's body has when its scripts are done."""
    file = folder / "pages.html"
    file.write_text(page, encoding="utf-8")
    answered = subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--virtual-time-budget=60000",
            f"--user-data-dir={folder / 'profile'}",
            "--dump-dom",
            str(file),
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    return unescape(answered.stdout.rpartition("<body>")[2].partition("</body>")[0])


def faults(told: dict[str, dict[str, object]], least_size: int = 13) -> dict[str, dict[str, object]]:
    """The pages that stick out, are hard to read, or fetched something."""
    return {
        name: each
        for name, each in told.items()
        if each["out"]
        or each["elements"]
        or each["fetched"]
        or each["contrast"] < LEAST_CONTRAST  # type: ignore[operator]
        or each["size"] < least_size  # type: ignore[operator]
    }
