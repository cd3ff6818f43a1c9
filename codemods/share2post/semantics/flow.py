"""Which assignments may have given a name its value, at each use of it.

Reaching definitions over the structure of the code: branches merge, loops are
walked until nothing changes, handlers see every point of their ``try``. A name
of an outer scope sees all of that scope's assignments, whenever they run.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from enum import Enum, auto

from share2post.semantics.module import Module

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
ScopeNode = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Kind(Enum):
    """How a name came by its value."""

    ASSIGN = auto()  # name = value
    UNPACK = auto()  # name, other = value
    AUGMENT = auto()  # name += value
    WITH = auto()  # with value as name
    FOR = auto()  # for name in value
    PARAMETER = auto()
    IMPORT = auto()
    DEFINITION = auto()  # def name, class name
    OTHER = auto()  # except ... as name, match capture, del, star import


@dataclass(eq=False)
class Binding:
    """One place that gives a name a value, and the loads that may see it."""

    name: str
    kind: Kind
    node: ast.AST
    value: ast.expr | None
    scope: Scope
    uses: list[ast.Name] = field(default_factory=list)


@dataclass(eq=False)
class Scope:
    """A module, class or function, and everything that binds a name in it."""

    node: ScopeNode
    parent: Scope | None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)

    def lookup(self, name: str) -> Scope | None:
        """The scope whose variable a free name of this scope is; classes are passed over."""
        scope = self.parent
        while scope is not None:
            if name in scope.bindings and not isinstance(scope.node, ast.ClassDef):
                return scope
            scope = scope.parent
        return None

    def module(self) -> Scope:
        """The outermost scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope


_Env = dict[str, frozenset[Binding]]


@dataclass(eq=False)
class Flow:
    """The def-use relation of one module."""

    root: Scope
    scopes: dict[ast.AST, Scope]
    definitions: dict[ast.Name, frozenset[Binding]]
    scope_of_name: dict[ast.Name, Scope]
    before: dict[ast.stmt, dict[str, frozenset[Binding]]]
    final: dict[str, frozenset[Binding]] | None
    foreign: dict[tuple[Scope, str], list[Binding]]

    def exports(self, name: str) -> frozenset[Binding]:
        """What a module-level name may be once the module was run, to those who import it."""
        if self.final is None:  # the module never ends, as far as can be seen
            return frozenset(self.root.bindings.get(name, ()))
        return self.final.get(name, frozenset()).union(self.foreign.get((self.root, name), ()))

    def reaching(self, name: ast.Name) -> frozenset[Binding]:
        """The bindings this load may see; empty for builtins and names never bound."""
        return self.definitions.get(name, frozenset())

    def only(self, name: ast.Name) -> Binding | None:
        """The one binding this load sees, if it is one."""
        reaching = self.reaching(name)
        return next(iter(reaching)) if len(reaching) == 1 else None


def analyse(module: Module) -> Flow:
    """Build the def-use relation of a module."""
    walker = _Walker()
    root = Scope(module.tree, None)
    walker.scopes[module.tree] = root
    _Declarations(root, walker.scopes).block(module.tree.body)
    final = walker.run_scope(root, module.tree.body, {})
    while walker.pending:
        scope, body, env = walker.pending.pop()
        walker.run_scope(scope, body, env)
    walker.resolve_free()
    flow = Flow(
        root,
        walker.scopes,
        {k: frozenset(v) for k, v in walker.found.items()},
        walker.scope_of,
        walker.before,
        final,
        walker.foreign,
    )
    for name, bindings in flow.definitions.items():
        for binding in bindings:
            binding.uses.append(name)
    return flow


class _Declarations:
    """First pass over one scope: which names are its own, which are global or nonlocal."""

    def __init__(self, scope: Scope, scopes: dict[ast.AST, Scope]) -> None:
        self.scope = scope
        self.scopes = scopes

    def block(self, body: list[ast.stmt]) -> None:
        stack: list[ast.AST] = list(body)
        while stack:
            node = stack.pop()
            if isinstance(node, ast.Global):
                self.scope.globals.update(node.names)
            elif isinstance(node, ast.Nonlocal):
                self.scope.nonlocals.update(node.names)
            if not isinstance(node, FunctionNode | ast.ClassDef):
                stack.extend(ast.iter_child_nodes(node))


