"""What holds for every program, tried on programs nobody wrote and on variations of the corpus.

The examples are the same in every run. ``SHARE2POST_EXAMPLES=5000 pytest tests/test_properties.py`` looks further.
"""

from __future__ import annotations

import ast
import io
import os
import re
import tokenize
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from textwrap import indent
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from share2post import Fix, Reason, Settings
from share2post.engine.migrate import Migration, migrate, proposals
from share2post.engine.propose import Answer, Proposal
from share2post.model import Project, SourceFile
from share2post.tiktok import STRONG_NEEDLES
from share2post.wording import MARKER

FIXTURES: Final = Path(__file__).parent.parent / "fixtures"
SAFE: Final = Settings()
UNSAFE: Final = Settings(unsafe_fixes=True)
EXAMPLES: Final = int(os.environ.get("SHARE2POST_EXAMPLES", "0"))
BOM: Final = b"\xef\xbb\xbf"


def examples(number: int) -> settings:
    """So many examples, the same ones each time unless more are asked for."""
    slow = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    return settings(
        max_examples=EXAMPLES or number,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=slow,
    )


def run(data: bytes, how: Settings = SAFE) -> Migration:
    """What becomes of one file; a fault of the tool is a failure here."""
    result = migrate(Project((SourceFile("module.py", data),)), how)

    assert not [failure for failure in result.failures if "make sense" in failure.message]
    assert not [finding for finding in result.findings if finding.reason is Reason.VERIFICATION]
    return result


def output(result: Migration, data: bytes) -> bytes:
    """The file afterwards."""
    return next((file.after for file in result.files), data)


def outcome(result: Migration) -> list[tuple[str, str, str]]:
    """What was found and how it may be fixed, wherever it stands."""
    return sorted((f.rule, str(f.fix), str(f.reason or "")) for f in result.findings)


# -- programs nobody wrote ----------------------------------------------------------------------------------

NAMES: Final = st.sampled_from(
    [
        "response",
        "video",
        "token",
        "share_id",
        "data",
        "params",
        "open_id",
        "requests",
        "r",
        "upload",
        "event",
        "url",
    ]
)
STRINGS: Final = st.one_of(
    st.sampled_from(
        [
            "access_token", "open_id", "share_id", "error_code", "err_code", "video", "data", "content", "event", "",
            "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/", "https://open-api.tiktokglobalshop.com/",
            "https://example.com/share/video", "post.publish.failed", "video.upload", "video.publish", "/share/",
            "multipart/form-data", "Bearer ", "share_video", "open-api", "tiktok",
        ]
    ),
    st.text(max_size=12),
).map(repr)  # fmt: skip
ATOMS: Final = st.one_of(
    NAMES, STRINGS, st.integers(0, 99999).map(str), st.sampled_from(["None", "b'\\x00\\xff'", "..."])
)


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, NAMES).map(lambda p: f"({p[0]}).{p[1]}"),
        pair.map(lambda p: f"({p[0]})[{p[1]}]"),
        pair.map(lambda p: f"{{{p[0]}: {p[1]}}}"),
        pair.map(lambda p: f"({p[0]}, {p[1]})"),
        pair.map(lambda p: f"({p[0]} + {p[1]})"),
        pair.map(lambda p: f"({p[0]} == {p[1]})"),
        pair.map(lambda p: f"({p[0]} if {p[1]} else None)"),
        st.tuples(NAMES, inner).map(lambda p: f"requests.post({p[1]}, {p[0]}={p[0]})"),
        st.tuples(NAMES, NAMES, inner).map(lambda p: f"{p[0]}.{p[1]}({p[2]})"),
        st.tuples(NAMES, inner).map(lambda p: f"[{p[0]} for {p[0]} in ({p[1]})]"),
        st.tuples(NAMES, inner).map(lambda p: f"(lambda {p[0]}: {p[1]})"),
        st.tuples(NAMES, NAMES).map(lambda p: f"f'{{{p[0]}}}/{{{p[1]}!r:>9}}'"),
    )


