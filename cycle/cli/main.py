"""The command line: finds the noun, runs the command, turns every error into a sentence and an exit code."""

import errno
import os
import re
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import Any

import typer
import typer.main

from cycle.cli import output, shell
from cycle.cli.helping import Commands
from cycle.cli.planned import of_plan, spoken_of
from cycle.cli.usage import usage_sentence
from cycle.cli.words import unreadable, word, wording
from cycle.errors import INTERRUPTED, Broken, CycleError, Key, NotReady, Refused, WrongInput

# In the order of the year's work. Bare verbs live in `daily`, a noun in the module of its name.
NOUNS = (
    "people", "partner", "group", "date", "meeting", "survey", "project", "need", "theme", "decision", "measure",
    "document", "followup", "number", "mail", "history", "report", "privacy", "workflow", "db", "config",
)  # fmt: skip
# A full disk, a quota, a file that may not grow, a medium that broke.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
# Control characters and lone surrogates: what the journal has no place for.
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
# Facts that hold the id of a phase, a date, a document or a status: a person reads its label.
LABELLED = frozenset({"phase", "phases", "state", "date", "other", "kind", "missing", "roles", "document", "meeting", "of"})
LONGEST_WORD = 20_000


@cache
def command(asked: str) -> Any:
    """All commands as Typer runs them, built once in a process for each first word."""
    return typer.main.get_command(build(asked))


