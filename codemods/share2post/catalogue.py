"""What reports, ``rules`` and ``explain`` may know of the rules and the reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from share2post.model import Reason


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """One rule: its code, its name, a sentence, and whether it is only a note."""

    code: str
    name: str
    summary: str
    note: bool = False


RULES: Final[tuple[RuleInfo, ...]] = (
    RuleInfo("S2P001", "legacy-endpoint", "the Share Video upload URL, however it is put together"),
    RuleInfo("S2P002", "token-in-request", "access_token or open_id sent in the query or the form"),
    RuleInfo("S2P003", "multipart-upload", "the video sent as a multipart part"),
    RuleInfo("S2P004", "legacy-response", "reads of the fields of the old response"),
    RuleInfo("S2P005", "legacy-webhook-event", "names of the old webhook events"),
    RuleInfo("S2P006", "legacy-webhook-field", "share_id read from the content of a webhook"),
    RuleInfo("S2P101", "legacy-sibling", "another endpoint of the same retired v1 host", note=True),
    RuleInfo("S2P102", "missing-upload-scope", "scopes without video.upload beside an upload", note=True),
    RuleInfo("S2P900", "unreadable", "a file that holds legacy names but cannot be decoded or parsed"),
)

BY_CODE: Final = {rule.code: rule for rule in RULES}


def unknown_codes(codes: Iterable[str]) -> list[str]:
    """Those that are neither a rule's code nor the beginning of one."""
    return [code for code in codes if not code or not any(rule.code.startswith(code) for rule in RULES)]


