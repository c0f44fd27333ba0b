"""Every key that the code uses has its sentence, in both languages, with facts that the code gives."""

import ast
import re
import string
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from sqlmodel import SQLModel

from cycle.adapters.tables import Grade
from cycle.app.correct import FIELDS
from cycle.app.lent import LENT
from cycle.app.retention import TABLES
from cycle.cli.daily import VERBS
from cycle.cli.main import NOUNS
from cycle.cycles.records import Standing
from cycle.dates.rules import DateStatus
from cycle.inventory.rules.form import Kind, questions
from cycle.inventory.rules.gap import GapStatus, Scope
from cycle.inventory.rules.response import AnswerChannel
from cycle.journal.actor import SERVICE, Actor
from cycle.journal.shape import journalled
from cycle.meetings.records import MeetingStatus, Word
from cycle.meetings.rules import MODES
from cycle.outbox.records import MailState
from cycle.partners.records import Rank, Wish
from cycle.partners.rules import Obstacle
from cycle.phases.rules import StepKind
from cycle.plan.records import Measure, Need, Theme
from cycle.plan.rules.measures import AtClose
from cycle.reminders.rules.explain import Fate
from cycle.reminders.rules.ladder import Why
from cycle.reports.records.exceptions import BESIDE, OTHERS
from cycle.reports.rules.chain import LinkKind
from cycle.reports.rules.gap_sentences import SENTENCES
from cycle.reports.rules.takeover import Way
from cycle.service.foresee import What
from cycle.vocabulary import Channel
from cycle.wording import Wording, WordingError, read
from cycle.workflow.arguments import _SINGULAR
from cycle.workflow.parts import TransitionKind
from cycle.workflow.show import Section

ROOT = Path(__file__).parent.parent
LANGUAGES = ("de", "en")
ENTRY_TYPES = (
    "log.opened", "log.restored", "log.sealed", "log.exported", "migration.applied", "subject.erased", "people.changed",
    "cycle.started", "command.refused", "phase.advanced", "phase.refused", "phase.returned", "phase.skipped",
    "phase.approved", "phase.held", "phase.resumed", "phase.cancelled", "phase.reopened", "check.waived", "date.confirmed",
    "date.moved", "date.overdue", "meeting.added", "meeting.edited", "meeting.registered", "meeting.moved",
    "meeting.held", "meeting.cancelled", "meeting.excused", "survey.answered", "survey.closed", "project.imported",
    "project.reviewed",
    "gap.recorded", "need.imported", "need.added", "need.declared_none", "need.settled", "theme.proposed", "theme.decided",
    "theme.changed", "theme.confirmed", "theme.ended", "decision.recorded", "measure.imported", "measure.added",
    "measure.updated", "measure.assessed", "measure.carried", "measure.dropped", "measure.declared_none", "number.recorded",
    "document.filed", "followup.added", "followup.done", "partner.imported", "partner.edited", "partner.merged",
    "partner.left", "group.imported", "group.edited", "mail.queued", "mail.held", "mail.approved", "mail.withheld",
    "mail.sent", "mail.unclear", "mail.failed", "mail.bounced", "mail.cancelled", "mail.missed", "comment.added",
    "entry.corrected", "service.started", "service.stopped", "service.gap",
)  # fmt: skip
ERRORS = {
    "WrongInput",
    "NotFound",
    "NotReady",
    "Forbidden",
    "Broken",
    "MailsFailed",
    "Conflict",
    "CellError",
    "CycleError",
    "mended",
}
# Calls whose first argument is a key, and what stands before it in the wording.
SAYS = {
    "say": "",
    "word": "",
    "show": "",
    "confirm": "",
    "sentence": "",
    "_sentence": "",
    "done": "done.",
    "_done": "done.",
    "finish": "done.",
}
SAYS |= {"Mistake": "mistake.", "Key": "", "noun": "cli.", "Finding": "finding.", "finish": "done."}
# Given to the call itself, not to the sentence.
NOT_FACTS = {name: {"entry", "json", "dry_run", "next", "document"} for name in ("done", "_done")}
NOT_FACTS |= {"show": {"columns", "rows", "json", "schema", "document"}, "confirm": {"yes"}}
NOT_FACTS |= {"finish": {"entry", "json", "dry_run", "next", "document", "full"}}
NOT_FACTS |= {name: {"problems"} for name in ERRORS} | {"mended": {"grade"}}
KEY = re.compile(r"[a-z0-9_.]+")
# Keys that stand in a tuple before they are looked up.
HEADED = re.compile(r"(col|column|cli|opt|arg|title|ask|status)(\.[a-z0-9_]+)+")
# What one place of the code puts before the keys that others give it: these are found where they are given.
BY_CALL = {"finding.", "done.", "problem.", "doctor."}


