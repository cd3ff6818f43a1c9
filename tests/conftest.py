"""What all tests share: the option that rewrites the goldens, and the way to the helpers in this folder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


def pytest_addoption(parser: pytest.Parser) -> None:
    """``pytest --update-fixtures`` writes after.py and change.diff from what the tool does."""
    parser.addoption(
        "--update-fixtures", action="store_true", help="rewrite the goldens from what the tool does"
    )


@pytest.fixture
def update_fixtures(request: pytest.FixtureRequest) -> bool:
    """Whether the goldens are to be rewritten."""
    return bool(request.config.getoption("--update-fixtures"))