def build(asked: str) -> typer.Typer:
    """The commands. Only the noun or verb that is asked for is loaded whole; for the others their help is enough."""
    app = Commands(
        name="cycle",
        help=word("cli.cycle"),
        no_args_is_help=True,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    import_module("cycle.cli.daily").add_to(app)
    import_module("cycle.cli.gap").add_to(app)
    for verb in app.registered_commands:
        if verb.name != asked:
            verb.callback = _not_asked
    for name in NOUNS:
        if name == asked:
            app.add_typer(import_module(f"cycle.cli.{name}").app, name=name)
        else:
            app.add_typer(Commands(help=word(f"cli.{name}"), callback=_not_asked, invoke_without_command=True), name=name)
    return app


def run(words: Sequence[str], *, keep_open: bool = False) -> int:
    """Run one command line; the exit code. `keep_open` leaves the site open for the next one in this process."""
    try:
        code = _answered(words)
        if code != NotReady.exit_code:
            shell.say_behind()
    except OSError as error:
        code = _unusable(error)
    finally:
        if not keep_open:
            shell.close()
    return code if keep_open or _written_out() else (code or NotReady.exit_code)


def _answered(words: Sequence[str]) -> int:
    try:
        if (problem := unreadable()) is not None:
            raise problem
        given = [_composed(each) for each in words]
        # Typer answers with the code of its own Exit (that of a --json command which found something) instead of raising it.
        code = command(_asked(given)).main(given, standalone_mode=False)
    except CycleError as error:
        tell(error, json="--json" in words)
        return error.exit_code
    except typer.Abort:
        return INTERRUPTED
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit:  # Typer's answer to a reader that has gone, as in `| head -1`
        return 0
    except Exception as error:
        wrong = usage_sentence(error)
        if wrong is None:
            raise
        _tell_usage(wrong, json="--json" in words)
        return WrongInput.exit_code
    return code if isinstance(code, int) else 0


def _unusable(error: OSError) -> int:
    """Say which file cannot be used, or that the output found no room, if that still can be said.

    What the command changed stands. Any other error of the system is our bug.
    """
    if error.filename is not None:
        answer = NotReady("file_unusable", file=error.filename, problem=error)
    elif error.errno in NO_ROOM:
        answer = NotReady("output_unwritable", problem=error)
    else:
        raise error
    with suppress(OSError):
        tell(answer)
    return answer.exit_code


def _written_out() -> bool:
    """Write out what is left in both streams, and whether it found room; a reader that has gone is no fault of ours."""
    whole = True
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError as error:
            whole = whole and error.errno not in NO_ROOM
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # Python's own last flush would fail again
    return whole


def tell(error: CycleError, *, json: bool = False) -> None:
    """An error as a person reads it, on standard error; with `json` as a document on standard output."""
    sentence = shell.sentence(error.key, **_named(error.facts, labelled=not error.key.startswith("unknown_")))
    findings = error.findings if isinstance(error, Refused) else ()
    problems = error.problems if isinstance(error, WrongInput | Broken) else ()
    if json:
        _as_document(error.exit_code, error.key, sentence, findings, problems)
        return
    typer.echo(sentence, err=True)
    for finding in findings:
        typer.echo(finding_line(finding), err=True)
    for problem in problems:
        typer.echo(f"  {shell.words().problem(problem)}", err=True)


def _tell_usage(sentence: str, *, json: bool) -> None:
    """A command line that was not understood, told as any other error."""
    if json:
        _as_document(WrongInput.exit_code, "usage", sentence)
    else:
        typer.echo(sentence, err=True)


def _as_document(exit_code: int, key: str, sentence: str, findings: Sequence[Any] = (), problems: Sequence[Any] = ()) -> None:
    output.as_json(
        {
            "schema": "cycle/error/2",
            "exit": exit_code,
            "error": key,
            "sentence": sentence,
            "findings": [finding_document(finding) for finding in findings],
            "problems": [problem_document(problem) for problem in problems],
        }
    )


def finding_line(finding: Any) -> str:
    """One reason: its check, what is missing, who owes it, the command that supplies it."""
    sentence = finding_sentence(finding)
    head = f"  {finding.check}: " if finding.check else "  "
    lines = [f"{head}{sentence}"]
    if finding.owed_by:
        lines.append(f"      {word('owed_by', who=_role(finding.owed_by))}")
    if finding.command:
        lines.append(f"      {word('command', command=of_plan(finding.command))}")
    return "\n".join(lines)


def finding_sentence(finding: Any, plan: str | None = None) -> str:
    """What a check found, in one sentence; a met one says so where it has words for it. `plan` as for `finding_document`."""
    key = f"finding.{finding.key}"
    met = f"{key}.met"
    return shell.sentence(met if finding.met and met in shell.words() else key, **_named(finding.facts, plan))


def finding_document(finding: Any, plan: str | None = None) -> dict[str, Any]:
    """A finding in JSON: check, met, hard, waived, sentence, owed_by, command. Of which `plan` it is, where that is not the
    one that the command line speaks of."""
    return {
        "check": finding.check,
        "met": finding.met,
        "hard": finding.hard,
        "waived": finding.waived,
        "sentence": finding_sentence(finding, plan),
        "owed_by": finding.owed_by,
        "command": finding.command and of_plan(finding.command),
    }


def problem_document(problem: Any) -> dict[str, Any]:
    """A problem in JSON: its sentence and, if it has a key, the place, the key and the facts.

    `column` is the heading of a table's column, or the number of the character in the line of a workflow file, where `path`
    names the value.
    """
    if isinstance(problem, Key):
        return {"key": problem, "facts": problem.facts, "sentence": shell.words().problem(problem)}
    key = getattr(problem, "key", None)
    if not key:
        return {"sentence": str(problem)}
    place = {name: getattr(problem, name) for name in ("file", "line", "column", "path") if hasattr(problem, name)}
    return {**place, "key": key, "facts": problem.facts, "sentence": shell.sentence(key, **problem.facts)}


def _asked(words: Sequence[str]) -> str:
    """The noun or verb of a command line; of the one that a shell wants completed, where it is that."""
    line = words or os.environ.get("_TYPER_COMPLETE_ARGS", "").split()[1:]
    return next((each for each in line if not each.startswith("-")), "")


def _composed(text: str) -> str:
    """A word as the journal takes it: composed (NFC). Raises WrongInput for bytes that are no text."""
    if len(text) > LONGEST_WORD:
        raise WrongInput("word_too_long", given=len(text), most=LONGEST_WORD)
    if not text.isprintable() and _NO_TEXT.search(text):
        raise WrongInput("not_text", text=text.encode("utf-8", "replace").decode())
    return unicodedata.normalize("NFC", text)


def _not_asked() -> None:
    """Stands for every command that a command line is not about."""


def _role(who: str) -> str:
    return word(f"role.{who}") if f"role.{who}" in wording() else who


def _named(facts: Mapping[str, Any], plan: str | None = None, *, labelled: bool = True) -> dict[str, Any]:
    """Facts for a sentence: a reference of a person becomes the name, where there is one, an id what the plan calls it. What
    is unknown is told as it was written: the id may be that of another thing."""
    named = dict(facts)
    who = named.get("who")
    if isinstance(who, str):
        named["who"] = _name_of(who) if who.startswith("p:") else word(who)
    if "what" in named:
        named["what"] = word(f"type.{named['what']}")
    if "role" in named:
        named["role"] = _role(str(named["role"]))
    if "standing" in named:
        named["standing"] = word(f"standing.{named['standing']}")
    if labelled and LABELLED & named.keys() and shell.is_open():
        labels = _labels(plan or spoken_of())
        named |= {name: _labelled(named[name], labels) for name in LABELLED & named.keys()}
    return named


def _labelled(value: Any, labels: Mapping[str, str]) -> Any:
    if isinstance(value, list | tuple):
        return [_labelled(each, labels) for each in value]
    from cycle.cli.telling import named

    return named(value, labels) if isinstance(value, str) else value


def _labels(plan: str) -> dict[str, str]:
    """What the ids of the site's workflows are called; one that several have, by that of the plan."""
    from cycle.cli.telling import labels_of
    from cycle.cycles.records import workflows_of

    with shell.site().journal.reading() as session:
        return labels_of(sorted(workflows_of(session), key=lambda each: each.plan.id == plan))


def _name_of(ref: str) -> str:
    from cycle.people.records import person_by_ref

    with shell.site().journal.reading() as session:
        person = person_by_ref(session, ref)
        return (person.name or person.login if person else None) or ref
