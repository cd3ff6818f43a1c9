"""Every name TikTok chose, of both APIs.

Sources: the migration notice (developers.tiktok.com/bulletin/migration-notice-share-video-api),
the retired reference page (developers.tiktok.com/doc/web-video-kit-with-web), the Content Posting
API reference (developers.tiktok.com/doc/content-posting-api-reference-upload-video) and the
webhook pages (developers.tiktok.com/doc/webhooks-events).
"""

from __future__ import annotations

from typing import Final

# The retired Share Video API
LEGACY_HOST: Final = "open-api.tiktok.com"
LEGACY_PATH: Final = "/share/video/upload"
LEGACY_ROOT: Final = "/share/video"
TOKEN_PARAMETER: Final = "access_token"
OPEN_ID_PARAMETER: Final = "open_id"
VIDEO_PART: Final = "video"

# Its response: {"data": {"share_id", "error_code", "err_code", "error_msg"}, "extra": {"logid", "error_detail"}}
OLD_DATA: Final = "data"
OLD_EXTRA: Final = "extra"
OLD_ID: Final = "share_id"
OLD_CODES: Final = ("error_code", "err_code")
OLD_MESSAGE: Final = "error_msg"
OLD_LOG_ID: Final = "logid"
OLD_DETAIL: Final = "error_detail"

# The Content Posting API (F3.1)
INIT_URL: Final = "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/"
NEW_HOST: Final = "open.tiktokapis.com"
MEDIA_TYPES: Final = ("video/mp4", "video/quicktime", "video/webm")
JSON_TYPE: Final = "application/json; charset=utf-8"
NEW_DATA: Final = "data"
NEW_ERROR: Final = "error"
NEW_ID: Final = "publish_id"
NEW_ID_START: Final = "v_inbox_file~v2."
OLD_ID_STARTS: Final = ("v_inbox.", "video.")  # F1.13
NEW_UPLOAD_URL: Final = "upload_url"
NEW_CODE: Final = "code"
NEW_MESSAGE: Final = "message"
NEW_LOG_ID: Final = "log_id"
OK: Final = "ok"

# The only numeric codes with a proven counterpart (api-facts 4.3). Several spellings: D4.
CODES: Final[dict[int, tuple[str, ...]]] = {
    0: ("ok",),
    20000: ("access_token_invalid",),
    20002: ("scope_not_authorized",),
    10002: ("invalid_param", "invalid_params"),
}

# Webhooks. Both legacy spellings of the completion event are real (D1).
EVENTS: Final[dict[str, str]] = {
    "video.upload.failed": "post.publish.failed",
    "video.publish.complete": "post.publish.complete",
    "video.publish.completed": "post.publish.complete",
}
# Legacy-looking event names that code invents (F2.6); reported, never mapped.
INVENTED_EVENTS: Final = (
    "video.publish.failed",
    "video.upload.complete",
    "video.upload.completed",
)
# TikTok's other events (sections 2 and 3.7 of api-facts), which keep their names.
OTHER_EVENTS: Final = (
    "authorization.removed",
    "portability.download.ready",
    "post.publish.inbox_delivered",
    "post.publish.publicly_available",
    "post.publish.no_longer_publicaly_available",
)
# The envelope (F2.2); its content is JSON within the JSON. Old and new id stand in there.
EVENT_KEY: Final = "event"
CONTENT_KEY: Final = "content"
CLIENT_KEY: Final = "client_key"
CREATE_TIME: Final = "create_time"
USER_KEY: Final = "user_openid"

# The other product of the new API: it takes title and privacy, and has duties of its own (F3.23, F3.26).
DIRECT_POST_URL: Final = "https://open.tiktokapis.com/v2/post/publish/video/init/"
DIRECT_POST_SCOPE: Final = "video.publish"
DIRECT_POST_PAGE: Final = "https://developers.tiktok.com/doc/content-posting-api-reference-direct-post"
STATUS_URL: Final = "https://open.tiktokapis.com/v2/post/publish/status/fetch/"

# Paths the API never had but generated code uses (api-facts 1.2), with what they are to be replaced by;
# reported, never rewritten.
_POSTED_IN_THE_APP: Final = (
    "an inbox upload is posted by the user, in the app: delete the call and give back publish_id, or make a direct "
    f"post instead ({DIRECT_POST_URL}, scope {DIRECT_POST_SCOPE}, post_info in its init)"
)
_INITS: Final = f"the upload begins with POST {INIT_URL}, whose answer has upload_url"
_STATES: Final = (
    f'the state of an upload comes from POST {STATUS_URL} with {{"publish_id": ...}}, or with the webhooks'
)
_TEXT_ONLY: Final = (
    "there is no API that shares a text or a link; the inbox upload takes a video and nothing else"
)
INVENTED_PATHS: Final[dict[str, str]] = {
    "/share/video": _TEXT_ONLY,
    "/share/video/upload/init": _INITS,
    "/share/video/init": _INITS,
    "/share/video/publish": _POSTED_IN_THE_APP,
    "/share/video/upload/publish": _POSTED_IN_THE_APP,
    "/share/video/post": _POSTED_IN_THE_APP,
    "/share/video/status": _STATES,
    "/share/video/upload/status": _STATES,
    "/share/video/query": _STATES,
    "/share/video/info": _STATES,
    "/video/upload": _INITS,
    "/video/upload/init": _INITS,
    "/video/init": _INITS,
    "/video/publish": _POSTED_IN_THE_APP,
    "/video/post": _POSTED_IN_THE_APP,
    "/video/status": _STATES,
    "/share/video/delete": "no API deletes a video or an upload: remove the call",
}

# Other endpoints of the retired host and their v2 equivalents (api-facts section 5).
SIBLINGS: Final[dict[str, str]] = {
    "/oauth/access_token": "POST https://open.tiktokapis.com/v2/oauth/token/",
    "/oauth/refresh_token": "POST https://open.tiktokapis.com/v2/oauth/token/ with grant_type=refresh_token",
    "/oauth/revoke": "POST https://open.tiktokapis.com/v2/oauth/revoke/",
    "/v0/oauth/get_qrcode": "POST https://open.tiktokapis.com/v2/oauth/get_qrcode/",
    "/v0/oauth/check_qrcode": "POST https://open.tiktokapis.com/v2/oauth/check_qrcode/",
    "/user/info": "GET https://open.tiktokapis.com/v2/user/info/",
    "/video/list": "POST https://open.tiktokapis.com/v2/video/list/",
    "/video/query": "POST https://open.tiktokapis.com/v2/video/query/",
    "/share/sound/upload": "nothing: the Content Posting API has no counterpart",
    "/oauth/userinfo": "GET https://open.tiktokapis.com/v2/user/info/ (the old path was never documented)",
    "/video/data": "POST https://open.tiktokapis.com/v2/video/query/ (the old path was never documented)",
}
UPLOAD_SCOPE: Final = "video.upload"

# A file that holds one of these bytes is a candidate; case variants are extra needles, not a folded search.
STRONG_NEEDLES: Final[tuple[bytes, ...]] = (
    b"open-api.tiktok.com",
    b"share/video/",
    b"video.upload.failed",
    b"video.publish.complete",
)
