"""The retired Share Video API, as strict as api-facts section 1."""

from __future__ import annotations

from urllib.parse import parse_qsl

from wire import multipart
from wire.record import Answer, Record, Request
from wire.scenario import ID, OLD_HOST, OLD_PATHS, OLD_SCENARIOS, Scenario, old_success


class OldApi:
    """``POST open-api.tiktok.com/share/video/upload/``."""

    def __init__(self, scenario: Scenario, record: Record) -> None:
        self._scenario = scenario
        self._record = record
        self._uploads = 0

    def owns(self, request: Request) -> str | None:
        """The kind of this request if it is one of the old API's."""
        return "upload" if request.host == OLD_HOST and request.path in OLD_PATHS else None

    def answer(self, request: Request) -> Answer:
        """Check one upload and answer it."""
        wrong = len(self._record.violations)
        if request.method != "POST":
            self._record.violate(f"the upload was a {request.method}, not a POST")
            return Answer(405)
        query = self._query(request)
        parts = self._parts(request)
        self._credentials(
            request, query, {part.name: part.content.decode("utf-8", "replace") for part in parts}
        )
        video = self._video(parts)
        index, self._uploads = self._uploads, self._uploads + 1
        if len(self._record.violations) > wrong:
            return OLD_SCENARIOS["invalid"]
        answers = self._scenario.answers
        name = answers[min(index, len(answers) - 1)]
        if name != "success":
            return OLD_SCENARIOS[name]
        self._record.videos.append(video)
        return Answer.of(200, old_success(f"{ID}{index}"))

    def _query(self, request: Request) -> dict[str, str]:
        pairs = parse_qsl(request.query or "", keep_blank_values=True)
        for name, _ in pairs:
            if name not in ("access_token", "open_id"):
                self._record.violate(f"the upload's query holds {name!r}")
        if len(dict(pairs)) < len(pairs):
            self._record.violate("the upload's query holds a parameter twice")
        return dict(pairs)

    def _parts(self, request: Request) -> list[multipart.Part]:
        try:
            return multipart.parse(request.get("Content-Type"), request.body)
        except multipart.MultipartError as error:
            self._record.violate(f"the upload is no form: {error}")
            return []

    def _credentials(self, request: Request, query: dict[str, str], form: dict[str, str]) -> None:
        bearer = request.get("Authorization")
        found = {
            "query": query.get("access_token"),
            "form": form.get("access_token"),
            "bearer": bearer.removeprefix("Bearer ") if bearer and bearer.startswith("Bearer ") else bearer,
            "access-token": request.get("access-token"),
        }
        for place, value in found.items():
            if place in self._scenario.token_in:
                if value != self._scenario.token:
                    self._record.violate(f"the upload's {place} holds the wrong token: {value!r}")
                else:
                    self._record.tokens.append(value)
            elif value is not None:
                self._record.violate(f"the upload's {place} holds a token")
        open_ids = [place["open_id"] for place in (query, form) if "open_id" in place]
        if open_ids != ([] if self._scenario.open_id is None else [self._scenario.open_id]):
            self._record.violate(f"the upload's open_id is {open_ids!r}")

    def _video(self, parts: list[multipart.Part]) -> bytes:
        videos = [part for part in parts if part.name == "video"]
        for part in parts:
            if part.name not in ("video", "access_token", "open_id", *self._scenario.fields):
                self._record.violate(f"the form holds a part {part.name!r}")
        if len(videos) != 1:
            self._record.violate(f"the form holds {len(videos)} parts named 'video'")
            return b""
        if not videos[0].filename:
            self._record.violate("the part 'video' has no filename")
        if not videos[0].content:
            self._record.violate("the part 'video' is empty")
        return videos[0].content
