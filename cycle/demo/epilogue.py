"""After the story: some partners fill in the form that came with their reminder, and the coordinator reads the folder.

The forms are taken from the mails as they lie in the sandbox, and filled in as a spreadsheet would: only input cells change.
"""

import re
import shlex
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from email import message_from_bytes
from email.policy import SMTP
from functools import partial
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

from cycle.adapters.tables.books import SUFFIXES, Book, read_books
from cycle.errors import CycleError

MOMENT = datetime.fromisoformat("2026-03-05T10:00:00+01:00")
FOLDER = "ruecklauf_2026"
# Who answers, and what: by partner the cells to fill, each a column and a line of the form. A column is "+1" for the first
# new project, "#" for the first that the form knows, "" for what is asked once.
ANSWERS: Mapping[int, Mapping[tuple[str, str], str | int]] = {
    2: {},
    28: {("#", "status"): "pausiert", ("", "missing"): "Kinderbetreuung während der Kurse"},
    35: {("+1", "title"): "Homework club", ("+1", "fields_1"): "Education", ("+1", "target_groups_1"): "Youth",
         ("+1", "status"): "Running", ("+1", "amount"): "ca. 2.400 €"},
    43: {("", "none"): "ja, kein Projekt"},
    48: {("+1", "title"): "Lesepaten in der Kita", ("+1", "fields_1"): "Bildung", ("+1", "target_groups_1"): "Kinder",
         ("+1", "status"): "geplant", ("+1", "amount"): 800},
}  # fmt: skip
_SHEET = "xl/worksheets/sheet1.xml"
_ANSWER_COLUMN = 3


def answer_forms(home: Path) -> str:
    """Fill in the forms of those who answer, from the mails of a sandbox, into a folder; the command line that reads it."""
    folder = home / FOLDER
    folder.mkdir()
    forms = dict(_forms_in(home / "mail"))
    files = {number: folder / f"Antwort {number}.xlsx" for number in ANSWERS}
    for number, file in files.items():
        file.write_bytes(forms[number])
    for (number, answers), book in zip(ANSWERS.items(), read_books(list(files.values())), strict=True):
        if isinstance(book, CycleError):
            raise book
        files[number].write_bytes(_filled(files[number], book, answers))
    return f"cycle survey import 2026 {shlex.quote(str(folder))}"


def _forms_in(mails: Path) -> Iterator[tuple[int, bytes]]:
    """The form of each partner in the mails that were sent, a later one after an earlier one."""
    for mail in sorted((each for each in mails.rglob("*") if each.is_file()), key=lambda each: each.name):
        for part in message_from_bytes(mail.read_bytes(), policy=SMTP).iter_attachments():
            name = str(part.get_filename())
            number = re.search(r"-2026-.*-([0-9]+)\.xlsx$", name)
            if number and name.endswith(SUFFIXES):
                yield int(number[1]), bytes(part.get_payload(decode=True) or b"")


def _filled(file: Path, book: Book, answers: Mapping[tuple[str, str], str | int]) -> bytes:
    """The workbook with these cells filled, all else byte for byte as it was."""
    rows = next(iter(book.sheets.values()))
    lines = {row[0]: at for at, row in enumerate(rows) if row and row[0]}
    columns = {name: at for at, name in enumerate(rows[lines["column"]]) if name}
    with zipfile.ZipFile(file) as archive:
        parts = {each.filename: archive.read(each) for each in archive.infolist()}
    text = parts[_SHEET].decode("utf-8")
    for (column, line), value in answers.items():
        at = next((at for name, at in columns.items() if str(name).startswith(column or "?")), _ANSWER_COLUMN)
        place = f"{_letter(at)}{lines[line] + 1}"
        held = f"<v>{value}</v>" if isinstance(value, int) else f"<is><t>{escape(value)}</t></is>"
        kind = "" if isinstance(value, int) else ' t="inlineStr"'
        cell = re.compile(rf'<c r="{place}"( s="\d+")?[^>]*?(?:/>|>.*?</c>)')
        text = cell.sub(partial(_with, place, kind, held), text)
    parts[_SHEET] = text.encode("utf-8")
    memory = BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return memory.getvalue()


def _with(place: str, kind: str, held: str, found: re.Match[str]) -> str:
    return f'<c r="{place}"{found[1] or ""}{kind}>{held}</c>'


def _letter(column: int) -> str:
    return chr(ord("A") + column) if column < 26 else _letter(column // 26 - 1) + _letter(column % 26)