class _Walker:
    """Second pass: runs each scope's statements over environments of reaching bindings."""

    def __init__(self) -> None:
        self.scopes: dict[ast.AST, Scope] = {}
        self.found: dict[ast.Name, set[Binding]] = {}
        self.scope_of: dict[ast.Name, Scope] = {}
        self.free: list[tuple[ast.Name, Scope]] = []
        self.pending: list[tuple[Scope, list[ast.stmt], _Env]] = []
        self.made: dict[tuple[ast.AST, str], Binding] = {}
        self.scope: Scope = Scope(ast.Module(body=[], type_ignores=[]), None)
        self.breaks: list[list[_Env]] = []
        self.continues: list[list[_Env]] = []
        self.raises: list[list[_Env]] = []
        self.before: dict[ast.stmt, _Env] = {}
        self.foreign: dict[tuple[Scope, str], list[Binding]] = {}

    # scopes

    def run_scope(self, scope: Scope, body: list[ast.stmt], env: _Env) -> _Env | None:
        outer = self.scope, self.breaks, self.continues, self.raises
        self.scope, self.breaks, self.continues, self.raises = scope, [], [], []
        end = self.block(body, env)
        self.scope, self.breaks, self.continues, self.raises = outer
        return end

    def enter(self, node: ScopeNode) -> Scope:
        scope = self.scopes.get(node)
        if scope is None:
            scope = self.scopes[node] = Scope(node, self.scope)
            if not isinstance(node, ast.Lambda):
                _Declarations(scope, self.scopes).block(node.body)
        return scope

    def function(self, node: FunctionNode, env: _Env) -> None:
        for default in [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]:
            self.expr(default, env)
        known = node in self.scopes
        scope = self.enter(node)
        if known:
            return
        inner: _Env = {}
        arguments = node.args
        for arg in [
            *arguments.posonlyargs,
            *arguments.args,
            *arguments.kwonlyargs,
            arguments.vararg,
            arguments.kwarg,
        ]:
            if arg is not None:
                binding = Binding(arg.arg, Kind.PARAMETER, arg, None, scope)
                scope.bindings.setdefault(arg.arg, []).append(binding)
                inner[arg.arg] = frozenset([binding])
        if isinstance(node, ast.Lambda):
            outer, self.scope = self.scope, scope
            self.expr(node.body, inner)
            self.scope = outer
        else:
            self.pending.append((scope, node.body, inner))

    def resolve_free(self) -> None:
        for name, scope in self.free:
            if name.id in scope.globals:
                owner: Scope | None = scope.module()
            else:
                owner = scope.lookup(name.id)
            if owner is not None:
                self.found.setdefault(name, set()).update(owner.bindings.get(name.id, ()))
        for name, scope in self.scope_of.items():  # a function that says global may have run before any load
            self.found.setdefault(name, set()).update(self.foreign.get((scope, name.id), ()))

    # names

    def bind(self, name: str, kind: Kind, node: ast.AST, value: ast.expr | None, env: _Env) -> None:
        binding = self.made.get((node, name))
        if binding is None:
            scope = self.scope
            if name in scope.globals:
                scope = scope.module()
            elif name in scope.nonlocals:
                scope = scope.lookup(name) or scope
            binding = self.made[(node, name)] = Binding(name, kind, node, value, scope)
            scope.bindings.setdefault(name, []).append(binding)
            if scope is not self.scope:
                self.foreign.setdefault((scope, name), []).append(binding)
        if binding.scope is self.scope:
            env[name] = frozenset([binding])

    def target(self, node: ast.expr, kind: Kind, value: ast.expr | None, env: _Env) -> None:
        if isinstance(node, ast.Name):
            self.bind(node.id, kind, node, value, env)
        elif isinstance(node, ast.Tuple | ast.List):
            values = _elements(node, value)
            for index, element in enumerate(node.elts):
                part = values[index] if values is not None else None
                self.target(element, Kind.ASSIGN if part is not None else Kind.UNPACK, part, env)
        elif isinstance(node, ast.Starred):
            self.target(node.value, Kind.UNPACK, None, env)
        else:
            self.expr(node, env)

    def load(self, node: ast.Name, env: _Env) -> None:
        self.scope_of[node] = self.scope
        reaching = env.get(node.id)
        if reaching is not None:
            self.found.setdefault(node, set()).update(reaching)
        elif node.id in self.scope.bindings and not isinstance(self.scope.node, ast.Module):
            return  # a local that is not bound yet on any path here
        elif node not in self.found:
            self.found[node] = set()
            self.free.append((node, self.scope))
            if isinstance(self.scope.node, ast.Module):
                self.found[node].update(self.scope.bindings.get(node.id, ()))

    # expressions

    def expr(self, node: ast.AST | None, env: _Env) -> None:
        stack: list[ast.AST] = [] if node is None else [node]
        while stack:
            current = stack.pop()
            if isinstance(current, ast.Name):
                if isinstance(current.ctx, ast.Load):
                    self.load(current, env)
                elif isinstance(current.ctx, ast.Del):
                    self.load(current, env)
                    env.pop(current.id, None)
                continue
            if isinstance(current, ast.Lambda):
                self.function(current, env)
                continue
            if isinstance(current, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
                self.comprehension(current, env)
                continue
            if isinstance(current, ast.NamedExpr):
                self.expr(current.value, env)
                self.target(current.target, Kind.ASSIGN, current.value, env)
                continue
            if isinstance(current, ast.BoolOp | ast.IfExp):
                self.short_circuit(current, env)
                continue
            stack.extend(reversed(list(ast.iter_child_nodes(current))))

    def short_circuit(self, node: ast.BoolOp | ast.IfExp, env: _Env) -> None:
        if isinstance(node, ast.IfExp):
            self.expr(node.test, env)
            one, two = dict(env), dict(env)
            self.expr(node.body, one)
            self.expr(node.orelse, two)
            _become(env, _merge([one, two]))
            return
        self.expr(node.values[0], env)
        for value in node.values[1:]:
            maybe = dict(env)
            self.expr(value, maybe)
            for name, bindings in maybe.items():  # a walrus there: what tests it knows that it ran
                env[name] = env.get(name, frozenset()) | bindings

    def comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, env: _Env
    ) -> None:
        inner = dict(env)
        for generator in node.generators:
            self.expr(generator.iter, inner)
            self.target(generator.target, Kind.FOR, generator.iter, inner)
            for test in generator.ifs:
                self.expr(test, inner)
        if isinstance(node, ast.DictComp):
            self.expr(node.key, inner)
            self.expr(node.value, inner)
        else:
            self.expr(node.elt, inner)

    # statements

    def block(self, body: list[ast.stmt], env: _Env | None) -> _Env | None:
        for statement in body:
            if env is None:
                env = {}  # unreachable code is still read, knowing nothing
            seen = self.before.get(statement)
            self.before[statement] = dict(env) if seen is None else _merge([seen, env])
            for points in self.raises:
                points.append(dict(env))
            env = self.statement(statement, env)
        if env is not None:
            for points in self.raises:
                points.append(dict(env))
        return env

    def statement(self, node: ast.stmt, env: _Env) -> _Env | None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                for decorator in node.decorator_list:
                    self.expr(decorator, env)
                self.annotations(node, env)
                self.function(node, env)
                self.bind(node.name, Kind.DEFINITION, node, None, env)
            case ast.ClassDef():
                self.class_body(node, env)
            case ast.Assign():
                self.expr(node.value, env)
                for target in node.targets:
                    self.target(target, Kind.ASSIGN, node.value, env)
            case ast.AnnAssign():
                self.expr(node.annotation, env)
                if node.value is not None:
                    self.expr(node.value, env)
                    self.target(node.target, Kind.ASSIGN, node.value, env)
                elif not isinstance(node.target, ast.Name):
                    self.expr(node.target, env)
            case ast.AugAssign():
                self.augment(node, env)
            case ast.If():
                return self.branches(node, env)
            case ast.For() | ast.AsyncFor() | ast.While():
                return self.loop(node, env)
            case ast.Try() | ast.TryStar():
                return self.attempt(node, env)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    self.expr(item.context_expr, env)
                    if item.optional_vars is not None:
                        self.target(item.optional_vars, Kind.WITH, item.context_expr, env)
                return self.block(node.body, env)
            case ast.Match():
                return self.cases(node, env)
            case ast.Import() | ast.ImportFrom():
                for alias in node.names:
                    name = alias.asname or alias.name.split(".")[0]
                    self.bind(name, Kind.IMPORT, alias, None, env)
            case ast.Return() | ast.Raise():
                for child in ast.iter_child_nodes(node):
                    self.expr(child, env)
                return None
            case ast.Break() | ast.Continue():
                stack = self.breaks if isinstance(node, ast.Break) else self.continues
                if stack:
                    stack[-1].append(env)
                return None
            case _:
                for child in ast.iter_child_nodes(node):
                    self.expr(child, env)
        return env

    def annotations(self, node: ast.FunctionDef | ast.AsyncFunctionDef, env: _Env) -> None:
        arguments = node.args
        for arg in [
            *arguments.posonlyargs,
            *arguments.args,
            *arguments.kwonlyargs,
            arguments.vararg,
            arguments.kwarg,
        ]:
            if arg is not None:
                self.expr(arg.annotation, env)
        self.expr(node.returns, env)

    def class_body(self, node: ast.ClassDef, env: _Env) -> None:
        for part in [*node.decorator_list, *node.bases, *(k.value for k in node.keywords)]:
            self.expr(part, env)
        scope = self.enter(node)
        self.run_scope(scope, node.body, {})
        self.bind(node.name, Kind.DEFINITION, node, None, env)

    def augment(self, node: ast.AugAssign, env: _Env) -> None:
        self.expr(node.value, env)
        if isinstance(node.target, ast.Name):
            before = env.get(node.target.id, frozenset())
            self.bind(node.target.id, Kind.AUGMENT, node.target, node.value, env)
            for binding in before:  # the old value lives on in the new one
                self.found.setdefault(node.target, set()).add(binding)
        else:
            self.expr(node.target, env)

    def branches(self, node: ast.If, env: _Env) -> _Env | None:
        self.expr(node.test, env)
        ends = [self.block(node.body, dict(env)), self.block(node.orelse, dict(env))]
        return _merge_live(ends)

    def loop(self, node: ast.For | ast.AsyncFor | ast.While, env: _Env) -> _Env | None:
        if not isinstance(node, ast.While):
            self.expr(node.iter, env)
        head, exits = dict(env), []
        for _ in range(6):
            before = dict(head)
            self.breaks.append([])
            self.continues.append([])
            inside = dict(head)
            if isinstance(node, ast.While):
                self.expr(node.test, inside)
                head = dict(inside)
            else:
                self.target(node.target, Kind.FOR, node.iter, inside)
            end = self.block(node.body, inside)
            exits = self.breaks.pop()
            back = [*self.continues.pop(), end]
            head = _merge_live([head, *back]) or head
            if head == before:
                break
        forever = (
            isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and bool(node.test.value)
        )
        after = None if forever else self.block(node.orelse, dict(head))
        return _merge_live([after, *exits])

    def attempt(self, node: ast.Try | ast.TryStar, env: _Env) -> _Env | None:
        points: list[_Env] = []
        self.raises.append(points)
        end = self.block(node.body, dict(env))
        self.raises.pop()
        caught = _merge(points) if points else dict(env)
        if end is not None:
            end = self.block(node.orelse, end)
        ends = [end]
        leaks: list[_Env] = [caught]
        for handler in node.handlers:
            inner = dict(caught)
            self.expr(handler.type, inner)
            if handler.name:
                self.bind(handler.name, Kind.OTHER, handler, None, inner)
            self.raises.append(leaks)
            ends.append(self.block(handler.body, inner))
            self.raises.pop()
        if not node.finalbody:
            return _merge_live(ends)
        final = self.block(node.finalbody, _merge([e for e in [*ends, *leaks] if e is not None]))
        live = _merge_live(ends)
        if live is None or final is None:
            return None
        return final

    def cases(self, node: ast.Match, env: _Env) -> _Env | None:
        self.expr(node.subject, env)
        ends: list[_Env | None] = []
        exhaustive = False
        for case in node.cases:
            inner = dict(env)
            for part in ast.walk(case.pattern):
                if isinstance(part, ast.MatchAs | ast.MatchStar) and part.name:
                    self.bind(part.name, Kind.OTHER, part, None, inner)
                elif isinstance(part, ast.MatchMapping) and part.rest:
                    self.bind(part.rest, Kind.OTHER, part, None, inner)
                elif isinstance(part, ast.MatchValue):
                    self.expr(part.value, inner)
                elif isinstance(part, ast.MatchClass):
                    self.expr(part.cls, inner)
            self.expr(case.guard, inner)
            ends.append(self.block(case.body, inner))
            bare = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
            exhaustive = exhaustive or (bare and case.guard is None)
        return _merge_live(ends if exhaustive else [*ends, env])


def _elements(target: ast.Tuple | ast.List, value: ast.expr | None) -> list[ast.expr] | None:
    """The values of a tuple assignment, one for each target, where both sides are spelled out."""
    if not isinstance(value, ast.Tuple | ast.List) or len(value.elts) != len(target.elts):
        return None
    if any(isinstance(element, ast.Starred) for element in [*value.elts, *target.elts]):
        return None
    return value.elts


def _merge(envs: list[_Env]) -> _Env:
    merged: _Env = {}
    for env in envs:
        for name, bindings in env.items():
            seen = merged.get(name)
            merged[name] = bindings if seen is None or seen == bindings else seen | bindings
    return merged


def _merge_live(envs: list[_Env | None]) -> _Env | None:
    live = [env for env in envs if env is not None]
    return _merge(live) if live else None


def _become(env: _Env, other: _Env) -> None:
    env.clear()
    env.update(other)
