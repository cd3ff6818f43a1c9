"""What stands in the way of an upload: arguments, sessions and addresses that cannot be seen."""

from __future__ import annotations

from share2post.model import Reason
from share2post.protocols import Request
from share2post.rules.credentials import Body
from share2post.semantics.values import Text
from share2post.sites import Draft


def check_request(draft: Draft, request: Request, texts: list[Text], clear: bool, body: Body) -> None:
    """Note every part of a request that the tool cannot see, or has no place for."""
    unit = request.unit
    if len(texts) > 1:
        draft.stop(Reason.UNKNOWN_URL, "the URL can have several values here", unit, request.url)
    elif not clear:
        draft.stop(Reason.UNKNOWN_URL, "the URL's query cannot be taken apart", unit, request.url)
    for name in texts[0].environment:
        draft.doubt(
            Reason.ENVIRONMENT_URL,
            f"{overrider(name)} may override the endpoint; the default is what is migrated",
            unit,
            request.url,
        )
    for hidden in request.hidden:
        draft.stop(
            Reason.UNKNOWN_ARGUMENT,
            "the call passes arguments on with a star, so what it sends cannot be seen",
            unit,
            hidden,
        )
    for reason, hint, node in request.obstacles:
        draft.stop(reason, hint, unit, node)
    for name, value in request.unsupported:
        draft.stop(Reason.UNSUPPORTED_ARGUMENT, f"the argument {name} has no known counterpart", unit, value)
    for hint, node in request.lost:
        draft.doubt(Reason.UNSUPPORTED_ARGUMENT, hint, unit, node)
    for stray in body.strays:
        draft.stop(
            Reason.UNSUPPORTED_ARGUMENT,
            "the form is used for something else too, which needs it as it was",
            unit,
            stray,
        )
    if request.auth is not None:
        draft.stop(
            Reason.AUTH_OBJECT,
            "auth= would put its own Authorization in place of the Bearer token, and send it to the upload host",
            unit,
            request.auth,
        )
    if request.body is not None and body.data is not None and body.data.unknown is not None:
        hint = "the tool cannot tell the video from the rest of this body, which the program puts together itself"
        draft.stop(Reason.UNKNOWN_VIDEO, hint, unit, request.body)
    for mapping, name in ((body.params, "params"), (body.data, "data"), (body.json, "json")):
        if mapping is not None and mapping.unknown is not None and mapping.node is not request.body:
            draft.stop(
                Reason.UNKNOWN_ARGUMENT, f"what {name} holds cannot all be seen", unit, mapping.unknown
            )
    session = request.session
    if session is not None and not session.known and not request.guarded:
        draft.doubt(
            Reason.UNKNOWN_SESSION,
            f"what the session {session.source} sends by itself cannot be seen; "
            "the bytes are put without it, so that no credential reaches the upload host",
            unit,
            request.call.func,
        )


def overrider(name: str) -> str:
    """Who may put another value in a URL's place: an environment variable, or (``name=``) a caller."""
    return f"a caller ({name}...)" if name.endswith("=") else f"the environment ({name})"
