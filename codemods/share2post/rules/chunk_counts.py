"""How often a loop sends a chunk, and where in the file each begins and ends.

The last chunk takes the rest, so a count that is rounded up, or an end that is reckoned from the chunk size, is
wrong; the number of bytes that were read is always right.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Final

from share2post.rules.chunk_reads import Reads
from share2post.rules.moving import Mover
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.mappings import Mapping
from share2post.semantics.sinks import Sinks
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.sites import Draft

_SMALLEST: Final = 5_242_880  # 5 MB, whichever MB is meant (F3.16)
_LARGEST: Final = 32_000_000  # half of what one chunk may hold: any larger file has two of them
_USUAL: Final = "10_000_000"


@dataclass(eq=False)
class Counts:
    """The counting of one loop."""

    evaluator: Evaluator
    first: Mover  # of the init
    draft: Draft
    unit: Unit
    loop: ast.For | ast.While
    reads: Reads
    total: ast.expr | None = None  # how many chunks the loop expects, where it counts them
    end: ast.expr | None = None  # the end of ``range(0, size, N)``
    index: str = ""  # the variable that counts them
    step: ast.expr | None = None  # N, without ``min``
    replaced: list[tuple[ast.expr, str]] = field(default_factory=list)

    def find(self, size: str) -> bool:
        """Whether the loop is sure to send every chunk, and nothing after the last."""
        self.step = self._step(self.reads.amount)
        ends = self._for(self.loop) if isinstance(self.loop, ast.For) else self._while(self.loop, size)
        return self.step is not None and ends and all(self._sought(call) for call in self.reads.seeks)

    def wish(self) -> str:
        """The chunk size the program wants, where TikTok takes it."""
        number = self._number(self.step, 0)
        if self.step is None or number is None or not _SMALLEST <= number <= _LARGEST:
            return _USUAL
        if self._known_at_init(self.step):
            return self.first.keep(self.unit, self.step)
        return f"{number:_}"

    # the ends of loops

    def _for(self, loop: ast.For) -> bool:
        items = self.reads.items
        if items is self.reads.source or not isinstance(items, ast.Call):
            return True
        name = self.evaluator.world.qualified(self.unit, items.func)
        if name == "builtins.iter":
            return True
        target = loop.target
        if name != "builtins.range" or items.keywords or not isinstance(target, ast.Name):
            return False
        if len(items.args) == 1:
            self.total, self.index = items.args[0], target.id
            return self._counts(self.total)
        zero = isinstance(items.args[0], ast.Constant) and items.args[0].value == 0
        if not zero or len(items.args) != 3 or not self._is_step(items.args[2]):
            return False
        self.end, self.index = items.args[1], ""
        return True

    def _while(self, loop: ast.While, size: str) -> bool:
        test = loop.test
        read = next((c for c in self.reads.calls if c in set(ast.walk(test))), None)
        if isinstance(test, ast.NamedExpr) and read is test.value:
            return True
        if isinstance(test, ast.Constant) and test.value:
            return self._breaks(loop)
        if isinstance(test, ast.Name):
            return test.id == self.reads.chunk
        if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not isinstance(test.ops[0], ast.Lt):
            return False
        left, right = test.left, test.comparators[0]
        return isinstance(left, ast.Name) and ast.unparse(right) == size and self._offset(left)

    def _breaks(self, loop: ast.While) -> bool:
        """``chunk = f.read(N)`` and then ``if not chunk: break``."""
        for before, after in zip(loop.body, loop.body[1:], strict=False):
            reads = isinstance(before, ast.Assign) and before.value in self.reads.calls
            if reads and isinstance(after, ast.If) and isinstance(after.body[-1], ast.Break):
                return ast.unparse(after.test) in (
                    f"not {self.reads.chunk}", f"len({self.reads.chunk}) == 0", f"{self.reads.chunk} == b''",
                )  # fmt: skip
        return False

    def _counts(self, total: ast.expr) -> bool:
        """Whether a number is that of the chunks: worked out by a division."""
        binding = self.unit.flow.only(total) if isinstance(total, ast.Name) else None
        value = binding.value if binding is not None and binding.kind is Kind.ASSIGN else total
        divides = [n for n in ast.walk(value or total) if isinstance(n, ast.Div | ast.FloorDiv)]
        return bool(divides)

    # offsets

    def _sought(self, call: ast.Call) -> bool:
        where = call.args[0] if len(call.args) == 1 else None
        if isinstance(where, ast.BinOp):
            return self._multiple(where)
        return isinstance(where, ast.Name) and self._offset(where)

    def _offset(self, name: ast.Name) -> bool:
        """Whether a variable always holds where the chunk begins."""
        bindings = self.unit.flow.reaching(name)
        return bool(bindings) and all(self._begins(name.id, binding) for binding in bindings)

    def _begins(self, name: str, binding: Binding) -> bool:
        inside = self.loop in set(self.unit.module.ancestors(binding.node))
        value = binding.value
        length = f"len({self.reads.chunk})"
        if binding.kind is Kind.FOR:
            return self.end is not None and inside
        if not inside:
            return isinstance(value, ast.Constant) and value.value == 0
        if binding.kind is Kind.AUGMENT:
            statement = self.unit.module.statement(binding.node)
            plain = isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add)
            return plain and isinstance(statement, ast.AugAssign) and ast.unparse(statement.value) == length
        if isinstance(value, ast.BinOp) and self._multiple(value):
            return True
        if (
            isinstance(value, ast.BinOp)
            and isinstance(value.op, ast.Add)
            and isinstance(value.left, ast.Name)
        ):
            right = ast.unparse(value.right)
            if value.left.id == name and right == length:
                return True
            return right == "1" and self._last(value.left, name)
        return False

    def _multiple(self, node: ast.BinOp) -> bool:
        """``i * N``, of the counter and the chunk size."""
        sides = [node.left, node.right]
        counter = any(isinstance(side, ast.Name) and side.id == self.index for side in sides)
        return isinstance(node.op, ast.Mult) and counter and any(self._is_step(side) for side in sides)

    def _last(self, node: ast.expr, first: str) -> bool:
        """Whether an expression is the place of the chunk's last byte: ``first + len(chunk) - 1``."""
        if isinstance(node, ast.Name):
            binding = self.unit.flow.only(node)
            known = binding is not None and binding.kind is Kind.ASSIGN and binding.value is not None
            return known and binding is not None and self._last(binding.value or node, first)
        return ast.unparse(node) == f"{first} + len({self.reads.chunk}) - 1"

    def own_range(self, headers: Mapping, size: str) -> ast.expr | None:
        """The program's own Content-Range, where it is right for every chunk."""
        found = [e.value for e in headers.entries if e.key.lower() == "content-range"]
        parts = found[0].values if len(found) == 1 and isinstance(found[0], ast.JoinedStr) else []
        holes = [p.value for p in parts if isinstance(p, ast.FormattedValue) and p.format_spec is None]
        words = "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in parts)
        if words != "bytes {}-{}/{}" or len(holes) != 3 or not isinstance(holes[0], ast.Name):
            return None
        right = self._offset(holes[0]) and self._last(holes[1], holes[0].id) and ast.unparse(holes[2]) == size
        return found[0] if right else None

    # what is written

    def rewrite(self, chunk: str, count: str, own: ast.expr | None) -> bool:
        """Put the new size and number where the old ones were; whether that was all they were used for."""
        if self.total is not None:
            self.draft.swap(self.unit, self.total, count)
        if self.end is not None:
            self.draft.swap(self.unit, self.end, f"{count} * {chunk}")
        start = self.unit.module.extent(self.first.statement)[1]
        function = self.unit.function_of(self.loop) or self.unit.module.tree
        gone = self._gone(own)
        for node in ast.walk(function):
            if not isinstance(node, ast.expr) or self.unit.module.extent(node)[0] < start:
                continue
            if self._is_step(node) and self._stays(node, gone, chunk):
                if not self._may_change(node):
                    return False
                self.draft.swap(self.unit, node, chunk)
            elif self._is_total(node) and node is not self.total and self._stays(node, gone, count):
                self.draft.swap(self.unit, node, count)
        return True

    def _gone(self, own: ast.expr | None) -> set[ast.AST]:
        """What is written anew: the reads, and the request with the headers it does not keep."""
        gone: set[ast.AST] = set()
        for call in self.reads.calls:
            gone.update(
                part for value in [*call.args, *(k.value for k in call.keywords)] for part in ast.walk(value)
            )
        if self.reads.source is not None:
            gone.update(ast.walk(self.reads.source))
        statement = self.unit.module.statement(self.reads.sent)
        kept = set(ast.walk(own)) if own is not None else set()
        for around in ast.walk(self.loop):
            headers = isinstance(around, ast.Constant) and str(around.value).lower().startswith("content-")
            if headers:
                gone.update(ast.walk(self.unit.module.statement(around)))
        return (gone | set(ast.walk(statement))) - kept

    def _stays(self, node: ast.expr, gone: set[ast.AST], text: str) -> bool:
        """Whether a use is still there afterwards, in something that is not dead then."""
        if node in gone or self.unit.module.source(node) == text:
            return False
        statement = self.unit.module.statement(node)
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        if not isinstance(target, ast.Name) or isinstance(statement, ast.For | ast.While | ast.If):
            return True
        return not self._dead(target, gone, 0)

    def _dead(self, target: ast.Name, gone: set[ast.AST], depth: int) -> bool:
        bindings = [
            b
            for s in self.unit.flow.scopes.values()
            for b in s.bindings.get(target.id, [])
            if b.node is target
        ]
        uses = [use for binding in bindings for use in binding.uses if use not in gone]
        for use in uses:
            statement = self.unit.module.statement(use)
            other = statement.targets[0] if isinstance(statement, ast.Assign) else None
            if depth > 4 or not isinstance(other, ast.Name) or not self._dead(other, gone, depth + 1):
                return False
        return bool(bindings)

    def _may_change(self, node: ast.expr) -> bool:
        """Whether a use of the chunk size is right with the new one: ``i * N``, or shown."""
        parent = self.unit.module.parent(node)
        if isinstance(parent, ast.BinOp) and self._multiple(parent):
            return True
        if isinstance(parent, ast.Call) and self.end is not None and parent is self.reads.items:
            return True
        sinks = Sinks(self.evaluator.world)
        return not isinstance(parent, ast.BinOp) and sinks.harmless(self.unit, node, parent, boolean=False)

    # numbers

    def _step(self, amount: ast.expr | None) -> ast.expr | None:
        """``N`` of ``min(N, size - start)``."""
        if (
            isinstance(amount, ast.Call)
            and self.evaluator.world.qualified(self.unit, amount.func) == "builtins.min"
        ):
            plain = [a for a in amount.args if isinstance(a, ast.Name | ast.Attribute | ast.Constant)]
            return plain[0] if len(amount.args) == 2 and len(plain) == 1 else None
        return amount

    def _is_step(self, node: ast.expr) -> bool:
        step = self.step
        if step is None or not isinstance(step, ast.Name | ast.Attribute | ast.Constant | ast.BinOp):
            return False
        return type(node) is type(step) and ast.unparse(node) == ast.unparse(step)

    def _is_total(self, node: ast.expr) -> bool:
        total = self.total
        return isinstance(total, ast.Name) and isinstance(node, ast.Name) and node.id == total.id

    def _number(self, node: ast.expr | None, depth: int) -> int | None:
        """What a number is worth, where it is made of constants."""
        if isinstance(node, ast.Constant):
            return node.value if type(node.value) is int else None
        if isinstance(node, ast.BinOp) and depth < 8:
            left, right = self._number(node.left, depth + 1), self._number(node.right, depth + 1)
            return _reckon(node.op, left, right) if left is not None and right is not None else None
        if isinstance(node, ast.Name | ast.Attribute) and depth < 8:
            definition = self.evaluator.world.definition(self.unit, node)
            return self._number(definition.value, depth + 1) if definition is not None else None
        return None

    def _known_at_init(self, node: ast.expr) -> bool:
        """Whether an expression means at the init what it means in the loop."""
        return self.first.movable(self.unit, node, self.unit.module.statement(node))


def _reckon(operator: ast.operator, left: int, right: int) -> int | None:
    if isinstance(operator, ast.Mult):
        return left * right
    if isinstance(operator, ast.Add):
        return left + right
    small = 0 <= right <= 40
    if isinstance(operator, ast.Pow) and small and abs(left) <= 1024:
        return int(left**right)
    return left << right if isinstance(operator, ast.LShift) and small else None
