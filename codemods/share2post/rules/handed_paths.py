"""A path that meets the retired host somewhere else than where it is written.

::

    self._make_request("POST", "/share/video/publish/")     # behind the wrapper's own base
    connection.request("POST", "/share/video/publish/")     # on a connection to the retired host
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from share2post import tiktok
from share2post.semantics.callers import parameter_of
from share2post.semantics.urls import Endpoint, endpoint
from share2post.semantics.values import Evaluator, Hole, Text
from share2post.semantics.world import Unit

_CONNECTIONS = frozenset({"http.client.HTTPSConnection", "http.client.HTTPConnection"})
_SENDERS = frozenset({"request", "putrequest"})


@dataclass(eq=False)
class HandedPaths:
    """Puts a path behind the host it is sent to."""

    evaluator: Evaluator

    def endpoint(self, unit: Unit, path: ast.Constant, call: ast.Call) -> Endpoint | None:
        """What a path names where a call takes it; ``None`` where that is not on the retired host."""
        given = str(path.value)
        if not given.startswith("/"):
            return None
        if self._on_connection(unit, call):
            return endpoint(Text([f"https://{tiktok.LEGACY_HOST}{given}"]))
        callee = self.evaluator.callee(unit, call)
        name = parameter_of(call, path, *callee) if callee is not None else None
        if callee is None or name is None:
            return None
        owner, function = callee
        for node in ast.walk(function):
            if isinstance(node, ast.JoinedStr | ast.BinOp):
                for text in self.evaluator.texts(owner, node):
                    if _names_host(text) and _ends_with(text, name):
                        return endpoint(Text([*text.pieces[:-1], given]))
        return None

    def _on_connection(self, unit: Unit, call: ast.Call) -> bool:
        """``HTTPSConnection("open-api.tiktok.com")``, in a name or at once."""
        if not isinstance(call.func, ast.Attribute) or call.func.attr not in _SENDERS:
            return False
        made: ast.expr | None = call.func.value
        if isinstance(made, ast.Name | ast.Attribute):
            definition = self.evaluator.world.definition(unit, made)
            made = definition.value if definition is not None else None
        if not isinstance(made, ast.Call) or not made.args:
            return False
        host = self.evaluator.text(unit, made.args[0])
        known = (host.known or "") if host is not None else ""
        client = self.evaluator.world.qualified(unit, made.func) in _CONNECTIONS
        return client and known.partition(":")[0].lower() == tiktok.LEGACY_HOST


def _names_host(text: Text) -> bool:
    first = text.pieces[0] if text.pieces else ""
    return isinstance(first, str) and tiktok.LEGACY_HOST in first.lower()


def _ends_with(text: Text, name: str) -> bool:
    last = text.pieces[-1]
    return isinstance(last, Hole) and isinstance(last.node, ast.Name) and last.node.id == name
