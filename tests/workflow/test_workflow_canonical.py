"""The pinned text: one text for one meaning, and the same workflow back."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import rfc8785

from cycle.errors import Broken
from cycle.workflow.canonical import canonical_text, from_canonical, sha256_of
from cycle.workflow.model import Workflow

Shipped = Callable[[str], Workflow]


@pytest.mark.parametrize("name", ["toy", "integration", "climate_eea", "inclusion"])
def test_a_workflow_comes_back_from_its_text(shipped: Shipped, name: str) -> None:
    workflow = shipped(name)
    text = canonical_text(workflow)

    assert from_canonical(text) == workflow
    assert canonical_text(from_canonical(text)) == text


@pytest.mark.parametrize("name", ["toy", "integration", "climate_eea", "inclusion"])
def test_the_text_is_canonical_as_rfc_8785_has_it(shipped: Shipped, name: str) -> None:
    text = canonical_text(shipped(name))

    assert rfc8785.dumps(json.loads(text)).decode() == text


def test_comments_order_and_spelling_do_not_change_the_text(
    tmp_path: Path, toy: str, shipped: Shipped, shipped_from: Callable[[Path], Workflow]
) -> None:
    path = tmp_path / "toy.yaml"
    head, phases = toy.split("phases:\n")
    path.write_text(
        "# another comment\n"
        + "phases:\n"
        + phases.rstrip()
        + "\n"
        + head.replace("talk - 28d", "talk-28d").replace("nth_weekday(5, Wed, 2)", "nth_weekday(05,Wed,2)")
    )

    assert canonical_text(shipped_from(path)) == canonical_text(shipped("toy"))


def test_another_meaning_is_another_text(
    tmp_path: Path, toy: str, shipped: Shipped, shipped_from: Callable[[Path], Workflow]
) -> None:
    path = tmp_path / "toy.yaml"
    path.write_text(toy.replace("talk - 28d", "talk - 27d"))

    changed, shipped_text = canonical_text(shipped_from(path)), canonical_text(shipped("toy"))

    assert sha256_of(changed) != sha256_of(shipped_text)


def test_the_name_of_a_text_is_its_sha_256() -> None:
    assert sha256_of("ä") == "33e6d73fee82904c8d7afb78de1154d1e8dc2a0edb08120e63df5b9385c2d9cc"


def test_a_changed_text_is_broken(shipped: Shipped) -> None:
    text = canonical_text(shipped("toy")).replace('"max_active":1', '"max_active":0')

    with pytest.raises(Broken) as caught:
        from_canonical(text)

    assert (caught.value.key, caught.value.facts) == ("workflow_text_broken", {"sha256": sha256_of(text)})
    assert caught.value.problems == ("cycle.max_active",)
