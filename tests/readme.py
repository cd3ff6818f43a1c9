"""The parts of README.md that are made from the code: ``python tests/readme.py --write`` brings them up to date.

``--setup`` prints the set-up commands, one a line, and needs nothing installed.
"""

from __future__ import annotations

import ast
import difflib
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Final

ROOT: Final = Path(__file__).parent.parent
README: Final = ROOT / "README.md"
CORPUS: Final = ROOT / "fixtures" / "dialects"
# <!-- begin: rules --> ... <!-- end: rules -->
_PART: Final = re.compile(r"(?<=<!-- begin: (\w{5}) -->\n)(.*?)(?=<!-- end: \1 -->)", re.DOTALL)
_BLOCK: Final = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_SENDS: Final = frozenset({"post", "request", "fetch"})


def main() -> None:
    """Print the set-up commands, or write the generated parts."""
    if "--setup" in sys.argv:
        print("\n".join(setup_commands()))
    elif "--write" in sys.argv:
        README.write_text(generated(README.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        sys.exit(__doc__)


def setup_commands() -> list[str]:
    """The commands of the section on set-up."""
    section = README.read_text(encoding="utf-8").partition("## Set-up\n")[2].partition("\n## ")[0]
    return commands(section)


def commands(text: str) -> list[str]:
    """The lines of the shell blocks of a text."""
    return [line for block in _BLOCK.findall(text) for line in block.splitlines()]


def generated(text: str) -> str:
    """The README with its generated parts as the code says they should be."""
    makers = {"first": first_diff, "rules": rule_table, "httpc": client_table}
    return _PART.sub(lambda match: makers[match[1]](), text)


def first_diff() -> str:
    """The first example of ``requests`` as a diff."""
    from share2post.dialects import requests

    example = requests.examples[0]
    before, after = (source.splitlines(keepends=True) for source in (example.before, example.after))
    lines = difflib.unified_diff(before, after, "a/upload.py", "b/upload.py")
    return "```diff\n" + "".join(lines) + "```\n"


def rule_table() -> str:
    """The rules, from the catalogue."""
    from share2post.catalogue import RULES

    rows = [(rule.code, rule.name, rule.summary + (" (a note)" if rule.note else "")) for rule in RULES]
    return _table(("code", "name", "what it finds"), rows)


def client_table() -> str:
    """The clients, from the dialects; sync and async, from their examples and programs that are rewritten."""
    from share2post.dialects import DIALECTS

    rows = []
    for dialect in sorted(DIALECTS, key=lambda dialect: dialect.name):
        programs = rewritten(dialect)
        synchronous = any("async def" not in program for program in programs)
        rows.append((f"`{dialect.name}`", _mark(synchronous), _mark(any(map(awaits, programs)))))
    return _table(("client", "sync", "async"), rows)


def rewritten(dialect: ModuleType | object) -> list[str]:
    """The programs of a client that the tool rewrites: the dialect's examples, and the corpus."""
    from share2post import Reason

    examples = [e.before for e in dialect.examples if not isinstance(e.after, Reason)]  # type: ignore[union-attr]
    folder = dialect.__name__.rpartition(".")[2]  # type: ignore[union-attr]
    cases = sorted(CORPUS.glob(f"{folder}/*/after.py"))
    sources = [(case.parent / "before.py").read_bytes() for case in cases]
    return examples + [_decoded(source) for source in sources]


def awaits(program: str) -> bool:
    """Whether the program awaits a request, or enters it with ``async with``."""
    found = False
    for node in ast.walk(ast.parse(program)):
        if isinstance(node, ast.Await):
            found |= _sends(node.value)
        elif isinstance(node, ast.AsyncWith):
            found |= any(_sends(item.context_expr) for item in node.items)
    return found


def _sends(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SENDS


def _decoded(source: bytes) -> str:
    import io
    import tokenize

    encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    return source.decode(encoding)


def _mark(known: bool) -> str:
    return "rewritten" if known else "–"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    main()
