"""When what did not go is tried again: one mail after a temporary refusal, everything after trouble with the relay."""

import hashlib
from datetime import timedelta

FIRST_RETRY_SECONDS = 5 * 60
LONGEST_RETRY_SECONDS = 24 * 60 * 60
JITTER_PARTS = 5  # up to a fifth more, so that what was refused together does not come back together
FIRST_REST_SECONDS = 60
LONGEST_REST_SECONDS = 30 * 60
_DOUBLINGS = 20  # more than enough for either limit


def retry_after(mail_id: int, attempt: int) -> timedelta:
    """How long a mail waits after its `attempt`-th temporary refusal (from 1): 5, 10, 20, 40 … minutes, at most a day, and
    up to a fifth more; for the same mail and attempt always the same."""
    seconds = min(FIRST_RETRY_SECONDS * 2 ** min(attempt - 1, _DOUBLINGS), LONGEST_RETRY_SECONDS)
    drawn = int.from_bytes(hashlib.sha256(f"{mail_id}/{attempt}".encode()).digest()[:4], "big")
    return timedelta(seconds=seconds + drawn % (seconds // JITTER_PARTS + 1))


def rest_after(failures: int) -> timedelta:
    """How long a relay is left alone after so many failures in a row (from 1): 1, 2, 4 … 30 minutes."""
    return timedelta(seconds=min(FIRST_REST_SECONDS * 2 ** min(failures - 1, _DOUBLINGS), LONGEST_REST_SECONDS))
