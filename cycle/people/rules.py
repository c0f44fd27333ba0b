"""Which roles a person's rights come from; how long persons' data are kept, and how they are found in a text. Pure."""

import re
from calendar import monthrange
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Protocol

from cycle.errors import WrongInput
from cycle.journal.actor import SERVICE
from cycle.vocabulary import Right


class Spanlike(Protocol):
    """A role somebody holds, perhaps for one group only."""

    @property
    def role(self) -> str: ...
    @property
    def group(self) -> str | None: ...


class Rolelike(Protocol):
    """What a workflow file says of a role."""

    @property
    def may(self) -> frozenset[Right]: ...
    @property
    def only(self) -> str | None: ...


def only_elsewhere(spans: Sequence[Spanlike], roles: Mapping[str, Rolelike], right: Right) -> list[str]:
    """The groups for which a person's roles would allow it; empty where no role would."""
    return sorted(
        {
            span.group
            for span in spans
            if span.group and span.role in roles and right in roles[span.role].may and roles[span.role].only
        }
    )


def allowing(spans: Sequence[Spanlike], roles: Mapping[str, Rolelike], right: Right, group: str | None = None) -> str | None:
    """The role that allows it, the first in the workflow's order, or None. A role limited to its own group allows only that."""
    held = {span.role for span in spans}
    for name, role in roles.items():
        if name not in held or right not in role.may:
            continue
        if role.only is None or right is Right.READ:
            return name
        own = {span.group for span in spans if span.role == name}
        if group is not None and group in own:
            return name
    return None


LONGEST_LINE = 200


def option(field: str) -> str:
    """A field by the option that fills it."""
    return f"--{field.replace('_', '-')}"


def demand_own_login(login: str) -> None:
    """Be sure that a login name is not the word by which the history names the programme itself. Raises WrongInput."""
    if login.strip().lower() == SERVICE.ref:
        raise WrongInput("login_reserved", login=login)


def one_line(said: str, text: str) -> str:
    """What somebody is called, does or is reached by, as it is kept: one line of bounded length, without outer spaces.

    Raises:
        WrongInput: for several lines, or a longer one; `said` is what it is called where it was given (--last-name).
    """
    line = text.strip()
    if len(line.splitlines()) > 1 or "\t" in line:
        raise WrongInput("not_one_line", field=said)
    if len(line) > LONGEST_LINE:
        raise WrongInput("line_too_long", field=said, given=len(line), most=LONGEST_LINE)
    return line


# A citation of the law, as in „Art. 17 Abs. 1 lit. a DSGVO“ or „§ 4 LDSG BW“: nothing in it can be a person's name.
_CITATION = re.compile(
    r"(?:Art\.|Artikel|§{1,2}) ?\d+[a-z]?(?:\(\w{1,3}\))*"
    r"(?: (?:Abs\.|Absatz|lit\.|Buchst\.|Buchstabe|Nr\.|S\.|Satz|UAbs\.|i\. ?V\. ?m\.|und|Art\.|§) ?\d{0,3}[a-z]?)*"
    r" (?:[A-ZÄÖÜ][A-Za-zäöü-]{0,8}[A-Z]|DSG-EKD|EU-DSGVO)(?: [A-Z]{2})?"
)


def citation(text: str | None) -> str:
    """A legal basis as it is kept in the journal: a citation of the law and nothing else.

    Raises:
        WrongInput: if it is missing, or something else.
    """
    given = " ".join((text or "").split())
    if not given:
        raise WrongInput("legal_basis_missing")
    if not _CITATION.fullmatch(given):
        raise WrongInput("legal_basis_unreadable", text=given)
    return given


def kept_until(ended: date, months: int) -> date:
    """The last day on which something is kept whose time began to run on a day: the same day of the month, or its last."""
    year, month = divmod(ended.year * 12 + ended.month - 1 + months, 12)
    return date(year, month + 1, min(ended.day, monthrange(year, month + 1)[1]))


def naming(*, salutations: Collection[str], names: Collection[tuple[str, str]], addresses: Collection[str]) -> re.Pattern[str]:
    """What finds a person in a text: an address or telephone number, the whole name, or how the person is addressed.

    `names` are (first name, last name) as they were at any time. Nothing to look for finds nothing.
    """
    wanted = [re.escape(each) for each in addresses if each]
    titled = "|".join(re.escape(each) for each in sorted(salutations) if each)
    for first, last in names:
        if first and last:
            wanted += [whole(f"{first} {last}"), whole(f"{last}, {first}")]
        if last and titled:
            wanted.append(rf"\b(?:{titled})\s+(?:\S+\s+){{0,3}}?{whole(last)}")
    return re.compile("|".join(wanted) or r"(?!)", re.IGNORECASE)


def whole(words: str) -> str:
    """A pattern of these words as they may be wrapped in a text, and not as a part of a longer name (Ernst-Quast)."""
    wrapped = r"\s+".join(re.escape(each) for each in words.split())
    return rf"(?<![\w-]){wrapped}(?![\w-])"


def called(text: str, titles: Collection[str]) -> tuple[str, str]:
    """First and last name out of how a programme names somebody: "Prof. Dr. Xenia Ernst, Hochschule Musterstadt" or "Ernst,
    Xenia". `titles` are words in front beside abbreviations (Frau). Either may be empty: "K. Ernst" has no first name."""
    head, comma, rest = " ".join(text.split()).partition(",")
    if comma and " " not in head:  # the last name comes first
        return _untitled(_BEHIND.split(rest)[0], titles), head
    name = _untitled(_BEHIND.split(head)[0], titles)
    first, _, last = name.rpartition(" ")
    return first, last


def surnames(names: Collection[tuple[str, str]]) -> re.Pattern[str]:
    """What finds a family name standing alone; other people and things may be called so too, so a person has to look."""
    return re.compile("|".join(rf"\b{re.escape(last)}\b" for _, last in sorted(names) if last) or r"(?!)")


# What a programme says of somebody behind the name: an organisation, an office.
_BEHIND = re.compile(r"\s*(?:[,;(/|]|\s[-–—]\s)")


def _untitled(name: str, titles: Collection[str]) -> str:
    """Without titles and abbreviations in front (Frau, Prof., Dipl.-Ing.) and degrees behind (M.A.)."""
    words = re.sub(r"\.(?=\w{3})", ". ", name).split()
    while words and (words[0].endswith(".") or words[0] in titles):
        del words[0]
    while len(words) > 2 and words[-1].endswith("."):
        del words[-1]
    return " ".join(words)
