"""``--annotate``: a comment above what is left for a person, once, as long as it applies."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from programs import CLEAN, SIBLING, UNUSED, UPLOAD
from share2post import Reason, Settings, migrate_source
from share2post.catalogue import TASKS
from share2post.wording import MARKER

URL = "https://open-api.tiktok.com/share/video/upload/"
UNUSED_TODO = f"{MARKER}S2P001: {TASKS[Reason.UNUSED_URL]} [unused-url]\n"
CALL_TODO = f"{MARKER}S2P001: {TASKS[Reason.UNKNOWN_CALL]} [unknown-call]\n"
ANNOTATE = Settings(annotate=True)

HANDED_ON = """\
import requests


def upload(token, path):
    with open(path, "rb") as video:
        return requests.post(
            "https://open-api.tiktok.com/share/video/upload/",
            params={"access_token": token},
            files={"video": video},
        )
"""


def annotated(code: str | bytes, settings: Settings = ANNOTATE) -> bytes:
    """A file with its comments; a second run and a run that asks for none leave it so."""
    data = code if isinstance(code, bytes) else dedent(code).encode()
    first = migrate_source(data, settings)
    again = migrate_source(first.after, settings)
    plain = migrate_source(first.after, replace(settings, annotate=False))

    assert first.failures == ()
    assert again.after is first.after
    assert plain.after is first.after
    return first.after


def test_a_comment_says_what_is_left_and_is_written_once(project: Path, share2post) -> None:
    path = project / "settings.py"
    path.write_text(UNUSED)

    first = share2post("fix", "--annotate")

    assert path.read_text() == UNUSED_TODO + UNUSED
    assert first.status == 1
    assert first.out.endswith("TODO comments: 1 added.\n")

    second = share2post("fix", "--annotate")

    assert path.read_text() == UNUSED_TODO + UNUSED
    assert second.status == 1
    assert "TODO comments" not in second.out


def test_fix_alone_writes_none_and_keeps_what_applies(project: Path, share2post) -> None:
    (project / "bare.py").write_text(UNUSED)
    (project / "marked.py").write_text(UNUSED_TODO + UNUSED)

    share2post("fix")

    assert (project / "bare.py").read_text() == UNUSED
    assert (project / "marked.py").read_text() == UNUSED_TODO + UNUSED


@pytest.mark.parametrize("options", [[], ["--annotate"]], ids=" ".join)
def test_it_goes_when_the_address_is_gone(project: Path, share2post, options) -> None:
    path = project / "settings.py"
    path.write_text(UNUSED_TODO + CLEAN)

    outcome = share2post("fix", *options)

    assert path.read_text() == CLEAN
    assert outcome.status == 0
    assert outcome.out == "Scanned 1 file: nothing legacy found.\nTODO comments: 1 removed.\n"


def test_it_goes_with_the_migration(project: Path, share2post) -> None:
    path = project / "upload.py"
    path.write_text(UPLOAD)
    share2post("fix")
    migrated = path.read_text()
    path.write_text(UPLOAD.replace("        response = ", f"        {CALL_TODO}        response = "))

    share2post("fix")

    assert path.read_text() == migrated


def test_it_goes_when_the_finding_is_suppressed(project: Path, share2post) -> None:
    path = project / "settings.py"
    path.write_text(f"{UNUSED_TODO}# share2post: ignore[S2P001] a mirror\n{UNUSED}")

    outcome = share2post("fix")

    assert path.read_text() == f"# share2post: ignore[S2P001] a mirror\n{UNUSED}"
    assert outcome.status == 0


def test_check_and_a_run_that_looks_elsewhere_change_nothing(project: Path, share2post) -> None:
    (project / "settings.py").write_text(UNUSED_TODO + CLEAN)
    (project / "other.py").write_text(UNUSED_TODO + UNUSED)

    assert share2post("check", "settings.py").status == 0
    share2post("fix", "--select", "S2P005", "other.py")

    assert (project / "settings.py").read_text() == UNUSED_TODO + CLEAN
    assert (project / "other.py").read_text() == UNUSED_TODO + UNUSED


def test_only_files_that_were_asked_about_get_one(project: Path, share2post) -> None:
    (project / "one.py").write_text(UNUSED)
    (project / "two.py").write_text(UNUSED)

    share2post("fix", "--annotate", "one.py")

    assert (project / "one.py").read_text() == UNUSED_TODO + UNUSED
    assert (project / "two.py").read_text() == UNUSED


def test_only_selected_rules_get_one(project: Path, share2post) -> None:
    (project / "settings.py").write_text(UNUSED)

    share2post("fix", "--annotate", "--select", "S2P005")

    assert (project / "settings.py").read_text() == UNUSED


def test_diff_shows_what_fix_does(project: Path, share2post) -> None:
    (project / "settings.py").write_text(UNUSED)

    outcome = share2post("diff", "--annotate")

    assert f"+{UNUSED_TODO}" in outcome.out
    assert outcome.err.endswith("TODO comments: 1 to add.\n")
    assert outcome.status == 1
    assert (project / "settings.py").read_text() == UNUSED


def test_standard_input_is_annotated(project: Path, share2post) -> None:
    outcome = share2post("fix", "--annotate", "-", stdin=UNUSED.encode())

    assert outcome.out == UNUSED_TODO + UNUSED
    assert outcome.status == 1


def test_check_has_no_such_option(project: Path, share2post) -> None:
    assert share2post("check", "--annotate").status == 2


def test_the_json_report_is_the_same(project: Path, share2post) -> None:
    (project / "settings.py").write_text(UNUSED)
    without = json.loads(share2post("check", "--output-format", "json").out)

    assert json.loads(share2post("fix", "--annotate", "--output-format", "json").out) == without


def test_what_is_unsafe_is_not_for_a_person_to_do() -> None:
    assert annotated(HANDED_ON) == HANDED_ON.encode()


def test_a_note_gets_none(project: Path, share2post) -> None:
    path = project / "sibling.py"
    path.write_text(SIBLING)

    share2post("fix", "--annotate", "--select", "S2P101")

    assert path.read_text() == SIBLING


def test_a_suppression_that_silences_nothing_gets_none() -> None:
    code = b"# share2post: ignore[S2P001]\nprint()\n"

    assert annotated(code) == code


def test_a_site_has_one_comment_with_all_its_rules() -> None:
    after = annotated(
        """\
        import requests

        def upload(token, video, **options):
            response = requests.post(
                "https://open-api.tiktok.com/share/video/upload/",
                params={"access_token": token}, files={"video": video}, **options,
            )
            print(response.json()["data"]["share_id"])
        """
    ).decode()

    assert after.count(MARKER) == 1
    assert (
        f"    {MARKER}S2P001, S2P002, S2P003, S2P004: {TASKS[Reason.UNKNOWN_ARGUMENT]} [unknown-argument]\n"
        "    response = requests.post(\n"
    ) in after


PLACES = {
    "a statement that shares its line": f'x = 1; session.post("{URL}")\n',
    "a suite on one line": f'if x: session.post("{URL}")\n',
    "an argument on a line of its own": f'session.post(\n    "{URL}",\n)\n',
    "the end of a long string": f'print("""\n""", session.post("{URL}"))\n',
    "behind a backslash": f'x = 1 + \\\n    session.post("{URL}")\n',
    "a decorator": f'@first\n@session.post("{URL}")\ndef view(): ...\n',
    "a definition below decorators": f'@first\n@second\ndef view(x=session.post("{URL}")): ...\n',
    "a lambda": f'upload = lambda: session.post("{URL}")\n',
    "a form feed in front": f'\fsession.post("{URL}")\n',
    "no newline at the end": f'session.post("{URL}")',
}


@pytest.mark.parametrize("place", PLACES)
def test_it_stands_above_the_statement(place: str) -> None:
    code = "session = make()\n\n\n" + PLACES[place]

    after = annotated(code.encode()).decode()

    assert after == "session = make()\n\n\n" + CALL_TODO + PLACES[place]


CLAUSES = {
    "elif": "if x:\n    pass\n{}elif session.post(URL):\n    pass\n",
    "else": "if x:\n    pass\n{}else: session.post(URL)\n",
    "except": "try:\n    pass\n{}except session.post(URL):\n    pass\n",
    "case": "match x:\n    case 1:\n        pass\n{}    case _ if session.post(URL):\n        pass\n",
}


@pytest.mark.parametrize("clause", CLAUSES)
def test_it_stands_above_the_clause(clause: str) -> None:
    code = "session = make()\n" + CLAUSES[clause].replace("URL", f'"{URL}"')
    indent = "    " if clause == "case" else ""

    assert annotated(code.format("")).decode() == code.format(indent + CALL_TODO)


def test_two_sites_on_a_line_share_a_comment() -> None:
    line = f'session.post("{URL}"); session.get("{URL}")\n'

    assert annotated("session = make()\n" + line).decode() == "session = make()\n" + CALL_TODO + line


@pytest.mark.parametrize(
    "above",
    [
        "# share2post: ignore[S2P003] sent as it is\n",
        "# pylint: disable-next=missing-timeout\n",
        "# ruff: ignore[S113]\n# nosemgrep\n",
    ],
)
def test_it_stands_above_comments_that_speak_of_the_next_line(above: str) -> None:
    line = f'session.post("{URL}")\n'

    assert (
        annotated(f"session = make()\n{above}{line}").decode()
        == f"session = make()\n{CALL_TODO}{above}{line}"
    )


def test_a_suppression_below_it_still_silences() -> None:
    code = f'{UNUSED_TODO}# share2post: ignore[S2P001] a mirror\nMIRROR = "{URL}"\n'.encode()

    findings = migrate_source(code, ANNOTATE).findings

    assert [finding.suppressed for finding in findings] == [True]


def test_it_stands_below_what_has_to_stay_on_top() -> None:
    head = "#!/usr/bin/env python3\n# type: ignore  -*- coding: latin-1 -*-\n"

    assert annotated(head + UNUSED).decode() == head + UNUSED_TODO + UNUSED


def test_comments_of_a_person_stay_where_they_are() -> None:
    words = "# TODO(ben): ask TikTok\n# TODO(share2post) not ours\n#TODO(share2post): nor this\n"

    assert annotated(words + UNUSED).decode() == words + UNUSED_TODO + UNUSED
    assert annotated(UNUSED_TODO + words + UNUSED).decode() == UNUSED_TODO + words + UNUSED
    assert annotated(UNUSED_TODO + words + CLEAN).decode() == words + CLEAN


def test_words_behind_it_are_kept() -> None:
    marked = UNUSED_TODO.replace("\n", "  -- ask Ben\n")
    older = marked.replace("migrate", "move")

    assert annotated(marked + UNUSED).decode() == marked + UNUSED
    assert annotated(older + UNUSED).decode() == marked.replace("  -- ", " -- ") + UNUSED
    assert annotated(marked + CLEAN).decode() == "# -- ask Ben\n" + CLEAN


def test_another_reason_takes_its_place() -> None:
    line = f'session.post("{URL}")\n'
    old = f"{MARKER}S2P001: in the words of an older version [unused-url]\n"

    assert annotated(f"session = make()\n{old}{line}").decode() == f"session = make()\n{CALL_TODO}{line}"


def test_a_copy_of_it_goes() -> None:
    assert annotated(UNUSED_TODO * 3 + UNUSED).decode() == UNUSED_TODO + UNUSED


def test_text_in_a_string_is_no_comment() -> None:
    code = f'TEXT = """\n{UNUSED_TODO}"""\nprint()  {UNUSED_TODO}'.encode()

    assert annotated(code) == code


def test_a_comment_that_a_backslash_leads_to_stays() -> None:
    code = f"x = 1 \\\n{UNUSED_TODO}y = 2\n".encode()

    assert annotated(code) == code


NEWLINES = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}


@pytest.mark.parametrize("newline", NEWLINES.values(), ids=NEWLINES)
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "latin-1", "cp1251", "shift_jis", "euc-kr"])
@pytest.mark.parametrize("indent", ["    ", "\t", "  "], ids=["four", "tab", "two"])
def test_it_is_written_as_the_file_is(newline: str, codec: str, indent: str) -> None:
    cookie = "" if codec.startswith("utf-8") else f"# coding: {codec}\n"
    before = f'{cookie}def upload(session):\n{indent}return session.post(\n{indent}{indent}"{URL}")\n'
    after = before.replace(f"{indent}return", f"{indent}{CALL_TODO}{indent}return")

    data = before.replace("\n", newline).encode(codec)

    assert annotated(data) == after.replace("\n", newline).encode(codec)


@pytest.mark.parametrize("reason", list(Reason))
def test_the_words_can_stand_in_any_file(reason: Reason) -> None:
    words = TASKS[reason]

    assert words.isascii()
    assert len(words) <= 80
    assert not set("[]#\\+~\"'\r\n0123456789") & set(words.replace("TikTok's", "").replace("Python 3", ""))
    assert "coding" not in words
