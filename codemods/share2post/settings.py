"""What the user chose, validated once and frozen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """The options that decide what is found and what may be rewritten.

    ``select`` and ``ignore`` hold rule codes or prefixes of them (``S2P``,
    ``S2P00``, ``S2P001``); ``include``, ``exclude`` and ``extend_exclude``
    hold gitignore patterns. ``annotate`` asks for comments at what is left.
    """

    select: tuple[str, ...] = ("S2P",)
    ignore: tuple[str, ...] = ()
    unsafe_fixes: bool = False
    include: tuple[str, ...] = ("*.py", "*.pyi")
    exclude: tuple[str, ...] = ()
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    annotate: bool = False

    def selects(self, rule: str) -> bool:
        """Whether a finding of this rule is to be reported."""
        return rule.startswith(self.select) and not self.names_ignored(rule)

    def names_ignored(self, rule: str) -> bool:
        """Whether the user asked for this rule to be left alone."""
        return bool(self.ignore) and rule.startswith(self.ignore)

    def selects_by_code(self, rule: str) -> bool:
        """Whether the user asked for a note by its own code or a prefix longer than the tool's."""
        return any(len(code) > len("S2P") and rule.startswith(code) for code in self.select)
