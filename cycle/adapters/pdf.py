"""Prints a page of HTML as PDF. The one door to WeasyPrint, which is an extra and loaded only when it is asked for.

The PDF is tagged (PDF/UA-1, ISO 14289-1). What is not given is not invented: the same page and files give the same bytes.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib import import_module
from typing import Any

from cycle.errors import NotReady

_LIBRARY = "weasyprint"


@dataclass(frozen=True)
class Attached:
    """A file inside the PDF."""

    name: str
    description: str
    content: bytes
    made_at: datetime


def printed(html: str, attached: Sequence[Attached] = ()) -> bytes:
    """The page as PDF/UA-1, its dates and title those of the page's head. Nothing outside the page is fetched.

    Raises:
        NotReady: `pdf_not_installed`, when the extra or one of the system's libraries is missing.
    """
    library = _loaded()
    document = library.HTML(string=html, url_fetcher=library.URLFetcher(allowed_protocols=("data",)))
    files = [
        library.Attachment(
            string=each.content,
            name=each.name,
            description=each.description,
            created=each.made_at,
            modified=each.made_at,
            relationship="Data",
        )
        for each in attached
    ]
    told: bytes = document.write_pdf(
        pdf_variant="pdf/ua-1",
        pdf_identifier=sha256(html.encode()).digest()[:16],
        attachments=files,
    )
    return told


def _loaded() -> Any:
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    try:
        library = import_module(_LIBRARY)
    except (ImportError, OSError) as error:  # OSError: the wheel is there, Pango is not
        raise NotReady("pdf_not_installed") from error
    logging.getLogger(_LIBRARY).setLevel(logging.ERROR)
    return library