def roles() -> set[str]:
    """The roles of the workflows that are shipped."""
    files = (ROOT / "workflows").glob("*.yaml")
    return {role for file in files for role in YAML(typ="safe").load(file)["roles"]}


def columns_of(model: type) -> set[str]:
    return set(model.model_fields) - {"id", "version", "plan", "due_since", "done_on"}  # type: ignore[attr-defined]


def texts_of(module: str, function: str) -> set[str]:
    """The keys of mappings and the words of tuples written out in a function: what it tells."""
    tree = ast.parse((ROOT / "cycle" / "cli" / module).read_text(encoding="utf-8"))
    found = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == function)
    parts = [
        node.keys if isinstance(node, ast.Dict) else node.elts
        for node in ast.walk(found)
        if isinstance(node, ast.Dict | ast.Tuple)
    ]
    return {each.value for part in parts for each in part if isinstance(each, ast.Constant) and isinstance(each.value, str)}


MAIL_SHOWN = {
    "id",
    "state",
    "reason",
    "templates",
    "partner",
    "to",
    "due",
    "sent",
    "reply_code",
    "message_id",
    "subject",
    "attached",
}
JOURNALLED = journalled(SQLModel.metadata.tables)
ASKED = {question.name for question in questions()}  # of each project, by the survey form
# What stands behind the first part of a key that the code puts together.
FAMILIES: Mapping[str, set[str]] = {
    "standing.": set(Standing),
    "mail_state.": set(MailState),
    "meeting_status.": set(MeetingStatus),
    "said.": set(Word),
    "mode.": set(MODES),
    "coming.": {"registered", "excused", "on_site", "online", "without_number", "citizens", "late"},
    "channel.": set(Channel),
    "why.": set(Why),
    "foreseen.": set(What),
    "fate.": set(Fate),
    "rank.": set(Rank),
    "unreachable.": set(Obstacle),
    "grade.": set(Grade),
    "wish.": set(Wish),
    "kept.": set(TABLES),
    "role.": roles() | {"partner_deputy"},
    "waited.": set(LENT.ends) - {"passed"},
    "not_told.": {"bounced", "permanent", "fault"},
    "thing.": set(FIELDS),
    "exception_other.": {*OTHERS, *BESIDE},
    "mail_title.": {file.name.partition(".")[0] for file in (ROOT / "templates/mail/de").glob("*.j2")} - {"letter"},
    "table.": set(JOURNALLED),
    "field.": {each.name for table in JOURNALLED.values() for each in table.columns},
    "section.": set(Section),
    "ends.": {"final", "hard", "soft"},
    "template.": {"undefined", "no_attribute", "no_filter", "no_day", "other"},
    "toml.": {"quote", "backslash", "equals", "rest", "bracket", "twice", "value", "other"},
    "mistake.a.": set(_SINGULAR.values()),
    "step_name.": {"advance", *(each.value for each in TransitionKind)},
    "dossier.date_status.": set(DateStatus),
    "cli.report.": {"year", "plan", "lateness", "exceptions", "informed", "decisions", "dossier"},
    "entry.": set(ENTRY_TYPES),
    "type.": set(ENTRY_TYPES),
    "gap.status.": set(GapStatus),
    "gap.scope.": set(Scope),
    "gap.": {"target_group", "field"},
    "gap.page.": {"target_group", "field"},
    "gap.say.": set(SENTENCES),
    "gap.band.": {"none", "unknown", "up_to", "between", "over"},
    "chain.": set(LinkKind),
    "takeover.": {"needs", "measures"},
    "takeover.way_": set(Way),
    "cli.": {*NOUNS, *VERBS},
    "help.kind_": {"str", "int", "float", "path", "file", "bool"},
    "via.": {Actor.via, SERVICE.via},
    "done.step_": set(StepKind),
    "done.dsn_": {"bounced", "delayed", "known"},
    "col.": texts_of("partner/looking.py", "_document") | MAIL_SHOWN,
    "meeting.": texts_of("meeting/looking.py", "_document"),
    "form.ask.": ASKED | {"none", "missing", "fields.more", "target_groups.more"},
    "form.help.": ASKED | {"none", "missing", "fields.more", "target_groups.more"},
    "form.refusal.": set(Kind) - {Kind.TEXT},
    "survey.form.": {"projects", "none", "counts", "known", "after_close", "superseded", "late"},
    "survey.form.project_": {"new", "changed", "same", "refused"},
    "column.survey.": {"partner", "name", "group", "contact", "phone", "channel", "reminded", "called", "outcome"}
    | {"invited", "answered", "usable", "neutral", "gross", "net", "answered_on", "late", "counts", "projects", "way"},
    "answer_way.": set(AnswerChannel),
    "column.plan.": columns_of(Need) | columns_of(Theme) | columns_of(Measure) | {"body_label", "days_late", "done"},
    "at_close.": set(AtClose.__dataclass_fields__),
}


