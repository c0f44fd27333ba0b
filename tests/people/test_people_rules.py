"""Which role a right comes from."""

from dataclasses import dataclass

import pytest

from cycle.people.rules import allowing
from cycle.vocabulary import Right


@dataclass(frozen=True)
class Span:
    role: str
    group: str | None = None


@dataclass(frozen=True)
class ARole:
    may: frozenset[Right]
    only: str | None = None


ROLES = {
    "coordinator": ARole(frozenset({Right.READ, Right.RUN, Right.RECORD})),
    "speaker": ARole(frozenset({Right.READ, Right.RECORD}), only="own_group"),
    "auditor": ARole(frozenset({Right.READ, Right.COMMENT})),
}


@pytest.mark.parametrize(
    ("spans", "right", "group", "role"),
    [
        ([Span("coordinator")], Right.RUN, None, "coordinator"),
        ([Span("coordinator")], Right.RECORD, "NG1", "coordinator"),
        ([Span("coordinator")], Right.PEOPLE, None, None),
        ([Span("auditor")], Right.COMMENT, None, "auditor"),
        ([Span("auditor")], Right.RECORD, None, None),
        ([Span("speaker", "NG1")], Right.RECORD, "NG1", "speaker"),
        ([Span("speaker", "NG1")], Right.RECORD, "NG2", None),
        ([Span("speaker", "NG1")], Right.RECORD, None, None),
        ([Span("speaker", "NG1")], Right.READ, None, "speaker"),
        ([Span("speaker", "NG1"), Span("speaker", "NG2")], Right.RECORD, "NG2", "speaker"),
        ([Span("speaker")], Right.RECORD, None, None),
        ([Span("auditor"), Span("coordinator")], Right.READ, None, "coordinator"),
        ([Span("gardener")], Right.READ, None, None),
        ([], Right.READ, None, None),
    ],
)
def test_right_comes_from_the_first_role_of_the_workflow_that_gives_it(
    spans: list[Span], right: Right, group: str | None, role: str | None
) -> None:
    assert allowing(spans, ROLES, right, group) == role
