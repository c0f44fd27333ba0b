"""The published form: its test vector, RFC 8785 as the oracle, and all that has no place in it."""

import base64
import hashlib
import json
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from vector import HASHES, VECTOR

from cycle.journal.form import (
    LARGEST,
    NO_HASH,
    OutsideProfile,
    body_sha256,
    canonical,
    commitment,
    entry_hash,
    instant,
    parse_instant,
    profiled,
    recorded_at_of,
    root,
)


def test_vector_of_the_published_form_gives_its_hashes() -> None:
    hashes = []
    prev = NO_HASH
    for seq, body in enumerate(VECTOR, start=1):
        prev = entry_hash(seq, prev, body)
        hashes.append(prev)

    assert tuple(hashes) == HASHES
    assert body_sha256(VECTOR[1]) == "32627202ad6ebcef1a8e5dd30d24cb551e579b12d24a8bdd0fd1cd5ccdb6c2cc"
    assert base64.b64encode(root(HASHES)).decode() == "XD884NNEp0uAopL9MKWfmOyeEhdto9ff2t1YMXP3hXI="


def test_vector_is_canonical_by_our_writer_and_by_rfc_8785() -> None:
    values = [json.loads(body) for body in VECTOR]

    assert tuple(canonical(profiled(value)) for value in values) == VECTOR
    assert tuple(rfc8785.dumps(value).decode() for value in values) == VECTOR


def test_commitment_of_the_vector_is_the_reason_of_its_second_entry() -> None:
    told = commitment(bytes(range(32)), canonical("Vorschlag von Frau Çelik (Verein „Brücke“)"))

    assert told == "78489d6301d0e5b048a240df342ff0d079fc0aac55c06bf94ab09a9a4ae4b781"


def test_tree_of_any_size_splits_at_the_largest_power_of_two() -> None:
    """RFC 6962 §2.1: seven leaves are a tree of four and a tree of three."""
    leaves = [f"{number:064x}" for number in range(7)]

    assert root(leaves) == _node(root(leaves[:4]), _node(root(leaves[4:6]), bytes.fromhex(leaves[6])))


def test_tree_without_leaves_is_no_tree() -> None:
    with pytest.raises(ValueError, match="a tree needs a leaf"):
        root([])


# Strings that Unicode composes; control characters but \n and \t, and surrogates, are outside.
texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn")) | st.sampled_from("\n\täÄßÇ„“–€😀\ue000\uffee\U00010000"), max_size=30
).map(lambda value: unicodedata.normalize("NFC", value))
keys = st.from_regex("[a-z0-9_]+", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | texts,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=25,
)


@given(values)
def test_inside_the_profile_our_text_is_that_of_rfc_8785(value: object) -> None:
    assert canonical(profiled(value)).encode() == rfc8785.dumps(value)  # type: ignore[arg-type]


class Colour(StrEnum):
    RED = "red"


def test_days_times_enums_and_tuples_become_plain_json() -> None:
    moment = datetime(2025, 3, 30, 3, 0, tzinfo=timezone(timedelta(hours=2)))

    told = profiled({"day": date(2025, 1, 6), "at": moment, "colour": Colour.RED, "several": (1, "a", None, True)})

    assert told == {"day": "2025-01-06", "at": "2025-03-30T01:00:00.000000Z", "colour": "red", "several": [1, "a", None, True]}
    assert type(told["colour"]) is str


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1000, 1, 1)))  # noqa: DTZ001 - hypothesis adds the zone
def test_time_is_read_as_it_was_written(moment: datetime) -> None:
    assert parse_instant(instant(moment)) == moment


@given(values, texts)
def test_a_body_says_when_it_was_recorded_whatever_else_it_says(value: object, text: str) -> None:
    named = {"recorded_at": text, "also": {"recorded_at": "2025-01-01T00:00:00.000000Z"}}
    body = canonical(
        {
            "data": {"changes": [value, named, '"recorded_at":"never"'], "recorded_at": text},
            "private": {"reason": '","recorded_at":"'},
            "recorded_at": "2025-03-30T01:00:00.000000Z",
            "second": {"ref": '"recorded_at":"', "role": "coordinator"},
            "v": 1,
        }
    )

    assert recorded_at_of(body) == "2025-03-30T01:00:00.000000Z"


def test_the_hour_that_comes_twice_in_october_is_two_hours() -> None:
    half_past_two = datetime(2025, 10, 26, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))

    told = [instant(half_past_two), instant(half_past_two.replace(fold=1))]

    assert told == ["2025-10-26T00:30:00.000000Z", "2025-10-26T01:30:00.000000Z"]


@pytest.mark.parametrize("body", ["", "{}", '{"recorded_at":1}', '{"recorded_at":"2025'])
def test_a_body_that_does_not_say_when_is_told_apart(body: str) -> None:
    with pytest.raises(ValueError, match="not found"):
        recorded_at_of(body)


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        float("inf"),
        Decimal("1.5"),
        2**53,
        -(2**53),
        "a\u0308",  # a and a combining diaeresis: not NFC
        "\u212b",  # the Ångström sign, which NFC writes otherwise
        "\ud800",
        "a\x00b",
        "a\rb",
        "\x1b[31m",
        "\x7f",
        "\x85",
        datetime(2025, 1, 1),  # noqa: DTZ001 - naive is the point
        b"bytes",
        {1, 2},
        object(),
        {"Key": 1},
        {"ä": 1},
        {"": 1},
        {1: 1},
        {None: 1},
        ["fine", {"deep": [1.5]}],
    ],
)
def test_what_lies_outside_the_profile_is_refused(value: object) -> None:
    with pytest.raises(OutsideProfile):
        profiled(value)


def test_largest_numbers_line_breaks_and_tabs_lie_inside() -> None:
    assert profiled([2**53 - 1, -(2**53) + 1, "a\n\tb"]) == [9007199254740991, -9007199254740991, "a\n\tb"]


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