@dataclass(frozen=True)
class Use:
    """A key in the code: where, and the facts given with it (None: not to be seen from outside)."""

    place: str
    key: str
    facts: frozenset[str] | None = None


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def within(scope: ast.AST) -> tuple[ast.AST, ...]:
    """What in a part of a module gives names a value, or calls: looked for once."""
    return tuple(node for node in ast.walk(scope) if isinstance(node, ast.Assign | ast.For | ast.comprehension | ast.Call))


class Uses(ast.NodeVisitor):
    """Collects the keys of one module."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.tree = parsed(file)
        self.found: list[Use] = []
        self.families: set[tuple[str, str]] = set()
        self.scopes: list[ast.AST] = [self.tree]
        self.visit(self.tree)

    def visit(self, node: ast.AST) -> None:
        scope = isinstance(node, ast.FunctionDef | ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp)
        self.scopes += [node] if scope else []
        super().visit(node)
        self.scopes = self.scopes[:-1] if scope else self.scopes

    def visit_Constant(self, node: ast.Constant) -> None:
        if "cli" in self.file.parts and isinstance(node.value, str) and HEADED.fullmatch(node.value):
            self._add(node, node.value, None)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        if "cli" in self.file.parts and re.match(r"(col|column)\.", _text(node.values[0])):
            self._key(node, node, "", None)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if isinstance(node.func, ast.Attribute) and name == "word":
            name = ""  # a reader's word of a list
        facts = None
        if all(keyword.arg for keyword in node.keywords):
            facts = frozenset(str(keyword.arg) for keyword in node.keywords) - NOT_FACTS.get(name, set())
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        if name in ERRORS and node.args:
            self._key(node, node.args[0], "", facts)
        elif name == "Refused":
            self._key(node, node.args[1] if len(node.args) > 1 else ast.Constant("refused"), "", None)
        elif name == "Problem" and "journal" in self.file.parts:
            self._key(node, node.args[0], "problem.", self._told(node.args[2:3]), {"seq"})
        elif name == "Problem" and len(node.args) == 4:
            self._key(node, node.args[3], "", facts)
        elif name == "Examined" and len(node.args) > 1:
            self._key(node, node.args[1], "doctor.", self._told(node.args[2:3]))
        elif name == "Finding" and node.args:
            told = self._told([given["facts"]] if "facts" in given else [])
            self._key(node, node.args[0], "finding.", told)
            if "met" in given and isinstance(node.args[0], ast.Constant):
                self._key(node, node.args[0], "finding.", told, after=".met")
        elif name == "replace" and "key" in given:
            self._key(node, given["key"], "finding.", None)
        elif name in SAYS and node.args:
            self._key(node, node.args[0], SAYS[name], None if name == "_done" else facts)
        self.generic_visit(node)

    def _key(
        self,
        node: ast.AST,
        key: ast.expr,
        before: str,
        facts: frozenset[str] | None,
        always: Collection[str] = (),
        *,
        after: str = "",
    ) -> None:
        texts = {text for text in self._texts(key) if KEY.fullmatch(text)}
        for text in texts:
            self._add(node, before + text + after, None if facts is None else facts | frozenset(always))
        if not texts and isinstance(key, ast.JoinedStr | ast.BinOp):
            first = key.values[0] if isinstance(key, ast.JoinedStr) else key.left
            if KEY.fullmatch(_text(first)):
                self.families.add((self._place(node), before + _text(first)))

    def _add(self, node: ast.AST, key: str, facts: frozenset[str] | None) -> None:
        self.found.append(Use(self._place(node), key, facts))

    def _place(self, node: ast.AST) -> str:
        return f"{self.file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"

    def _told(self, given: list[ast.expr]) -> frozenset[str] | None:
        """The names of facts in a mapping written out; none given is none."""
        if not given:
            return frozenset()
        if isinstance(given[0], ast.Dict) and all(isinstance(key, ast.Constant) for key in given[0].keys):
            return frozenset(_text(key) for key in given[0].keys if key is not None)
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
            first, last = (part.value if isinstance(part, ast.FormattedValue) else part for part in value.values)
            ends = list(self._texts(last))
            # A name that has its end already is not given it twice.
            yield from (start + end for start in self._texts(first) for end in ends if not start.endswith(end))

    def _values_of(self, name: str) -> Iterator[str]:
        """The texts a name can stand for in the innermost scope that gives it one."""
        for scope in reversed(self.scopes):
            found = list(self._given_in(scope, name))
            if found:
                yield from found
                return

    def _given_in(self, scope: ast.AST, name: str) -> Iterator[str]:
        for node in scope.generators if hasattr(scope, "generators") else within(scope):
            if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
                yield from self._texts(node.value)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
                yield from self._elements(node.targets[0], ast.Tuple([node.value]), name)
            elif isinstance(node, ast.For | ast.comprehension):
                yield from self._elements(node.target, node.iter, name)
        if isinstance(scope, ast.FunctionDef):
            yield from self._arguments(scope, name)

    def _elements(self, target: ast.expr, source: ast.expr, name: str) -> Iterator[str]:
        """The texts a loop gives a name, from a tuple written out here or assigned before."""
        if isinstance(source, ast.Name):
            for node in within(self.tree):
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
        for node in within(self.tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == function.name:
                yield from filter(None, map(_text, node.args[names.index(name) :][:1]))


def _text(node: ast.AST) -> str:
    """A text written out, "" for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


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


