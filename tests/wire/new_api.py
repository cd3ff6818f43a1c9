"""The Content Posting API's inbox upload, as strict as api-facts section 3."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from wire.record import Answer, Record, Request
from wire.scenario import ID, INIT_PATH, NEW_HOST, NEW_SCENARIOS, PUTS, UPLOAD_HOST, Scenario, new_success

SIZES = ("video_size", "chunk_size", "total_chunk_count")
MEDIA_TYPES = ("video/mp4", "video/quicktime", "video/webm")
# The chunk rules (F3.12 to F3.17), in the band that is safe whichever MB is meant.
ONE_CHUNK = 64_000_000
SMALLEST_CHUNK = 5_242_880
LAST_CHUNK = 128_000_000
MOST_CHUNKS = 1000


@dataclass(frozen=True, slots=True)
class Sizes:
    """What an init announced."""

    video: int
    chunk: int
    count: int

    @property
    def allowed(self) -> bool:
        """Whether TikTok takes a video in these chunks; the last takes the rest."""
        if self.count == 1:
            return self.chunk == self.video <= ONE_CHUNK
        within = SMALLEST_CHUNK <= self.chunk <= ONE_CHUNK and 1 < self.count <= MOST_CHUNKS
        return within and self.count == self.video // self.chunk and self.length(self.count - 1) <= LAST_CHUNK

    def length(self, index: int) -> int:
        """How many bytes one chunk has."""
        return self.chunk if index < self.count - 1 else self.video - (self.count - 1) * self.chunk


@dataclass(slots=True)
class Task:
    """One announced upload, waiting for its bytes."""

    target: str
    sizes: Sizes
    chunks: list[bytes] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Whether every chunk has come."""
        return len(self.chunks) == self.sizes.count


