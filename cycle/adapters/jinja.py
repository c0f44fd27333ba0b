"""How a template is filled: the sandbox it runs in, its blocks and macros, and the line in which it is wrong.

With `templates` the one door to Jinja2 and, with the dates in them, to Babel.
"""

import re
from collections.abc import Hashable, Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, Template
from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import Template as Parsed
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from cycle.errors import Key, WrongInput

# What Jinja says, by the key of our sentence about it; the group is the name that it is about.
_TOLD = {
    "template.undefined": re.compile(r"'([^']+)' is undefined"),
    "template.no_attribute": re.compile(r"'.+' has no attribute '([^']+)'"),
    "template.no_filter": re.compile(r"No filter named '([^']+)'\.?"),
}

# A letter or report is shorter; a slip of the pen in a city's own template must not fill the memory of the service.
MOST_CHARACTERS = 1_000_000
_BIGGEST_POWER = 100
_PERCENT_WIDTH = re.compile(r"%[^a-zA-Z%]*?(\d+)")
_FORMAT_WIDTH = re.compile(r"\{[^{}]*:[^{}]*?(\d+)")


class _Refused(ValueError):
    """What we let no template do, by the key of the sentence about it."""

    def __init__(self, key: str, name: object) -> None:
        super().__init__(key)
        self.told = Key(key, name=str(name))


class _Noting(CodeGenerator):
    """Jinja's compiler, which also notes the names that a template asks its context for. To find them afterwards
    (`jinja2.meta`) takes as long as to compile."""

    environment: "Sandbox"

    def visit_Template(self, node: Parsed, frame: Frame | None = None) -> None:  # noqa: N802 - Jinja's own name
        self.asked: set[str] = set()
        super().visit_Template(node, frame)
        self.environment.names[self.filename] = frozenset(self.asked)

    def enter_frame(self, frame: Frame) -> None:
        super().enter_frame(frame)
        loads = frame.symbols.loads.values()
        self.asked |= {name for action, name in loads if action == "resolve" and name not in self.environment.globals and name}


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, in which one expression cannot make a text that fills the memory either.

    `names`: what the template of each file asks its context for, since it was compiled.
    """

    code_generator_class = _Noting
    intercepted_binops = frozenset({"*", "**", "%"})  # these are no longer worked out while a template is read

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.names: dict[str | None, frozenset[str]] = {}

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" and abs(right) > _BIGGEST_POWER:
            raise _Refused("template.big_power", _BIGGEST_POWER)
        if operator == "%" and isinstance(left, str):
            _bounded(*map(int, _PERCENT_WIDTH.findall(left)))
        if operator == "*":
            for row, times in ((left, right), (right, left)):
                if isinstance(row, str | list | tuple) and isinstance(times, int):
                    _bounded(len(row) * times)
        return super().call_binop(context, operator, left, right)

    def call(self, context: Any, called: Any, *args: Any, **named: Any) -> Any:
        if isinstance(getattr(called, "__self__", None), str):  # ljust, zfill: a width is asked for
            _bounded(*(each for each in args if isinstance(each, int)))
        return super().call(context, called, *args, **named)

    def wrap_str_format(self, value: Any) -> Any:
        wrapped = super().wrap_str_format(value)
        if wrapped is not None:
            _bounded(*map(int, _FORMAT_WIDTH.findall(value.__self__)))
        return wrapped


def _bounded(*lengths: int) -> None:
    if max(lengths, default=0) > MOST_CHARACTERS:
        raise _Refused("template.too_long", MOST_CHARACTERS)


def _center(value: Any, width: int = 80) -> str:
    _bounded(width)
    return str(value).center(width)


@cache
def environment_of(folders: tuple[Path, ...], locale: Locale, html: bool = False) -> Sandbox:
    """One environment a list of folders, locale and kind: a new one for every mail would be seventy times slower."""
    environment = Sandbox(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        undefined=StrictUndefined,
        autoescape=html,  # by what it is for: `select_autoescape` looks at the last suffix only, which is j2
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=1000,
    )
    environment.filters["center"] = _center
    environment.filters["date_long"] = lambda day: format_date(_day(day), "full", locale)
    environment.filters["date_short"] = lambda day: format_date(_day(day), "medium", locale)
    return environment


@lru_cache(maxsize=2000)  # most blocks of a batch are the same for all, and blocks are the dearest part of a letter
def shown(template: Template, block: Any) -> str:
    """A block of a letter as its template's macros show it. Raises WrongInput `template_error`."""
    return _macro(template, "block", block, [_line(template, line) for line in block.lines])


@lru_cache(maxsize=4000)  # of a block that names its reader most lines do not
def _line(template: Template, line: Hashable) -> str:
    return _macro(template, "line", line)


def _macro(template: Template, name: str, *given: Any) -> Markup:
    """What a macro of a template makes of this; its text is HTML already."""
    try:
        return Markup(getattr(template.module, name)(*given).strip("\n"))
    except Exception as error:
        raise wrong(template, error) from error


def names_in(template: Template) -> frozenset[str]:
    """The top-level names that a template asks its context for."""
    sandbox: Any = template.environment
    return sandbox.names[template.filename]  # type: ignore[no-any-return]


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):  # an instant's day depends on the time zone
        return value
    raise _Refused("template.no_day", repr(value))


def filled(template: Template, context: Mapping[str, Any]) -> str:
    """A whole template with these facts. Raises WrongInput `template_error`, with file and line."""
    try:  # not `render`, which puts frames of its own in place of those that know the line
        return "".join(template.root_render_func(template.new_context(dict(context))))
    except Exception as error:
        raise wrong(template, error) from error


def block_of(template: Template, name: str, context: Mapping[str, Any]) -> str:
    """One block of a template with these facts, cleaned. Raises WrongInput `template_error`, with file and line."""
    if name not in template.blocks:
        raise WrongInput("template_error", template=template.filename, line=1, problem=Key("template.no_block", name=name))
    try:
        return cleaned("".join(template.blocks[name](template.new_context(dict(context)))))
    except Exception as error:
        raise wrong(template, error) from error


def cleaned(text: str) -> str:
    """No spaces at the ends of lines, no two empty lines in a row, none at the top, one line break at the end."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    if "\n\n\n" in lines:
        lines = re.sub(r"\n{3,}", "\n\n", lines)
    return lines.strip("\n") + "\n"


def wrong(template: Template, error: Exception) -> WrongInput:
    """The error with the innermost line of a template in which it happened (Jinja keeps the template in the frame)."""
    file, line = template.filename, 1
    step = error.__traceback__
    while step is not None:
        inside = step.tb_frame.f_globals.get("__jinja_template__")
        if isinstance(inside, Template):
            file, line = inside.filename, inside.get_corresponding_lineno(step.tb_lineno)
        step = step.tb_next
    return WrongInput("template_error", template=file, line=line, problem=_told(error))


def _told(error: Exception) -> Key:
    return error.told if isinstance(error, _Refused) else told_by_jinja(str(error) or type(error).__name__)


def told_by_jinja(text: str) -> Key:
    """What Jinja says of a template, as a fact for a sentence; its own words are quoted where we have none."""
    for key, pattern in _TOLD.items():
        if found := pattern.fullmatch(text):
            return Key(key, name=found[1])
    return Key("template.other", told=text)
