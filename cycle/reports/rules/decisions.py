"""What was decided by whom on which basis: decisions of bodies, and the steps of the year."""

from dataclasses import dataclass
from datetime import date

from cycle.reports.rules.acts import Act, Basis


@dataclass(frozen=True)
class Paper:
    """A document on file: its kind, name, SHA-256 and day."""

    kind: str
    of: str | None
    filename: str
    sha256: str
    filed_on: date


@dataclass(frozen=True)
class Decided:
    """One decision of a body. `reference` is the number of the resolution; `papers` what was on file by then in
    the phase of the date that it ends; `act` its entry."""

    act: Act | None
    subject: str
    theme: str | None
    title: str | None
    body: str
    decided_on: date
    outcome: str
    reference: str | None
    present: int | None
    members: int | None
    vote: str | None
    basis: tuple[Basis, ...]
    papers: tuple[Paper, ...]

    @property
    def confirms(self) -> date | None:
        """The day on which the body decided, where this year only confirms that; the body did not sit on `decided_on`."""
        if self.act is None or self.act.type != "theme.confirmed" or not self.act.data.get("decided_on"):
            return None
        return date.fromisoformat(self.act.data["decided_on"])


@dataclass(frozen=True)
class Checked:
    """What a check found when a step was taken."""

    check: str
    met: bool
    waived: bool


@dataclass(frozen=True)
class StepTaken:
    """One step of the year: from where to where, in which pass, what was checked, under which workflow (its SHA-256), and
    in `act.second` who approved it."""

    act: Act
    before: str
    after: str
    round: int
    standing: str
    code: str | None
    checks: tuple[Checked, ...]
    workflow: str | None


@dataclass(frozen=True)
class Decisions:
    """What was decided in a year, in the order recorded."""

    year: int
    decisions: tuple[Decided, ...]
    steps: tuple[StepTaken, ...]
