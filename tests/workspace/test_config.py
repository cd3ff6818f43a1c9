"""``[tool.share2post]``."""

from __future__ import annotations

from pathlib import Path

import pytest

from share2post.settings import Settings
from share2post.workspace.config import ConfigError, configuration


def test_every_key(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        "[tool.share2post]\n"
        'select = ["S2P001"]\nignore = ["S2P101"]\ninclude = ["*.py"]\nexclude = ["a/"]\nextend-exclude = ["b/"]\n'
        "force-exclude = true\nunsafe-fixes = true\n"
    )

    assert configuration(str(tmp_path)).settings == Settings(
        select=("S2P001",),
        ignore=("S2P101",),
        include=("*.py",),
        exclude=("a/",),
        extend_exclude=("b/",),
        force_exclude=True,
        unsafe_fixes=True,
    )


def test_the_nearest_file_with_a_table_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.share2post]\nunsafe-fixes = true\n")
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.other]\nshare2post = 1\n")

    assert configuration(str(inner)).settings.unsafe_fixes
    assert configuration(str(inner)).path == str(tmp_path / "pyproject.toml")


def test_no_file_is_no_configuration(tmp_path: Path) -> None:
    assert configuration(str(tmp_path)).settings == Settings()


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("selekt = []", "unknown key 'selekt' in .*the known keys are select, ignore, include"),
        ("extend_exclude = []", "unknown key 'extend_exclude'"),
        ("select = 'S2P'", "select has to be a list of strings"),
        ("select = [1]", "select has to be a list of strings"),
        ("unsafe-fixes = 'yes'", "unsafe-fixes has to be true or false"),
        ("select = [", "not valid TOML"),
        ("select = ['E501']", "no rule is called 'E501'"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, table: str, complaint: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.share2post]\n{table}\n")

    with pytest.raises(ConfigError, match=complaint):
        configuration(str(tmp_path))


def test_share2post_has_to_be_a_table(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool]\nshare2post = 1\n")

    with pytest.raises(ConfigError, match="has to be a table"):
        configuration(str(tmp_path))
