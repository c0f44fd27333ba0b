"""Fills the templates that a person reads. The one door to Jinja2 and, with the dates in them, to Babel.

Templates are edited by people outside of this code: they run in a sandbox, and what is misspelt is an error.
"""

import hashlib
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, Template, TemplateNotFound, TemplateSyntaxError
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from cycle.errors import NotFound, WrongInput

LETTER = "letter"

_SUFFIX = ".txt.j2"
_HTML = ".html.j2"
_BLOCK = "block"
_LOCALES = {"en": "en_GB"}  # a European city: day before month


@dataclass(frozen=True)
class Part:
    """One mail's own text. `fallback`: its template is missing in the wanted language; `year`: the label of its cycle."""

    subject: str
    body: str
    language: str
    fallback: bool = False
    year: str = ""


@dataclass(frozen=True)
class Text:
    """A whole letter: subject line and text; the text ends with one line break."""

    subject: str
    body: str


class Sentences:
    """Sentences with grammar: what a template's macros make of facts, as plain text in one line."""

    def __init__(self, template: Template, context: Mapping[str, Any]) -> None:
        self._template = template
        try:
            self._macros = template.make_module(dict(context))
        except Exception as error:
            raise _wrong(template, error) from error

    def tell(self, name: str, *facts: Any) -> str:
        """One sentence; nothing where the template has nothing to say. Raises WrongInput `template_error`."""
        try:
            return " ".join(str(getattr(self._macros, name)(*facts)).split())
        except Exception as error:
            raise _wrong(self._template, error) from error