EXPRESSIONS: Final = st.recursive(ATOMS, _compound, max_leaves=6)
SIMPLE: Final = st.one_of(
    st.sampled_from(
        ["import requests", "import requests as rq", "from requests import post", "pass", "# a comment"]
    ),
    st.tuples(NAMES, EXPRESSIONS).map(lambda p: f"{p[0]} = {p[1]}"),
    st.tuples(NAMES, NAMES, EXPRESSIONS).map(lambda p: f"{p[0]} = {p[1]} = {p[2]}"),
    st.tuples(NAMES, EXPRESSIONS, EXPRESSIONS).map(lambda p: f"{p[0]}[{p[1]}] = {p[2]}"),
    st.tuples(NAMES, EXPRESSIONS).map(lambda p: f"{p[0]} += {p[1]}"),
    EXPRESSIONS,
    NAMES.map(lambda name: f"del {name}"),
)


def _block(lines: list[str]) -> str:
    return indent("\n".join([*lines, "pass"]), "    ")


def _statements(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, max_size=3).map(_block)
    return st.one_of(
        st.tuples(NAMES, NAMES, body).map(lambda p: f"def {p[0]}({p[1]}, *args, **kwargs):\n{p[2]}"),
        st.tuples(NAMES, body).map(lambda p: f"class {p[0]}:\n{p[1]}"),
        st.tuples(EXPRESSIONS, body, body).map(lambda p: f"if {p[0]}:\n{p[1]}\nelse:\n{p[2]}"),
        st.tuples(NAMES, EXPRESSIONS, body).map(lambda p: f"for {p[0]} in {p[1]}:\n{p[2]}"),
        st.tuples(EXPRESSIONS, NAMES, body).map(lambda p: f"with {p[0]} as {p[1]}:\n{p[2]}"),
        st.tuples(body, body).map(lambda p: f"try:\n{p[0]}\nexcept Exception:\n{p[1]}"),
        st.tuples(NAMES, body).map(lambda p: f"async def {p[0]}():\n    await {p[0]}()\n{p[1]}"),
        st.tuples(EXPRESSIONS, STRINGS, body).map(lambda p: f"match {p[0]}:\n  case {p[1]}:\n{p[2]}"),
    )


PROGRAMS: Final = st.lists(st.recursive(SIMPLE, _statements, max_leaves=8), max_size=8).map(
    lambda lines: "\n".join([*lines, ""])
)
# With one of these in front a file is a candidate, so all of the tool looks at it; it is no finding.
MENTIONS: Final = st.sampled_from(
    [
        "",
        '"""Was https://open-api.tiktok.com/share/video/upload/ once."""\n',
        "# video.upload.failed is gone\n",
    ]
)


@examples(200)
@given(program=PROGRAMS, mention=MENTIONS, newline=st.sampled_from(["\n", "\r\n", "\r"]))
def test_a_program_without_legacy_names_is_none_of_our_business(
    program: str, mention: str, newline: str
) -> None:
    data = (mention + program).replace("\n", newline).encode()

    result = run(data, UNSAFE)

    assert output(result, data) is data
    assert result.findings == ()


@examples(100)
@given(data=st.binary(max_size=200), needle=st.sampled_from([b"", *STRONG_NEEDLES]))
def test_bytes_that_are_no_program_come_back(data: bytes, needle: bytes) -> None:
    data = needle + data

    assert output(run(data, UNSAFE), data) == data


# -- the corpus, varied -------------------------------------------------------------------------------------


def _plain(path: Path) -> bool:
    """Whether a program is UTF-8 with LF, without a mark or a cookie, and written in one piece when wrapped."""
    data = path.read_bytes()
    if b"\r" in data or data.startswith(BOM) or b"coding" in data.split(b"\n")[0] or not data.endswith(b"\n"):
        return False
    try:
        return bool(data.decode("utf-8"))
    except UnicodeDecodeError:
        return False


CORPUS: Final = [
    path
    for folder in ("dialects/*/*", "idioms/*", "webhooks/*")
    for path in sorted(FIXTURES.glob(f"{folder}/before.py"))
    if _plain(path)
]
REWRITTEN: Final = [path for path in CORPUS if not (path.parent / "review.json").exists()]


