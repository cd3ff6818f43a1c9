"""What only the old request needed goes; what may be missed stays."""

from __future__ import annotations

import pytest

from checks import project

SENDER = """
    import mimetypes
    import os
    import requests
    {above}
    {header}
        BASE = "https://open-api.tiktok.com"

        def upload(self, path, token):
            {before}
            with open(path, "rb") as video:
                response = requests.post(
                    f"{{self.BASE}}/share/video/upload/", params={{"access_token": token}},
                    files={{"video": ("v.mp4", video, {kind})}},
                )
            {after}
            return response.json()["data"]["share_id"]
"""


def rewritten(before: str = "print(path)", **parts: str) -> str:
    given = {
        "above": "",
        "header": "class Sender:",
        "kind": "None",
        "after": "response.raise_for_status()",
        **parts,
    }
    files, findings = project({"sender.py": SENDER.format(before=before, **given)})

    assert all(finding.fixed for finding in findings)
    return files["sender.py"]


def test_the_base_of_a_plain_class_goes() -> None:
    assert "BASE" not in rewritten()


@pytest.mark.parametrize("header", ["class Sender(Model):", "@register\n    class Sender:"])
def test_the_attribute_of_what_may_be_a_model_stays(header: str) -> None:
    assert "BASE =" in rewritten(header=header, above="from framework import Model, register")


def test_a_base_that_something_else_reads_stays() -> None:
    assert "BASE =" in rewritten(after="print(self.BASE)")


def test_a_base_that_another_module_reads_stays() -> None:
    code = SENDER.format(
        above="",
        header="class Sender:",
        kind="None",
        before="print(path)",
        after="response.raise_for_status()",
    )
    files, _ = project({"sender.py": code, "status.py": "from sender import Sender\nprint(Sender.BASE)\n"})

    assert "BASE =" in files["sender.py"]


@pytest.mark.parametrize(
    "made",
    ["kind = mimetypes.guess_type(path)[0]", 'kind = mimetypes.guess_type(path)[0] or "video/mp4"',
     "kind, _ = mimetypes.guess_type(path)"],
)  # fmt: skip
def test_a_media_type_goes_with_its_import(made: str) -> None:
    after = rewritten(made, kind="kind")

    assert "mimetypes" not in after


def test_a_media_type_that_is_printed_stays() -> None:
    after = rewritten("kind, encoding = mimetypes.guess_type(path)", kind="kind", after="print(encoding)")

    assert "kind, encoding = mimetypes.guess_type(path)" in after


def test_a_value_that_may_fail_stays() -> None:
    after = rewritten('kind = os.environ["KIND"]', kind="kind")

    assert 'kind = os.environ["KIND"]' in after


def test_a_size_in_front_of_the_file_it_measures_goes() -> None:
    assert "getsize" not in rewritten("size = os.path.getsize(path)", kind="str(size)")


@pytest.mark.parametrize("between", ['print("sending", path)', "path = path.strip()"])
def test_a_size_that_is_measured_earlier_stays(between: str) -> None:
    after = rewritten(f"size = os.path.getsize(path)\n            {between}", kind="str(size)")

    assert "size = os.path.getsize(path)" in after
