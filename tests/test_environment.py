"""The clients under test are the ones that users have."""

from __future__ import annotations

import importlib.metadata

import urllib3


def test_urllib3_is_urllib3() -> None:
    """niquests brings urllib3-future, which puts itself in urllib3's place unless it is told not to."""
    assert urllib3.__version__ == importlib.metadata.version("urllib3"), (
        "urllib3-future has replaced urllib3, so its dialect would be tested against another client; "
        "make a fresh environment with the second command of README.md's set-up"
    )
