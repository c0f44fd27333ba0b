"""Tells who watches the service that it is well: one GET, of which nothing is kept."""

from urllib.error import URLError
from urllib.request import urlopen

SECONDS = 5


def ping(url: str) -> bool:
    """Whether the address answered. Never an error: a watcher that is away must not stop who is watched."""
    try:
        with urlopen(url, timeout=SECONDS):  # the settings take nothing but http and https
            return True
    except (URLError, OSError, ValueError):
        return False