def test_the_files_can_be_read_and_no_key_stands_in_two_of_them() -> None:
    for language in LANGUAGES:
        files = sorted((ROOT / "templates" / "wording" / language).glob("*.yaml"))
        where: dict[str, list[str]] = {}
        for file in files:
            for key in read(file):
                where.setdefault(key, []).append(file.name)

        assert {key: names for key, names in where.items() if len(names) > 1} == {}


def test_both_languages_have_the_same_files_and_the_same_keys() -> None:
    names = [sorted(file.name for file in (ROOT / "templates" / "wording" / each).iterdir()) for each in LANGUAGES]

    assert names[0] == names[1]
    assert sentences("de").keys() - sentences("en").keys() == set()
    assert sentences("en").keys() - sentences("de").keys() == set()


def test_both_languages_use_the_same_facts() -> None:
    german, english = sentences("de"), sentences("en")

    assert {key: text for key, text in german.items() if names_in(text) != names_in(english[key])} == {}


def test_no_sentence_is_empty_or_has_spaces_around_it() -> None:
    for language in LANGUAGES:
        assert {key for key, text in sentences(language).items() if not text or text != text.strip()} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_in_the_code_has_a_sentence(language: str) -> None:
    found, _ = uses()

    assert {f"{use.place}: {use.key}" for use in found if use.key not in sentences(language)} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_uses_only_facts_that_the_code_gives(language: str) -> None:
    found, _ = uses()

    told = {f"{use.place}: {use.key}": (names_in(sentences(language).get(use.key, "")), use.facts) for use in found}

    assert {place: names - facts for place, (names, facts) in told.items() if facts is not None and names - facts} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentence_of_an_entry_uses_only_facts_that_entries_tell(language: str) -> None:
    told = {"count", "present", "members"}  # read from the rows that an entry added
    for file in sorted((ROOT / "cycle").rglob("*.py")):
        for node in within(parsed(file)):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "tell":
                written_out = [each.value for each in node.keywords if isinstance(each.value, ast.Dict) and each.arg is None]
                told |= {each.arg for each in node.keywords if each.arg} | {_text(k) for d in written_out for k in d.keys if k}

    asked = {name for key, text in sentences(language).items() if key.startswith("entry.") for name in names_in(text)}

    assert asked - told == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_a_closed_list_has_a_sentence(language: str) -> None:
    wanted = {before + word for before, words in FAMILIES.items() for word in words}

    assert wanted - sentences(language).keys() == set()


