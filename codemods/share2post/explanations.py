"""What ``explain`` says: every rule with a before and an after, every reason in a paragraph."""

from __future__ import annotations

from textwrap import indent, wrap
from typing import Final

from share2post.catalogue import BY_CODE, REASONS, RULES, RuleInfo
from share2post.model import Reason

_UPLOAD_BEFORE: Final = """\
with open(path, "rb") as video:
    response = requests.post(
        "https://open-api.tiktok.com/share/video/upload/",
        params={"access_token": token, "open_id": open_id},
        files={"video": video},
    )
"""
_UPLOAD_AFTER: Final = """\
with open(path, "rb") as video:
    content = video.read()
    response = requests.post(
        "https://open.tiktokapis.com/v2/post/publish/inbox/video/init/",
        headers={
            "Authorization": "Bearer " + token,
            "Content-Type": "application/json; charset=utf-8",
        },
        json={
            "source_info": {
                "source": "FILE_UPLOAD",
                "video_size": len(content),
                "chunk_size": len(content),
                "total_chunk_count": 1,
            }
        },
    )
    if response.ok:
        requests.put(
            response.json()["data"]["upload_url"],
            data=content,
            headers={
                "Content-Type": "video/mp4",
                "Content-Range": f"bytes 0-{len(content) - 1}/{len(content)}",
            },
        ).raise_for_status()
"""
_READS_BEFORE: Final = """\
result = response.json()
if result["data"]["error_code"] != 0:
    raise UploadError(result["data"]["error_msg"])
return result["data"]["share_id"]
"""
_READS_AFTER: Final = """\
result = response.json()
if result["error"]["code"] != "ok":
    raise UploadError(result["error"]["message"])
return result["data"]["publish_id"]
"""

# Per rule: a paragraph, the code before, the code after (empty where a person has to write it).
TEXTS: Final[dict[str, tuple[str, str, str]]] = {
    "S2P001": (
        "A request goes to TikTok's Share Video upload, or its URL stands somewhere in the project. The URL "
        "is evaluated, not matched as text: constants, f-strings, base URLs and joins count, across modules. "
        "The API ended in 2023; its successor takes two requests, one that announces the upload and one that "
        "sends the bytes.",
        _UPLOAD_BEFORE,
        _UPLOAD_AFTER,
    ),
    "S2P002": (
        "The access token or the open_id is sent in the query or in the form. The Content Posting API takes "
        "the token in the Authorization header of the first request only, never at the upload host, and has "
        "no use for the open_id.",
        'params={"access_token": token, "open_id": open_id}\n',
        'headers={"Authorization": "Bearer " + token}\n',
    ),
    "S2P003": (
        "The video is sent as a part of a multipart form. The upload host takes the raw bytes as the body of "
        "a PUT; a form around them would make the size differ from the announced one.",
        'requests.post(url, files={"video": video})\n',
        "requests.put(upload_url, data=content, headers={...})\n",
    ),
    "S2P004": (
        "A field of the old response is read. The new one has publish_id, error.code, error.message and "
        'error.log_id. Mind that the code is a word: success is "ok", which is true where 0 was false. In a '
        "failure, data may be missing.",
        _READS_BEFORE,
        _READS_AFTER,
    ),
    "S2P005": (
        "The code names a webhook event that TikTok no longer sends. The completion event was spelled in two "
        "ways, with and without a final d; both have the same successor.",
        'if name == "video.publish.completed":\n    ...\nelif name == "video.upload.failed":\n    ...\n',
        'if name == "post.publish.complete":\n    ...\nelif name == "post.publish.failed":\n    ...\n',
    ),
    "S2P006": (
        "share_id is read from the content of a webhook, where it is called publish_id now. Own columns and "
        "interfaces of that name are left alone; the message says where they are filled from it.",
        'content = json.loads(event["content"])\nmark_published(content["share_id"])\n',
        'content = json.loads(event["content"])\nmark_published(content["publish_id"])\n',
    ),
    "S2P101": (
        "The project uses another endpoint of the same retired host. It has a counterpart in version 2 of "
        "TikTok's API, which the message names, with other parameters and another response. Nothing is "
        "rewritten; the note is shown beside an upload, or when it is selected by its code.",
        'requests.post("https://open-api.tiktok.com/oauth/access_token/", params={...})\n',
        "",
    ),
    "S2P102": (
        "A list of scopes for TikTok's authorization page lacks video.upload, which the upload to the "
        "inbox needs; video.publish does not include it. Whether users have granted it in another way cannot "
        "be seen, so this is a note.",
        'SCOPES = "user.info.basic,video.publish"\n',
        'SCOPES = "user.info.basic,video.publish,video.upload"\n',
    ),
    "S2P900": (
        "A file holds names of the retired API but cannot be decoded or parsed. Nothing can be said "
        "about it and nothing is written; the exit status is 2. Repair the file and run again.",
        "",
        "",
    ),
}


def of(name: str) -> str | None:
    """The explanation of a rule (by code or name) or a reason; ``None`` if there is no such thing."""
    found = [_rule(rule) for rule in RULES if name.upper() == rule.code or name.lower() == rule.name]
    found += [_reason(reason) for reason in Reason if name.lower() == reason]
    return "\n\n".join(found) or None


def index() -> str:
    """Everything that can be explained."""
    rules = [f"  {rule.code}  {rule.name}" for rule in BY_CODE.values()]
    reasons = [f"  {reason}" for reason in Reason]
    return "\n".join(["Rules:", *rules, "", "Reasons why something is not rewritten:", *reasons])


def _rule(rule: RuleInfo) -> str:
    text, before, after = TEXTS[rule.code]
    parts = [f"{rule.code} {rule.name}: {rule.summary}", _paragraph(text)]
    if before:
        parts += ["Before:", indent(before.rstrip(), "    ")]
    if after:
        parts += ["After:", indent(after.rstrip(), "    ")]
    return "\n\n".join(parts)


def _reason(reason: Reason) -> str:
    return f"{reason}\n\n{_paragraph(REASONS[reason])}"


def _paragraph(text: str) -> str:
    return "\n".join(wrap(text, 88))
