"""Does a mail server answer there: whoever speaks SMTP greets first, with 220 (RFC 5321, 3.1 and 4.2)."""

import socket
import ssl
from contextlib import closing
from typing import Any

LONGEST = 80


def no_greeting(host: str, port: int, *, tls: bool, seconds: int) -> tuple[str, dict[str, Any]] | None:
    """What was met in place of a greeting, as the key of a sentence with its facts; None where a mail server greets.

    `tls`: the connection is encrypted from its beginning.

    Raises:
        OSError: if nothing answers at all.
    """
    with closing(socket.create_connection((host, port), timeout=seconds)) as plain:
        try:
            wire = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if tls else plain
            with closing(wire):
                said = wire.recv(512)
        except TimeoutError:
            return "smtp.silent", {"seconds": seconds}
        except ssl.SSLError:
            return "smtp.no_tls", {}
        except ConnectionError:
            return "smtp.closed", {}
    if said.startswith((b"220 ", b"220-")):
        return None
    if not said:
        return "smtp.closed", {}
    line = said.splitlines()[0] if said.splitlines() else b""
    told = "".join(letter if letter.isprintable() else "·" for letter in line.decode("ascii", "replace"))
    return "smtp.said", {"said": told[:LONGEST]}
