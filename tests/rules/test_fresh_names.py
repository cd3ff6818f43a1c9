"""New names collide with nothing where they stand, and so need not be free in the whole module."""

from __future__ import annotations

from checks import project

URL = "https://open-api.tiktok.com/share/video/upload/"


def rewritten(code: str) -> str:
    files, findings = project({"publish.py": code.replace("URL", f'"{URL}"')})

    assert all(finding.fixed for finding in findings)
    return files["publish.py"]


def test_a_name_of_another_function_is_free() -> None:
    after = rewritten("""
        import requests

        def upload(video: bytes, token):
            return requests.post(URL, params={"access_token": token}, files={"video": video}).json()["data"]["share_id"]

        def fetch(url):
            response = requests.get(url)
            return response.text
    """)

    assert "response = requests.post(" in after


def test_a_name_of_the_module_is_not() -> None:
    after = rewritten("""
        import requests

        response = None

        def upload(video: bytes, token):
            return requests.post(URL, params={"access_token": token}, files={"video": video}).json()["data"]["share_id"]
    """)

    assert "init_response = requests.post(" in after


def test_names_of_the_module_are_given_once() -> None:
    after = rewritten("""
        import requests

        one = {"video": open("a.mp4", "rb")}
        two = {"video": open("b.mp4", "rb")}

        def first(token):
            return requests.post(URL, params={"access_token": token}, files=one).json()["data"]["share_id"]

        def second(token):
            return requests.post(URL, params={"access_token": token}, files=two).json()["data"]["share_id"]
    """)

    assert 'video_file = open("a.mp4", "rb")\nvideo_handle = open("b.mp4", "rb")\n' in after


def test_a_name_of_the_function_around_is_not_free() -> None:
    after = rewritten("""
        import requests

        def upload(path, token):
            video_file = path + ".log"
            files = {"video": open(path, "rb")}

            def send():
                return requests.post(URL, params={"access_token": token}, files=files).json()["data"]["share_id"]

            print(send(), video_file)
    """)

    assert 'video_handle = open(path, "rb")' in after