class Letters:
    """The letters in `mail/<language>/` of some template folders; an earlier folder's file goes before a later one's.

    The first of `languages` is the fallback, for a missing template and for the names of days and months. Each template
    is looked for once: all mails of one batch have the same wording, an edited file is seen by the next `Letters`.
    """

    def __init__(self, folders: Sequence[Path], languages: tuple[str, ...]) -> None:
        self._folders = tuple(folders)
        self._languages = languages
        self._found: dict[tuple[str, str], tuple[Template, str]] = {}
        self._locales: dict[str, Locale] = {}
        self._found_html: dict[tuple[str, str], Template | None] = {}
        self._versions: dict[tuple[str, str], str] = {}

    def ids(self, language: str) -> frozenset[str]:
        """The mails that have a template in this language."""
        files = (file for folder in self._folders for file in (folder / "mail" / language).glob(f"*{_SUFFIX}"))
        return frozenset(file.name.removesuffix(_SUFFIX) for file in files) - {LETTER}

    def language_of(self, mail: str, language: str) -> str:
        """The language that a mail is written in where this one is wanted: itself, or the fallback.

        Raises:
            NotFound, WrongInput: as `variables`.
        """
        return self._template(mail, language)[1]

    def version(self, mail: str, language: str) -> str:
        """The SHA-256 of the file that a mail's own text is written with in this language: which wording it was.

        Raises:
            NotFound, WrongInput: as `variables`.
        """
        if (mail, language) not in self._versions:
            template, _ = self._template(mail, language)
            self._versions[mail, language] = hashlib.sha256(Path(template.filename or "").read_bytes()).hexdigest()
        return self._versions[mail, language]

    def variables(self, mail: str, language: str) -> frozenset[str]:
        """The top-level names that a mail's template uses; those of the letter around it are `variables(LETTER, …)`.

        Raises:
            NotFound: `unknown_mail_text`, when it is missing in this language and in the fallback.
            WrongInput: `template_error`.
        """
        template, language = self._template(mail, language)
        environment = _environment(self._folders, self._locale(language))
        own = self._html(mail, language) if mail != LETTER else None
        return _names(environment, template) | (_names(environment, own) if own else frozenset())

    def layout_variables(self, language: str) -> frozenset[str]:
        """The top-level names that the HTML around every letter uses, and the templates of its blocks.

        Raises:
            NotFound, WrongInput: as `html`.
        """
        environment = _environment(self._folders, self._locale(language), html=True)
        one = self._layout(_BLOCK, language)
        for macro in ("block", "line"):
            if not hasattr(one.module, macro):
                raise WrongInput("template_error", template=one.filename, line=1, problem=f"macro {macro} is missing")
        return _names(environment, self._layout(LETTER, language)) | _names(environment, one)

    def render(self, mail: str, language: str, context: Mapping[str, Any]) -> Part:
        """A mail's own subject and body, in this language or, flagged, in the fallback.

        Raises:
            NotFound: `unknown_mail_text`, when it is missing in both.
            WrongInput: `template_error` with `template` (the file), `line` and `problem`.
        """
        template, found = self._template(mail, language)
        text = _text(template, context)
        return Part(text.subject, text.body.strip("\n"), found, found != language, _year(context))

    def letter(self, parts: Sequence[Part], language: str, context: Mapping[str, Any]) -> Text:
        """One letter of several mails: reference, greeting, the bodies one after the other, closing and notice.

        The letter's template gets `parts` beside the context, which holds `reference` (`IP-2026-017`, or None).

        Raises:
            NotFound, WrongInput: as `render`.
        """
        template, _ = self._template(LETTER, language)
        return _text(template, {**context, "parts": tuple(parts)})

    def own_html(self, mail: str, language: str, context: Mapping[str, Any]) -> str | None:
        """A mail's body as HTML where somebody wrote one beside the text that `render` took; None where nobody did.

        Raises:
            WrongInput: `template_error`.
        """
        template = self._html(mail, self._template(mail, language)[1])
        return None if template is None else _block(template, "body", context)

    def html(self, language: str, blocks: Sequence[Hashable], context: Mapping[str, Any]) -> str:
        """The HTML of a letter on the one base layout, a language's own or the one for all. What it is given is escaped.

        `blocks` are the letter's, each of `outbox.rules.blocks` or, where a mail brings its own, HTML already. The context
        holds `subject`, `plan` and `city`.

        Raises:
            NotFound: `unknown_mail_text`, when there is none.
            WrongInput: `template_error`.
        """
        layout, one = self._layout(LETTER, language), self._layout(_BLOCK, language)
        written = [block if isinstance(block, str) else _shown(one, block) for block in blocks]
        spoken = self._locale(self._template(LETTER, language)[1]).language  # easy German is read out as German
        return _filled(layout, {**context, "written": written, "lang": spoken})

    def text(self, name: str, context: Mapping[str, Any]) -> str:
        """Any other template, by its path below the folders; a part of the path that is a language sets its dates'.

        Raises:
            NotFound: `unknown_template`.
            WrongInput: `template_error`.
        """
        language = next((part for part in PurePosixPath(name).parts if part in self._languages), self._languages[0])
        template = self._load(name, language)
        if template is None:
            raise NotFound("unknown_template", template=name)
        return _clean(_filled(template, context))

    def sentences(self, name: str, context: Mapping[str, Any]) -> "Sentences":
        """The macros of a template, each a sentence of its language, by its path below the folders; the context is theirs.

        Raises:
            NotFound: `unknown_template`.
            WrongInput: `template_error`.
        """
        language = next((part for part in PurePosixPath(name).parts if part in self._languages), self._languages[0])
        template = self._load(name, language)
        if template is None:
            raise NotFound("unknown_template", template=name)
        return Sentences(template, context)

    def _layout(self, name: str, language: str) -> Template:
        """What stands around or in every letter in HTML: the language's own, the first language's, else the one for all."""
        for each in (language, self._languages[0], ""):
            if template := self._html(name, each):
                return template
        raise NotFound("unknown_mail_text", mail=name, language=language)

    def _template(self, mail: str, language: str) -> tuple[Template, str]:
        if (mail, language) not in self._found:
            self._found[mail, language] = self._look_for(mail, language)
        return self._found[mail, language]

    def _look_for(self, mail: str, language: str) -> tuple[Template, str]:
        for each in dict.fromkeys((language, self._languages[0])):
            if template := self._load(f"mail/{each}/{mail}{_SUFFIX}", each):
                return template, each
        raise NotFound("unknown_mail_text", mail=mail, language=language)

    def _html(self, mail: str, language: str) -> Template | None:
        """A mail's HTML in a language; without one, what stands for all languages."""
        if (mail, language) not in self._found_html:
            name = f"mail/{language}/{mail}{_HTML}" if language else f"mail/{mail}{_HTML}"
            self._found_html[mail, language] = self._load(name, language)
        return self._found_html[mail, language]

    def _load(self, name: str, language: str) -> Template | None:
        first = next((folder / name for folder in self._folders if (folder / name).is_file()), None)
        if first is None:
            return None
        environment = _environment(self._folders, self._locale(language), name.endswith(_HTML))
        try:
            template = environment.get_template(name)
            if template.filename != str(first) and environment.cache is not None:
                environment.cache.clear()  # a file that came after the one further down had been read goes before it
                template = environment.get_template(name)
            return template
        except TemplateNotFound:
            return None
        except TemplateSyntaxError as error:
            file, problem = error.filename or name, error.message or ""
            raise WrongInput("template_error", template=file, line=error.lineno, problem=problem) from error
        except UnicodeDecodeError as error:
            raise WrongInput("template_error", template=name, line=1, problem=str(error)) from error

    def _locale(self, language: str) -> Locale:
        if language not in self._locales:
            self._locales[language] = self._locale_for(language)
        return self._locales[language]

    def _locale_for(self, language: str) -> Locale:
        for each in (language, self._languages[0]):  # easy German, say, is no locale of its own
            try:
                return Locale.parse(_LOCALES.get(each, each))
            except (UnknownLocaleError, ValueError):
                continue
        raise WrongInput("no_locale", language=self._languages[0])