class NewApi:
    """``POST open.tiktokapis.com/…/init/`` and ``PUT open-upload.tiktokapis.com/…``."""

    def __init__(self, scenario: Scenario, record: Record) -> None:
        self._scenario = scenario
        self._record = record
        self._tasks: dict[str, Task] = {}
        self._inits = 0
        self._puts = 0

    @property
    def unfinished(self) -> int:
        """How many uploads were announced and never completed."""
        return sum(not task.done for task in self._tasks.values())

    def owns(self, request: Request) -> str | None:
        """The kind of this request if it is one of the new API's."""
        if request.host == NEW_HOST and request.path == INIT_PATH:
            return "init"
        return "put" if request.host == UPLOAD_HOST else None

    def answer(self, request: Request) -> Answer:
        """Check one request and answer it."""
        return self._init(request) if request.host == NEW_HOST else self._put(request)

    # -- init --------------------------------------------------------------

    def _init(self, request: Request) -> Answer:
        wrong = len(self._record.violations)
        if request.method != "POST":
            self._record.violate(f"the init was a {request.method}, not a POST")
            return Answer(405)
        if request.query is not None:
            self._record.violate(f"the init has a query: {request.query!r}")
        authorized = self._authorization(request)
        self._leaks(request, "init", allowed=("authorization",), body=True)
        content_type = request.all("Content-Type")
        if not (
            len(content_type) == 1
            and re.fullmatch(r"application/json; ?charset=utf-8", content_type[0], re.I)
        ):
            self._record.violate(f"the init's Content-Type is {content_type!r}")
        sizes = self._source_info(request.body)
        index, self._inits = self._inits, self._inits + 1
        if not authorized:
            return NEW_SCENARIOS["refused"]
        if len(self._record.violations) > wrong:
            return NEW_SCENARIOS["invalid-400"]
        answers = self._scenario.answers
        name = answers[min(index, len(answers) - 1)]
        if name != "success":
            return NEW_SCENARIOS[name]
        if sizes is None:
            return Answer.of(200, new_success(f"{ID}{index}", None))
        # Opaque to the client; re-encoding, decoding or sorting any of this breaks the upload.
        target = f"/video/?upload_token=Xza%2B1~2!3%2F4%3D{index}&upload_id=67890{index}"
        self._tasks[target] = Task(target, sizes)
        return Answer.of(200, new_success(f"{ID}{index}", f"https://{UPLOAD_HOST}{target}"))

    def _authorization(self, request: Request) -> bool:
        values = request.all("Authorization")
        if values != [f"Bearer {self._scenario.token}"]:
            self._record.violate(f"the init's Authorization is {values!r}")
            return False
        self._record.tokens.append(values[0].removeprefix("Bearer "))
        return True

    def _source_info(self, body: bytes) -> Sizes | None:
        """The announced sizes; ``None`` where TikTok is to fetch the video itself, or where they are wrong."""
        try:
            document = json.loads(body.decode("utf-8"), object_pairs_hook=self._unique)
        except ValueError as error:
            self._record.violate(f"the init's body is no JSON: {error}")
            return None
        info = document.get("source_info") if isinstance(document, dict) else None
        if not isinstance(info, dict) or set(document) != {"source_info"}:
            self._record.violate(f"the init's body is not just source_info: {document!r}")
            return None
        if info.get("source") == "PULL_FROM_URL":
            self._pull(info)
            return None
        if info.get("source") != "FILE_UPLOAD" or set(info) != {"source", *SIZES}:
            self._record.violate(f"the init's source_info is {info!r}")
            return None
        for name in SIZES:
            if type(info[name]) is not int:
                self._record.violate(f"the init's {name} is {info[name]!r}, not an integer")
                return None
        sizes = Sizes(*(info[name] for name in SIZES))
        if not sizes.video > 0:
            self._record.violate(f"the init's video_size is {sizes.video}")
        elif not sizes.allowed:
            asked = f"{sizes.count} chunks of {sizes.chunk} for {sizes.video} bytes"
            self._record.violate(f"the init asks for {asked}")
        return sizes

    def _pull(self, info: dict[str, object]) -> None:
        url = info.get("video_url")
        if set(info) != {"source", "video_url"} or not isinstance(url, str) or not url.startswith("https://"):
            self._record.violate(f"the init's source_info is {info!r}")

    def _unique(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(dict(pairs)) < len(pairs):
            self._record.violate("the init's JSON holds a key twice")
        return dict(pairs)

    # -- put ---------------------------------------------------------------

    def _put(self, request: Request) -> Answer:
        wrong = len(self._record.violations)
        if request.method != "PUT":
            self._record.violate(f"the upload was a {request.method}, not a PUT")
            return Answer(405)
        self._leaks(request, "PUT", allowed=(), body=False)
        for name in ("Authorization", "access-token", "Proxy-Authorization"):
            if request.get(name) is not None:
                self._record.violate(f"the PUT has a header {name}")
        task = self._tasks.get(request.target)
        if task is None:
            self._record.violate(f"the PUT's URL is not one that was given out: {request.target!r}")
            return Answer(404)
        if task.done:
            self._record.violate("the PUT came again for an upload that was complete")
            return Answer(404)
        ranged = self._framing(request, task)
        index, self._puts = self._puts, self._puts + 1
        if len(self._record.violations) > wrong:
            return Answer(400 if ranged else 416)
        puts = self._scenario.puts
        name = puts[min(index, len(puts) - 1)]
        if name != "success":
            return Answer(PUTS[name])
        task.chunks.append(request.body)
        if task.done:
            self._record.videos.append(b"".join(task.chunks))
        came = sum(map(len, task.chunks))
        status = 201 if task.done else 206
        return Answer(status, headers=(("Content-Range", f"bytes 0-{came}/{task.sizes.video}"),))

    def _framing(self, request: Request, task: Task) -> bool:
        """Check one chunk; whether its range is the one that is due."""
        length = task.sizes.length(len(task.chunks))
        first = sum(map(len, task.chunks))
        due = f"bytes {first}-{first + length - 1}/{task.sizes.video}"
        if request.get("Transfer-Encoding") is not None:
            self._record.violate("the PUT has a Transfer-Encoding")
        if request.all("Content-Length") != [str(length)]:
            lengths = request.all("Content-Length")
            self._record.violate(f"the PUT's Content-Length is {lengths!r}, announced were {length} bytes")
        if len(request.body) != length:
            self._record.violate(f"the PUT brought {len(request.body)} bytes, announced were {length}")
        if request.all("Content-Range") != [due]:
            ranges = request.all("Content-Range")
            self._record.violate(f"the PUT's Content-Range is {ranges!r}, due is {due!r}")
        if len(request.all("Content-Type")) != 1 or request.get("Content-Type") not in MEDIA_TYPES:
            self._record.violate(f"the PUT's Content-Type is {request.all('Content-Type')!r}")
        if request.get("Content-Encoding") is not None:
            self._record.violate("the PUT has a Content-Encoding")
        return request.all("Content-Range") == [due]

    # -- both --------------------------------------------------------------

    def _leaks(self, request: Request, what: str, *, allowed: tuple[str, ...], body: bool) -> None:
        places = [("URL", request.target)] + [(name, value) for name, value in request.headers]
        if body:
            places.append(("body", request.body.decode("utf-8", "replace")))
        secrets = {"token": self._scenario.token, "open_id": self._scenario.open_id}
        for label, secret in secrets.items():
            for place, text in places:
                spellings = (secret, quote(secret, safe="")) if secret else ()
                if place.lower() not in allowed and any(s in text or s in unquote(text) for s in spellings):
                    self._record.violate(f"the {what}'s {place} holds the {label}")
