"""What an expression of a wrapper gives: the answer of the upload, its parsed body, or neither."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from share2post.dialects import DIALECTS
from share2post.semantics.callers import Function
from share2post.semantics.flow import Kind
from share2post.semantics.unfolding.folding import Seen, Value
from share2post.semantics.urls import Target, endpoint
from share2post.semantics.values import Evaluator, Frame
from share2post.semantics.world import Unit

LEGACY = (Target.UPLOAD, Target.BARE_PATH)


@dataclass(eq=False)
class Answers:
    """Knows the requests of a project by their clients."""

    evaluator: Evaluator

    def is_request(self, unit: Unit, call: ast.Call) -> bool:
        """Whether a call is a request of a client that is known."""
        return any(dialect.read(self.evaluator, unit, call) is not None for dialect in DIALECTS)

    def of(self, unit: Unit, node: ast.expr, frame: Frame, depth: int = 0) -> Value:
        """Whether an expression is the answer of the upload, or its parsed body."""
        node = node.value if isinstance(node, ast.Await) else node
        if depth > 6:
            return None
        if isinstance(node, ast.Name):
            binding = unit.flow.only(node)
            value = binding.value if binding is not None and binding.kind is Kind.ASSIGN else None
            return self.of(unit, value, frame, depth + 1) if value is not None else None
        if not isinstance(node, ast.Call):
            return None
        if isinstance(node.func, ast.Attribute) and node.func.attr == "json":
            inner = self.of(unit, node.func.value, frame, depth + 1)
            return Seen.BODY if inner is Seen.RESPONSE else None
        for dialect in DIALECTS:
            request = dialect.read(self.evaluator, unit, node)
            if request is not None:
                texts = self.evaluator.texts(unit, request.url, frame)
                return Seen.RESPONSE if any(endpoint(t).target in LEGACY for t in texts) else None
        callee = self.evaluator.callee(unit, node)
        return self._given_back(*callee, depth) if callee is not None and depth < 4 else None

    def _given_back(self, owner: Unit, function: Function, depth: int) -> Value:
        """What a wrapper gives back, whatever address it is called with."""
        values = [n.value for n in ast.walk(function) if isinstance(n, ast.Return) and n.value is not None]
        found = {self._kind(owner, value, depth + 1) for value in values}
        return found.pop() if len(found) == 1 else None

    def _kind(self, unit: Unit, node: ast.expr, depth: int) -> Value:
        node = node.value if isinstance(node, ast.Await) else node
        if isinstance(node, ast.Name) and depth < 8:
            binding = unit.flow.only(node)
            return (
                self._kind(unit, binding.value, depth + 1) if binding is not None and binding.value else None
            )
        if isinstance(node, ast.Call) and self.is_request(unit, node):
            return Seen.RESPONSE
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "json":
            return Seen.BODY if self._kind(unit, node.func.value, depth + 1) is Seen.RESPONSE else None
        return None