@cache
def _environment(folders: tuple[Path, ...], locale: Locale, html: bool = False) -> ImmutableSandboxedEnvironment:
    """One environment a list of folders, locale and kind: a new one for every mail would be seventy times slower."""
    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        undefined=StrictUndefined,
        autoescape=html,  # by what it is for: `select_autoescape` looks at the last suffix only, which is j2
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=1000,
    )
    environment.filters["date_long"] = lambda day: format_date(_day(day), "full", locale)
    environment.filters["date_short"] = lambda day: format_date(_day(day), "medium", locale)
    return environment


@lru_cache(maxsize=2000)  # most blocks of a batch are the same for all, and blocks are the dearest part of a letter
def _shown(template: Template, block: Any) -> str:
    return _macro(template, "block", block, [_line(template, line) for line in block.lines])


@lru_cache(maxsize=4000)  # of a block that names its reader most lines do not
def _line(template: Template, line: Hashable) -> str:
    return _macro(template, "line", line)


def _macro(template: Template, name: str, *given: Any) -> Markup:
    """What a macro of a template makes of this; its text is HTML already."""
    try:
        return Markup(getattr(template.module, name)(*given).strip("\n"))
    except Exception as error:
        raise _wrong(template, error) from error


@lru_cache(maxsize=1000)
def _names(environment: ImmutableSandboxedEnvironment, template: Template) -> frozenset[str]:
    """The names that a template uses. Parsing it takes longer than filling it; a file that was edited is a new template."""
    source = Path(template.filename or "").read_text(encoding="utf-8")
    return frozenset(find_undeclared_variables(environment.parse(source)))


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):  # an instant's day depends on the time zone
        return value
    raise TypeError(f"a day is needed, not {value!r}")


def _text(template: Template, context: Mapping[str, Any]) -> Text:
    subject = " ".join(_block(template, "subject", context).split())
    return Text(subject, _block(template, "body", context))


def _filled(template: Template, context: Mapping[str, Any]) -> str:
    try:  # not `render`, which puts frames of its own in place of those that know the line
        return "".join(template.root_render_func(template.new_context(dict(context))))
    except Exception as error:
        raise _wrong(template, error) from error


def _block(template: Template, name: str, context: Mapping[str, Any]) -> str:
    if name not in template.blocks:
        raise WrongInput("template_error", template=template.filename, line=1, problem=f"block {name} is missing")
    try:
        return _clean("".join(template.blocks[name](template.new_context(dict(context)))))
    except Exception as error:
        raise _wrong(template, error) from error


def _clean(text: str) -> str:
    """No spaces at the ends of lines, no two empty lines in a row, none at the top, one line break at the end."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"


def _wrong(template: Template, error: Exception) -> WrongInput:
    """The error with the innermost line of a template in which it happened (Jinja keeps the template in the frame)."""
    file, line = template.filename, 1
    step = error.__traceback__
    while step is not None:
        inside = step.tb_frame.f_globals.get("__jinja_template__")
        if isinstance(inside, Template):
            file, line = inside.filename, inside.get_corresponding_lineno(step.tb_lineno)
        step = step.tb_next
    return WrongInput("template_error", template=file, line=line, problem=str(error))


def _year(context: Mapping[str, Any]) -> str:
    cycle = context.get("cycle")
    label = cycle.get("label") if isinstance(cycle, Mapping) else getattr(cycle, "label", None)
    return "" if label is None else str(label)
