"""An upload whose second request is made in another function than the init: what the init can announce.

::

    def start(self, video_path):              # the size must be known here
        requests.post(OLD_URL, json={"source_info": {"video_size": 0}})
    def send(self, upload_url, video_path):   # the bytes are here
        requests.put(upload_url, data=open(video_path, "rb"))
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from share2post.model import Reason
from share2post.rules.announced_size import is_quiet
from share2post.rules.moving import Mover
from share2post.semantics.callers import argument_for, callers
from share2post.semantics.flow import Kind
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.sites import Draft
from share2post.syntax.imports import module_name


@dataclass(eq=False)
class SplitUpload:
    """Finds the size that the function of the init knows."""

    evaluator: Evaluator
    draft: Draft
    mover: Mover  # of the init
    second: ast.Call

    @property
    def unit(self) -> Unit:
        """The module of both requests."""
        return self.mover.unit

    def size(self, announced: ast.expr | None) -> str | None:
        """The text of the size at the init; ``None`` with the obstacle noted."""
        own = self._announced(announced) if announced is not None else None
        text = own or self._measured()
        sender = self.unit.function_of(self.second)
        name = getattr(sender, "name", "another function")
        if text is None:
            hint = (
                "the init must announce the size of what is sent, which this function does not know: pass it the "
                f"path, and announce os.path.getsize(path) as video_size and chunk_size (the bytes are sent in {name})"
            )
            self.draft.stop(Reason.NEW_STYLE_BODY, hint, self.unit, self.mover.call)
        elif own is not None:
            hint = f"the size that is announced here must be that of the file which {name} sends"
            self.draft.doubt(Reason.NEW_STYLE_BODY, hint, self.unit, self.second)
        return text

    def _announced(self, announced: ast.expr) -> str | None:
        """The program's own size, where it is no mere placeholder and can be had in front of the call."""
        if isinstance(announced, ast.Constant) or not is_quiet(self.evaluator, self.unit, announced):
            return None
        binding = self.unit.flow.only(announced) if isinstance(announced, ast.Name) else None
        if isinstance(announced, ast.Name) and (binding is None or isinstance(binding.value, ast.Constant)):
            return None
        if isinstance(announced, ast.Name):
            return self.mover.keep(self.unit, announced) if self._here(announced) else None
        if not self._here(announced):
            return None
        name = self.mover.fresh.pick(self.unit, self.mover.call, "video_size", "tiktok_video_size")
        self.mover.before.append(f"{name} = {self.mover.keep(self.unit, announced)}")
        return name

    def _here(self, node: ast.expr) -> bool:
        """Whether the names of an expression mean the same in front of the call."""
        names = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
        known = self.unit.flow.before.get(self.mover.statement, {})
        local = [n for n in names if n.id in known]
        return all(known[n.id] == self.unit.flow.reaching(n) for n in local)

    def _measured(self) -> str | None:
        """A parameter of the init's function that is given the very path the other one opens."""
        path, start = self._opened(), self.unit.function_of(self.mover.call)
        send = self.unit.function_of(self.second)
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        if path is None or not isinstance(start, functions) or not isinstance(send, functions):
            return None
        given = [argument_for(c, self.unit, send, path) for _, c in callers(self.evaluator, self.unit, send)]
        began = list(callers(self.evaluator, self.unit, start))
        if len(given) != 1 or given[0] is None or len(began) != 1:
            return None
        for parameter in start.args.args:
            passed = argument_for(began[0][1], self.unit, start, parameter.arg)
            bindings = self.unit.flow.scopes[start].bindings.get(parameter.arg, [])
            if passed is None or len(bindings) != 1 or not self._same(passed, given[0]):
                continue
            module = module_name(self.evaluator.world, self.draft, self.unit, self.mover.call, "os")
            name = self.mover.fresh.pick(self.unit, self.mover.call, "video_size", "tiktok_video_size")
            self.mover.before.append(f"{name} = {module}.path.getsize({parameter.arg})")
            return name
        return None

    def _opened(self) -> str | None:
        """The parameter that the sending function opens, and nothing else."""
        send = self.unit.function_of(self.second)
        opened = [
            call.args[0]
            for call in self.unit.calls()
            if self.unit.function_of(call) is send
            and call.args
            and self.evaluator.world.qualified(self.unit, call.func) in ("builtins.open", "io.open")
        ]
        binding = (
            self.unit.flow.only(opened[0]) if len(opened) == 1 and isinstance(opened[0], ast.Name) else None
        )
        return binding.name if binding is not None and binding.kind is Kind.PARAMETER else None

    def _same(self, one: ast.expr, other: ast.expr) -> bool:
        """Whether two arguments are the same name with the same value."""
        plain = isinstance(one, ast.Name) and isinstance(other, ast.Name)
        if not plain or not isinstance(one, ast.Name) or not isinstance(other, ast.Name):
            return ast.unparse(one) == ast.unparse(other) and isinstance(one, ast.Attribute)
        return one.id == other.id and self.unit.flow.reaching(one) == self.unit.flow.reaching(other)
