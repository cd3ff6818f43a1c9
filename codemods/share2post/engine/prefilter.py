"""The cheap no: a file without any of TikTok's old names is no candidate."""

from __future__ import annotations

from share2post.tiktok import STRONG_NEEDLES


def is_candidate(data: bytes) -> bool:
    """Whether a file holds a name that only the retired API has."""
    return any(needle in data for needle in STRONG_NEEDLES)
