"""What makes a cycle: its key and label, and what a written reason must be. Pure."""

from cycle.errors import WrongInput

WAIVER_REASON = 10


def cycle_key(ref: str, year: int) -> str:
    """The cycle's name in the journal: `ip-2026`."""
    return f"{ref.lower()}-{year}"


def cycle_label(label: str, year: int, length_years: int) -> str:
    """The cycle's name for people, from the workflow's pattern: `2026`, `2026/2027`."""
    return label.replace("{year}", str(year)).replace("{next}", str(year + length_years - 1))


def need_reason(reason: str | None, at_least: int = 1) -> str:
    """The reason, trimmed.

    Raises:
        WrongInput: if it is missing or shorter than `at_least` characters.
    """
    given = (reason or "").strip()
    if not given:
        raise WrongInput("reason_missing")
    if len(given) < at_least:
        raise WrongInput("reason_too_short", at_least=at_least, given=len(given))
    return given