REASONS: Final[dict[Reason, str]] = {
    Reason.UNKNOWN_URL: (
        "The address of the request contains TikTok's retired host or path, but a part of it cannot be "
        "worked out from the source, so it is not certain that this request goes to the Share Video "
        "upload. Look up what the unknown part is. If it is the upload, write the address where the tool "
        "can see it (a literal, a constant, an f-string of constants) and run share2post again, or "
        "migrate the call by hand."
    ),
    Reason.UNUSED_URL: (
        "The Share Video URL stands in a constant or a configuration entry, and no request to it was "
        "found. The tool does not swap the constant: a call it cannot see would then send the old request "
        "to the new address, which is worse than a dead one. Find what uses the constant, migrate that "
        "call, then delete the constant."
    ),
    Reason.ENVIRONMENT_URL: (
        "The Share Video URL is the default of an environment variable. What the program really calls is "
        "decided where it is deployed, and the migrated code no longer reads that variable. Check what "
        "the variable is set to in every deployment (a mock, a proxy, another region), then use --unsafe- "
        "fixes or migrate by hand."
    ),
    Reason.UNKNOWN_CALL: (
        "The Share Video URL is handed to a function whose meaning the tool does not know: it may send "
        "the request, log it, or put it in a queue. Find the place that talks to TikTok in the end and "
        "migrate it there: a POST to the init endpoint, then a PUT of the bytes to the upload_url of the "
        "answer."
    ),
    Reason.UNSUPPORTED_CLIENT: (
        "The upload is made with an HTTP client, or a feature of one, that the tool cannot rewrite. "
        "Migrate the call by hand: POST the JSON source_info with the token as a Bearer header to the "
        "init endpoint, then PUT the raw bytes, with Content-Type, Content-Length and Content-Range, to "
        "the upload_url of the answer."
    ),
    Reason.UNSUPPORTED_CONTEXT: (
        "The upload stands where no statement can be put: in a lambda, a comprehension, a default "
        "argument, a condition that may be skipped. One request becomes two, and the second may only be "
        "sent if the first succeeded. Move the call into a statement of its own and run share2post again."
    ),
    Reason.UNSUPPORTED_ARGUMENT: (
        "The call has an argument with no place in the new protocol, or one whose effect on two requests "
        "instead of one is unclear, such as a hook or a streaming callback. Decide what it is to do for "
        "the init request and for the PUT, and migrate the call by hand."
    ),
    Reason.UNKNOWN_ARGUMENT: (
        "An argument of the call, such as **options or a dictionary built elsewhere, cannot be worked "
        "out, so a token, a part of the form or a second file may hide in it. Write the argument's keys "
        "where the call is, or give the dictionary literal keys, and run share2post again."
    ),
    Reason.UNKNOWN_SESSION: (
        "The session or client that sends the upload comes from somewhere the tool cannot see, so it may "
        "carry headers, parameters or a base URL of its own. The PUT must not carry the token or any "
        "parameters to the upload host. Create the session where the tool can see it, or migrate by hand "
        "and send the PUT with a client that has neither."
    ),
    Reason.AUTH_OBJECT: (
        "The request is authenticated by an object (auth=..., a session's auth, an OAuth client) that "
        "sets or signs headers itself. The new API wants exactly one Authorization: Bearer header on the "
        "init request and none on the PUT. Find out what the object sends and migrate the call by hand."
    ),
    Reason.WRAPPER: (
        "The upload goes through a function of the project that makes other requests, too. Such a call is "
        "written out as what it comes to and rewritten where that can be done: here it could not, and the "
        "message says why (a subclass or a test puts something else in the function's place, arguments "
        "that cannot be seen, what the function does with the answer). Give the upload a function of its "
        "own next to the wrapper, written for the new "
        "API, and let the callers of the upload use that."
    ),
    Reason.UNKNOWN_TOKEN: (
        "The access token of the request was not found, or there are several that it could be. The init "
        "request needs it as Authorization: Bearer <token>. Find where the old request got its "
        "access_token from and migrate the call by hand, or pass the token where the tool can see it and "
        "run share2post again."
    ),
    Reason.UNKNOWN_VIDEO: (
        "The tool cannot tell what is uploaded: a path, an open file, bytes, or a stream that can be read "
        "only once. The init request needs the exact number of bytes before the first of them is sent. "
        "Where the size can be known, pass the file or its bytes directly to the call and run share2post "
        "again; otherwise migrate by hand."
    ),
    Reason.VIDEO_URL: (
        "The old request names a URL of the video instead of sending the file. The new API can fetch a "
        "video itself (PULL_FROM_URL), but only from a domain or URL prefix that has been verified for "
        "the app in TikTok's developer portal. Verify it there, then use --unsafe-fixes. A path of your own "
        "machine and a URL signed for a while (a presigned URL of a bucket) are nothing it could fetch: send "
        "the file."
    ),
    Reason.DROPPED_FIELD: (
        "The old request sends fields, such as a title or a privacy level, that the upload to the inbox "
        "has no place for; the old API ignored them as well. The rewrite drops them. Make sure that "
        "nothing relies on them, then use --unsafe-fixes. Direct Post has such fields, but it is another "
        "product: the scope video.publish, an audit before anything is public, the user's consent to each "
        "post, and no privacy level chosen for them."
    ),
    Reason.NEW_STYLE_BODY: (
        "The code sends a body of the new API to the URL of the old one, so it has never worked. The "
        "rewrite completes it to the new protocol (a JSON init request, then a PUT of the bytes) where "
        "the shape of the body is known. Read the result, try it, and only then rely on it. A loop that sends "
        "the file in chunks is rewritten where its last chunk is seen: a file of up to 64,000,000 bytes is "
        "one chunk; else a chunk has 5 to 64 MB, total_chunk_count is video_size // chunk_size rounded "
        "down, the last chunk takes the rest, and they are sent one after the other. A third call, to an "
        "endpoint that never existed, is left and reported: users post in the app."
    ),
    Reason.RESPONSE_ESCAPES: (
        "The response, or something taken from it, leaves the part of the program that the tool can "
        "follow: it is returned to callers that are not known, stored, or handed to other code. Whoever "
        "reads it there expects the old fields. Look at the place the message names, change share_id to "
        "publish_id and the error fields to error.code and error.message there, then use --unsafe-fixes."
    ),
    Reason.UNKNOWN_READ: (
        "The response is read in a way that has no certain counterpart in the new one: an unknown key, a "
        "loop over its items, a comparison with something that cannot be worked out. The new answer is "
        "{data: {publish_id, upload_url}, error: {code, message, log_id}}, and data may be missing in a "
        "failure. Rewrite the read by hand, then run share2post again."
    ),
    Reason.NUMERIC_CODE: (
        "The code compares the old numeric error code with a number that has no proven counterpart. The "
        "new API answers with words, such as access_token_invalid or rate_limit_exceeded, and TikTok "
        "published no table. Decide which word is meant, with the error table of the Content Posting API "
        "at hand, and migrate by hand."
    ),
    Reason.ERROR_DETAIL: (
        "The code reads extra.error_detail, which the new API does not have; error.message is the "
        "nearest, but it is another text and is always there. Decide whether the message will do, and "
        "change the read by hand."
    ),
    Reason.NO_EVIDENCE: (
        "A string is spelled like one of TikTok's old webhook events, but nothing in this file shows that "
        "it handles TikTok's webhooks. If it does, use --unsafe-fixes; if it is another vendor's event or "
        "a key of your own, suppress the finding with a comment."
    ),
    Reason.DUPLICATE_EVENT: (
        "The code handles the old event and its new name in separate branches, so a renamed branch could "
        "never be reached, or the two do different things. Decide which of them is right for "
        "post.publish.complete or post.publish.failed, and delete the other by hand."
    ),
    Reason.UNKNOWN_EVENT_USE: (
        "The name of an old webhook event is used in a way the tool cannot follow: it is cut up, "
        "composed, matched as a pattern, or handed to other code. Change it by hand: video.upload.failed "
        "becomes post.publish.failed, video.publish.complete and video.publish.completed become "
        "post.publish.complete."
    ),
    Reason.UNKNOWN_PAYLOAD: (
        "share_id is read from something that may or may not be the content of a TikTok webhook. In a "
        "webhook's content it is called publish_id now; in your own database or interface it keeps its "
        "name. Look where the value comes from, and rename the read by hand if it is TikTok's."
    ),
    Reason.MOCKED: (
        "A test answers for the upload in place of TikTok: with a mock library, a patched client or a "
        "recording. One old answer becomes two, that of the init request and that of the PUT, and the tool "
        "cannot rewrite this one, so the test would fail once the upload has moved. Change the test by hand, "
        "then use --unsafe-fixes; record cassettes anew."
    ),
    Reason.SUPPRESSED_PART: (
        "A finding of this site is silenced by a comment, and a site is migrated whole or not at all. "
        "Remove the comment to have the site migrated, or silence its other findings as well."
    ),
    Reason.UNUSED_SUPPRESSION: (
        "A comment asks share2post to ignore a rule here, and there is nothing here that the rule finds. "
        "Either the code has been migrated, or the comment stands at the wrong statement or names the "
        "wrong rule. Delete it or move it, so that it does not hide what comes later."
    ),
    Reason.PARTNER: (
        "Two sites would have to change the same piece of source, and the order would decide what comes "
        "out. Migrate one of them by hand, or run share2post again after the other has been fixed."
    ),
    Reason.VERIFICATION: (
        "The tool made a rewrite, checked it, and could not vouch for it: it would not parse on the "
        "oldest supported Python, would lose a comment, would not be stable on a second run, or would "
        "change something else. Nothing was written. Migrate this site by hand; a report of it is "
        "welcome."
    ),
    Reason.NOTE: (
        "This is not part of a Share Video upload, but it belongs to the same retired API or to the "
        "scopes the new one needs. The tool only says so. Follow the message when you migrate that part."
    ),
    Reason.UNREADABLE: (
        "The file holds names of the retired API, but it cannot be decoded or parsed, so nothing can be "
        "said about them and nothing is written. Repair the file (its encoding line, its syntax, Python 2 "
        "code) and run share2post again."
    ),
}

