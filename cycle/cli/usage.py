"""What Typer says of a wrong call, as a sentence of ours: which word is wrong, and what would be right."""

import re
from typing import Any

from cycle.cli.words import word

_NO_COMMAND = re.compile(r"No such command '(.*?)'\.(?: .*?'(.*)'\?| .*: (.*))?", re.DOTALL)
_OUT_OF_RANGE = re.compile(r"is not in the range")
_CHOICE = re.compile(r"(?:Value error, )?'?(.*?)'? is not one of (.*)\.$", re.DOTALL)
_BOUND = re.compile(r"(less|greater) than or equal to (-?[0-9]+)")
_SEVERAL = re.compile(r"requires (\d+) arguments")
_FILE = re.compile(r"\w+ '(.*)' (does not exist|is a directory|is a file|is not readable|is not writable)\.$", re.DOTALL)
_FILES = {
    "does not exist": "usage.file_missing",
    "is a directory": "usage.is_folder",
    "is a file": "usage.is_file",
    "is not readable": "usage.not_readable",
    "is not writable": "usage.not_writable",
}
_EXTRA = re.compile(r"Got unexpected extra argument\(?s?\)? \((.*)\)", re.DOTALL)


def usage_sentence(error: Exception) -> str | None:
    """The sentence for one of Typer's errors, None for any other. A bare noun gives its help."""
    told = getattr(error, "format_message", None)
    if not callable(told):
        return None
    if type(error).__name__ == "NoArgsIsHelpError":
        return str(told())
    return word("usage_wrong", problem=_problem(error, str(told())))


def _problem(error: Any, told: str) -> str:
    match type(error).__name__:
        case "NoSuchOption" if error.possibilities:
            return word("usage.no_option_but", option=error.option_name, known=", ".join(sorted(error.possibilities)))
        case "NoSuchOption":
            return word("usage.no_option", option=error.option_name)
        case "BadOptionUsage":
            return _option(error)
        case "MissingParameter":
            return word("usage.missing", what=_what(error))
        case "BadParameter":
            if "valid integer" in error.message:
                return word("usage.not_a_number", what=_what(error))
            if _OUT_OF_RANGE.search(error.message):
                return word("usage.out_of_range", what=_what(error), least=error.param.type.min, most=error.param.type.max)
            return _bad_value(error)
    if command := _NO_COMMAND.match(told):
        near = (command[2] or command[3] or "").replace("'", "")
        name = command[1]
        return word("usage.no_command_but", command=name, known=near) if near else word("usage.no_command", command=name)
    if extra := _EXTRA.match(told):
        return word("usage.too_much", words=extra[1])
    return word("usage.no_command_given") if told.startswith("Missing command") else told


def _option(error: Any) -> str:
    if "does not take a value" in error.message:
        return word("usage.takes_no_value", option=error.option_name)
    if count := _SEVERAL.search(error.message):
        return word("usage.needs_values", option=error.option_name, count=int(count[1]))
    return word("usage.option_needs_value", option=error.option_name)


def _bad_value(error: Any) -> str:
    what = _what(error)
    if bound := _BOUND.search(error.message):
        return word("usage.at_most" if bound[1] == "less" else "usage.at_least", what=what, bound=bound[2])
    if choice := _CHOICE.match(error.message):
        return word("usage.not_one_of", what=what, given=choice[1], known=choice[2].replace("'", ""))
    if file := _FILE.match(error.message):
        return word(_FILES[file[2]], what=what, file=file[1])
    return word("usage.unfit", what=what)


def _what(error: Any) -> str:
    hint = error.param_hint or (error.param.get_error_hint() if error.param is not None else "")
    return " / ".join(hint) if isinstance(hint, list | tuple) else str(hint).replace("'", "")
