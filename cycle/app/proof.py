"""The history's proof for a person: what verifying found, as sentences with who, when and what; and what no proof excludes."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from cycle.adapters.files import read_file
from cycle.app.site import Site
from cycle.errors import Broken, CycleError, NotFound, WrongInput
from cycle.journal.anchors import Anchor, anchors_in
from cycle.journal.form import parse_instant
from cycle.journal.verify import Verdict, Witness, verify
from cycle.people.records import Person

LARGEST_FILE = 20_000_000


def prove(site: Site, anchors: Collection[Anchor] = frozenset()) -> Verdict:
    """Verify the site's whole history; to be called before it is given to anybody or built upon.

    Raises:
        Broken: if it does not verify, with a sentence for each problem.
        NotReady: if the database cannot be read at all.
    """
    verdict = verify(site.database, anchors=anchors)
    if not verdict.intact:
        problems = sentences(site, verdict)
        raise Broken("history_broken", problems=problems, count=len(problems))
    return verdict


def sentences(site: Site, verdict: Verdict) -> list[str]:
    """One sentence a problem: the entry, what differs, and of the entry the time, the person and the role."""
    names = _names(site) if verdict.witnesses and verdict.problems else {}
    told = []
    for problem in verdict.problems:
        sentence = site.wording.sentence(f"problem.{problem.key}", seq=problem.seq, **problem.facts)
        witness = verdict.witnesses.get(problem.seq) if problem.seq is not None else None
        told.append(sentence if witness is None else f"{sentence} {_by(site, witness, names)}")
    return told


def standing(site: Site, verdict: Verdict) -> str:
    """What an intact history is worth: up to where an anchor confirms it, or that none was given."""
    facts: dict[str, Any] = {"count": verdict.entries, "log": verdict.log[:16], "head": verdict.head}
    if not verdict.anchored:
        return site.wording.sentence("history_not_anchored", **facts)
    witness = verdict.witnesses.get(verdict.anchored)
    day = None if witness is None else _moment(witness)
    rest = verdict.entries - verdict.anchored
    key = "history_anchored_whole" if rest == 0 else "history_anchored"
    return site.wording.sentence(key, **facts, anchored=verdict.anchored, day=day, rest=rest)


def given_anchors(given: Sequence[str]) -> frozenset[Anchor]:
    """The anchors of lines and files as a person gives them.

    Raises:
        WrongInput: for a file that cannot be read, or one or a line that holds no anchor.
    """
    found: set[Anchor] = set()
    for each in given:
        anchors = anchors_in(each)
        if not anchors:
            anchors = anchors_in(_content(each))
        if not anchors:
            raise WrongInput("no_anchor", given=each)
        found |= anchors
    return frozenset(found)


def _content(name: str) -> bytes:
    try:
        return read_file(Path(name), LARGEST_FILE)
    except NotFound as error:
        raise WrongInput("anchor_unreadable", given=name) from error


def _by(site: Site, witness: Witness, names: dict[str, str]) -> str:
    known = f"role.{witness.role}" in site.wording
    role = site.wording.sentence(f"role.{witness.role}") if known else witness.role
    return site.wording.sentence("problem_by", when=_moment(witness), who=names.get(witness.ref, witness.ref), role=role)


def _moment(witness: Witness) -> Any:
    try:
        return parse_instant(witness.recorded_at)
    except ValueError:
        return witness.recorded_at


def _names(site: Site) -> dict[str, str]:
    """Logins behind references, as far as the damaged database still tells them."""
    try:
        with site.journal.reading() as session:
            return _known(session) | {"service": site.wording.sentence("service")}
    except (CycleError, ValueError, TypeError, LookupError):
        return {}


def _known(session: Session) -> dict[str, str]:
    people = session.exec(select(Person.ref, Person.login, Person.name)).all()
    return {str(ref): str(login or name) for ref, login, name in people if login or name}
