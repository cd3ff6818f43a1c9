"""One call of a function of the project, and the function written out for it.

::

    response = self._request("share/video/upload/", files={"video": video})   # the call

    params = {...}                                                            # what it comes to
    response = self.session.post(f"{self.root}/share/video/upload/", files={"video": video}, ...)
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from share2post.semantics.callers import Function
from share2post.semantics.unfolding.folding import Folder, Known, Value
from share2post.semantics.unfolding.slots import CannotUnfold, Names, Slot, flush, is_calm, is_simple
from share2post.semantics.unfolding.statements import Row, Writer
from share2post.semantics.unfolding.wording import NeedsVariable, Scene
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit

_TRIES = 12


@dataclass(frozen=True, eq=False)
class Argument:
    """What a parameter is given: an expression and the module it stands in."""

    unit: Unit
    node: ast.expr
    value: Value = None
    text: str = ""  # what stands for it, where that is not its own text
    simple: bool = False  # whether that may stand wherever the value is wanted
    calm: bool = False  # whether nothing but names and constants is in it

    @property
    def source(self) -> str:
        """Its text at the call."""
        return self.text or flush(self.unit, self.node)


@dataclass(frozen=True, eq=False)
class Written:
    """The rows, the names of the function's module that they use, and what its variables are called here."""

    rows: list[Row]
    free: dict[str, ast.Name]
    variables: dict[str, str]


@dataclass(eq=False)
class Job:
    """A call to write out; ``named`` are the arguments by parameter, ``rest`` those in ``**options``."""

    evaluator: Evaluator
    unit: Unit
    call: ast.Call
    owner: Unit
    function: Function
    named: dict[str, Argument]
    rest: dict[str, Argument]
    answers: Callable[[Unit, ast.expr], Value]
    taken: set[str]
    returns: bool = False
    prefer: dict[str, str] = field(default_factory=dict)

    @property
    def on_self(self) -> bool:
        """Whether a method is called on the caller's own object."""
        caller, func = self.unit.function_of(self.call), self.call.func
        first = [a.arg for a in caller.args.args[:1]] if caller is not None else []
        receiver = func.value if isinstance(func, ast.Attribute) else func
        return isinstance(receiver, ast.Name) and receiver.id in first

    def run(self) -> Written:
        """Write the function out. Raises CannotUnfold."""
        arguments = {**self.named, **{f"**{key}": argument for key, argument in self.rest.items()}}
        bound = {name for name, a in arguments.items() if not (a.simple if a.text else is_simple(a.node))}
        pinned: set[str] = set()
        for _ in range(_TRIES):
            scene, names, rows = self._scene(arguments, bound)
            writer = Writer(scene, names, self.answers, self.evaluator.world, pinned, rows, self.returns)
            try:
                written = writer.run(self.function.body)
            except NeedsVariable as need:
                if need.name in pinned:
                    raise CannotUnfold(f"{need.name} cannot be written out") from need
                bound |= {need.name} if need.given else set()
                pinned.add(need.name)
                continue
            loose = {n for n in bound - pinned if self._is_loose(scene, n, arguments[n])}
            if not loose:
                return Written(written, scene.free, names.given)
            bound -= loose
            pinned |= {name for name in bound if scene.loads.get(name, 0) > 1}
        raise CannotUnfold("it is too entangled")

    def _is_loose(self, scene: Scene, name: str, argument: Argument) -> bool:
        """Whether an argument may stand where its parameter is used instead of in a variable."""
        return (
            (argument.calm or is_calm(argument.node))
            and scene.loads.get(name, 0) <= 1
            and name not in scene.firm
        )

    def _scene(self, arguments: dict[str, Argument], bound: set[str]) -> tuple[Scene, Names, list[Row]]:
        names = Names(set(self.taken), dict(self.prefer))
        slots: dict[str, Slot] = {}
        rows: list[Row] = []
        for name, argument in arguments.items():
            value = argument.value or Folder(lambda node: None).value(argument.node)
            if name not in bound:
                slots[name] = Slot(value, argument.source, given=True)
                continue
            local = names.local(name.lstrip("*"))
            if local != argument.source:
                rows.append(Row(0, f"{local} = {argument.source}"))
            slots[name] = Slot(value, local=local, given=True)
        entries = {name[2:]: slot for name, slot in slots.items() if name.startswith("**")}
        own = {name: slot for name, slot in slots.items() if not name.startswith("**")}
        kwarg = self.function.args.kwarg
        gathered = {kwarg.arg: entries} if kwarg is not None else {}
        return Scene(self.owner, self.function, own, gathered), names, rows


def arguments_of(
    unit: Unit, call: ast.Call, owner: Unit, function: Function, receiver: Argument | None
) -> tuple[dict[str, Argument], dict[str, Argument]]:
    """The arguments by parameter, and those that ``**options`` gathers. Raises CannotUnfold."""
    if any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
        raise CannotUnfold("the call passes arguments on with a star")
    parameters = function.args
    if parameters.vararg is not None:
        raise CannotUnfold("it takes any number of arguments")
    positional = [arg.arg for arg in [*parameters.posonlyargs, *parameters.args]]
    found: dict[str, Argument] = {}
    if receiver is not None:
        found[positional.pop(0)] = receiver
    if len(call.args) > len(positional):
        raise CannotUnfold("it is called with more arguments than it takes")
    known = {*positional, *(arg.arg for arg in parameters.kwonlyargs)}
    found |= {name: Argument(unit, value) for name, value in zip(positional, call.args, strict=False)}
    found |= {k.arg: Argument(unit, k.value) for k in call.keywords if k.arg in known and k.arg is not None}
    rest = {k.arg: Argument(unit, k.value) for k in call.keywords if k.arg not in known and k.arg is not None}
    if rest and parameters.kwarg is None:
        raise CannotUnfold("it is called with an argument that it does not take")
    for name, default in defaults_of(function).items():
        if name not in found:
            found[name] = _default(owner, name, default)
    if known - found.keys():
        raise CannotUnfold("it is called without an argument that it needs")
    return found, rest


def _default(owner: Unit, name: str, node: ast.expr) -> Argument:
    """A parameter's default: a constant, an empty collection, or a name of the function's module."""
    if isinstance(node, ast.Constant):
        return Argument(owner, node, Known(node.value))
    if isinstance(node, ast.Name) or ast.unparse(node) in ("{}", "[]", "()"):
        return Argument(owner, node, text=owner.module.source(node), simple=True, calm=True)
    raise CannotUnfold(f"the default of {name} is no constant")


def defaults_of(function: Function) -> dict[str, ast.expr]:
    """The defaults of a function's parameters."""
    positional = [*function.args.posonlyargs, *function.args.args]
    pairs = zip(reversed(positional), reversed(function.args.defaults), strict=False)
    found = {arg.arg: value for arg, value in pairs}
    named = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    return found | {arg.arg: value for arg, value in named if value is not None}
