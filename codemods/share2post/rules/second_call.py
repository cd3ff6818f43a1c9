"""Reading a second request: the PUT or POST that a program makes to ``upload_url`` by itself."""

from __future__ import annotations

import ast
from typing import Final

from share2post.dialects import aiohttp, httpx, niquests, requests
from share2post.families import Family
from share2post.protocols import Request
from share2post.semantics import sessions
from share2post.semantics.calls import arguments, is_none
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

FAMILIES: Final[dict[str, Family]] = {
    "requests": requests.FAMILY, "httpx": httpx.FAMILY, "niquests": niquests.FAMILY, "aiohttp": aiohttp.FAMILY,
}  # fmt: skip
_ROLES: Final = frozenset({"url", "data", "content", "files", "headers"})


def read_second(evaluator: Evaluator, unit: Unit, call: ast.Call) -> tuple[Family, Request] | None:
    """A PUT or POST of one of the clients, by what each argument is for."""
    world = evaluator.world
    module, _, verb = (world.qualified(unit, call.func) or "").rpartition(".")
    for family in FAMILIES.values():
        session = None
        if module not in (family.module, f"{family.module}.api") or verb not in ("put", "post"):
            if not isinstance(call.func, ast.Attribute) or call.func.attr not in ("put", "post"):
                continue
            session = sessions.find(evaluator, unit, call.func.value, family.sessions | family.async_sessions)
            if session is None:
                continue
        given = arguments(world, unit, call, ("url", "data") if family.body == "data" else ("url",))
        values = {name: value for name, value in given.named.items() if not is_none(value)}
        parent = unit.module.parent(call)
        kept = tuple((name, values[name]) for name in family.kept if name in values)
        odd = tuple((n, v) for n, v in values.items() if n not in _ROLES and n not in family.kept)
        return family, Request(
            unit, call, parent if isinstance(parent, ast.Await) else call, family.module,
            given.named.get("url", call), unit.module.source(call.func),
            data=values.get("data", values.get("content")),
            files=values.get("files"), headers=values.get("headers"), kept=kept,
            hidden=(*given.hidden, *given.surplus), unsupported=odd, session=session, streams=family.managed,
        )  # fmt: skip
    return None
