"""Which endpoint a URL names, read from its pieces: the host is parsed, never prefix-matched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from share2post import tiktok
from share2post.semantics.values import Hole, Piece, Text

_FIRST_HOLE = 0xE000
_SHARE = tiktok.LEGACY_PATH.rpartition("/")[0] + "/"
# "{base}/share/video/upload/{query}", "/share/video/upload/open_id=...": the path, and then something else
_BARE = re.compile(rf"(^|[\ue000-\ue3ff])/?{tiktok.LEGACY_PATH[1:]}/[^?]")
_SCHEME = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]*:)?//")


class Target(Enum):
    """What a URL points at."""

    UPLOAD = auto()  # the Share Video upload
    INVENTED = auto()  # a /share/video/ path that never existed, or one that cannot be read to its end
    SIBLING = auto()  # another endpoint of the retired host
    BARE_PATH = auto()  # the upload path, behind a base the tool does not know
    BARE_INVENTED = auto()  # such a path that never existed, behind a base the tool does not know
    UNCLEAR = auto()  # below /share/video on the retired host, with something after it that is not known
    BARE_UNCLEAR = auto()  # the same, behind a base the tool does not know
    LEGACY_HOST = auto()  # the retired host, with a path the tool does not know
    OTHER = auto()


@dataclass(frozen=True, eq=False)
class Endpoint:
    """A URL read: what it points at, its path, and its query's parameters in pieces."""

    target: Target
    path: str
    query: tuple[tuple[str, tuple[Piece, ...]], ...] = ()
    clear: bool = True


def endpoint(text: Text) -> Endpoint:
    """Read a URL."""
    holes = [piece for piece in text.pieces if isinstance(piece, Hole)]
    flat, index = "", 0
    for piece in text.pieces:
        if isinstance(piece, Hole):
            flat, index = flat + chr(_FIRST_HOLE + index), index + 1
        else:
            flat += piece
    flat = flat.strip()
    address, _, query = flat.partition("#")[0].partition("?")
    pairs, clear = _query(query, holes)
    target, path = _target(address)
    return Endpoint(target, path, pairs, clear)


def joined(base: Text, text: Text) -> Text:
    """A URL behind a client's base URL; one that is whole stays as it is."""
    first = text.pieces[0] if text.pieces else ""
    if not isinstance(first, str) or _SCHEME.match(first):
        return text
    trimmed, rest = base.plus(Text([])), Text([]).plus(text)
    if trimmed.pieces and isinstance(trimmed.pieces[-1], str):
        trimmed.pieces[-1] = trimmed.pieces[-1].rstrip("/")
    rest.pieces[0] = first.lstrip("/")
    return trimmed.plus(Text(["/"])).plus(rest)


def _target(address: str) -> tuple[Target, str]:
    scheme = _SCHEME.match(address)
    rest = address[scheme.end() :] if scheme else address
    host, slash, path = rest.partition("/")
    path = slash + path
    named = host.rpartition("@")[2].partition(":")[0]
    if named.lower() == tiktok.LEGACY_HOST:
        return _path(path)
    if scheme and not _has_hole(named):
        return Target.OTHER, path
    if _has_hole(rest) or not scheme:
        bare = _after_holes(rest)
        clean = "/" + bare.strip("/")
        whole = "/" + rest.strip("/")
        if clean == tiktok.LEGACY_PATH and (bare.startswith("/") or rest == bare or _is_hole(rest[:1])):
            return Target.BARE_PATH, bare
        known = next((p for p in (whole, clean) if _SHARE in p and never_existed(p)), "")
        if known:
            return Target.BARE_INVENTED, known
        if _BARE.search(rest):
            return Target.BARE_UNCLEAR, rest
    return Target.OTHER, path


def never_existed(clean: str) -> bool:
    """Whether a path is one that only looks like the upload's: below it, or beside it under a name people invent."""
    below = clean.startswith(f"{tiktok.LEGACY_PATH}/") and len(clean) > len(tiktok.LEGACY_PATH) + 1
    return below or clean in tiktok.INVENTED_PATHS


def _path(path: str) -> tuple[Target, str]:
    clean = "/" + re.sub("/+", "/", path).strip("/")
    if clean == tiktok.LEGACY_PATH:
        return Target.UPLOAD, path
    if never_existed(clean):
        return Target.INVENTED, clean
    if _has_hole(clean) and clean.startswith(f"{tiktok.LEGACY_ROOT}/"):
        return Target.UNCLEAR, path
    if _has_hole(clean) or clean == "/":
        return Target.LEGACY_HOST, path
    if clean in tiktok.SIBLINGS:
        return Target.SIBLING, clean
    return Target.LEGACY_HOST, path


def _query(query: str, holes: list[Hole]) -> tuple[tuple[tuple[str, tuple[Piece, ...]], ...], bool]:
    pairs: list[tuple[str, tuple[Piece, ...]]] = []
    clear = True
    for part in query.split("&"):
        if not part:
            continue
        name, equals, value = part.partition("=")
        if _has_hole(name) or not equals:
            clear = False
        pairs.append((name, tuple(_split(value, holes))))
    return tuple(pairs), clear


def _split(value: str, holes: list[Hole]) -> list[Piece]:
    found: list[Piece] = []
    for char in value:
        if _is_hole(char):
            found.append(holes[ord(char) - _FIRST_HOLE])
        elif found and isinstance(found[-1], str):
            found[-1] += char
        else:
            found.append(char)
    return found


def _after_holes(text: str) -> str:
    last = max((index for index, char in enumerate(text) if _is_hole(char)), default=-1)
    return text[last + 1 :]


def _is_hole(char: str) -> bool:
    return bool(char) and _FIRST_HOLE <= ord(char) < _FIRST_HOLE + 0x400


def _has_hole(text: str) -> bool:
    return any(_is_hole(char) for char in text)