# What there is to do about each, in the few words that a comment in the code has room for. A comment
# may stand in any file, so: ASCII, no brackets, nothing that a file could be read by.
TASKS: Final[dict[Reason, str]] = {
    Reason.UNKNOWN_URL: "find out whether this address is the Share Video upload, then migrate it",
    Reason.UNUSED_URL: "migrate what uses this address, then delete it",
    Reason.ENVIRONMENT_URL: "check what the environment sets this address to, then migrate the request",
    Reason.UNKNOWN_CALL: "find what sends this request in the end and migrate it there",
    Reason.UNSUPPORTED_CLIENT: "migrate this request by hand, its client cannot be rewritten",
    Reason.UNSUPPORTED_CONTEXT: "move this request into a statement of its own, then migrate it",
    Reason.UNSUPPORTED_ARGUMENT: "decide what the arguments mean for two requests, then migrate by hand",
    Reason.UNKNOWN_ARGUMENT: "spell out the arguments of this request, then migrate it",
    Reason.UNKNOWN_SESSION: "find out what the session adds to its requests, then migrate this one",
    Reason.AUTH_OBJECT: "find out what the auth object sends, then migrate this request by hand",
    Reason.WRAPPER: "give the upload a function of its own beside the wrapper, for the new API",
    Reason.UNKNOWN_TOKEN: "find the access token of this request, then migrate it",
    Reason.UNKNOWN_VIDEO: "find out what is uploaded and how long it is, then migrate this request",
    Reason.VIDEO_URL: "verify the domain of the video, then migrate to PULL_FROM_URL",
    Reason.DROPPED_FIELD: "decide about the fields that the new upload has no place for, then migrate",
    Reason.NEW_STYLE_BODY: "complete this request to the protocol of the new API by hand",
    Reason.RESPONSE_ESCAPES: "change the reads of the response where it goes, then migrate this request",
    Reason.UNKNOWN_READ: "rewrite the reads of the response by hand, then migrate this request",
    Reason.NUMERIC_CODE: "replace the old numeric error codes by words, then migrate this request",
    Reason.ERROR_DETAIL: "do without error_detail, then migrate this request",
    Reason.MOCKED: "have this test answer and expect the two new requests, then migrate the upload",
    Reason.NO_EVIDENCE: "find out whether this event is TikTok's, then rename it",
    Reason.DUPLICATE_EVENT: "keep one of the branches for the old and the new event",
    Reason.UNKNOWN_EVENT_USE: "rename this event by hand",
    Reason.UNKNOWN_PAYLOAD: "find out whether this is the content of a TikTok webhook, then rename the field",
    Reason.SUPPRESSED_PART: "a part of this is silenced by a comment, silence the rest or migrate it",
    Reason.UNUSED_SUPPRESSION: "remove the comment that silences nothing",
    Reason.PARTNER: "migrate this together with the upload it shares code with",
    Reason.VERIFICATION: "migrate this by hand, the rewrite could not be verified",
    Reason.NOTE: "see the note about this",
    Reason.UNREADABLE: "make this file readable for Python 3",
}
