"""A client's function or method, however a program comes to call it.

::

    requests.post(URL, files=files)                            # called
    send = session.post; send(URL, files=files)                # kept in a variable
    send = functools.partial(requests.post, URL); send(files=files)
    asyncio.to_thread(requests.post, URL, files=files)         # handed to what calls it
    asyncio.wait_for(client.post(URL, files=files), 60)        # a coroutine that something else awaits
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from share2post.model import Reason
from share2post.semantics.runners import Runners, names_of
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit, scope_of

Known = Callable[[Unit, ast.expr], bool]
Obstacle = tuple[Reason, str, ast.expr]


@dataclass(eq=False)
class Sender:
    """The function that sends, with the arguments it is given.

    ``function`` names it where the call does not; ``result`` is the expression that
    gives the response where something else calls it (or awaits it).
    """

    call: ast.Call
    function: ast.expr | None = None
    result: ast.expr | None = None
    bound: list[ast.expr] = field(default_factory=list)  # what a partial was given beforehand
    obstacles: list[Obstacle] = field(default_factory=list)


@dataclass(eq=False)
class Senders:
    """Finds the function behind a call; ``known`` says which expressions name a client's function."""

    evaluator: Evaluator
    unit: Unit
    known: Known

    def __post_init__(self) -> None:
        self.runners = Runners(self.evaluator, self.unit)

    def find(self, node: ast.Call, *, plainly: bool = False) -> Sender | None:
        """The sender of a call, handed on or kept unless ``plainly``; ``None`` where there is none."""
        if self.known(self.unit, node.func):
            return Sender(node)
        if plainly:
            return None
        if self.runners.is_partial(node):
            return self._partial(node)
        return self._kept(node) or self._handed(node) or self._taken(node)

    # kept in a variable

    def _kept(self, node: ast.Call) -> Sender | None:
        """``send(...)``, where ``send`` is a bound method or a partial made in sight."""
        value = self._behind(node.func)
        if value is None:
            return None
        if isinstance(value, ast.Attribute) and self.known(self.unit, value):
            return Sender(node, value) if self._same(value, node.func) else None
        if not isinstance(value, ast.Call) or not isinstance(node.func, ast.Name):
            return None
        if not self.runners.is_partial(value) or not self.known(self.unit, value.args[0]):
            return None
        made = ast.Call(value.args[0], [*value.args[1:], *node.args], [*value.keywords, *node.keywords])
        bound = [*value.args[1:], *(keyword.value for keyword in value.keywords)]
        found = Sender(made, value.args[0], None, bound)
        if not all(self._same(part, node.func) for part in [value.args[0], *bound]):
            hint = "what the partial was given may have changed by the time it is called; make it a function"
            found.obstacles.append((Reason.UNSUPPORTED_CONTEXT, hint, value))
        return found

    def _behind(self, node: ast.expr) -> ast.expr | None:
        """What a variable (or an attribute) of this module was given, once and for all."""
        if not isinstance(node, ast.Name | ast.Attribute):
            return None
        definition = self.evaluator.world.definition(self.unit, node)
        return definition.value if definition is not None and definition.unit is self.unit else None

    def _same(self, value: ast.expr, there: ast.expr) -> bool:
        """Whether the names in an expression mean at ``there`` what they mean where it stands."""
        scope = scope_of(self.unit, there)
        for name in ast.walk(value):
            if isinstance(name, ast.Call | ast.Await | ast.NamedExpr):
                return False
            if isinstance(name, ast.Name):
                here = self.unit.flow.reaching(name)
                owner = scope.lookup(name.id) if name.id not in scope.bindings else scope
                bindings = owner.bindings.get(name.id, []) if owner is not None else []
                own = name.id == "self" and isinstance(there, ast.Attribute)
                if not own and (len(bindings) > 1 or set(bindings) != set(here)):
                    return False
        return True

    # handed to what calls it

    def _handed(self, node: ast.Call) -> Sender | None:
        """``asyncio.to_thread(requests.post, URL, ...)``."""
        index = self.runners.index(node)
        if index is None or len(node.args) <= index or not self.known(self.unit, node.args[index]):
            return None
        made = ast.Call(node.args[index], node.args[index + 1 :], node.keywords)
        return self._finished(Sender(made, node.args[index]), node)

    def _partial(self, node: ast.Call) -> Sender | None:
        """A partial that is handed on; one that is called is read where it is called."""
        if not self.known(self.unit, node.args[0]):
            return None
        use: ast.expr = node
        uses = self._uses(node)
        if any(self._called(name) for name in uses):
            return None
        if len(uses) == 1:
            use = uses[0]
        runner = self.unit.module.parent(use)
        made = ast.Call(node.args[0], node.args[1:], node.keywords)
        found = Sender(made, node.args[0])
        index = self.runners.index(runner) if isinstance(runner, ast.Call) else None
        alone = isinstance(runner, ast.Call) and index is not None and runner.args[index:] == [use]
        if not alone or not isinstance(runner, ast.Call) or runner.keywords:
            return self._stopped(found, node, "the partial is handed to something the tool does not know")
        return self._finished(found, runner)

    def _uses(self, node: ast.Call) -> list[ast.Name]:
        statement = self.unit.module.parent(node)
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if len(targets) != 1 or not isinstance(targets[0], ast.Name):
            return []
        return [use for use in names_of(self.unit, targets[0]) if self.unit.flow.only(use) is not None]

    def _called(self, name: ast.Name) -> bool:
        parent = self.unit.module.parent(name)
        return isinstance(parent, ast.Call) and parent.func is name

    def _taken(self, node: ast.Call) -> Sender | None:
        """The function as an argument of a call that nobody knows: ``Thread(target=requests.post, ...)``."""
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        taken = [value for value in given if isinstance(value, ast.Name | ast.Attribute)]
        function = next((value for value in taken if self.known(self.unit, value)), None)
        if function is None:
            return None
        others = [value for value in given if value is not function]
        inner = [part for value in others for part in _elements(value)]
        made = ast.Call(function, inner, [])
        callee = self.unit.module.source(node.func)
        return self._stopped(
            Sender(made, function), node, f"{self.unit.module.source(function)} is handed to {callee}"
        )

    # where the response comes out

    def coroutine(self, node: ast.Call) -> Sender:
        """An asynchronous client's call that is not awaited where it stands."""
        return self._finished(Sender(node), node)

    def _finished(self, found: Sender, node: ast.expr) -> Sender:
        found.result = self.runners.outcome(node)
        if found.result is None:
            return self._stopped(found, node, "where its result is taken up cannot be seen")
        return found

    def _stopped(self, found: Sender, node: ast.expr, what: str) -> Sender:
        """Read, but left to a person."""
        hint = f"{what}; write a function that makes both requests, and hand that on instead"
        found.result = found.result or node
        found.obstacles.append((Reason.UNSUPPORTED_CONTEXT, hint, node))
        return found


def _elements(node: ast.expr) -> Iterator[ast.expr]:
    yield from node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
