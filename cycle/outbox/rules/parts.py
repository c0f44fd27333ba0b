"""The MIME parts of a mail: quoted-printable text, base64 attachments, and the boundaries between them."""

import binascii
import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

_BREAKS = re.compile(r"\r\n?")
_OVERLONG = re.compile(rb"(?m)^([^\r\n]{74,})(=20|=09)(?=\r$)")  # b2a_qp forgets to count a space that ends a line
_BASE64_BYTES = 57  # make lines of 76 characters


def text_part(kind: str, text: str) -> bytes:
    """A text with its content headers: ASCII, CRLF, lines of at most 76 characters, one line break at its end."""
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    lines = _BREAKS.sub("\n", text) if "\r" in text else text
    return head.encode("ascii") + b"".join(map(_quoted, lines.rstrip("\n").split("\n")))


@lru_cache(maxsize=4000)  # most lines of a batch are the same for all, those of the HTML around a letter above all
def _quoted(line: str) -> bytes:
    quoted = binascii.b2a_qp(f"{line}\r\n".encode(), istext=True)
    if quoted.endswith((b"=20\r\n", b"=09\r\n")):
        quoted = _OVERLONG.sub(rb"\1=\r\n\2", quoted)
    return quoted


def attached_part(kind: str, name: str, content: bytes) -> bytes:
    """A file with its content headers; `name` is ASCII without quotation marks."""
    head = (
        f'Content-Type: {kind}; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'
    )
    starts = range(0, len(content), _BASE64_BYTES)
    lines = [binascii.b2a_base64(content[at : at + _BASE64_BYTES], newline=False) for at in starts]
    return head.encode("ascii") + b"\r\n".join(lines) + b"\r\n"


def multipart(kind: str, message_id: str, parts: Sequence[bytes]) -> bytes:
    """Several parts as one, `kind` alternative or mixed. A mail built again has the same boundaries.

    `=_` occurs neither in quoted-printable nor in base64, so no part can hold the boundary by accident.
    """
    boundary = f"=_{kind[0]}{hashlib.sha256(message_id.encode()).hexdigest()[:32]}"
    head = f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'
    between = f"--{boundary}\r\n".encode("ascii")
    inside = b"".join(between + part + b"\r\n" for part in parts)
    return head.encode("ascii") + inside + f"--{boundary}--\r\n".encode("ascii")
