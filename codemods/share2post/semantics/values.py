"""What a string expression is worth, piece by piece; what is not known stays a hole."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Callable
from dataclasses import dataclass, field

from share2post.semantics.flow import Binding, Kind
from share2post.semantics.records import ancestry, property_of
from share2post.semantics.world import Definition, Unit, World, is_name, mutated

_DEPTH = 40
_ALTERNATIVES = 6
_PERCENT = re.compile(r"%(?:\((?P<key>[^)]*)\))?(?P<conv>[sdri%])")


@dataclass(frozen=True, eq=False)
class Hole:
    """A piece of a string that only the running program knows: the expression that gives it.

    ``quoted`` says that the program percent-encodes the value here.
    """

    unit: Unit
    node: ast.expr
    quoted: bool = False


Piece = str | Hole


@dataclass(eq=False)
class Text:
    """A string in pieces, and how the tool came by it."""

    pieces: list[Piece]
    leaves: list[tuple[Unit, ast.Constant]] = field(default_factory=list)
    through: list[Definition] = field(default_factory=list)
    environment: list[str] = field(default_factory=list)
    url_object: bool = False

    @property
    def known(self) -> str | None:
        """The whole string, where no hole is left in it."""
        if any(isinstance(piece, Hole) for piece in self.pieces):
            return None
        return "".join(piece for piece in self.pieces if isinstance(piece, str))

    def plus(self, other: Text) -> Text:
        """The two strings, one behind the other."""
        return Text(
            [*self.pieces, *other.pieces],
            [*self.leaves, *other.leaves],
            [*self.through, *other.through],
            [*self.environment, *other.environment],
            self.url_object,
        )

    def by(self, link: Definition) -> Text:
        """The same string, with one more definition on the way to it."""
        return Text(self.pieces, self.leaves, [*self.through, link], self.environment, self.url_object)

    def mapped(self, change: Callable[[str], str]) -> Text | None:
        """The string changed as a whole, where it is known."""
        known = self.known
        if known is None:
            return None
        return Text([change(known)], self.leaves, self.through, self.environment)


Frame = dict[Binding, "Bound"]


@dataclass(eq=False)
class Bound:
    """What a parameter is bound to while a call is looked into."""

    unit: Unit
    node: ast.expr
    frame: Frame


@dataclass(eq=False)
class Evaluator:
    """Evaluates string expressions of a project symbolically."""

    world: World
    known: dict[ast.expr, list[Text]] = field(default_factory=dict)

    def text(self, unit: Unit, node: ast.expr, frame: Frame | None = None) -> Text | None:
        """The one value of an expression, or ``None`` where it may have several."""
        found = self.texts(unit, node, frame)
        return found[0] if len(found) == 1 else None

    def texts(self, unit: Unit, node: ast.expr, frame: Frame | None = None, depth: int = 0) -> list[Text]:
        """The values an expression may have; one that is a single hole where nothing is known."""
        if depth > _DEPTH:
            return [Text([Hole(unit, node)])]
        if not frame and node in self.known:
            return self.known[node]
        if not frame:
            self.known[node] = [Text([Hole(unit, node)])]  # while it is worked out: a circle is not known
        found = self._texts(unit, node, frame or {}, depth + 1)
        result = found[:_ALTERNATIVES] if found else [Text([Hole(unit, node)])]
        if not frame:
            self.known[node] = result
        return result

    def _one(self, unit: Unit, node: ast.expr, frame: Frame, depth: int) -> Text:
        found = self.texts(unit, node, frame, depth)
        return found[0] if len(found) == 1 else Text([Hole(unit, node)])

    def _texts(self, unit: Unit, node: ast.expr, frame: Frame, depth: int) -> list[Text]:
        match node:
            case ast.Constant(value=str(value)):
                return [Text([value], [(unit, node)])]
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return [Text([str(number)])]
            case ast.JoinedStr():
                return self._product([self._piece(unit, part, frame, depth) for part in node.values])
            case ast.BinOp(op=ast.Add()):
                return self._sum(unit, node, frame, depth)
            case ast.BinOp(op=ast.Div()):
                return self._slash(unit, node, frame, depth)
            case ast.BinOp(op=ast.Mod()):
                return self._percent(unit, node, frame, depth)
            case ast.Call():
                return self._call(unit, node, frame, depth) or self._defined(
                    self.world.definition(unit, node), depth
                )
            case ast.NamedExpr():
                return self.texts(unit, node.value, frame, depth)
            case ast.IfExp():
                return [
                    *self.texts(unit, node.body, frame, depth),
                    *self.texts(unit, node.orelse, frame, depth),
                ]
            case ast.BoolOp(op=ast.Or()) if len(node.values) == 2:
                name = self._environment_name(unit, node.values[0]) or self._argument(unit, node.values[0])
                if name is not None:
                    text = self._one(unit, node.values[1], frame, depth)
                    return [Text(text.pieces, text.leaves, text.through, [*text.environment, name])]
                return []
            case ast.Name():
                return self._name(unit, node, frame, depth)
            case ast.Attribute():
                return self._defined(self.world.definition(unit, node), depth) or self._attribute(
                    unit, node, depth
                )
            case ast.Subscript():
                return self._defined(self.world.definition(unit, node), depth)
        return []

    def _piece(self, unit: Unit, part: ast.expr, frame: Frame, depth: int) -> list[Text]:
        if isinstance(part, ast.FormattedValue):
            if part.conversion not in (-1, ord("s")) or part.format_spec is not None:
                return [Text([Hole(unit, part)])]
            return self.texts(unit, part.value, frame, depth)
        return self.texts(unit, part, frame, depth)

    def _product(self, choices: list[list[Text]]) -> list[Text]:
        found = [Text([])]
        for texts in choices:
            found = [left.plus(right) for left in found for right in texts][:_ALTERNATIVES]
        return found

    def _sum(self, unit: Unit, node: ast.BinOp, frame: Frame, depth: int) -> list[Text]:
        terms: list[ast.expr] = []
        current: ast.expr = node
        while isinstance(current, ast.BinOp) and isinstance(current.op, ast.Add):
            terms.append(current.right)
            current = current.left
        terms.append(current)
        return self._product([self.texts(unit, term, frame, depth) for term in reversed(terms)])

    def _slash(self, unit: Unit, node: ast.BinOp, frame: Frame, depth: int) -> list[Text]:
        left = self._one(unit, node.left, frame, depth)
        if not left.url_object:
            return []
        right = self._one(unit, node.right, frame, depth)
        if left.pieces and isinstance(left.pieces[-1], str):
            left = left.plus(Text([]))
            left.pieces[-1] = str(left.pieces[-1]).rstrip("/")
        return [left.plus(Text(["/"])).plus(right)]

    def _percent(self, unit: Unit, node: ast.BinOp, frame: Frame, depth: int) -> list[Text]:
        left = self._one(unit, node.left, frame, depth)
        if left.url_object:
            query = self.query(unit, node.right, frame, depth)
            return [left.plus(Text(["?"])).plus(query)] if query is not None else []
        known = left.known
        if known is None:
            return []
        right = node.right
        arguments = list(right.elts) if isinstance(right, ast.Tuple) else [right]
        found, last, index = Text([], left.leaves, left.through, left.environment), 0, 0
        for match in _PERCENT.finditer(known):
            found = found.plus(Text([known[last : match.start()]]))
            last = match.end()
            if match["conv"] == "%":
                found = found.plus(Text(["%"]))
                continue
            value: ast.expr | None = None
            if match["key"] is not None:
                value = _entry(right, match["key"])
            elif index < len(arguments):
                value, index = arguments[index], index + 1
            if value is None:
                return []
            found = found.plus(self._one(unit, value, frame, depth))
        return [found.plus(Text([known[last:]]))]

    def _name(self, unit: Unit, node: ast.Name, frame: Frame, depth: int) -> list[Text]:
        reaching = unit.flow.reaching(node)
        if not reaching:  # brought by a star import, if by anything
            return self._defined(self.world.definition(unit, node), depth)
        found: list[Text] = []
        for binding in sorted(reaching, key=lambda b: getattr(b.node, "lineno", 0)):
            bound = frame.get(binding)
            if bound is not None:
                found += self.texts(bound.unit, bound.node, bound.frame, depth)
            elif (default := self._default(unit, binding)) is not None:
                text = self._one(unit, default, {}, depth)
                found.append(
                    Text(text.pieces, text.leaves, text.through, [*text.environment, f"{binding.name}="])
                )
            elif (
                binding.kind is Kind.AUGMENT
                and binding.value is not None
                and isinstance(binding.node, ast.Name)
            ):
                before = self._name(unit, binding.node, frame, depth + 1) if depth < _DEPTH else []
                after = self.texts(unit, binding.value, frame, depth)
                if not before:
                    return []
                found += self._product([before, after])
            else:
                found += self._bound(unit, node, binding, depth)
        known = any(not isinstance(piece, Hole) for text in found for piece in text.pieces)
        return found[:_ALTERNATIVES] if known else []

    def _bound(self, unit: Unit, node: ast.Name, binding: Binding, depth: int) -> list[Text]:
        """What one binding may give a name: a hole where that is not known."""
        found = self._defined(self.world.of_binding(unit, binding), depth)
        for definition in [] if found else self.world.choices(unit, binding):
            found += self._defined(definition, depth) or [Text([Hole(unit, node)])]
        return found or [Text([Hole(unit, node)])]

    def _attribute(self, unit: Unit, node: ast.Attribute, depth: int) -> list[Text]:
        """An attribute without one definition: a name with several, or a property."""
        found: list[Text] = []
        for definition in self.world.choices(unit, node):
            found += self._defined(definition, depth) or [Text([Hole(unit, node)])]
        owned = property_of(self.world, unit, node) if not found else None
        value = returned(owned[1]) if owned is not None else None
        if owned is None or value is None:
            return found
        return self._defined(Definition(owned[0], value, node.attr, owned[1]), depth)

    def _defined(self, definition: Definition | None, depth: int) -> list[Text]:
        if definition is None:
            return []
        found = self.texts(definition.unit, definition.value, {}, depth)
        holes = all(text.pieces and all(isinstance(p, Hole) for p in text.pieces) for text in found)
        if holes:
            return []
        environment = [definition.chosen_by] if definition.chosen_by else self._settings_class(definition)
        return [
            Text(t.pieces, t.leaves, [*t.through, definition], [*t.environment, *environment], t.url_object)
            for t in found
        ]

    def _settings_class(self, definition: Definition) -> list[str]:
        """The field of a pydantic settings class: the environment may override its default."""
        owner = (
            definition.unit.module.parent(definition.holder)
            if isinstance(definition.holder, ast.stmt)
            else None
        )
        if not isinstance(owner, ast.ClassDef):
            return []
        if not any(name.endswith("BaseSettings") for name in ancestry(self.world, (definition.unit, owner))):
            return []
        return [variable_of(owner, definition)] if not isinstance(definition.holder, ast.FunctionDef) else []

    # calls

    def _call(self, unit: Unit, node: ast.Call, frame: Frame, depth: int) -> list[Text]:
        if isinstance(node.func, ast.Attribute):
            found = self._method(unit, node, node.func, frame, depth)
            if found:
                return found
        name = self.world.qualified(unit, node.func)
        environment = self._environment_name(unit, node)
        if environment is not None and len(node.args) == 2:
            text = self._one(unit, node.args[1], frame, depth)
            return [Text(text.pieces, text.leaves, text.through, [*text.environment, environment])]
        if name in ("builtins.str", "httpx.URL", "yarl.URL") and len(node.args) == 1:
            text = self._one(unit, node.args[0], frame, depth)
            return [Text(text.pieces, text.leaves, text.through, text.environment, name == "yarl.URL")]
        if name in QUOTERS and node.args:
            inner = self._one(unit, node.args[0], frame, depth)
            if inner.known is not None:
                return []
            return [Text([Hole(p.unit, p.node, True) if isinstance(p, Hole) else p for p in inner.pieces])]
        if name == "urllib.parse.urlencode" and node.args:
            query = self.query(unit, node.args[0], frame, depth)
            return [query] if query is not None else []
        if name == "urllib.parse.urljoin" and len(node.args) == 2:
            return self._urljoin(unit, node, frame, depth)
        return self._function(unit, node, frame, depth)

    def _method(
        self, unit: Unit, node: ast.Call, func: ast.Attribute, frame: Frame, depth: int
    ) -> list[Text]:
        name = func.attr
        if name in ("rstrip", "strip", "lstrip", "lower", "upper", "replace", "removesuffix", "removeprefix"):
            return self._strip(unit, node, func, frame, depth)
        if name == "format":
            return self._format(unit, node, func, frame, depth)
        if name == "join" and len(node.args) == 1 and isinstance(node.args[0], ast.List | ast.Tuple):
            glue = self._one(unit, func.value, frame, depth)
            if glue.known is None:
                return []
            found = Text([])
            for index, element in enumerate(node.args[0].elts):
                if index:
                    found = found.plus(glue)
                found = found.plus(self._one(unit, element, frame, depth))
            return [found]
        return []

    def _strip(self, unit: Unit, node: ast.Call, func: ast.Attribute, frame: Frame, depth: int) -> list[Text]:
        inner = self._one(unit, func.value, frame, depth)
        arguments: list[str] = []
        for argument in node.args:
            known = self._one(unit, argument, frame, depth).known
            if known is None:
                return []
            arguments.append(known)
        whole = inner.mapped(lambda value: str(getattr(value, func.attr)(*arguments)))
        if whole is not None:
            return [whole]
        if func.attr == "rstrip" and inner.pieces and isinstance(inner.pieces[-1], str):
            inner = inner.plus(Text([]))
            inner.pieces[-1] = str(inner.pieces[-1]).rstrip(*arguments)
            return [inner]
        return []

    def _format(
        self, unit: Unit, node: ast.Call, func: ast.Attribute, frame: Frame, depth: int
    ) -> list[Text]:
        template = self._one(unit, func.value, frame, depth)
        known = template.known
        if known is None or any(isinstance(a, ast.Starred) for a in node.args):
            return []
        named = {keyword.arg: keyword.value for keyword in node.keywords}
        found, index = Text([], template.leaves, template.through, template.environment), 0
        try:
            fields = list(string.Formatter().parse(known))
        except ValueError:
            return []
        for literal, field_name, spec, conversion in fields:
            found = found.plus(Text([literal]))
            if field_name is None:
                continue
            if spec or conversion:
                return []
            if field_name == "":
                field_name, index = str(index), index + 1
            value = named.get(field_name)
            if field_name.isdigit() and int(field_name) < len(node.args):
                value = node.args[int(field_name)]
            if value is None:
                return []
            found = found.plus(self._one(unit, value, frame, depth))
        return [found]

    def _urljoin(self, unit: Unit, node: ast.Call, frame: Frame, depth: int) -> list[Text]:
        base, path = (self._one(unit, argument, frame, depth) for argument in node.args)
        joined = base.plus(path)
        first = path.pieces[0] if path.pieces else ""
        known = base.known
        if known is None or not isinstance(first, str):
            return []
        if "://" in first:
            return [Text(path.pieces, joined.leaves, joined.through, joined.environment)]
        scheme, _, rest = known.partition("://")
        host, _, folder = rest.partition("/")
        if first.startswith("/"):
            start = f"{scheme}://{host}"
        else:
            start = f"{scheme}://{host}/{folder.rpartition('/')[0]}".rstrip("/") + "/"
        return [Text([start, *path.pieces], joined.leaves, joined.through, joined.environment)]

    def query(self, unit: Unit, node: ast.expr, frame: Frame, depth: int = 0) -> Text | None:
        """``a=1&b=2`` from a dict or a list of pairs, as ``urlencode`` makes it."""
        pairs = self._pairs(unit, node)
        if pairs is None:
            return None
        found = Text([])
        for index, (key, value) in enumerate(pairs):
            name = self._one(unit, key, frame, depth).known
            if name is None:
                return None
            found = found.plus(Text([f"{'&' if index else ''}{name}="]))
            worth = self._one(unit, value, frame, depth)
            if worth.known is None:
                worth = Text([Hole(p.unit, p.node, True) if isinstance(p, Hole) else p for p in worth.pieces])
            found = found.plus(worth)
        return found

    def _pairs(self, unit: Unit, node: ast.expr) -> list[tuple[ast.expr, ast.expr]] | None:
        if isinstance(node, ast.Name):
            definition = self.world.definition(unit, node)
            binding = unit.flow.only(node)
            if definition is None or definition.unit is not unit or binding is None:
                return None
            return None if mutated(unit, binding) else self._pairs(unit, definition.value)
        if isinstance(node, ast.Dict):
            if any(key is None for key in node.keys):
                return None
            return [(k, v) for k, v in zip(node.keys, node.values, strict=True) if k is not None]
        if isinstance(node, ast.List | ast.Tuple):
            pairs = [
                (e.elts[0], e.elts[1]) for e in node.elts if isinstance(e, ast.Tuple) and len(e.elts) == 2
            ]
            return pairs if len(pairs) == len(node.elts) else None
        if (
            isinstance(node, ast.Call)
            and self.world.qualified(unit, node.func) == "builtins.dict"
            and not node.args
        ):
            named = [(k.arg, k.value) for k in node.keywords]
            return (
                [(ast.Constant(k), v) for k, v in named if k is not None]
                if all(k for k, _ in named)
                else None
            )
        return None

    def _environment_name(self, unit: Unit, node: ast.expr) -> str | None:
        """NAME of ``os.getenv(NAME[, default])`` or ``os.environ.get(NAME[, default])``."""
        if not isinstance(node, ast.Call) or not node.args:
            return None
        if self.world.qualified(unit, node.func) not in ("os.getenv", "os.environ.get"):
            return None
        name = node.args[0]
        return name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else "?"

    def _argument(self, unit: Unit, node: ast.expr) -> str | None:
        """``base_url=`` of ``base_url or DEFAULT``: a parameter that no call of the project gives."""
        binding = unit.flow.only(node) if isinstance(node, ast.Name) else None
        plain = binding is not None and binding.kind is Kind.PARAMETER
        return (
            f"{binding.name}=" if binding is not None and plain and not self._given(unit, binding) else None
        )

    def _default(self, unit: Unit, binding: Binding) -> ast.expr | None:
        """The default of a parameter that no call of the project gives."""
        if binding.kind is not Kind.PARAMETER or not isinstance(binding.node, ast.arg):
            return None
        function = binding.scope.node
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            return None
        positional = [*function.args.posonlyargs, *function.args.args]
        values = dict(zip(reversed(positional), reversed(function.args.defaults), strict=False))
        values |= {
            a: v for a, v in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True) if v
        }
        default = values.get(binding.node)
        if default is None or (isinstance(default, ast.Constant) and not isinstance(default.value, str)):
            return None
        return None if self._given(unit, binding) else default

    def _given(self, unit: Unit, binding: Binding) -> bool:
        """Whether some call of the project gives this parameter a value (or may)."""
        function = binding.scope.node
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            return True
        owner = unit.module.parent(function)
        made = owner.name if isinstance(owner, ast.ClassDef) and function.name == "__init__" else ""
        names = [arg.arg for arg in [*function.args.posonlyargs, *function.args.args]]
        index = names.index(binding.name) if binding.name in names else len(names)
        index -= isinstance(owner, ast.ClassDef)
        for other in self.world.units.values():
            called = made or function.name
            for name in {called, *other.aliases.get(called, ())} if called in other.words else ():
                for call in other.calls_by_name.get(name, ()):
                    starred = any(isinstance(a, ast.Starred) for a in call.args)
                    named = any(k.arg in (None, binding.name) for k in call.keywords)
                    if starred or named or len(call.args) > index:
                        return True
        return False

    def _function(self, unit: Unit, node: ast.Call, frame: Frame, depth: int) -> list[Text]:
        """A call of the project's own function that only returns a string."""
        callee = self.callee(unit, node)
        if callee is None:
            return []
        owner, function = callee
        value = returned(function)
        inner = bind_arguments(unit, node, owner, function, frame)
        if value is None or inner is None:
            return []
        found = self.texts(owner, value, inner, depth)
        link = Definition(owner, value, function.name, function)
        return [text.by(link) for text in found] if any(text.leaves for text in found) else []

    def callee(
        self, unit: Unit, node: ast.Call
    ) -> tuple[Unit, ast.FunctionDef | ast.AsyncFunctionDef] | None:
        """The project's own function or method that a call calls."""
        func = node.func
        if isinstance(func, ast.Name):
            binding = unit.flow.only(func)
            return self._function_binding(unit, binding) if binding is not None else None
        if isinstance(func, ast.Attribute):
            module = self.world.module_value(unit, func.value)
            if module is not None:
                bindings = module.flow.root.bindings.get(func.attr, [])
                return self._function_binding(module, bindings[0]) if len(bindings) == 1 else None
            owner = self.world.class_behind(unit, func.value)
            return self.method(owner[0], owner[1], func.attr) if owner is not None else None
        return None

    def method(
        self, unit: Unit, owner: ast.ClassDef, name: str, depth: int = 0
    ) -> tuple[Unit, ast.FunctionDef | ast.AsyncFunctionDef] | None:
        """A method of a class of the project, through its bases."""
        for statement in owner.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and statement.name == name:
                return unit, statement
        for base in owner.bases if depth < _DEPTH else []:
            parent = self.world.class_behind(unit, base)
            found = self.method(parent[0], parent[1], name, depth + 1) if parent is not None else None
            if found is not None:
                return found
        return None

    def _function_binding(
        self, unit: Unit, binding: Binding
    ) -> tuple[Unit, ast.FunctionDef | ast.AsyncFunctionDef] | None:
        if isinstance(binding.node, ast.FunctionDef | ast.AsyncFunctionDef):
            return unit, binding.node
        if binding.kind is Kind.IMPORT and isinstance(binding.node, ast.alias):
            statement = unit.module.parent(binding.node)
            if isinstance(statement, ast.ImportFrom):
                target = self.world.imported(unit, statement.module or "", statement.level)
                bindings = target.flow.root.bindings.get(binding.node.name, []) if target else []
                if target is not None and len(bindings) == 1:
                    return self._function_binding(target, bindings[0])
        return None


