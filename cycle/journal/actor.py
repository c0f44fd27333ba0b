"""Who acts, as the journal names them: a random reference, the role used, the way in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """`ref` is "p:" and 128 random bits, or "service"; `role` the role that allowed it; `via` cli or service."""

    ref: str
    role: str
    via: str = "cli"


SERVICE = Actor(ref="service", role="service", via="service")
