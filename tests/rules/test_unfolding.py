"""Uploads through functions of the project that do more than pass them on."""

from __future__ import annotations

from textwrap import dedent

from checks import project
from share2post import Finding, Fix

API = """
    import requests


    class Api:
        ROOT = "https://open-api.tiktok.com"

        def __init__(self, token, open_id):
            self.token = token
            self.open_id = open_id

        def _call(self, path, params=None, files=None, json=None):
            params = dict(params or {}, access_token=self.token, open_id=self.open_id)
            return requests.post(self.ROOT + path, params=params, files=files, json=json)

        def info(self):
            return self._call("/user/info/", json={"fields": ["display_name"]}).json()
"""
INIT = "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/"


def api(method: str, **others: str) -> dict[str, str]:
    """A client with a wrapper, and one method more; other modules by name."""
    files = {"api.py": dedent(API).lstrip() + method}
    return files | {f"{name}.py": text for name, text in others.items()}


def method(text: str) -> str:
    """A method of the client."""
    return "\n" + "".join(f"    {line}\n" if line else "\n" for line in dedent(text).strip("\n").split("\n"))


def rewritten(files: dict[str, str]) -> dict[str, str]:
    """Every upload is rewritten as safe."""
    after, findings = project(files)

    assert {finding.fix for finding in findings if finding.rule != "S2P101"} == {Fix.SAFE}
    assert all(finding.fixed for finding in findings if finding.rule != "S2P101")
    return after


def left(files: dict[str, str]) -> tuple[Finding, ...]:
    """Everything is left byte for byte alone, and the reason is the wrapper."""
    after, findings = project(files, unsafe=True)

    assert after == {path: dedent(text) for path, text in files.items()}
    uploads = [finding for finding in findings if finding.rule != "S2P101"]  # the sibling is noted as well
    assert {finding.reason for finding in uploads} == {"wrapper"}
    return findings


def test_the_wrapper_stays_as_it_is_for_its_other_users() -> None:
    before = api(
        method(
            "def share(self, f): return self._call('/share/video/upload/', files={'video': f}).json()['data']['share_id']"
        )
    )
    after = rewritten(before)["api.py"]

    assert set(dedent(API).split("\n")) <= set(after.split("\n"))
    assert INIT in after


def test_statements_stand_in_place_of_the_call() -> None:
    before = api(
        method(
            """
            def share(self, f):
                response = self._call("/share/video/upload/", files={"video": f})
                return response.json()["data"]["share_id"]
            """
        )
    )
    after = rewritten(before)["api.py"]

    assert "def _upload" not in after
    assert '            "Authorization": f"Bearer {self.token}",' in after
    assert 'return response.json()["data"]["publish_id"]' in after


def test_where_no_statement_can_stand_a_method_beside_the_wrapper_does_it() -> None:
    before = api(
        method(
            """
            def share(self, paths):
                return [self._call("/share/video/upload/", files={"video": open(p, "rb")}).json()["data"]["share_id"] for p in paths]
            """
        )
    )
    after = rewritten(before)["api.py"]

    assert "    def _upload_video_to_inbox(self, video):\n" in after
    assert '[self._upload_video_to_inbox(open(p, "rb")).json()["data"]["publish_id"] for p in paths]' in after


def test_a_name_that_the_caller_uses_for_something_else() -> None:
    before = api(
        method(
            """
            def share(self, requests, f):
                return requests and self._call("/share/video/upload/", files={"video": f}).json()["data"]["share_id"]
            """
        )
    )
    after = rewritten(before)["api.py"]

    assert 'return requests and self._upload_video_to_inbox(f).json()["data"]["publish_id"]' in after


def test_a_variable_of_the_caller_keeps_its_value() -> None:
    before = api(
        method(
            """
            def share(self, f):
                params = "mine"
                answer = self._call("/share/video/upload/", files={"video": f})
                return params, answer.json()["data"]["share_id"]
            """
        )
    )
    after = rewritten(before)["api.py"]

    assert 'params = "mine"' in after
    assert after.count("params = ") == 2


def test_comments_in_the_call_are_kept() -> None:
    before = api(
        method(
            """
            def share(self, f):
                r = self._call(
                    "/share/video/upload/",  # the upload
                    files={"video": f},
                )  # done
                return r.json()["data"]["share_id"]
            """
        )
    )
    after = rewritten(before)["api.py"]

    assert "# the upload" in after
    assert ")  # done" in after


