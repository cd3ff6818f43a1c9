"""A path that meets the retired host somewhere else than where it is written.

::

    self._make_request("POST", "/share/video/publish/")     # behind the wrapper's own base
    connection.request("POST", "/share/video/publish/")     # on a connection to the retired host
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
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
        for text in self._addresses(unit, path, call):
            if _names_host(text):
                return endpoint(Text([*text.pieces[:-1], given]))
        return None

    def is_sent_elsewhere(self, unit: Unit, path: ast.expr, call: ast.Call) -> bool:
        """Whether the function that takes a path puts it behind another host, and behind that only."""
        bases = [text.pieces[0] for text in self._addresses(unit, path, call)]
        return bool(bases) and all(isinstance(base, str) and _is_other_host(base) for base in bases)

    def _addresses(self, unit: Unit, path: ast.expr, call: ast.Call) -> Iterator[Text]:
        """The texts in a function of the project that end with the path it is given."""
        callee = self.evaluator.callee(unit, call)
        name = parameter_of(call, path, *callee) if callee is not None else None
        if callee is not None and name is not None:
            owner, function = callee
            for node in ast.walk(function):
                if isinstance(node, ast.JoinedStr | ast.BinOp):
                    yield from (t for t in self.evaluator.texts(owner, node) if _ends_with(t, name))

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


def _is_other_host(base: str) -> bool:
    """``https://business-api.tiktok.com``, whole: a text that ends inside a host is none yet."""
    scheme, separator, host = base.lower().partition("://")
    return bool(separator and host) and scheme in ("http", "https") and tiktok.LEGACY_HOST not in host


def _ends_with(text: Text, name: str) -> bool:
    last = text.pieces[-1] if text.pieces else None
    return isinstance(last, Hole) and isinstance(last.node, ast.Name) and last.node.id == name
