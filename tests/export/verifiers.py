"""The two verifiers that go along with an export, run as an auditor runs them; and ways to write its lines anew."""

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cycle.app.places import data_root
from cycle.journal.form import NO_HASH, body_sha256, canonical, header, leaf

PROGRAMS = {"perl": "verify.pl", "node": "verify.mjs"}
Lines = list[dict[str, Any]]


@dataclass(frozen=True)
class Answer:
    """What a verifier said."""

    code: int
    out: str
    err: str


def verifier(language: str) -> Callable[..., Answer]:
    """The shipped verifier of a language. Skips the test, with the reason, where the language is not installed."""
    if shutil.which(language) is None:
        pytest.skip(f"{language} is not installed here, so {PROGRAMS[language]} cannot be run")
    program = data_root() / "templates" / "export" / PROGRAMS[language]

    def check(folder: Path, *anchors: str | Path) -> Answer:
        told = subprocess.run([language, program, folder, *anchors], capture_output=True, text=True, timeout=60, check=False)
        return Answer(told.returncode, told.stdout, told.stderr)

    return check


def read(folder: Path) -> Lines:
    """The lines of an export."""
    return [json.loads(line) for line in (folder / "events.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]


def write(folder: Path, lines: Lines) -> None:
    """Put other lines in their place."""
    (folder / "events.jsonl").write_text("".join(f"{exact(line)}\n" for line in lines), encoding="utf-8")


def exact(line: Any) -> str:
    """A line as an export writes it."""
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def sealed(line: dict[str, Any]) -> dict[str, Any]:
    """The line with the hash that fits what else stands there."""
    said = line.get("body_sha256") or body_sha256(line["body"])
    return line | {"hash": leaf(header(line["seq"], line["prev"], said))}


def chained(lines: Lines) -> Lines:
    """The lines numbered and hashed anew from the first to the last, as somebody would who can write the whole journal."""
    found: Lines = []
    for seq, line in enumerate(lines, start=1):
        found.append(sealed(line | {"seq": seq, "prev": found[-1]["hash"] if found else NO_HASH}))
    return found


def told(line: dict[str, Any]) -> dict[str, Any]:
    """What an entry says."""
    body: dict[str, Any] = json.loads(line["body"])
    return body


def telling(line: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """The line with another body, in canonical form; its hash is left as it is."""
    return line | {"body": canonical(told(line) | facts)}
