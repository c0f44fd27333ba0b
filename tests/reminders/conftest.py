"""The town before and after its survey went out."""

from typing import Any

import pytest
from small_town import settle
from survey_of_small_town import ask


@pytest.fixture
def town(cycle: Any) -> Any:
    """The town with 2025 open; nothing has been mailed."""
    return settle(cycle)


@pytest.fixture
def asked(town: Any) -> Any:
    """The town after the survey went out; nobody has answered."""
    return ask(town)
