"""What somebody chooses by: a day, a plan, a word of a closed list. What is none of them is told with those there are."""

from collections.abc import Iterable
from datetime import date, datetime
from difflib import get_close_matches

from cycle.cli import shell
from cycle.errors import NotFound, WrongInput

MOST_CHOICES = 20
# No plan of a town reaches beyond these.
FIRST_YEAR, LAST_YEAR = 1900, 2200


def as_day(text: str | date) -> date:
    """A day given as YYYY-MM-DD or DD.MM.YYYY, of a year that a plan may have. Raises WrongInput for any other."""
    if isinstance(text, date):
        return text
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            day = datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise WrongInput("day_of_no_plan", text=text, first=FIRST_YEAR, last=LAST_YEAR)
        return day
    raise WrongInput("bad_day", text=text)


def as_plan(text: str) -> str:
    """A plan of the site: one of its workflow files, or one that a cycle belongs to. Raises NotFound with those there are."""
    known = shell.site().plans()
    if text not in known:
        raise NotFound("unknown_plan", plan=text, known=", ".join(known))
    return text


def plan_with_year(year: int | None, plan: str | None) -> None:
    """Be sure that a plan is given with its year, where alone it would choose nothing. Raises WrongInput."""
    if plan is not None and year is None:
        raise WrongInput("plan_needs_year", plan=plan)


def choose(option: str, given: str | None, known: Iterable[str]) -> None:
    """Be sure that what was given to choose by is one of the words that there are; None chooses nothing.

    Raises:
        WrongInput: with the nearest of them, else with all.
    """
    words = sorted(known)
    if given is None or given in words:
        return
    near = get_close_matches(given.casefold(), words, n=3, cutoff=0.5)
    if near:
        raise WrongInput("unknown_choice_but", option=option, given=given, nearest=near)
    shown = [*words[:MOST_CHOICES], *(["…"] if len(words) > MOST_CHOICES else [])]
    raise WrongInput("unknown_choice", option=option, given=given, known=shown or ["–"])


def choose_template(given: str | None, used: Iterable[str] = ()) -> None:
    """The same for a template: there is one, or a mail `used` it. Raises WrongInput."""
    choose("--template", given, {*shell.site().files.templates(), *used})
