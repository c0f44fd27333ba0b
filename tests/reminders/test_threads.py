"""Which mails a mail refers to: how many at most, never a later one, and how many questions that takes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from small_town import SAVE_THE_DATE, run
from sqlalchemy import event
from sqlalchemy.engine import Engine
from survey_of_small_town import FIRST_REMINDER, SECOND_REMINDER, ask

from cycle.outbox.records import mails_all
from cycle.reminders.actions.threads import MOST, Earlier
from cycle.reminders.records import LedgerItem
from cycle.service.write import composer_of


def item(subject: str, *, cycle_id: int = 1, person: str = "p1") -> LedgerItem:
    return LedgerItem(
        cycle_id=cycle_id,
        subject=subject,
        day=date(2025, 3, 25),
        step="-10wd",
        person=person,
        template="survey_reminder_1",
        kind="reminder",
        due_on=date(2025, 3, 11),
        made_on=date(2025, 3, 11),
    )


def thread(*numbers: int) -> list[tuple[int, str]]:
    return [(number, f"<{number}@plan.example.org>") for number in numbers]


def ids(*numbers: int) -> tuple[str, ...]:
    return tuple(message_id for _, message_id in thread(*numbers))


SURVEY = (1, "date/survey_due", "p1")


def test_a_mail_refers_to_earlier_ones_and_to_none_after_it() -> None:
    earlier = Earlier({SURVEY: thread(3, 5, 9)})

    assert earlier.references(7, [item("date/survey_due")]) == ids(3, 5)


def test_of_a_long_thread_the_first_and_the_last_are_named() -> None:
    earlier = Earlier({SURVEY: thread(*range(1, 21))})

    assert earlier.references(99, [item("date/survey_due")]) == ids(1, *range(12, 21))
    assert len(earlier.references(99, [item("date/survey_due")])) == MOST


def test_several_things_in_one_mail_make_one_thread_in_order() -> None:
    earlier = Earlier({SURVEY: thread(2, 6), (None, "measure/M-2024-01", "p1"): thread(4, 6)})

    assert earlier.references(9, [item("date/survey_due"), item("measure/M-2024-01")]) == ids(2, 4, 6)


def test_a_date_of_another_year_is_another_thing_and_a_measure_is_the_same() -> None:
    earlier = Earlier({SURVEY: thread(2), (None, "measure/M-2024-01", "p1"): thread(4)})

    assert earlier.references(9, [item("date/survey_due", cycle_id=2)]) == ()
    assert earlier.references(9, [item("measure/M-2024-01", cycle_id=2)]) == ids(4)


def test_what_somebody_else_got_is_no_thread() -> None:
    assert Earlier({SURVEY: thread(2)}).references(9, [item("date/survey_due", person="p2")]) == ()


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is asked of the databases in the meantime."""
    told: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        told.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield told
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def test_a_batch_is_asked_about_its_threads_in_one_question(town: Any) -> None:
    run(town, SAVE_THE_DATE)
    ask(town)
    run(town, FIRST_REMINDER)
    run(town, SECOND_REMINDER)

    with town.site.journal.reading() as session, statements() as told:
        mails = [mail for mail in mails_all(session) if "survey_reminder_2" in mail.templates]
        composer = composer_of(town.site, session, town.site.now())
        composer.read([mail.id or 0 for mail in mails])
        composed = [composer.compose(mail) for mail in mails]

    assert [len(each.references) for each in composed] == [1, 1, 1]  # type: ignore[union-attr]
    assert len([statement for statement in told if "JOIN mail" in statement]) == 1


def test_the_survey_is_counted_once_for_all_letters_of_a_batch(town: Any) -> None:
    run(town, SAVE_THE_DATE)
    ask(town)
    run(town, FIRST_REMINDER)

    with town.site.journal.reading() as session, statements() as told:
        mails = [mail for mail in mails_all(session) if "survey_reminder_1" in mail.templates]
        composer = composer_of(town.site, session, town.site.now())
        composer.read([mail.id or 0 for mail in mails])
        composed = [composer.compose(mail) for mail in mails]

    assert ["Bisher haben 0 von 4 Partnern geantwortet." in each.text for each in composed] == [True, True, True]  # type: ignore[union-attr]
    assert len([statement for statement in told if "contact.bounced_on" in statement]) == 1
