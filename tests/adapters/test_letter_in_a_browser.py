"""Every letter as a browser shows it, on a telephone and on a desk, in the light and in the dark; skipped without one."""

from pathlib import Path

import pytest
from browser import faults, found, measured
from test_letter_html import letter
from test_templates import EVERY_MAIL, FULL

WIDTHS = (360, 800)
SCHEMES = ("light", "dark")
LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwenversicherungsverein" * 2


@pytest.fixture(scope="module")
def browser() -> str:
    """The first browser there is."""
    return found()


def shown(browser: str, folder: Path, pages: dict[str, str]) -> dict[str, dict[str, object]]:
    """What the browser measured of each page at each width in each scheme; a frame has the scheme of its style."""
    frames = [
        (f"{name} {width} {scheme}", width, scheme, html)
        for name, html in pages.items()
        for width in WIDTHS
        for scheme in SCHEMES
    ]
    return measured(browser, folder, frames)


@pytest.mark.parametrize("languages", [["leicht"], pytest.param(["de", "en", "leicht"], marks=pytest.mark.long)], ids=len)
def test_every_letter_fits_a_telephone_and_a_desk_and_can_be_read_in_the_dark(
    browser: str, tmp_path: Path, languages: list[str]
) -> None:
    chosen = [(language, name) for language, name in EVERY_MAIL if language in languages]
    pages = {f"{language}/{name}": letter(name, language, FULL)[1] for language, name in chosen}

    told = shown(browser, tmp_path, pages)

    assert len(told) == len(chosen) * len(WIDTHS) * len(SCHEMES) > 0
    assert faults(told) == {}
    grounds = {scheme: {each["ground"] for name, each in told.items() if name.endswith(scheme)} for scheme in SCHEMES}
    assert grounds == {"light": {"rgb(238, 242, 245)"}, "dark": {"rgb(20, 24, 27)"}}


def test_a_word_and_an_address_that_are_too_long_are_broken_and_stay_inside(browser: str, tmp_path: Path) -> None:
    link = f"https://umfrage.example.org/{'a1b2c3d4' * 20}?x=1"
    long = {**FULL, "org": {"name": LONG}, "survey": {**FULL["survey"], "link": link}, "city": LONG}

    told = shown(browser, tmp_path, {"long": letter("survey_invitation", "de", long)[1]})

    assert faults(told) == {}


def test_the_measure_sees_what_sticks_out_and_what_cannot_be_read(browser: str, tmp_path: Path) -> None:
    wide = '<body><p style="width:900px">breit</p>'
    pale = '<body><p style="color:#ccc;background:#fff">blass</p>'

    told = shown(browser, tmp_path, {"wide": wide, "pale": pale})

    assert sorted(faults(told)) == sorted(
        f"{name} {width} {scheme}" for name in ("wide", "pale") for width in WIDTHS for scheme in SCHEMES
    )
