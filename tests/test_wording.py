"""Every key that the code uses has its sentence, in both languages, with facts that the code gives."""

import ast
import json
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from cycle.cli.daily import VERBS
from cycle.cli.main import NOUNS
from cycle.cycles.records import Standing
from cycle.inventory.rules.gap import GapStatus, Scope
from cycle.meetings.records import MeetingStatus
from cycle.outbox.records import MailState
from cycle.partners.records import Partner, Rank
from cycle.plan.records import Measure, Need, Theme
from cycle.reminders.rules.ladder import Why
from cycle.vocabulary import Channel
from cycle.wording import read

ROOT = Path(__file__).parent.parent
LANGUAGES = ("de", "en")
ENTRY_TYPES = """
    log.opened log.restored log.sealed log.exported migration.applied subject.erased people.changed cycle.started
    command.refused phase.advanced phase.refused phase.returned phase.skipped phase.approved phase.held phase.resumed
    phase.cancelled phase.reopened check.waived date.confirmed date.moved date.overdue meeting.added meeting.edited
    meeting.registered meeting.moved meeting.held meeting.cancelled meeting.excused survey.answered survey.closed
    project.imported project.reviewed gap.recorded need.imported need.added need.declared_none need.settled
    theme.proposed theme.decided theme.changed theme.confirmed theme.ended decision.recorded measure.imported
    measure.added measure.updated measure.assessed measure.carried measure.dropped measure.declared_none
    number.recorded document.filed followup.added followup.done partner.imported partner.edited partner.merged
    partner.left group.imported group.edited mail.queued mail.held mail.approved mail.withheld mail.sent mail.unclear
    mail.failed mail.bounced mail.cancelled mail.missed comment.added entry.corrected service.started service.stopped
    service.gap
""".split()
ERRORS = {"WrongInput", "NotFound", "NotReady", "Forbidden", "Broken", "MailsFailed", "Conflict", "CellError", "CycleError"}
# Calls with a key, what stands before it in the wording, and where in the call it is.
SAYS = {"say": "", "word": "", "show": "", "confirm": "", "sentence": "", "_sentence": "", "done": "done.", "_done": "done."}
SAYS |= {"noun": "cli.", "Finding": "finding."}
# Given to `done` and `show` for themselves, not for the sentence.
NOT_FACTS = {"entry", "json", "dry_run", "next", "document", "columns", "rows", "schema", "yes", "problems"}
# Told by no code yet, or by the sentence's surroundings.
ALWAYS_THERE = {"finding.": set(), "problem.": {"seq"}}
HEADED = re.compile(r"(col|column|cli|opt|arg|title|ask|status)(\.[a-z0-9_]+)+")
PLACES = {ROOT / "cycle" / "cli" / name for name in ("shell.py", "words.py", "telling.py")}


def roles() -> set[str]:
    """The roles of the workflows that are shipped."""
    files = (ROOT / "workflows").glob("*.yaml")
    return {role for file in files for role in YAML(typ="safe").load(file)["roles"]}


def columns_of(model: type) -> set[str]:
    return set(model.model_fields) - {"id", "version", "plan"}  # type: ignore[attr-defined]


# What stands behind the first part of a key that the code puts together.
FAMILIES: Mapping[str, set[str]] = {
    "standing.": set(Standing),
    "mail_state.": set(MailState),
    "meeting_status.": set(MeetingStatus),
    "said.": {"registered", "excused"},
    "channel.": set(Channel),
    "why.": set(Why),
    "rank.": set(Rank),
    "role.": roles() | {"partner_deputy"},
    "entry.": set(ENTRY_TYPES),
    "type.": set(ENTRY_TYPES),
    "gap.status.": set(GapStatus),
    "gap.scope.": set(Scope),
    "gap.": {"target_group", "field"},
    "cli.": {*NOUNS, *VERBS},
    "column.plan.": columns_of(Need) | columns_of(Theme) | columns_of(Measure) | {"body_label", "days_late", "done"},
}


@dataclass(frozen=True)
class Use:
    """A key in the code: where, and the facts given with it (None: not to be seen from outside)."""

    place: str
    key: str
    facts: frozenset[str] | None = None


