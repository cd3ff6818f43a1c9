"""S2P001 for URLs that no upload call claims, and S2P101, S2P102: never silence, never a swapped constant.

Looks the same and is no finding: a docstring, a path of the same spelling in a
route of the program's own, the same path on another host.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from share2post import tiktok
from share2post.dialects import DIALECTS
from share2post.model import Reason
from share2post.rules.bare_path import BarePaths, is_route
from share2post.rules.evidence import named_elsewhere
from share2post.rules.handed_paths import HandedPaths
from share2post.rules.kept import keeps
from share2post.rules.unspoken import CALLS, Unspoken
from share2post.semantics.flow import Binding, Kind
from share2post.semantics.sinks import Sinks
from share2post.semantics.urls import Endpoint, Target, endpoint
from share2post.semantics.values import Evaluator
from share2post.semantics.world import Unit
from share2post.sites import Draft, Place


@dataclass(eq=False)
class LegacyUrls:
    """Finds legacy URLs that are not part of an upload the tool understood."""

    evaluator: Evaluator
    claimed: set[ast.AST]
    released: dict[ast.AST, str]  # what an upload that moves leaves behind, and where that upload is

    def drafts(self, units: list[Unit]) -> list[Draft]:
        """One draft for each place."""
        found: list[Draft] = []
        for unit in units:
            found += self._continued(unit)
            found += self._handed(unit)
            for node in ast.walk(unit.module.tree):
                if (
                    isinstance(node, ast.Constant)
                    and isinstance(node.value, str)
                    and node not in self.claimed
                ):
                    draft = self._leaf(unit, node)
                    if draft is not None:
                        found.append(draft)
            found += self._composed(unit)
            found += self._scopes(unit)
        return found

    def _composed(self, unit: Unit) -> list[Draft]:
        """Addresses of the retired host that are put together from pieces, such as ``BASE + "/user/info/"``."""
        found = []
        for node in ast.walk(unit.module.tree):
            if not isinstance(node, ast.JoinedStr | ast.BinOp) or _whole(unit, node) is not node:
                continue
            for text in self.evaluator.texts(unit, node):
                end = endpoint(text)
                new = [
                    leaf
                    for _, leaf in text.leaves
                    if leaf not in self.claimed and tiktok.LEGACY_HOST not in str(leaf.value)
                ]
                if end.target in (Target.SIBLING, Target.INVENTED) and new:
                    self.claimed.update(new)
                    draft = self._report(unit, new[-1], node, end)
                    found += [draft] if draft is not None else []
                    break
        return found

    def _leaf(self, unit: Unit, node: ast.Constant) -> Draft | None:
        text = str(node.value)
        lower = text.lower()
        interesting = tiktok.LEGACY_HOST in lower or "share/video/" in lower
        if not interesting or _is_docstring(unit, node) or len(text) > 400 or "\n" in text.strip():
            return self._prose(unit, node) if interesting and not _is_docstring(unit, node) else None
        whole = _whole(unit, node)
        values = self.evaluator.texts(unit, whole)
        self.claimed.update(leaf for value in values for _, leaf in value.leaves)
        self.claimed.add(node)
        ends = [endpoint(value) for value in values]
        end = next((e for e in ends if e.target is not Target.OTHER), ends[0])
        if end.target is Target.OTHER and any(Unspoken(self.evaluator).command(value) for value in values):
            return self._unspoken(unit, node, whole, "curl")
        return self._report(unit, node, whole, end)

    def _prose(self, unit: Unit, node: ast.Constant) -> Draft | None:
        """Long text that holds the URL: a shell command, disabled code, a template."""
        if f"{tiktok.LEGACY_HOST}{tiktok.LEGACY_PATH}" not in str(node.value).lower():
            return None
        return self._manual(
            unit, node, node, "S2P001", Reason.UNKNOWN_CALL,
            "a text holds the retired Share Video URL",
            f"it is not a request the tool can read: post to {tiktok.INIT_URL} with a Bearer header, "
            "then PUT the bytes to data.upload_url",
        )  # fmt: skip

    def _report(self, unit: Unit, node: ast.Constant, whole: ast.expr, end: Endpoint) -> Draft | None:
        owner = next((self.released[part] for part in ast.walk(whole) if part in self.released), None)
        if owner is not None and end.target in (Target.UPLOAD, Target.BARE_PATH):
            return self._left_behind(unit, node, whole, owner)
        match end.target:
            case Target.UPLOAD:
                return self._upload(unit, node, whole)
            case Target.INVENTED:
                return self._invented(unit, node, whole, end.path)
            case Target.SIBLING:
                return self._manual(
                    unit, node, whole, "S2P101", Reason.NOTE,
                    f"{end.path} is another endpoint of the retired v1 host",
                    f"its v2 equivalent is {tiktok.SIBLINGS[end.path]}",
                )  # fmt: skip
            case Target.BARE_PATH:
                return self._bare(unit, node, whole)
            case Target.BARE_INVENTED:
                paths = BarePaths(self.evaluator)
                if paths.is_beside(unit, node, whole) or (
                    paths.is_tiktok(unit) and not is_route(unit, whole)
                ):
                    return self._invented(unit, node, whole, end.path)
            case Target.UNCLEAR:
                return self._unclear(unit, node, whole)
            case Target.BARE_UNCLEAR if BarePaths(self.evaluator).is_tiktok(unit) and not is_route(
                unit, whole
            ):
                return self._unclear(unit, node, whole)
        return None

    def _invented(self, unit: Unit, node: ast.Constant, whole: ast.expr, path: str) -> Draft:
        """A path that never existed, with what its name promises in the new API."""
        clean = "/" + path.strip("/")
        advice = tiktok.INVENTED_PATHS.get(clean)
        below = f"a path below {tiktok.LEGACY_PATH.rpartition('/')[0]}"
        if clean.count("/") < 3 and _call_of(unit, whole) is None and self._flows(unit, whole) is None:
            return self._manual(
                unit, node, whole, "S2P001", Reason.UNUSED_URL, f"{clean} on the retired host is kept here",
                "no request is seen to use it: remove it, or change it together with the request that does",
            )  # fmt: skip
        if advice is None and "=" in clean:
            what, advice = f"{below} with a query that lacks its question mark", (
                f"the token belongs into Authorization: Bearer of the init request, POST {tiktok.INIT_URL}; "
                "then PUT the bytes to data.upload_url"
            )  # fmt: skip
        elif advice is None and clean.startswith(f"{tiktok.LEGACY_PATH}/") and not clean.isascii():
            return self._unclear(unit, node, whole)
        else:
            what = f"{clean if advice else below} on the retired host: this endpoint never existed"
        nothing = "there is nothing to migrate it to; the inbox upload needs only the init and the PUT"
        return self._manual(unit, node, whole, "S2P001", Reason.UNKNOWN_CALL, what, advice or nothing)

    def _unclear(self, unit: Unit, node: ast.Constant, whole: ast.expr) -> Draft:
        return self._manual(
            unit, node, whole, "S2P001", Reason.UNKNOWN_URL,
            f"a URL below {tiktok.LEGACY_ROOT} of the retired host",
            "what stands behind that path cannot all be seen; where it is the upload, post the init request to "
            f"{tiktok.INIT_URL} with Authorization: Bearer, then PUT the bytes to data.upload_url",
        )  # fmt: skip

    def _continued(self, unit: Unit) -> list[Draft]:
        """``URL + suffix()``: a constant URL that something not known is put behind."""
        found = []
        for node in ast.walk(unit.module.tree):
            if not isinstance(node, ast.JoinedStr | ast.BinOp) or _whole(unit, node) is not node:
                continue
            for text in self.evaluator.texts(unit, node):
                leaves = [leaf for _, leaf in text.leaves if leaf not in self.claimed]
                end = endpoint(text)
                unclear = end.target is Target.INVENTED and not end.path.isascii()
                if leaves and (unclear or end.target is Target.UNCLEAR):
                    self.claimed.update(leaves)
                    found.append(self._unclear(unit, leaves[-1], node))
                    break
        return found

    def _handed(self, unit: Unit) -> list[Draft]:
        """Paths that meet the retired host in a wrapper, or on a connection: ``self._get("/user/info/")``."""
        found = []
        paths = {path.rstrip("/") for path in (*tiktok.SIBLINGS, *tiktok.INVENTED_PATHS, tiktok.LEGACY_ROOT)}
        for node in ast.walk(unit.module.tree):
            if not isinstance(node, ast.Constant) or node in self.claimed or not isinstance(node.value, str):
                continue
            call = _call_of(unit, node) if node.value.partition("?")[0].rstrip("/") in paths else None
            end = HandedPaths(self.evaluator).endpoint(unit, node, call) if call is not None else None
            draft = self._report(unit, node, node, end) if end is not None else None
            if draft is not None:
                self.claimed.add(node)
                found.append(draft)
        return found

    def _upload(self, unit: Unit, node: ast.Constant, whole: ast.expr) -> Draft:
        sinks = Sinks(self.evaluator.world)
        call = _call_of(unit, whole) if sinks.told(unit, whole) is None else None
        flows = self._flows(unit, whole)
        client = Unspoken(self.evaluator).client(unit, whole)
        if client is not None:
            return self._unspoken(unit, node, whole, client)
        if call is not None and not keeps(self.evaluator, unit, call):
            return self._called(unit, whole, call)
        if flows is not None and not keeps(self.evaluator, unit, flows):
            return self._called(unit, whole, flows)
        table = _looked_up(unit, whole)
        if table is not None:
            return self._manual(
                unit, node, whole, "S2P001", Reason.UNKNOWN_URL,
                f"the retired Share Video URL stands in a table that line {table.lineno} looks up by a name",
                "the tool cannot tell which request gets it; make that request the init request to "
                f"{tiktok.INIT_URL} with Authorization: Bearer, then PUT the bytes to data.upload_url",
            )  # fmt: skip
        named = named_elsewhere(self.evaluator, unit, whole)
        used = f" ({named})" if named else ""
        return self._manual(
            unit, node, whole, "S2P001", Reason.UNUSED_URL,
            "the retired Share Video URL is kept here",
            f"no request is seen to use it{used}: remove it, or change it together with the request that does",
        )  # fmt: skip

    def _left_behind(self, unit: Unit, node: ast.Constant, whole: ast.expr, owner: str) -> Draft:
        """What an upload that moves uses no longer, and may not remove."""
        named = named_elsewhere(self.evaluator, unit, whole, besides=owner)
        who = f"{named} too" if named else "something the tool cannot see may use it too"
        return self._manual(
            unit, node, whole, "S2P001", Reason.UNUSED_URL,
            "the retired Share Video URL is kept here",
            f"the upload at {owner} moves without it, and {who}: remove it, or change it together with what uses it",
        )  # fmt: skip

    def _unspoken(self, unit: Unit, node: ast.Constant, whole: ast.expr, client: str) -> Draft:
        """A client that is known by name and not rewritten."""
        return self._manual(
            unit, node, whole, "S2P001", Reason.UNSUPPORTED_CLIENT,
            f"{client} posts to the retired Share Video endpoint",
            f"calls of {client} are not rewritten: {CALLS[client]}",
        )  # fmt: skip

    def _called(self, unit: Unit, whole: ast.expr, call: ast.Call) -> Draft:
        name = unit.module.source(call.func)
        callee = name if len(name) < 60 and "\n" not in name else "a call"
        own = self.evaluator.callee(unit, call)
        if self._is_address(unit, call):
            return self._manual(
                unit, whole, whole, "S2P001", Reason.UNKNOWN_URL,
                f"the retired Share Video URL goes through {callee} before it is posted to",
                f"{callee} may change it: post the init request to {tiktok.INIT_URL} yourself, then PUT the bytes",
            )  # fmt: skip
        place = f" ({own[0].path}:{own[1].lineno})" if own is not None else ""
        reason = Reason.WRAPPER if own is not None else Reason.UNKNOWN_CALL
        return self._manual(
            unit, whole, whole, "S2P001", reason,
            f"the retired Share Video URL is handed to {callee}{place}",
            f"the tool does not know what {callee} sends: make it POST the init request to {tiktok.INIT_URL} "
            "with Authorization: Bearer, then PUT the bytes to data.upload_url",
        )  # fmt: skip

    def _is_address(self, unit: Unit, call: ast.Call) -> bool:
        """Whether what a call gives is the URL of a request."""
        outer = _call_of(unit, call)
        requests = (
            [dialect.read(self.evaluator, unit, outer) for dialect in DIALECTS] if outer is not None else []
        )
        return any(request is not None and request.url is call for request in requests)

    def _bare(self, unit: Unit, node: ast.Constant, whole: ast.expr) -> Draft | None:
        if not BarePaths(self.evaluator).is_ours(unit, node, whole):
            return None
        call = _call_of(unit, whole) or self._flows(unit, whole)
        if call is not None and HandedPaths(self.evaluator).is_sent_elsewhere(unit, whole, call):
            return None
        if call is not None:
            own = self.evaluator.callee(unit, call)
            if own is not None or not isinstance(whole, ast.JoinedStr | ast.BinOp):
                return self._called(unit, whole, call)
        return self._manual(
            unit, node, whole, "S2P001", Reason.UNKNOWN_URL,
            "the path of the retired Share Video upload stands behind a base the tool does not know",
            f"if the base is https://{tiktok.LEGACY_HOST}, post the init request to {tiktok.INIT_URL} instead",
        )  # fmt: skip

    def _flows(self, unit: Unit, whole: ast.expr) -> ast.Call | None:
        """The call that a URL kept in a variable or attribute is handed to."""
        parent = unit.module.parent(whole)
        uses: list[ast.expr] = []
        if isinstance(parent, ast.Assign | ast.AnnAssign) and parent.value is whole:
            targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    uses += [use for binding in self._bindings(unit, target) for use in binding.uses]
                elif isinstance(target, ast.Attribute):
                    uses += [a for a in unit.attributes.get(target.attr, ()) if isinstance(a.ctx, ast.Load)]
        for use in uses:
            call = _call_of(unit, use)
            if call is not None and Sinks(self.evaluator.world).told(unit, use) is None:
                return call
        return None

    def _bindings(self, unit: Unit, target: ast.Name) -> list[Binding]:
        return [
            b
            for scope in unit.flow.scopes.values()
            for b in scope.bindings.get(target.id, [])
            if b.node is target and b.kind is Kind.ASSIGN
        ]

    def _manual(
        self, unit: Unit, node: ast.expr, whole: ast.expr, rule: str, reason: Reason, what: str, hint: str
    ) -> Draft:
        draft = Draft(Place(unit, whole))
        draft.mark(rule, unit, whole, what)
        draft.stop(reason, hint, unit, whole)
        draft.claimed.add(node)
        return draft

    # S2P102

    def _scopes(self, unit: Unit) -> list[Draft]:
        """Scope lists for the authorize URL that do not ask for the scope an upload needs."""
        found = []
        for node in ast.walk(unit.module.tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            scopes = [part.strip() for part in node.value.split(",")]
            ours = {"user.info.basic", "video.list", "video.publish"} & set(scopes)
            if ours and tiktok.UPLOAD_SCOPE not in scopes and not _beside_upload_scope(unit, node):
                found.append(
                    self._manual(
                        unit,
                        node,
                        node,
                        "S2P102",
                        Reason.NOTE,
                        f"a scope list without {tiktok.UPLOAD_SCOPE}",
                        f"the inbox upload needs {tiktok.UPLOAD_SCOPE}; video.publish does not include it",
                    )  # fmt: skip
                )
                break
        return found


def _beside_upload_scope(unit: Unit, node: ast.Constant) -> bool:
    """``["user.info.basic", "video.upload"]``: the scope stands beside it, or elsewhere in the file."""
    return any(
        isinstance(part, ast.Constant)
        and isinstance(part.value, str)
        and tiktok.UPLOAD_SCOPE in part.value.split(",")
        for part in ast.walk(unit.module.tree)
    )


def _whole(unit: Unit, node: ast.expr) -> ast.expr:
    """The largest string expression a constant is part of."""
    current: ast.expr = node
    while True:
        parent = unit.module.parent(current)
        if (
            isinstance(parent, ast.FormattedValue | ast.JoinedStr)
            or isinstance(parent, ast.BinOp)
            and isinstance(parent.op, ast.Add | ast.Mod | ast.Div)
        ):
            current = parent
        elif isinstance(parent, ast.Attribute) and parent.attr in ("format", "join", "rstrip", "strip"):
            outer = unit.module.parent(parent)
            if not isinstance(outer, ast.Call):
                return current
            current = outer
        else:
            return current


def _looked_up(unit: Unit, value: ast.expr) -> ast.expr | None:
    """Where ``TABLE[name]`` may read a value of a dict, by a key that is not written out."""
    table = unit.module.parent(value)
    while isinstance(unit.module.parent(table) if table is not None else None, ast.Dict):
        table = unit.module.parent(table) if table is not None else None
    holder = unit.module.parent(table) if isinstance(table, ast.Dict) else None
    targets = holder.targets if isinstance(holder, ast.Assign) else []
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    for scope in unit.flow.scopes.values():
        for binding in (b for name in names for b in scope.bindings.get(name, []) if b.node in targets):
            for use in binding.uses:
                parent = unit.module.parent(use)
                if isinstance(parent, ast.Subscript) and not isinstance(parent.slice, ast.Constant):
                    return parent
    return None


def _call_of(unit: Unit, node: ast.AST) -> ast.Call | None:
    """The call that a value is an argument of, directly."""
    parent = unit.module.parent(node)
    if isinstance(parent, ast.keyword):
        parent = unit.module.parent(parent)
        return parent if isinstance(parent, ast.Call) else None
    if isinstance(parent, ast.Call) and parent.func is not node:
        return parent
    return None


def _is_docstring(unit: Unit, node: ast.Constant) -> bool:
    return isinstance(unit.module.parent(node), ast.Expr)
