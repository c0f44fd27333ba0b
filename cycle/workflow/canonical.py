"""The canonical text of a workflow: what is pinned to a cycle, and named by its SHA-256.

RFC 8785 in the journal's narrow profile: sorted keys, no spaces, no decimals, text in NFC. Two files that mean the same
have the same text, whatever their comments, order of keys or spelling of a rule.
"""

import hashlib
import json

from pydantic import ValidationError

from cycle.errors import Broken
from cycle.workflow.model import Workflow


def canonical_text(workflow: Workflow) -> str:
    """The workflow as one line of canonical JSON; `from_canonical` gives the same workflow back."""
    values = workflow.model_dump(mode="json", by_alias=True)
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256_of(text: str) -> str:
    """The SHA-256 of a canonical text (UTF-8), in 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def from_canonical(text: str) -> Workflow:
    """The workflow of a pinned text. Names are not checked again: the text was loaded once.

    Raises:
        Broken: the text is no workflow, so somebody changed it or a newer version wrote it; `problems` are the places.
    """
    try:
        return Workflow.model_validate_json(text)
    except ValidationError as error:
        problems = [".".join(map(str, each["loc"])) for each in error.errors(include_url=False)]
        raise Broken("workflow_text_broken", sha256=sha256_of(text), problems=problems) from None