class Uses(ast.NodeVisitor):
    """Collects the keys of one module."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.tree = ast.parse(file.read_text(encoding="utf-8"))
        self.found: list[Use] = []
        self.families: set[tuple[str, str]] = set()
        self.functions: list[ast.AST] = [self.tree]
        self.visit(self.tree)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:  # noqa: N802 - ast's name
        self.functions.append(node)
        self.generic_visit(node)
        self.functions.pop()

    def visit_Constant(self, node: ast.Constant) -> None:  # noqa: N802 - ast's name
        if "cli" in self.file.parts and isinstance(node.value, str) and HEADED.fullmatch(node.value):
            self._add(node, node.value, None)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:  # noqa: N802 - ast's name
        first = node.values[0]
        if "cli" in self.file.parts and isinstance(first, ast.Constant) and re.fullmatch(r"(col|column)\..*", first.value):
            self._key(node, node, "", None)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:  # noqa: N802 - ast's name
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        facts = None
        if all(keyword.arg for keyword in node.keywords):
            facts = frozenset(str(keyword.arg) for keyword in node.keywords) - NOT_FACTS
        if name in ERRORS and node.args:
            self._key(node, node.args[0], "", facts)
        elif name == "Refused":
            self._key(node, node.args[1] if len(node.args) > 1 else ast.Constant("refused"), "", None)
        elif name == "Problem" and "journal" in self.file.parts:
            self._key(node, node.args[0], "problem.", self._told(node.args[2:3]))
        elif name == "Problem" and len(node.args) == 4:
            self._key(node, node.args[3], "", facts)
        elif name == "Examined" and len(node.args) > 1:
            self._key(node, node.args[1], "doctor.", self._told(node.args[2:3]))
        elif name == "Finding" and node.args:
            given = [keyword.value for keyword in node.keywords if keyword.arg == "facts"]
            self._key(node, node.args[0], "finding.", self._told(given))
        elif name == "replace":
            for keyword in node.keywords:
                if keyword.arg == "key":
                    self._key(node, keyword.value, "finding.", None)
        elif name in SAYS and node.args and self.file not in PLACES and "Finding" != name:
            self._key(node, node.args[0], SAYS[name], None if name == "_done" else facts)
        self.generic_visit(node)

    def _key(self, node: ast.AST, key: ast.expr, before: str, facts: frozenset[str] | None) -> None:
        texts = set(self._texts(key))
        for text in texts:
            self._add(node, before + text, facts)
        if not texts and isinstance(key, ast.JoinedStr | ast.BinOp):
            first = key.values[0] if isinstance(key, ast.JoinedStr) else key.left
            if isinstance(first, ast.Constant):
                self.families.add((self._place(node), before + first.value))

    def _add(self, node: ast.AST, key: str, facts: frozenset[str] | None) -> None:
        self.found.append(Use(self._place(node), key, facts))

    def _place(self, node: ast.AST) -> str:
        return f"{self.file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"

    def _told(self, given: list[ast.expr]) -> frozenset[str] | None:
        """The names of facts in a mapping written out; none given is none."""
        if not given:
            return frozenset()
        if isinstance(given[0], ast.Dict) and all(isinstance(key, ast.Constant) for key in given[0].keys):
            return frozenset(key.value for key in given[0].keys)  # type: ignore[union-attr]
        return None

    def _texts(self, value: ast.expr) -> Iterator[str]:
        """Every text that an expression can stand for, as far as the module shows."""
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.value
        elif isinstance(value, ast.IfExp):
            yield from self._texts(value.body)
            yield from self._texts(value.orelse)
        elif isinstance(value, ast.Name):
            yield from self._values_of(value.id)
        elif isinstance(value, ast.JoinedStr) and len(value.values) == 2:
            first, last = value.values
            if isinstance(first, ast.Constant) and isinstance(last, ast.FormattedValue):
                yield from (first.value + text for text in self._texts(last.value))

    def _values_of(self, name: str) -> Iterator[str]:
        scope = self.functions[-1]
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
                yield from self._texts(node.value)
            elif isinstance(node, ast.For | ast.comprehension):
                yield from self._elements(node.target, node.iter, name)
        if isinstance(scope, ast.FunctionDef):
            yield from self._arguments(scope, name)

    def _elements(self, target: ast.expr, source: ast.expr, name: str) -> Iterator[str]:
        """The texts a loop gives a name, from a tuple written out here or assigned before."""
        if isinstance(source, ast.Name):
            for node in ast.walk(self.tree):
                if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == source.id for t in node.targets):
                    yield from self._elements(target, node.value, name)
        for each in source.elts if isinstance(source, ast.Tuple | ast.List) else ():
            if isinstance(target, ast.Name) and target.id == name:
                yield from self._texts(each)
            elif isinstance(target, ast.Tuple) and isinstance(each, ast.Tuple):
                for part, value in zip(target.elts, each.elts, strict=True):
                    if isinstance(part, ast.Name) and part.id == name:
                        yield from self._texts(value)

    def _arguments(self, function: ast.FunctionDef, name: str) -> Iterator[str]:
        """The texts that calls in this module give a parameter."""
        names = [argument.arg for argument in function.args.args]
        if name not in names:
            return
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == function.name:
                for argument in node.args[names.index(name) :][:1]:
                    if isinstance(argument, ast.Constant):
                        yield argument.value


@cache
def uses() -> tuple[tuple[Use, ...], frozenset[tuple[str, str]]]:
    """The keys in the code, and the beginnings of those that it puts together."""
    found = [Uses(file) for file in sorted((ROOT / "cycle").rglob("*.py"))]
    return tuple(use for each in found for use in each.found), frozenset(one for each in found for one in each.families)


@cache
def sentences(language: str) -> Mapping[str, str]:
    files = sorted((ROOT / "templates" / "wording" / language).glob("*.yaml"))
    return {key: text for file in files for key, text in read(file).items()}


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
