"""What was seen is what is approved, and what was approved is what goes: both are bound to a hash of words and readers."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from played import played_once
from small_town import SAVE_THE_DATE, mail, mails, run, settle

from cycle.app.places import data_root
from cycle.journal.history import entries
from cycle.outbox.records import Mail

ALBA, BIRKE, CASSIA = mail("alba"), mail("birke"), mail("cassia")
BATCH = "2025 --template save_the_date_spring"
SEE = "mail preview 2025 --held --template save_the_date_spring --json"


@pytest.fixture
@played_once
def careful(cycle: Any) -> Any:
    """A town whose save the date waits for approval, on its day."""
    file = cycle.home / "workflows" / "integration.yaml"
    text = file.read_text(encoding="utf-8")
    given = "approval: [theme_announcement, cycle_closed]"
    assert given in text
    file.write_text(text.replace(given, "approval: [save_the_date_spring, measure_assigned]"), encoding="utf-8")
    own_text(cycle).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(data_root() / "templates" / "mail" / "de" / own_text(cycle).name, own_text(cycle))
    settle(cycle)
    run(cycle, SAVE_THE_DATE)
    return cycle


def seen(cycle: Any) -> dict[str, Any]:
    return dict(json.loads(cycle(SEE).out))


def own_text(cycle: Any) -> Path:
    """The save the date's text in the site's own folder."""
    return Path(cycle.home) / "templates" / "mail" / "de" / "save_the_date_spring.txt.j2"


def reword(cycle: Any) -> None:
    text = own_text(cycle).read_text(encoding="utf-8")
    own_text(cycle).write_text(text.replace("{% block subject %}", "{% block subject %}Neu: "), encoding="utf-8")


def told(cycle: Any, *types: str) -> list[dict[str, Any]]:
    with cycle.site.journal.reading() as session:
        return [dict(each.data) for each in entries(session, types=types)]


def approved(cycle: Any) -> list[str | None]:
    with cycle.site.journal.reading() as session:
        return [session.get_one(Mail, each["id"]).approved_sha256 for each in mails(cycle)]


def state_of(cycle: Any) -> list[tuple[str, str]]:
    return [(each["to"], each["state"]) for each in mails(cycle)]


def test_the_batch_that_was_seen_is_approved_and_goes_word_for_word(careful: Any) -> None:
    batch = seen(careful)

    careful(f"mail approve {BATCH} --seen {batch['sha256'][:12]}")
    sums = approved(careful)
    run(careful)

    assert [(each["to"], each["partner"]) for each in batch["mails"]] == [(ALBA, 2), (BIRKE, 3), (CASSIA, 4), (None, 5)]
    assert sums == [each["sha256"] for each in batch["mails"][:3]]
    assert [each["batch_sha256"] for each in told(careful, "mail.approved")] == [batch["sha256"]]
    assert state_of(careful) == [(to, "sent") for to in (ALBA, BIRKE, CASSIA)]
    assert [json.loads(careful(f"mail show {each['id']} --json").out)["text"] for each in batch["mails"][:3]] == [
        each["text"] for each in batch["mails"][:3]
    ]


def test_without_a_hash_the_batch_is_approved_as_it_is_and_its_hash_recorded(careful: Any) -> None:
    batch = seen(careful)

    document = json.loads(careful(f"mail approve {BATCH} --json").out)

    assert document["batch_sha256"] == batch["sha256"]
    assert [each["batch_sha256"] for each in told(careful, "mail.approved")] == [batch["sha256"]]


@pytest.mark.parametrize("verb", ["approve", "withhold --reason 'so war es nicht gemeint'"])
def test_a_batch_whose_words_have_changed_is_not_the_one_that_was_seen(careful: Any, verb: str) -> None:
    batch = seen(careful)
    reword(careful)

    said = careful(f"mail {verb} {BATCH} --seen {batch['sha256']}", code=9)

    assert "Die 4 Schreiben sind nicht mehr die, die Sie gesehen haben" in said.err
    assert "cycle mail preview 2025 --held --template save_the_date_spring" in said.err
    assert state_of(careful) == [(to, "held") for to in (ALBA, BIRKE, CASSIA)]


def test_a_batch_that_has_grown_says_by_whom(careful: Any) -> None:
    careful('measure add 2025 "Lesepaten" --owner 2 --due 2025-11-28')
    run(careful)
    first = json.loads(careful("mail preview 2025 --held --template measure_assigned --json").out)
    careful('measure add 2025 "Sprachcafe" --owner 4 --due 2025-11-28')
    run(careful)

    said = careful(f"mail approve 2025 --template measure_assigned --seen {first['sha256']}", code=9)

    assert [each["partner"] for each in first["mails"]] == [2]
    assert "kam eines dazu (Partner 4)" in said.err
    assert {state for _, state in state_of(careful)} == {"held"}


@pytest.mark.parametrize("given", ["kurz", "0123456789a", "zzzzzzzzzzzzzzzz"])
def test_what_is_no_hash_is_told_as_such(careful: Any, given: str) -> None:
    assert "ist keine Prüfsumme" in careful(f"mail approve {BATCH} --seen {given}", code=2).err


def test_held_mails_are_shown_by_year_and_template_only(careful: Any) -> None:
    nameless = careful("mail preview --held", code=2)
    empty = careful("mail preview 2025 --held --template cycle_closed", code=4)

    assert (nameless.out, empty.out) == ("", "")
    assert "--template" in nameless.err
    assert "cycle_closed" in empty.err


def test_a_mail_whose_words_change_after_its_approval_waits_again_and_goes_when_approved_again(careful: Any) -> None:
    careful(f"mail approve {BATCH}")
    reword(careful)

    first = run(careful)
    after_first = state_of(careful)
    again = seen(careful)
    careful(f"mail approve {BATCH} --seen {again['sha256']}")
    second = run(careful)

    assert (first["sent"], first["held"]) == (0, 3)
    assert after_first == [(to, "held") for to in (ALBA, BIRKE, CASSIA)]
    assert [(each["why"], each["items"]) for each in told(careful, "mail.held")[1:]] == [("words_changed", 1)] * 3
    assert second["sent"] == 3
    assert [each["subject"].count("Neu: ") for each in again["mails"] if each["subject"]] == [1, 1, 1]


def test_only_who_is_written_to_otherwise_waits_again(careful: Any) -> None:
    careful(f"mail approve {BATCH}")
    careful('partner edit 3 --mail vorstand@birke.example.org --reason "neue Adresse"')

    run(careful)

    assert [state for _, state in state_of(careful)] == ["sent", "held", "sent"]


def test_what_is_approved_on_a_saturday_goes_on_monday_as_it_was_approved(careful: Any) -> None:
    careful(f"mail approve {BATCH}", at="2025-02-22T10:00:00+01:00")

    assert run(careful, "2025-02-24T08:00:00+01:00")["sent"] == 3


def test_a_forecast_knows_what_waits_will_wait_and_will_wait_again(careful: Any) -> None:
    def foreseen() -> tuple[int, list[tuple[str, str, list[int]]]]:
        document = json.loads(careful("mail forecast --days 2 --json").out)
        found = [(day["day"], each["what"], each["partners"]) for day in document["days"] for each in day["lines"]]
        return document["waiting"], found

    careful('measure add 2025 "Lesepaten" --owner 2 --due 2025-11-28')
    waiting = foreseen()
    careful(f"mail approve {BATCH}")
    approved_now = foreseen()
    reword(careful)
    reworded = foreseen()

    assert waiting == (3, [("2025-02-18", "held", [2])])
    assert approved_now == (0, [("2025-02-18", "mail", [2, 3, 4]), ("2025-02-18", "held", [2])])
    assert reworded == (0, [("2025-02-18", "held", [2, 3, 4]), ("2025-02-18", "held", [2])])
