"""The survey: answers by hand and from a file, the response, the close, and who is still silent."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from inventory_of_musterstadt import HERE, City, numbers_of

from cycle.errors import NotFound, WrongInput
from cycle.inventory.actions import files
from cycle.inventory.actions.survey import answer_survey, close_survey, import_answers, new_answers
from cycle.inventory.records import answers_of, invited_numbers, response, silent_numbers, survey_of
from cycle.inventory.rules.response import AnswerChannel, Count, Given, Response
from cycle.inventory.rules.response import response as counted
from cycle.inventory.words import answered, answering_partner, closed, response_rate, survey_closed, survey_silent
from cycle.partners.records import Contact, PartnerStatus, partner_of

FILE = HERE / "survey_2025.csv"


def take(city: City, day: str) -> int:
    rows = files.answers(FILE, date.fromisoformat(day))
    with city.entry("survey.answered", day) as (entry, about):
        return len(import_answers(entry, about, rows))


def test_survey_of_2025_comes_to_the_known_numbers(city: City) -> None:
    counts = [take(city, day) for day in ("2025-03-17", "2025-03-26", "2025-04-01", "2025-04-08")]
    with city.entry("survey.closed", "2025-04-08") as (entry, about):
        close_survey(entry, about)

    assert counts == [14, 13, 9, 5]
    assert entry.facts == {"invited": 58, "answered": 41, "usable": 40}
    with city.reading("2025-04-08") as about:
        found = response(about)
        assert found == Response(invited=58, answered=41, usable=40, late=5, neutral=0)
        assert (found.gross, found.net) == (7069, 6897)
        assert (answered(about, "survey"), closed(about, "survey")) == (date(2025, 4, 8), date(2025, 4, 8))


def test_import_tells_whose_answers_it_took_and_a_second_one_finds_nothing(city: City) -> None:
    rows = files.answers(FILE, date(2025, 3, 17))
    with city.entry("survey.answered", "2025-03-17") as (entry, about):
        import_answers(entry, about, rows)

    assert len(entry.facts["partners"]) == 14
    with city.reading("2025-03-17") as about:
        assert new_answers(about, rows) == []
        assert [each.partner for each in answering_partner(about, entry.facts)] == sorted(entry.facts["partners"])


def test_answers_of_the_file_from_after_today_are_left_alone(city: City) -> None:
    rows = files.answers(FILE, date(2025, 12, 31))

    with city.entry("survey.answered", "2025-03-17") as (entry, about):
        taken = import_answers(entry, about, rows)

    assert len(taken) == 14


def test_unknown_partner_in_the_file_is_told_with_its_line(city: City, file: Callable[[str], Path]) -> None:
    rows = files.answers(file("Partner Nr;Beantwortet\n4;01.03.2025\n99;01.03.2025\n"), date(2025, 3, 4))

    with pytest.raises(WrongInput) as raised, city.entry("survey.answered", "2025-03-04") as (entry, about):
        import_answers(entry, about, rows)

    assert raised.value.key == "inventory_file_wrong"
    assert raised.value.problems == ("table.csv:3: answer_partner_unknown, partner=99",)


def test_wrong_cells_are_told_all_at_once(file: Callable[[str], Path]) -> None:
    text = "Partner Nr;Beantwortet;Antwortweg;Verwertbar\n4;1.13.2025;;\n;02.03.2025;;\n5;02.03.2025;Taube;vielleicht\n"

    with pytest.raises(WrongInput) as raised:
        files.answers(file(text), date(2025, 3, 4))

    assert raised.value.problems == (
        "table.csv:2: Beantwortet: cell_no_day, text=1.13.2025",
        "table.csv:3: Partner Nr: cell_empty",
        "table.csv:4: Antwortweg: answer_channel_unknown, text=Taube",
        "table.csv:4: Verwertbar: cell_no_yes_or_no, text=vielleicht",
    )


def test_every_version_of_an_answer_is_kept_and_the_last_counts(city: City) -> None:
    with city.entry("survey.answered", "2025-03-04") as (entry, about):
        answer_survey(entry, about, 4, channel=AnswerChannel.PHONE, usable=False)
    with city.entry("survey.answered", "2025-03-05") as (entry, about):
        answer_survey(entry, about, 4, channel=AnswerChannel.MAIL, projects=2)

    with city.reading("2025-03-05") as about:
        kept = answers_of(about.session, about.cycle_id)[4]
        assert (kept.channel, kept.usable, kept.projects, kept.late) == ("mail", True, 2, False)
        assert numbers_of(about) == (58, 1, 1)


def test_answer_after_the_due_day_is_late(city: City) -> None:
    with city.entry("survey.answered", "2025-04-01") as (entry, about):
        assert answer_survey(entry, about, 4).late is False
    with city.entry("survey.answered", "2025-04-02") as (entry, about):
        assert answer_survey(entry, about, 5).late is True


def test_answer_after_the_close_is_kept_and_changes_no_number(city: City) -> None:
    with city.entry("survey.answered", "2025-03-04") as (entry, about):
        answer_survey(entry, about, 4)
    with city.entry("survey.closed", "2025-03-05") as (entry, about):
        close_survey(entry, about)
    with city.entry("survey.answered", "2025-03-06") as (entry, about):
        answer_survey(entry, about, 4, usable=False)
        late = answer_survey(entry, about, 5)

    assert (late.late, late.after_close) == (True, True)
    with city.reading("2025-03-06") as about:
        assert numbers_of(about) == (58, 1, 1)
        assert 5 not in silent_numbers(about)
        assert 6 in silent_numbers(about)


def test_unknown_partner_is_not_found_and_nothing_is_written(city: City) -> None:
    with pytest.raises(NotFound) as raised, city.entry("survey.answered", "2025-03-04") as (entry, about):
        answer_survey(entry, about, 99)

    assert raised.value.facts == {"partner": 99}
    with city.reading("2025-03-04") as about:
        assert answers_of(about.session, about.cycle_id) == {}


def test_second_close_is_refused_with_the_day_of_the_first(city: City) -> None:
    with city.entry("survey.closed", "2025-04-08") as (entry, about):
        close_survey(entry, about)

    with pytest.raises(WrongInput) as raised, city.entry("survey.closed", "2025-04-09") as (entry, about):
        close_survey(entry, about)

    assert (raised.value.key, raised.value.facts) == ("survey_already_closed", {"year": 2025, "day": date(2025, 4, 8)})


def test_close_freezes_who_was_asked(city: City) -> None:
    with city.entry("survey.closed", "2025-04-08") as (entry, about):
        close_survey(entry, about)
    with city.entry("partner.left", "2025-05-01", None) as (entry, about):
        entry.change(partner_of(entry.session, 54), status=PartnerStatus.LEFT, left_on=date(2025, 5, 1))

    with city.reading("2025-05-02") as about:
        assert invited_numbers(about) == tuple(number for number in range(2, 61) if number != 30)
        assert survey_of(about.session, about.cycle_id).closed_on == date(2025, 4, 8)
    with city.reading("2025-05-02", 2026) as about:
        assert 54 not in invited_numbers(about)


def test_answer_of_a_merged_partner_counts_for_the_one_it_went_into(city: City) -> None:
    with city.entry("survey.answered", "2025-03-04") as (entry, about):
        answer_survey(entry, about, 54)
    with city.entry("partner.merged", "2025-03-05", None) as (entry, about):
        entry.change(partner_of(entry.session, 54), status=PartnerStatus.MERGED, merged_into=53)

    with city.reading("2025-03-05") as about:
        assert numbers_of(about) == (57, 1, 1)
        assert 53 not in silent_numbers(about)


def test_silent_partner_whose_only_address_bounced_is_a_neutral_drop_out(city: City) -> None:
    with city.entry("survey.answered", "2025-03-04") as (entry, about):
        answer_survey(entry, about, 4)
    with city.entry("mail.bounced", "2025-03-05", None) as (entry, about):
        for number in (4, 5):
            entry.change(entry.session.get_one(Contact, number), bounced_on=date(2025, 3, 5))

    with city.reading("2025-03-05") as about:
        found = response(about)
        assert found == Response(invited=58, answered=1, usable=1, late=0, neutral=1)
        assert found.net == 175


def test_survey_ends_with_the_last_first_answer_once_everybody_has_answered(city: City) -> None:
    with city.entry("survey.answered", "2025-03-04") as (entry, about):
        for number in invited_numbers(about):
            if number != 7:
                answer_survey(entry, about, number)
    with city.reading("2025-03-05") as about:
        assert answered(about, "survey") is None
        assert [each.partner for each in survey_silent(about, {})] == [7]
    with city.entry("survey.answered", "2025-03-10") as (entry, about):
        answer_survey(entry, about, 7)
    with city.entry("survey.answered", "2025-03-12") as (entry, about):
        answer_survey(entry, about, 8)

    with city.reading("2025-03-12") as about:
        assert answered(about, "survey") == date(2025, 3, 10)


def test_checks_name_the_numbers_the_debtor_and_the_command(city: City) -> None:
    take(city, "2025-04-08")

    with city.reading("2025-04-08") as about:
        found, rate = survey_closed(about), response_rate(about, count=Count.NET, at_least_percent=60)

    assert (found.met, found.owed_by, found.command) == (False, "coordinator", "cycle survey close 2025")
    assert found.facts == {"closed_on": None, "answered": 41, "invited": 58}
    assert (rate.met, rate.owed_by, rate.command) == (True, "coordinator", "cycle survey status 2025")
    assert rate.facts == {
        "count": "net", "percent": 68, "at_least_percent": 60, "answered": 40, "asked": 58, "silent": 17,
    }  # fmt: skip


def test_rate_is_reached_exactly_not_by_rounding() -> None:
    found = Response(invited=1667, answered=1000, usable=1000, late=0, neutral=0)

    assert (found.gross, found.reaches(Count.GROSS, 60)) == (5999, False)
    assert Response(5, 3, 3, 0, 0).reaches(Count.GROSS, 60) is True
    assert Response(0, 0, 0, 0, 0).reaches(Count.GROSS, 60) is False


def test_answers_of_partners_who_were_not_asked_do_not_count() -> None:
    given = Given(date(2025, 3, 4), usable=True, late=False)

    assert counted((2, 3), {2: given, 9: given}, {3}) == Response(invited=2, answered=1, usable=1, late=0, neutral=1)
