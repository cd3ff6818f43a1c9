"""share2post: moves Python code from TikTok's retired Share Video API to the Content Posting API."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from share2post.api import Finding, Fix, Migrated, Reason, Settings, migrate_source

__all__ = ["Finding", "Fix", "Migrated", "Reason", "Settings", "migrate_source"]


def __getattr__(name: str) -> object:
    """Import the API when it is used: a clean run of the command needs nothing of it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from share2post import api

    return getattr(api, name)
