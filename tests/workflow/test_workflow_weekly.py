"""The weekly mail in a workflow file: checked at its place, and absent from the pinned text where there is none."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cycle.workflow.canonical import canonical_text, from_canonical
from cycle.workflow.model import Digest, Workflow

Problems = Callable[[str], list[str]]
APPROVAL = "approval: [theme_announcement, cycle_closed]"
DIGEST = "digest: {to: coordinator, on: Mon, in_place_of: [date_ahead, phone_list]}"


def with_digest(text: str, digest: str = DIGEST) -> str:
    """The workflow with a weekly mail."""
    assert text.count(APPROVAL) == 1
    return text.replace(APPROVAL, f"{APPROVAL}, {digest}").replace("press_text]\n", "press_text, weekly_digest]\n", 1)


def test_a_weekly_mail_is_read_and_comes_back_from_the_pinned_text(
    tmp_path: Path, integration: str, shipped_from: Callable[[Path], Workflow]
) -> None:
    file = tmp_path / "wf.yaml"
    file.write_text(with_digest(integration), encoding="utf-8")

    workflow = shipped_from(file)

    assert workflow.policy.digest == Digest(to="coordinator", on="Mon", in_place_of=("date_ahead", "phone_list"))
    assert from_canonical(canonical_text(workflow)) == workflow


def test_a_workflow_without_a_weekly_mail_keeps_the_text_it_had(shipped: Callable[[str], Workflow]) -> None:
    workflow = shipped("integration")

    assert (workflow.policy.digest, '"digest"' in canonical_text(workflow)) == (None, False)


@pytest.mark.parametrize(
    ("digest", "told"),
    [
        (
            "digest: {to: koordination, on: Mon, in_place_of: [date_ahead]}",
            "148: policy.digest.to: Die Rolle „koordination“ gibt es hier nicht. Meinten Sie „coordinator“?",
        ),
        (
            "digest: {to: coordinator, on: Mo, in_place_of: [date_ahead]}",
            "165: policy.digest.on: „Mo“ ist hier kein Wochentag. Möglich sind: Mon, Tue, Wed, Thu, Fri, Sat, Sun.",
        ),
        (
            "digest: {to: coordinator, on: Mon, in_place_of: [date_ahed]}",
            "184: policy.digest.in_place_of.0: Das Schreiben „date_ahed“ gibt es hier nicht. Meinten Sie „date_ahead“?",
        ),
        (
            "digest: {to: coordinator, on: Mon, in_place_of: [cycle_closed]}",
            "184: policy.digest.in_place_of.0: „cycle_closed“ ist kein Schreiben, das die Wochenübersicht ersetzen kann. "
            "Bitte nennen Sie Schreiben, die unter „mails: office“ stehen.",
        ),
        (
            "digest: {to: coordinator, on: Mon}",
            "135: policy.digest: Hier fehlt „in_place_of“. Bitte ergänzen Sie „in_place_of:“ und den Wert dazu.",
        ),
        (
            "digest: {to: coordinator, on: Mon, in_place_of: []}",
            "183: policy.digest.in_place_of: Die Liste ist zu kurz. Bitte nennen Sie mindestens 1 Eintrag.",
        ),
        (
            "digest: {to: coordinator, on: Mon, in_place_of: [date_ahead], ar: 1}",
            "197: policy.digest.ar: Den Schlüssel „ar“ gibt es hier nicht. Möglich sind: in_place_of, on, to",
        ),
    ],
)
def test_a_mistake_in_a_weekly_mail_is_told_at_its_place(problems: Problems, integration: str, digest: str, told: str) -> None:
    assert problems(with_digest(integration, digest)) == [f"wf.yaml:146:{told}"]


def test_a_weekly_mail_must_be_listed_with_the_mails_of_the_office(problems: Problems, integration: str) -> None:
    text = with_digest(integration).replace(", weekly_digest]", "]")

    assert problems(text) == [
        "wf.yaml:146:135: policy.digest: Hiernach soll „weekly_digest“ verschickt werden, "
        "steht aber nicht unter den Schreiben. Bitte ergänzen Sie „weekly_digest“ unter „mails: office“."
    ]
