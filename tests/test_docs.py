"""What the documents say is so: tables and diffs come from the code, and every command runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

import readme
from programs import UNUSED, repository
from share2post import Fix, Reason, Settings, migrate_source
from share2post.catalogue import RULES
from share2post.version import VERSION
from share2post.workspace.config import FLAGS, LISTS, configuration
from wire import Run, Scenario, run_program
from wire.scenario import ID

ROOT: Final = Path(__file__).parent.parent
SAMPLE: Final = ROOT / "fixtures" / "projects" / "sample"
README: Final = readme.README.read_text(encoding="utf-8")
DOCUMENTS: Final = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "fixtures/README.md")
COMMANDS: Final = [line for line in readme.commands(README) if line not in readme.setup_commands()]
# Whether nothing legacy is left, or to be done, when a command is run on the sample project.
STATUS: Final = {"check": 1, "diff": 1, "fix": 1, "rules": 0, "explain": 0}


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A copy of the sample project that is a repository."""
    copy = tmp_path / "sample"
    shutil.copytree(SAMPLE / "clipdesk", copy / "clipdesk", ignore=shutil.ignore_patterns("__pycache__"))
    repository(copy)
    return copy


def shell(command: str, directory: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as a person would, with the tool of this environment on the path."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        ["bash", "-c", command],
        cwd=directory,
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path},
        check=False,
    )


def test_the_generated_parts_of_the_readme_are_up_to_date() -> None:
    assert readme.generated(README) == README, "run: python tests/readme.py --write"


def test_set_up_takes_two_commands() -> None:
    first, second = readme.setup_commands()

    assert "share2post diff fixtures/projects/sample" in first
    assert "share2post diff ." in first
    assert "pytest" in second


def test_ci_runs_the_commands_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert "tests/readme.py --setup" in script
    assert 'bash -c "$install"' in script
    assert 'bash -c "$test_it"' in script


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_runs(sample: Path, command: str) -> None:
    done = shell(command, sample)
    # In a pipe git speaks last; standard input is one module, and nothing in it is left for a person.
    expected = 0 if "|" in command or " - " in command else STATUS[command.split()[1]]

    assert done.returncode == expected, done.stderr
    assert "Usage:" not in done.stderr
    assert "error:" not in done.stderr


def test_applying_the_patch_is_fixing(sample: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(sample, other)

    shell("share2post diff | git apply", sample)
    shell("share2post fix", other)

    assert contents(sample) == contents(other)
    assert contents(sample) != contents(SAMPLE)


def test_the_hooks_and_versions_the_readme_names_exist() -> None:
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    named = set(re.findall(r"share2post-\w+", README))

    assert named == set(re.findall(r"^- id: (\S+)$", hooks, re.MULTILINE))
    assert set(re.findall(r"v\d+\.\d+\.\d+", README)) == {f"v{VERSION}"}


def test_the_ci_example_ends_with_a_command_that_is_tested() -> None:
    steps = re.findall(r"- run: (.*)", README)

    assert steps[-1] in COMMANDS


def test_the_configuration_of_the_readme_is_complete(tmp_path: Path) -> None:
    block = re.search(r"^```toml\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    assert block is not None
    (tmp_path / "pyproject.toml").write_text(block[1])

    settings = configuration(str(tmp_path)).settings

    assert re.findall(r"^(\S+) = ", block[1], re.MULTILINE) == [*LISTS, *FLAGS]
    assert settings.ignore == ("S2P101",)


def test_the_suppression_of_the_readme_silences() -> None:
    block = re.search(r"^```python\n(# share2post: .*?)^```$", README, re.DOTALL | re.MULTILINE)
    assert block is not None
    code = (
        'import requests\n\nMIRROR_URL = "https://open-api.tiktok.com/share/video/upload/"\nvideo = b""\n'
        + block[1]
    )

    findings = migrate_source(code.encode()).findings

    assert any(finding.rule == "S2P001" and finding.suppressed for finding in findings)
    assert not any(finding.fixed for finding in findings)
    assert not any(finding.reason is Reason.UNUSED_SUPPRESSION for finding in findings)


def test_the_comment_of_the_readme_is_what_is_written() -> None:
    block = re.search(r"^```python\n(# TODO.*?)^```$", README, re.DOTALL | re.MULTILINE)
    assert block is not None

    after = migrate_source(UNUSED.encode(), Settings(annotate=True)).after

    assert after.decode() == block[1] + UNUSED


@pytest.mark.parametrize("fix", list(Fix))
def test_every_kind_of_fix_is_explained(fix: Fix) -> None:
    assert f"| `{fix}` |" in README


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_names_only_rules_and_reasons_there_are(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    codes = {rule.code for rule in RULES}

    assert {code for code in re.findall(r"\bS2P\d{3}\b", text)} <= codes
    assert {key for key in re.findall(r"`(unknown-[a-z-]+|response-[a-z-]+)`", text)} <= set(Reason)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_speaks_of_the_project_alone(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")

    assert not re.search(r"(^|[\s`(])/(work|home|root|tmp|opt|usr)/", text)
    assert not re.search(r"pypi|pythonhosted", text, re.IGNORECASE)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_between_documents_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]

    assert [link for link in links if not ((ROOT / name).parent / link).exists()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_modules_a_document_names_exist(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[\w.]+/)*[\w.]+\.py)`", text)) - {
        "before.py",
        "after.py",
        "program.py",
        "main.py",
    }
    places = (ROOT, ROOT / "codemods" / "share2post", ROOT / "tests" / "wire")

    assert [path for path in sorted(named) if not any((place / path).exists() for place in places)] == []


def test_the_changelog_knows_every_rule() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert [rule.code for rule in RULES if rule.code not in text] == []
    assert f"[{VERSION}]" in text


# -- the sample project --------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["check", "diff"])
def test_what_is_said_of_the_sample(sample: Path, command: str, update_fixtures: bool) -> None:
    golden = SAMPLE / f"{command}.txt"
    done = shell(f"share2post {command}", sample)
    if update_fixtures:
        golden.write_text(done.stdout, encoding="utf-8")

    assert golden.read_text(encoding="utf-8") == done.stdout


def test_the_sample_says_the_same_where_it_stands() -> None:
    done = shell("share2post check fixtures/projects/sample", ROOT)
    expected = (SAMPLE / "check.txt").read_text(encoding="utf-8")

    assert done.stdout.replace("fixtures/projects/sample/", "") == expected


UPLOAD: Final = """\
import os

from clipdesk.tiktok import Account, UploadError, upload

try:
    print(upload(Account(os.environ["TOKEN"], os.environ["OPEN_ID"]), "video.mp4"))
except UploadError as error:
    print("no:", error)
"""


@pytest.mark.parametrize("answer", ["success", "refused"])
def test_the_sample_uploads_before_and_after(sample: Path, answer: str) -> None:
    before = uploaded(sample, Scenario("old", answers=(answer,)))
    shell("share2post fix", sample)
    after = uploaded(sample, Scenario("new", answers=(answer,)))

    assert (before.violations, after.violations) == ((), ())
    assert (before.stdout, before.returncode) == (after.stdout, after.returncode)
    assert before.videos == after.videos
    assert (ID in after.stdout) == (answer == "success")


def uploaded(project: Path, scenario: Scenario) -> Run:
    """What the sample does when it uploads."""
    return run_program(
        UPLOAD, scenario, env={"TOKEN": "{token}", "OPEN_ID": "{open_id}"}, texts=contents(project)
    )


def contents(project: Path) -> dict[str, str]:
    """The modules of a project."""
    return {
        path.relative_to(project).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(project.rglob("*.py"))
    }