def _wrappable(path: Path) -> bool:
    """Whether indenting a program changes nothing but where it stands."""
    text = path.read_text(encoding="utf-8")
    if "global " in text or "import *" in text or "from __future__" in text or "await " in text:
        return False
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return all(token.start[0] == token.end[0] for token in tokens if token.type == tokenize.STRING)


WRAPPERS: Final = {
    "function": "def main():\n{}\n\n\nmain()\n",
    "coroutine": "async def main():\n{}\n",
    "if": "if True:\n{}\n",
    "else": "import sys\n\nif sys.platform == 'emscripten':\n    pass\nelse:\n{}\n",
    "try": "try:\n{}\nfinally:\n    print('done')\n",
    "class": "class Program:\n{}\n",
    "loop": "for _ in range(1):\n{}\n",
}
WRAPPABLE: Final = [path for path in CORPUS if _wrappable(path)]


def wrapped(text: str, wrapper: str) -> bytes:
    """A program inside of something."""
    return WRAPPERS[wrapper].format(indent(text, "    ").rstrip("\n")).encode()


def named(path: Path) -> str:
    """How a program of the corpus is called."""
    return path.parent.relative_to(FIXTURES).as_posix()


@examples(150)
@given(path=st.sampled_from(WRAPPABLE), wrapper=st.sampled_from(sorted(WRAPPERS)))
def test_wherever_a_program_stands_the_result_is_sound(path: Path, wrapper: str) -> None:
    data = wrapped(path.read_text(encoding="utf-8"), wrapper)

    result = run(data, UNSAFE)
    after = output(result, data)
    again = run(after, UNSAFE)

    assert ast.parse(after)
    assert output(again, after) is after
    assert {finding.fix for finding in again.findings} <= {Fix.MANUAL}
    assert result.findings, "the upload is passed over in silence"


@examples(80)
@given(
    path=st.sampled_from([p for p in REWRITTEN if p in WRAPPABLE]),
    wrapper=st.sampled_from(["if", "else", "try"]),
)
def test_a_branch_around_a_program_changes_nothing_about_it(path: Path, wrapper: str) -> None:
    text = path.read_text(encoding="utf-8")
    data = wrapped(text, wrapper)

    bare, inside = run(text.encode(), UNSAFE), run(data, UNSAFE)

    assert outcome(inside) == outcome(bare), named(path)


