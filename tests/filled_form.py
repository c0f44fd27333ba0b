"""A survey form as its reader has it: opened, filled in and saved by a library that is not the one that wrote it."""

import re
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import SMTP as POLICY
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

ANSWER_COLUMN = 4  # of what is asked once

NEW = {
    "title": "Lesepatinnen",
    "fields_1": "Bildung",
    "target_groups_1": "Kinder",
    "target_groups_2": "Senioren",
    "status": "geplant",
}


class FilledForm:
    """`form["#7", "status"] = "pausiert"`: a project by its number (or +1 for the first new one), a line by its name."""

    def __init__(self, content: bytes) -> None:
        self.book = openpyxl.load_workbook(BytesIO(content))
        self.sheet: Worksheet = self.book.worksheets[0]

    @property
    def lines(self) -> dict[str, int]:
        """Where each line stands."""
        names = ((self.sheet.cell(row, 1).value, row) for row in range(1, self.sheet.max_row + 1))
        return {str(name): row for name, row in names if name}

    @property
    def columns(self) -> dict[str, int]:
        """Where each project stands."""
        row = self.lines["column"]
        names = ((self.sheet.cell(row, column).value, column) for column in range(2, self.sheet.max_column + 1))
        return {str(name): column for name, column in names if name}

    def __getitem__(self, place: tuple[str, str]) -> Any:
        return self.sheet.cell(self.lines[place[1]], self.columns[place[0]]).value

    def __setitem__(self, place: tuple[str, str], value: Any) -> None:
        self.sheet.cell(self.lines[place[1]], self.columns[place[0]]).value = value

    def once(self, line: str, value: Any) -> None:
        """Answer what is asked once."""
        self.sheet.cell(self.lines[line], ANSWER_COLUMN).value = value

    def add(self, place: str = "+1", **values: Any) -> None:
        """Fill in a new project."""
        for line, value in (NEW | values).items():
            self[place, line] = value

    @property
    def keys(self) -> Iterator[Any]:
        """Every cell that holds the form's key."""
        found = (cell for sheet in self.book.worksheets for row in sheet.iter_rows() for cell in row)
        return (cell for cell in found if isinstance(cell.value, str) and cell.value.startswith("IP-2025-"))

    def save(self, file: Path, saved: bytes | None = None) -> Path:
        """As a spreadsheet would save it; `saved` is when the file says that was."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self.book.save(file)
        if saved is not None:
            rewritten(file, "docProps/core.xml", rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + saved)
        return file


def rewritten(file: Path, part: str, pattern: bytes, to: bytes) -> Path:
    """The same workbook with one of its parts changed, as no spreadsheet would."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = re.sub(pattern, to, parts[part])
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file


def attached(message: bytes) -> dict[str, bytes]:
    """The workbooks that go along with a mail."""
    parts = message_from_bytes(message, policy=POLICY).iter_attachments()  # type: ignore[attr-defined]
    return {part.get_filename(): part.get_payload(decode=True) for part in parts if str(part.get_filename()).endswith(".xlsx")}


PROJECTS = (
    "Nr;Projekttitel;Träger Nr;Kooperation mit Nr;Handlungsfelder;Zielgruppen;Richtung;Beginn;Ende;Status;"
    "Finanzvolumen EUR;Finanzierung;Teilnehmende pro Jahr;Stadtteil;Erhebungsjahr;Bemerkung\r\n"
    "7;Sprachcafé;2;3;Sprache;Frauen | Familien;Zugewanderte;01.09.2023;;laufend;450;Spenden;60;Oststadt;2024;"
    "bitte nachfassen\r\n"
    "8;Nähtreff;2;;Zusammenleben;Frauen;beide;01.02.2022;30.06.2025;laufend;;;12;;2024;\r\n"
    "9;Fahrradkurs;3;;Bildung;Frauen;Zugewanderte;01.05.2024;;laufend;0;;8;;2024;\r\n"
    "5;Längst vorbei;2;;Bildung;Frauen;beide;01.05.2020;31.12.2022;abgeschlossen;0;;8;;2022;\r\n"
)
