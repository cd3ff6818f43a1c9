"""Every example of every dialect is true: what stands in the dialect's file is what the tool does."""

from __future__ import annotations

import ast
import re
from typing import Final

import pytest

from checks import UNSAFE
from share2post import Finding, Fix, Reason, migrate_source, tiktok
from share2post.dialects import DIALECTS
from share2post.protocols import Dialect, Example

EXAMPLES: Final = [
    pytest.param(example, id=f"{dialect.name}: {example.title}")
    for dialect in DIALECTS
    for example in dialect.examples
]
REWRITTEN: Final = [case for case in EXAMPLES if not isinstance(case.values[0].after, Reason)]
REFUSED: Final = [case for case in EXAMPLES if isinstance(case.values[0].after, Reason)]


def name(dialect: Dialect) -> str:
    """What a test of a dialect is called."""
    return dialect.name


@pytest.mark.parametrize("example", REWRITTEN)
def test_an_example_is_rewritten_as_shown(example: Example) -> None:
    result = migrate_source(example.before.encode())

    assert result.after.decode() == example.after, said(result.findings)
    assert {finding.fix for finding in result.findings} == {Fix.SAFE}
    assert all(finding.fixed for finding in result.findings)


@pytest.mark.parametrize("example", REWRITTEN)
def test_the_second_pass_is_silent(example: Example) -> None:
    after = migrate_source(example.before.encode()).after

    again = migrate_source(after, UNSAFE)

    assert again.after is after
    assert again.findings == ()


@pytest.mark.parametrize("example", REFUSED)
def test_an_example_is_left_alone_for_the_reason_shown(example: Example) -> None:
    before = example.before.encode()

    result = migrate_source(before, UNSAFE)

    assert result.after is before
    assert {finding.fix for finding in result.findings} == {Fix.MANUAL}
    assert example.after in {finding.reason for finding in result.findings}, said(result.findings)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_python_and_long_enough_to_be_a_program(example: Example) -> None:
    assert ast.parse(example.before).body
    assert example.before.endswith("\n")
    assert example.title


@pytest.mark.parametrize("dialect", DIALECTS, ids=name)
def test_the_template_names_the_init_url(dialect: Dialect) -> None:
    urls = re.findall(r'"(https://[^"]*)"', dialect.TEMPLATE)  # type: ignore[attr-defined]
    hosts = re.findall(r'"(open[\w.-]*\.com)"', dialect.TEMPLATE)  # type: ignore[attr-defined]
    paths = re.findall(r'"(/[\w/]*)"', dialect.TEMPLATE)  # type: ignore[attr-defined]

    assert [*urls, "https://" + "".join([*hosts, *paths])][0] == tiktok.INIT_URL


@pytest.mark.parametrize("dialect", DIALECTS, ids=name)
def test_a_dialect_shows_a_rewrite(dialect: Dialect) -> None:
    assert any(not isinstance(example.after, Reason) for example in dialect.examples)


def test_no_two_dialects_have_the_same_name() -> None:
    names = [dialect.name for dialect in DIALECTS]

    assert sorted(set(names)) == sorted(names)


def said(findings: tuple[Finding, ...]) -> str:
    """What the tool said, for a test that fails."""
    return "\n".join(f"{finding.rule} {finding.reason}: {finding.message}" for finding in findings)
