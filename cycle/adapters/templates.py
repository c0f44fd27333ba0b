"""The templates that a person reads: which there are, in which language, and what a letter is made of (`jinja` fills them).

Templates are edited by people outside of this code: they run in a sandbox, and what is misspelt is an error.
"""

import hashlib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from babel import Locale, UnknownLocaleError
from jinja2 import Template, TemplateNotFound, TemplateSyntaxError

from cycle.adapters.jinja import block_of, cleaned, environment_of, filled, names_in, shown, told_by_jinja, wrong
from cycle.errors import Key, NotFound, WrongInput

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
            raise wrong(template, error) from error

    def tell(self, name: str, *facts: Any) -> str:
        """One sentence; nothing where the template has nothing to say. Raises WrongInput `template_error`."""
        try:
            return " ".join(str(getattr(self._macros, name)(*facts)).split())
        except Exception as error:
            raise wrong(self._template, error) from error


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
        own = self._html(mail, language) if mail != LETTER else None
        return names_in(template) | (names_in(own) if own else frozenset())

    def layout_variables(self, language: str) -> frozenset[str]:
        """The top-level names that the HTML around every letter uses, and the templates of its blocks.

        Raises:
            NotFound, WrongInput: as `html`.
        """
        one = self._layout(_BLOCK, language)
        for macro in ("block", "line"):
            if not hasattr(one.module, macro):
                raise WrongInput("template_error", template=one.filename, line=1, problem=Key("template.no_macro", name=macro))
        return names_in(self._layout(LETTER, language)) | names_in(one)

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
        return None if template is None else block_of(template, "body", context)

    def html(self, language: str, blocks: Sequence[Hashable], context: Mapping[str, Any]) -> str:
        """The HTML of a letter on the one base layout, a language's own or the one for all. What it is given is escaped.

        `blocks` are the letter's, each of `outbox.rules.blocks` or, where a mail brings its own, HTML already. The context
        holds `subject`, `plan` and `city`.

        Raises:
            NotFound: `unknown_mail_text`, when there is none.
            WrongInput: `template_error`.
        """
        layout, one = self._layout(LETTER, language), self._layout(_BLOCK, language)
        written = [block if isinstance(block, str) else shown(one, block) for block in blocks]
        spoken = self._locale(self._template(LETTER, language)[1]).language  # easy German is read out as German
        return filled(layout, {**context, "written": written, "lang": spoken})

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
        return cleaned(filled(template, context))

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
        environment = environment_of(self._folders, self._locale(language), name.endswith(_HTML))
        try:
            template = environment.get_template(name)
            if template.filename != str(first) and environment.cache is not None:
                environment.cache.clear()  # a file that came after the one further down had been read goes before it
                template = environment.get_template(name)
            return template
        except TemplateNotFound:
            return None
        except TemplateSyntaxError as error:
            file, problem = error.filename or name, told_by_jinja(error.message or "")
            raise WrongInput("template_error", template=file, line=error.lineno, problem=problem) from error
        except UnicodeDecodeError as error:
            raise WrongInput("template_error", template=name, line=1, problem=Key("template.not_utf8")) from error

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


def _text(template: Template, context: Mapping[str, Any]) -> Text:
    subject = " ".join(block_of(template, "subject", context).split())
    return Text(subject, block_of(template, "body", context))


def _year(context: Mapping[str, Any]) -> str:
    cycle = context.get("cycle")
    label = cycle.get("label") if isinstance(cycle, Mapping) else getattr(cycle, "label", None)
    return "" if label is None else str(label)
