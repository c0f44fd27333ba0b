"""What the houses lend to workflow files, and where it is found."""

import pkgutil
from dataclasses import fields
from importlib import import_module

import pytest

import cycle
from cycle.app.lent import LENT, WORDS
from cycle.vocabulary import Lent

ROOMS = [each.name for each in pkgutil.walk_packages(cycle.__path__, "cycle.") if each.name.count(".") == 2]
WITH_WORDS = [import_module(name) for name in ROOMS if name.endswith(".words")]
LENDERS = {module.__name__.split(".")[1]: module.LENT for module in WITH_WORDS if hasattr(module, "LENT")}


@pytest.mark.parametrize("kind", [each.name for each in fields(Lent)])
def test_every_word_is_found_in_the_house_that_lends_it(kind: str) -> None:
    lent = {house: dict(words) for house, each in LENDERS.items() if (words := getattr(each, kind))}

    assert {house: sorted(words) for house, words in WORDS[kind].items()} == {
        house: sorted(words) for house, words in lent.items()
    }
    assert dict(getattr(LENT, kind)) == {word: what for words in lent.values() for word, what in words.items()}


@pytest.mark.parametrize("kind", [each.name for each in fields(Lent)])
def test_no_two_houses_lend_the_same_word(kind: str) -> None:
    words = [word for each in LENDERS.values() for word in getattr(each, kind)]

    assert sorted(words) == sorted(getattr(LENT, kind))
