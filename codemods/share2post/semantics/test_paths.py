"""Which files hold tests, by the names that test runners look for."""

from __future__ import annotations

import re
from typing import Final

_TESTS: Final = re.compile(r"(^|/)(tests?/.*|test_[^/]*|[^/]*_test|conftest)\.py$|(^|/)tests?\.py$")


def is_test_path(path: str) -> bool:
    """``tests/...``, ``test_x.py``, ``x_test.py``, ``conftest.py``."""
    return bool(_TESTS.search(path))


def is_conftest(path: str) -> bool:
    """Whether a file's fixtures are used without an import."""
    return path.rpartition("/")[2] == "conftest.py"