def test_every_key_that_the_code_puts_together_begins_as_known() -> None:
    _, families = uses()

    assert {f"{place}: {before}" for place, before in families if before not in {*FAMILIES, *BY_CALL}} == set()


def test_every_entry_that_the_code_writes_is_of_a_type_with_a_sentence() -> None:
    written = set()
    for file in sorted((ROOT / "cycle").rglob("*.py")):
        for node in within(parsed(file)):
            name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
            if name in ("writing", "entry", "_entry", "_take", "_say") and isinstance(node, ast.Call):
                texts = {each.value for arg in node.args for each in ast.walk(arg) if isinstance(each, ast.Constant)}
                written |= {text for text in texts if isinstance(text, str) and "." in text}

    assert written - set(ENTRY_TYPES) == set()
    assert len(written) > 40


def test_a_number_takes_the_word_for_one_or_for_several_and_no_sentence_ends_twice(tmp_path: Path) -> None:
    folder = tmp_path / "wording" / "de"
    folder.mkdir(parents=True)
    (folder / "x.yaml").write_text('count: "Es {n:ist ein Brief|sind Briefe}."\nstop: "Zum {name}. Weiter … so.."\n', "utf-8")
    words = Wording([tmp_path], ["de"])

    assert [words.sentence("count", n=n) for n in (0, 1, 2)] == [
        "Es 0 sind Briefe.",
        "Es 1 ist ein Brief.",
        "Es 2 sind Briefe.",
    ]
    assert words.sentence("stop", name="Verein Kolibri e. V.") == "Zum Verein Kolibri e. V. Weiter … so."


@pytest.mark.parametrize(
    ("lines", "key", "line"),
    [
        ('# Ours\none: "Eins"\ntwo: Zwei\n', "wording_line_wrong", 3),
        ('one: "Eins", "Zwei"\ntwo: "Zwei"\n', "wording_line_wrong", 1),
        ('\none: "Eins"\n  two: "Zwei"\n', "wording_line_wrong", 3),
        ('one: "Eins"\n\u00a0two: "Zwei"\n', "wording_line_wrong", 2),
        ('one: "Eins {von"\ntwo: "Zwei} {"\n', "wording_line_wrong", 1),
        ('one: "Eins"\ntwo: "Zwei"\none: "Noch eins"\n', "wording_line_twice", 3),
    ],
)
def test_a_line_that_is_no_sentence_is_told_with_its_number(tmp_path: Path, lines: str, key: str, line: int) -> None:
    (tmp_path / "own.yaml").write_text(lines, "utf-8")

    with pytest.raises(WordingError) as wrong:
        read(tmp_path / "own.yaml")

    assert (wrong.value.key, wrong.value.facts["line"]) == (key, line)


def test_a_german_sentence_names_what_is_to_be_filled_in_in_german() -> None:
    """Help may: there the placeholder is the one of the usage line beside it."""
    english = re.compile(r"\b(YEAR|DAY|FILE|FOLDER|DIR|TEMPLATE|REASON|NUMBER|ADDRESS)\b")
    files = sorted((ROOT / "templates" / "wording" / "de").glob("*.yaml"))
    told = {key: text for file in files for key, text in read(file).items() if not key.startswith(("opt.", "arg.", "cli."))}

    assert len(told) > 1000
    assert {key: text for key, text in told.items() if english.search(text)} == {}


def test_a_list_that_was_cut_says_how_many_more_there_are() -> None:
    words = {language: Wording([ROOT / "templates"], [language]) for language in LANGUAGES}
    twenty = list(range(1, 21))
    named = ", ".join(map(str, twenty))

    told = [words["de"].sentence("finding.mail_accepted", missing=twenty, count=count) for count in (57, 20)]

    assert told == [
        f"57 Partner sind noch nicht unterrichtet (Nummern {named} und 37 weitere).",
        f"20 Partner sind noch nicht unterrichtet (Nummern {named}).",
    ]
    assert f"{named} and 37 more" in words["en"].sentence("finding.mail_accepted", missing=twenty, count=57)
