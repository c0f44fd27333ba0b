"""Typer's commands as ours: their help is in the site's language, and a number is read as people here write it."""

import re
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from cycle.adapters.numbers import whole
from cycle.cli.planned import remember_plan
from cycle.cli.words import word

_RANGE = re.compile(r"\b(-?\d+)<=x<=(\d+)")
_FROM = re.compile(r"\bx>=(-?\d+)")
_KIND = re.compile(r"<(str|int|float|path|file|bool)(?: range)?>")
_DEFAULT = re.compile(r"\bdefault: ")
_REQUIRED = re.compile(r"\brequired\]")
_NO_NUMBER = "no number"  # which Typer refuses in its turn, after --help was asked for
_WITHOUT_END = 2_000_000_000  # what a bound beyond it says is only that a database has one


class Command(TyperCommand):
    """A command whose help speaks the site's language, and to which 12.000 are twelve thousand: Typer would take 12."""

    def invoke(self, ctx: Any) -> Any:
        remember_plan(ctx.params.get("plan"))
        return super().invoke(ctx)

    def make_parser(self, ctx: Any) -> Any:
        parser = super().make_parser(ctx)
        read = parser.parse_args

        def parse_args(args: list[str]) -> Any:
            given, *others = read(args)
            params: list[Any] = self.params
            for param in params:
                if param.name in given and param.type_descriptor.annotation in (int, list[int]):
                    given[param.name] = _numbers(given[param.name])
            return given, *others

        parser.parse_args = parse_args  # type: ignore[method-assign]
        return parser

    def get_help(self, ctx: Any) -> str:
        return _help_of(self, ctx)

    def get_help_option(self, ctx: Any) -> Any:
        return _help_option(super().get_help_option(ctx))


class Group(TyperGroup):
    """The commands of a noun, or all, with help in the site's language."""

    def get_help(self, ctx: Any) -> str:
        return _help_of(self, ctx)

    def get_help_option(self, ctx: Any) -> Any:
        return _help_option(super().get_help_option(ctx))


class Commands(typer.Typer):
    """A Typer whose commands and groups are these."""

    def __init__(self, **how: Any) -> None:
        super().__init__(cls=Group, pretty_exceptions_enable=False, rich_markup_mode=None, **how)

    def command(self, name: str | None = None, **how: Any) -> Any:
        return super().command(name, **{"cls": Command, **how})


def noun(name: str) -> typer.Typer:
    """The commands of one noun (`meeting`, or inside it `meeting.agenda`); its help is the sentence `cli.<noun>`."""
    return Commands(name=name.rpartition(".")[2], help=word(f"cli.{name}"), no_args_is_help=True)


def _numbers(given: Any) -> Any:
    if isinstance(given, list | tuple):
        return [_numbers(each) for each in given]
    if not isinstance(given, str):
        return given
    number = whole(given)
    if number is not None:
        return number
    return given if given.isascii() and given.lstrip("-").isdigit() else _NO_NUMBER


def _help_of(command: Any, ctx: Any) -> str:
    """The help as Typer writes it, by a formatter that puts its own words into ours before it breaks the lines."""
    formatter = ctx.make_formatter()
    usage, heading, rows = formatter.write_usage, formatter.write_heading, formatter.write_dl

    def write_usage(prog: str, args: str = "", prefix: str | None = None) -> None:
        usage(prog, _usage(args), f"{word('help.usage')} " if prefix is None else prefix)

    def write_heading(title: str) -> None:
        heading(_heading(title))

    def write_dl(lines: Any, **how: Any) -> None:
        rows([(_terms(term), _completion(_terms(told))) for term, told in lines], **how)

    formatter.write_usage, formatter.write_heading, formatter.write_dl = write_usage, write_heading, write_dl
    command.format_help(ctx, formatter)
    return str(formatter.getvalue()).rstrip("\n")


def _help_option(option: Any) -> Any:
    if option is not None:
        option.help = word("help.help")
    return option


def _usage(text: str) -> str:
    return text.replace("[OPTIONS]", word("help.options_here")).replace("COMMAND [ARGS]...", word("help.command_here"))


def _heading(text: str) -> str:
    known = {"Options": "help.options", "Arguments": "help.arguments", "Commands": "help.commands"}
    return word(known[text]) if text in known else text


def _completion(text: str) -> str:
    if text.startswith("Install completion"):
        return word("help.install_completion")
    return word("help.show_completion") if text.startswith("Show completion") else text


def _terms(text: str) -> str:
    text = _KIND.sub(lambda found: f"<{word('help.kind_' + found[1])}>", text)
    text = _RANGE.sub(_between, text)
    text = _FROM.sub(lambda found: word("help.from", least=found[1]), text)
    text = _DEFAULT.sub(lambda _: f"{word('help.default')} ", text)
    return _REQUIRED.sub(lambda _: f"{word('help.required')}]", text)


def _between(found: re.Match[str]) -> str:
    least, most = found[1], found[2]
    return word("help.from", least=least) if int(most) > _WITHOUT_END else word("help.between", least=least, most=most)
