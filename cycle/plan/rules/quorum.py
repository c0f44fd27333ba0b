"""Whether so many members of a body may decide."""

from dataclasses import dataclass

from cycle.errors import Refused, WrongInput
from cycle.plan.rules.status import COUNTING, Outcome
from cycle.vocabulary import Finding


@dataclass(frozen=True)
class Quorum:
    """Of a body's `members` so many were `present`, and so many are `needed` to decide; None where nobody said so.

    Half of the members are needed as a rule; in a second session for want of that, three (§ 37 (2), (3) GemO BW).
    """

    present: int | None = None
    members: int | None = None
    needed: int | None = None


def checked(there: Quorum, came: Outcome) -> Quorum:
    """The same, if it goes together with what came of the subject.

    Raises:
        WrongInput: `quorum_wrong`, `quorum_needs_too_many` for more than there are members, `quorum_counts_missing`.
        Refused: `quorum_not_reached`, `quorum_reached`.
    """
    most = there.members
    if most is not None and there.present is not None and there.present > most:
        raise WrongInput("quorum_wrong", present=there.present, members=most)
    if most is not None and there.needed is not None and there.needed > most:
        raise WrongInput("quorum_needs_too_many", needed=there.needed, members=most)
    if there.needed is not None and there.present is None:
        raise WrongInput("quorum_counts_missing", needed=there.needed)
    if there.present is None or there.needed is None:
        return there
    facts = {"present": there.present, "needed": there.needed}
    if came in COUNTING and there.present < there.needed:
        raise Refused([Finding("quorum_not_reached", facts=facts)])
    if came is Outcome.FAILED_QUORUM and there.present >= there.needed:
        raise Refused([Finding("quorum_reached", facts=facts)])
    return there
