"""The version, where starting does not have to look for it in the installed metadata."""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.1.0"