QUOTERS = frozenset({"urllib.parse.quote", "urllib.parse.quote_plus", "requests.utils.quote"})


def variable_of(owner: ast.ClassDef, definition: Definition) -> str:
    """The environment variable that may override a field of a settings class."""
    field_call = getattr(definition.holder, "value", None)
    for keyword in field_call.keywords if isinstance(field_call, ast.Call) else ():
        named = keyword.arg in ("env", "alias", "validation_alias") and isinstance(
            keyword.value, ast.Constant
        )
        if named and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
            return keyword.value.value
    prefixes = [text for part in ast.walk(owner) if (text := _prefix(part)) is not None]
    return f"{prefixes[0] if prefixes else ''}{definition.name}".upper()


def _prefix(node: ast.AST) -> str | None:
    """``env_prefix = "TT_"``, as a keyword or in the class's own configuration."""
    named = isinstance(node, ast.keyword) and node.arg == "env_prefix"
    named = named or (isinstance(node, ast.Assign) and is_name(node.targets[0], "env_prefix"))
    value = node.value if named and isinstance(node, ast.keyword | ast.Assign) else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def returned(function: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.expr | None:
    """The one value a function returns, where its body is that return and nothing that matters."""
    body = [s for s in function.body if not _is_docstring(s)]
    if len(body) == 1 and isinstance(body[0], ast.Return):
        return body[0].value
    return None


def bind_arguments(
    unit: Unit, call: ast.Call, owner: Unit, function: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame
) -> Frame | None:
    """The parameters of a function bound to the arguments of one call; ``None`` where stars hide them."""
    if any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
        return None
    names = [*function.args.posonlyargs, *function.args.args]
    in_class = isinstance(owner.module.parent(function), ast.ClassDef)
    static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list)
    if in_class and not static:
        names = names[1:]
    given: dict[str, ast.expr] = {arg.arg: value for arg, value in zip(names, call.args, strict=False)}
    given.update({k.arg: k.value for k in call.keywords if k.arg is not None})
    scope = owner.flow.scopes[function]
    inner: Frame = {}
    for name, value in given.items():
        for binding in scope.bindings.get(name, []):
            if binding.kind is Kind.PARAMETER:
                inner[binding] = Bound(unit, value, frame)
    defaults = function.args.defaults
    for arg, default in zip(names[len(names) - len(defaults) :] if defaults else [], defaults, strict=False):
        if arg.arg not in given:
            for binding in scope.bindings.get(arg.arg, []):
                if binding.kind is Kind.PARAMETER:
                    inner[binding] = Bound(owner, default, {})
    return inner


def _entry(node: ast.expr, key: str) -> ast.expr | None:
    if isinstance(node, ast.Dict):
        for name, value in zip(node.keys, node.values, strict=True):
            if isinstance(name, ast.Constant) and name.value == key:
                return value
    return None


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
