"""What the local TikTok expects and how it answers.

``answers`` are given to the uploads (old API) or the inits (new API) in order,
``puts`` to the second requests; the last one repeats. An answer's name means
the same thing on both sides, so that a program can be run on both and compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from wire.record import Answer

# Real tokens hold "!" and "." (api-facts T13): percent-encoding one is a mistake that must show.
TOKEN: Final = "act.1d1021d2aee3d41fee2d2add43456badMFZnrhFhfWotu3Ecuiuka2ELr5mS!4411.e1"
OPEN_ID: Final = "723f24d7-e717-40f8-a2b6-cb8464cd23b4"
# The same opaque id on both sides, so that what a program prints can be compared.
ID: Final = "v_inbox_file~v2.70881224967586793"
LOG_ID: Final = "202210112248442CB9319E1FB30C1073F3"

OLD_HOST: Final = "open-api.tiktok.com"
OLD_PATHS: Final = ("/share/video/upload/", "/share/video/upload")
NEW_HOST: Final = "open.tiktokapis.com"
INIT_PATH: Final = "/v2/post/publish/inbox/video/init/"
UPLOAD_HOST: Final = "open-upload.tiktokapis.com"

BAD_TOKEN: Final = "The access token is invalid or not found in the request."
BAD_SCOPE: Final = "The user did not authorize the scope required for completing this request."
BAD_PARAMETERS: Final = "Invalid request parameters."
SERVER_ERROR: Final = "Something went wrong. Try again later."
DETAIL: Final = "access_token not found in the request query param"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way things can go."""

    api: Literal["old", "new"]
    answers: tuple[str, ...] = ("success",)
    puts: tuple[str, ...] = ("success",)
    delay: float = 0.0
    token: str = TOKEN
    # Where the old server looks for the token: query, form, bearer, access-token; every place named must hold it.
    token_in: tuple[str, ...] = ("query",)
    open_id: str | None = OPEN_ID
    # Form fields the old server puts up with beside the video (T17).
    fields: tuple[str, ...] = ()
    # "METHOD host/path" -> JSON: requests that are none of our business but are recorded.
    others: Mapping[str, object] = field(default_factory=dict)


def _old_error(code: int, message: str) -> dict[str, object]:
    return {
        "data": {"err_code": code, "error_code": code, "error_msg": message},
        "extra": {"error_detail": DETAIL if code == 20000 else "", "logid": LOG_ID},
    }


def _new_error(code: str, message: str) -> dict[str, object]:
    return {"error": {"code": code, "message": message, "log_id": LOG_ID}}


# What stands before either API may answer by itself, and not in JSON.
GATEWAY: Final = Answer(502, b"<html>Bad Gateway</html>", (("Content-Type", "text/html"),))

# The answers a request can be given when it was right. "success" is made by the API itself.
OLD_SCENARIOS: Final[dict[str, Answer]] = {
    "refused": Answer.of(401, _old_error(20000, BAD_TOKEN)),
    "scope": Answer.of(200, _old_error(20002, BAD_SCOPE)),
    "invalid": Answer.of(200, _old_error(10002, BAD_PARAMETERS)),
    "down": Answer.of(500, _old_error(50000, SERVER_ERROR)),
    "gateway": GATEWAY,
}
NEW_SCENARIOS: Final[dict[str, Answer]] = {
    "refused": Answer.of(401, _new_error("access_token_invalid", BAD_TOKEN)),
    "scope": Answer.of(200, {"data": {}, **_new_error("scope_not_authorized", BAD_SCOPE)}),
    "scope-401": Answer.of(401, _new_error("scope_not_authorized", BAD_SCOPE)),
    "invalid": Answer.of(200, {"data": {}, **_new_error("invalid_params", BAD_PARAMETERS)}),
    "invalid-400": Answer.of(400, _new_error("invalid_param", BAD_PARAMETERS)),
    "spam": Answer.of(
        403, {"data": {}, **_new_error("spam_risk_too_many_pending_share", "Too many pending shares.")}
    ),
    "rate": Answer.of(429, _new_error("rate_limit_exceeded", "The API rate limit was exceeded.")),
    "down": Answer.of(500, _new_error("internal_error", SERVER_ERROR)),
    "gateway": GATEWAY,
}
# A failed PUT has a status and nothing else (F3.11).
PUTS: Final[dict[str, int]] = {"bad": 400, "expired": 403, "missing": 404, "range": 416, "down": 500}


def old_success(video_id: str) -> dict[str, object]:
    """The documented answer to a video that arrived (api-facts 1.3)."""
    return {
        "data": {"err_code": 0, "error_code": 0, "share_id": video_id},
        "extra": {"error_detail": "", "logid": LOG_ID},
    }


def new_success(video_id: str, upload_url: str | None) -> dict[str, object]:
    """The documented answer to an init (F3.3)."""
    data = {"publish_id": video_id} | ({"upload_url": upload_url} if upload_url else {})
    return {"data": data, "error": {"code": "ok", "message": "", "log_id": LOG_ID}}