def _crlf(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


def _cr(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r")


def _marked(data: bytes) -> bytes:
    return BOM + data


def _latin1(data: bytes) -> bytes:
    return data.decode().replace("coding: utf-8", "coding: latin-1", 1).encode("latin-1")


TWINS: Final = {"crlf": _crlf, "bom": _marked, "latin-1": _latin1}


@pytest.mark.parametrize("twin", TWINS)
@examples(60)
@given(path=st.sampled_from(REWRITTEN))
def test_a_twin_has_the_twin_result(twin: str, path: Path) -> None:
    data = "# coding: utf-8\n# é\n".encode() + path.read_bytes()
    result = run(data, UNSAFE)
    try:
        before, after = TWINS[twin](data), TWINS[twin](output(result, data))
    except UnicodeEncodeError:
        return

    twins = run(before, UNSAFE)

    assert output(twins, before) == after, named(path)
    assert outcome(twins) == outcome(result)


@examples(40)
@given(path=st.sampled_from(REWRITTEN))
def test_a_twin_with_bare_carriage_returns_has_the_same_meaning(path: Path) -> None:
    data = path.read_bytes()
    result, twins = run(data, UNSAFE), run(_cr(data), UNSAFE)
    after = output(twins, _cr(data))

    assert b"\n" not in after
    assert ast.dump(ast.parse(after)) == ast.dump(ast.parse(output(result, data))), named(path)
    assert outcome(twins) == outcome(result)


def _joined(*paths: Path) -> bytes:
    texts = [
        path.read_text(encoding="utf-8").replace("from __future__ import annotations\n", "") for path in paths
    ]
    return "\n\n".join(texts).encode()


@examples(80)
@given(first=st.sampled_from(CORPUS), second=st.sampled_from(CORPUS))
def test_two_programs_in_one_are_settled_after_one_run(first: Path, second: Path) -> None:
    data = _joined(first, second)

    after = output(run(data, UNSAFE), data)
    again = run(after, UNSAFE)

    assert output(again, after) is after, f"{named(first)} and {named(second)}"
    assert not any(finding.fixed for finding in again.findings)


# -- comments at what is left ------------------------------------------------------------------------------

LEFT: Final = [path for path in sorted(FIXTURES.rglob("before.py")) if (path.parent / "review.json").exists()]
ANNOTATION: Final = re.compile(rb"(?<![^\r\n])[ \t]*" + re.escape(MARKER.encode()) + rb"[^\r\n]*(\r\n|\r|\n)")


def annotating(data: bytes, how: Settings) -> None:
    """Comments are all that is added, once, and only where something is left; they change no finding."""
    plain = output(run(data, how), data)
    first = run(data, replace(how, annotate=True))
    after = output(first, data)
    again, bare = run(after, replace(how, annotate=True)), run(after, how)

    assert ANNOTATION.sub(b"", after) == plain
    assert ast.dump(ast.parse(after)) == ast.dump(ast.parse(plain))
    assert output(again, after) is after
    assert output(bare, after) is after
    assert outcome(bare) == outcome(run(plain, how))


@pytest.mark.parametrize("path", LEFT, ids=named)
def test_what_is_left_is_annotated_once(path: Path) -> None:
    data = path.read_bytes()
    manual = [finding for finding in run(data, UNSAFE).findings if finding.fix is Fix.MANUAL]
    after = output(run(data, replace(UNSAFE, annotate=True)), data)

    annotating(data, UNSAFE)

    assert (MARKER.encode() in after) == any(finding.reason is not Reason.NOTE for finding in manual)


@examples(20)
@given(
    paths=st.lists(st.sampled_from(CORPUS), min_size=2, max_size=2),
    twin=st.sampled_from([bytes, _crlf, _cr, _marked]),
    how=st.sampled_from([SAFE, UNSAFE]),
)
def test_what_is_left_of_two_programs_is_annotated_once(
    paths: list[Path], twin: Callable[[bytes], bytes], how: Settings
) -> None:
    annotating(twin(_joined(*paths)), how)


# -- one fix after the other -------------------------------------------------------------------------------


def asked(data: bytes, how: Settings, answers: Callable[[Proposal], Answer]) -> bytes:
    """A file after an interactive run; what is accepted on the way is what there is at the end."""
    steps = proposals(Project((SourceFile("module.py", data),)), how)
    now, answer = data, None
    try:
        proposal = next(steps)
        while True:
            assert [file.source.data for file in proposal.files] == [now]
            answer = answers(proposal)
            now = proposal.files[0].after if answer is Answer.APPLY else now
            proposal = steps.send(answer)
    except StopIteration as end:
        after = output(end.value, data)

    assert answer is Answer.ALL or after == now
    return after


@examples(25)
@given(paths=st.lists(st.sampled_from(CORPUS), min_size=1, max_size=2))
def test_yes_to_everything_is_fix_and_no_is_nothing(paths: list[Path]) -> None:
    data = _joined(*paths)

    assert asked(data, SAFE, lambda _: Answer.APPLY) == output(run(data, UNSAFE), data)
    assert asked(data, SAFE, lambda _: Answer.SKIP) is data
    assert asked(data, SAFE, lambda _: Answer.QUIT) is data
    assert asked(data, SAFE, lambda _: Answer.ALL) == output(run(data, SAFE), data)
    assert asked(data, UNSAFE, lambda _: Answer.ALL) == output(run(data, UNSAFE), data)


@examples(25)
@given(
    paths=st.lists(st.sampled_from(REWRITTEN), min_size=2, max_size=2),
    answers=st.lists(st.sampled_from(Answer), min_size=8, max_size=8),
)
def test_whatever_is_answered_the_result_is_sound(paths: list[Path], answers: list[Answer]) -> None:
    data = _joined(*paths)
    pending = iter(answers * 4)

    after = asked(data, SAFE, lambda _: next(pending))

    assert ast.parse(after)
    assert {finding.fix for finding in run(after, UNSAFE).findings if not finding.fixed} <= {Fix.MANUAL}