def test_a_private_wrapper_that_served_only_this_upload_goes() -> None:
    before = {
        "share.py": """
            import requests


            def _post(path, **options):
                options.setdefault("timeout", 10)
                return requests.post("https://open-api.tiktok.com" + path, **options)


            def share(token, f):
                r = _post("/share/video/upload/", params={"access_token": token}, files={"video": f})
                return r.json()["data"]["share_id"]
            """
    }
    after = rewritten(before)["share.py"]

    assert "_post" not in after
    assert after.count("timeout=10") == 2


def test_a_shared_checker_is_written_out_without_what_this_answer_never_had() -> None:
    before = {
        "share.py": """
            import requests


            def unwrap(response):
                body = response.json()
                if "error" in body and body["error"]["code"] != 0:
                    raise ValueError(body["error"]["message"])
                return body["data"]


            def me(token):
                return unwrap(requests.post("https://open-api.tiktok.com/user/info/", json={"access_token": token}))


            def share(token, f):
                data = unwrap(
                    requests.post(
                        "https://open-api.tiktok.com/share/video/upload/",
                        params={"access_token": token},
                        files={"video": f},
                    )
                )
                return data["share_id"]
            """
    }
    after = rewritten(before)["share.py"]

    assert after.count("unwrap(") == 2
    assert after.count('"error" in body') == 1
    assert 'data = body.get("data") or {}\n    return data["publish_id"]' in after


def test_a_file_with_tabs_and_windows_newlines() -> None:
    text = dedent(API) + method(
        """
        def share(self, f):
            r = self._call("/share/video/upload/", files={"video": f})
            return r.json()["data"]["share_id"]
        """
    )
    after = rewritten({"api.py": text.replace("    ", "\t").replace("\n", "\r\n")})["api.py"]

    assert "\n" not in after.replace("\r\n", "")
    assert "    " not in after


def test_the_message_names_the_wrapper_and_the_place_of_the_call() -> None:
    before = api(
        method(
            """
            def share(self, f):
                r = self._call("/share/video/upload/", files={"video": f})
                return r.json()["data"]["share_id"]
            """
        )
    )
    _, findings = project(before)
    first = next(finding for finding in findings if finding.rule == "S2P001")

    assert "by way of Api._call (api.py:11)" in first.message
    assert (first.path, first.span.line) == ("api.py", 19)


def test_a_wrapper_that_a_subclass_overrides_is_left() -> None:
    call = method("def share(self, f): return self._call('/share/video/upload/', files={'video': f}).json()")
    logged = """
        from api import Api


        class Logged(Api):
            def _call(self, path, **options):
                print(path)
                return super()._call(path, **options)
        """

    left(api(call, logged=logged))


def test_a_wrapper_that_a_test_replaces_is_left() -> None:
    call = method("def share(self, f): return self._call('/share/video/upload/', files={'video': f}).json()")
    test = """
        from unittest import mock

        from api import Api


        def test_share():
            with mock.patch("api.Api._call") as call:
                call.return_value.json.return_value = {"data": {"share_id": "x"}}
                Api("t", "o").share(b"")
        """
    findings = left(api(call, test_api=test))

    assert "test_api.py puts something else in its place" in " ".join(finding.message for finding in findings)


def test_a_method_taken_from_its_class_is_left() -> None:
    left(
        api(
            "\n\ndef share(a, f):\n    return Api._call(a, '/share/video/upload/', files={'video': f}).json()\n"
        )
    )


def test_arguments_that_cannot_be_seen_are_left() -> None:
    call = "def share(self, f, **more): return self._call('/share/video/upload/', files={'video': f}, **more).json()"

    left(api(method(call)))


def test_a_generator_is_left() -> None:
    left(
        {
            "share.py": """
                import requests


                def send(path, **options):
                    yield requests.post("https://open-api.tiktok.com" + path, **options)


                def share(token, f):
                    return next(send("/share/video/upload/", params={"access_token": token}, files={"video": f}))
                """
        }
    )


def test_a_suppression_holds_for_the_call_of_a_wrapper() -> None:
    before = api(
        method(
            """
            def share(self, f):
                # share2post: ignore[S2P001] the mirror
                return self._call("/share/video/upload/", files={"video": f}).json()["data"]["share_id"]
            """
        )
    )
    after, findings = project(before, unsafe=True)

    assert after == before
    assert all(finding.suppressed for finding in findings if finding.rule != "S2P101")
