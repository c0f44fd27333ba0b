"""Who was never told, in a small town: no address, a letter that came back; and when the service did not run."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from played import played_once
from small_town import PARTNERS, SAVE_THE_DATE, mail, partner, run, settle

from cycle.app.places import data_root
from cycle.journal.actor import Actor

ERLE = partner(6, "Erle")


@pytest.fixture
@played_once
def town(cycle: Any) -> Any:
    """Erle's address had come back before the first letter, and nobody had entered another."""
    settle(cycle, (*PARTNERS, ERLE))
    cycle('mail bounce --partner 6 --reason "550"', at="2025-01-15T09:00:00+01:00")
    run(cycle, at=SAVE_THE_DATE)
    return cycle


def report(cycle: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cycle(f"report {name} 2025 --json").out)
    return found


def test_a_partner_without_an_address_is_never_told_and_one_by_post_is(town: Any) -> None:
    told = report(town, "informed")

    (spring,) = [each for each in told["subjects"] if each["subject"] == "date/spring_save_the_date"]
    assert (spring["by_mail"], spring["by_letter"], spring["untold"]) == ([2, 3, 4], [5], [{"partner": 6, "why": "no_address"}])
    assert told["never"] == [{"partner": 6, "why": "no_address"}]
    assert "Gar nicht erreicht: Partner 6, Verein Erle (keine Adresse)." in town("report informed 2025").out
    assert report(town, "exceptions")["never_told"] == [{"partner": 6, "why": "no_address"}]


def test_a_letter_that_came_back_told_nobody(town: Any) -> None:
    town('mail bounce --partner 2 --reason "550"', at="2025-02-19T09:00:00+01:00")

    told = report(town, "informed")

    assert told["never"] == [{"partner": 2, "why": "bounced"}, {"partner": 6, "why": "no_address"}]
    (mailed,) = json.loads(town("mail log 2025 --partner 2 --json").out)["deliveries"]
    assert (mailed["to"], mailed["state"], [each["on"] for each in mailed["bounces"]]) == (
        mail("alba"),
        "bounced",
        ["2025-02-19"],
    )


def test_the_wording_that_went_is_told_by_the_hash_of_its_file_even_when_the_file_is_edited_later(town: Any) -> None:
    shipped = data_root() / "templates" / "mail" / "de" / "save_the_date_spring.txt.j2"
    own = town.home / "templates" / "mail" / "de" / shipped.name
    own.write_text(shipped.read_text(encoding="utf-8").replace("vormerken", "notieren") + "\n", encoding="utf-8")

    (mailed,) = json.loads(town("mail log 2025 --partner 3 --json").out)["deliveries"]

    assert mailed["template_sha256"] == [hashlib.sha256(shipped.read_bytes()).hexdigest()]
    assert mailed["template_sha256"] != [hashlib.sha256(own.read_bytes()).hexdigest()]


def test_a_gap_of_the_service_is_an_exception_of_the_year_it_fell_into(town: Any) -> None:
    for since, until in (("2024-06-01", "2024-06-03"), ("2025-02-20", "2025-02-24")):
        told = {name: datetime.fromisoformat(f"{day}T08:00:00+00:00") for name, day in (("from", since), ("to", until))}
        now = datetime(2025, 2, 24, 9, tzinfo=UTC)
        with town.site.journal.entry("service.gap", by=Actor("service", "service", "service"), now=now) as entry:
            entry.tell(**told, clean=False)
    town.at("2025-02-25T09:00:00+01:00")

    (gap,) = report(town, "exceptions")["service_gaps"]

    assert (gap["from"], gap["to"], gap["clean"]) == ("2025-02-20T08:00:00+00:00", "2025-02-24T08:00:00+00:00", False)
    assert "Der Dienst lief nicht: 20.02.2025 09:00 bis 24.02.2025 09:00." in town("report exceptions 2025").out
