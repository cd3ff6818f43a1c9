"""The HTTP clients the tool speaks, one module each."""

from __future__ import annotations

from typing import Final

from share2post.dialects import (
    aiohttp,
    http_client,
    httpx,
    niquests,
    requests,
    toolbelt,
    tornado,
    urllib3,
    urllib_request,
)
from share2post.protocols import Dialect


def _all(*dialects: Dialect) -> tuple[Dialect, ...]:
    """Has the type checker hold each module against the protocol, by name."""
    return dialects


DIALECTS: Final = _all(
    toolbelt, requests, httpx, aiohttp, niquests, urllib3, tornado, urllib_request, http_client
)
