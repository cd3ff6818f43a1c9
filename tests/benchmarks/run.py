"""What a run costs, as ratios of something everybody has: ``python tests/benchmarks/run.py``.

``--quick`` measures less often and on smaller trees: it shows that everything here runs, and not much more.

Each pair is measured in turns, so that a busy machine slows both; the figure is the ratio of the
medians, with the target beside it. Trees are made in a temporary directory and removed.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from programs import UNUSED, UPLOAD, repository
from share2post.tiktok import STRONG_NEEDLES

PYTHON = sys.executable
# python -c as the console script does it: -m would import runpy on top.
RUN = [PYTHON, "-c", "from share2post.__main__ import main; main()"]
CLICK = [PYTHON, "-c", "import click"]
GREP = [
    "git", "grep", "-lzaF", *[part for needle in STRONG_NEEDLES for part in ("-e", needle.decode())],
    "--", "*.py", "*.pyi",
]  # fmt: skip
QUICK = "--quick" in sys.argv
MANY = 500 if QUICK else 10_000
VERBS = ("upload", "post", "publish", "send", "share", "push", "submit", "deliver", "transfer", "store", "release",
         "broadcast", "syndicate", "mirror", "relay", "queue", "enqueue", "ship", "dispatch", "promote")  # fmt: skip
MODULES = ("argparse", "configparser", "shlex", "textwrap", "csv", "calendar", "fractions", "string")


def main() -> None:
    """Measure everything and print a table."""
    directory = Path(tempfile.mkdtemp(prefix="share2post-"))
    try:
        print(f"{'what':<58} {'ratio':>7} {'target':>7}")
        hooks(directory)
        trees(directory)
        index(directory)
        candidates()
    finally:
        shutil.rmtree(directory)


def hooks(directory: Path) -> None:
    """A check of 20 files without legacy names, as a pre-commit hook makes it."""
    for name, committed in (("20 files by name", False), ("20 files by name, in git", True)):
        tree = make_tree(directory / name.replace(" ", "_"), 20)
        if committed:
            repository(tree)
        files = [str(path.relative_to(tree)) for path in tree.rglob("*.py")]
        ours, theirs = race(
            25, lambda t=tree, f=files: call([*RUN, "check", *f], t), lambda t=tree: call(CLICK, t)
        )
        report(f"{name} : import click", ours / theirs, 1.3)
        ours, theirs = race(
            25, lambda t=tree, f=files: call([*RUN, "fix", *f], t), lambda t=tree: call(CLICK, t)
        )
        report(f"{name}, fix : import click", ours / theirs, 1.3)


def trees(directory: Path) -> None:
    """A clean tree of many files, with git and without."""
    plain = make_tree(directory / "plain", MANY)
    kept = Path(shutil.copytree(plain, directory / "kept"))
    repository(kept)
    (plain / ".gitignore").write_text("build/\n*.log\n/dist\n*.egg-info/\n.venv\n__pycache__/\n*.py[cod]\n")

    def floor() -> None:
        call(GREP, kept)
        call(CLICK, kept)

    ours, walked, theirs = race(
        9, lambda: call([*RUN, "check"], kept), lambda: call([*RUN, "check"], plain), floor
    )
    report(f"{MANY:,} files in git : git grep, then import click", ours / theirs, 1.3)
    report(f"{MANY:,} files without git : the same", walked / theirs, 3.0)
    for name, tree in (("in git", kept), ("without git", plain)):
        print(
            f"{f'peak MiB of a check of {MANY:,} files {name}':<58} {peak([*RUN, 'check'], tree):7.1f} {60:7}"
        )


def index(directory: Path) -> None:
    """What it costs to know which files have a say about 20 candidates, against the search that finds these."""
    from share2post.pipeline import Command, Desk, Request
    from share2post.settings import Settings
    from share2post.workspace.glance import look, selection_of

    some = make_tree(directory / "some", MANY)
    for number, verb in enumerate(VERBS):
        plant(some / f"package{number * 7 % max(MANY // 200, 1)}", verb, apart=number % 4 == 0)
    kept = Path(shutil.copytree(some, directory / "some_kept"))
    repository(kept)
    settings = Settings()

    def prefilter(tree: Path) -> object:
        os.chdir(tree)
        return look((".",), selection_of(settings), force_exclude=False)

    def indexed(tree: Path) -> object:
        os.chdir(tree)
        forget()
        return Desk.open(Request(Command.CHECK), (".",), settings, lambda *_: None, None).sources()

    here = os.getcwd()
    for name, tree in (("in git", kept), ("without git", some)):
        ours, theirs = race(7, lambda t=tree: indexed(t), lambda t=tree: prefilter(t))
        report(f"the index of {MANY:,} files {name} : their search alone", ours / theirs, 2.0)
    os.chdir(here)


def plant(folder: Path, verb: str, *, apart: bool) -> None:
    """Put an upload into a tree, with its URL beside it or in a module of its own, and a caller."""
    name, base = f"{verb}_clip", f"{verb.upper()}_HOST"
    program = UPLOAD.replace("def upload", f"def {name}")
    folder.mkdir(parents=True, exist_ok=True)
    if apart:
        (folder / f"{verb}_hosts.py").write_text(f'{base} = "https://open-api.tiktok.com"\n')
        url = 'URL = "https://open-api.tiktok.com/share/video/upload/"'
        program = program.replace(
            url, f'from .{verb}_hosts import {base}\n\nURL = {base} + "/share/video/upload/"'
        )
    (folder / f"{verb}_client.py").write_text(program)
    (folder / f"{verb}_task.py").write_text(
        f"from .{verb}_client import {name}\n\n\ndef run(job):\n    return {name}(*job)\n"
    )


def forget() -> None:
    """Let the next run start as the first one does."""
    from share2post.engine import index, wanted
    from share2post.semantics import module

    for known in (module.parse, index._index, index._parts, index._handed_on, wanted._named):
        known.cache_clear()


def candidates() -> None:
    """Files with legacy names, against parsing them once with LibCST."""
    import libcst

    from share2post.engine.migrate import migrate
    from share2post.model import Project, SourceFile
    from share2post.settings import Settings

    for name, program, target in (("left as it is", UNUSED, 3.0), ("rewritten and verified", UPLOAD, 8.0)):
        sources = [standard_library(module) + b"\n\n" + program.encode() for module in MODULES]
        projects = [Project((SourceFile("module.py", source),)) for source in sources]
        changed = [any(file.changed for file in migrate(project, Settings()).files) for project in projects]
        assert all(changed) == any(changed) == (program is UPLOAD), changed
        ours, theirs = race(
            3,
            lambda p=projects: [migrate(project, Settings()) for project in p],
            lambda s=sources: [libcst.parse_module(source) for source in s],
        )
        report(f"a candidate {name} : libcst.parse_module", ours / theirs, target)


def standard_library(module: str) -> bytes:
    """The source of a module that every Python has."""
    return (Path(os.__file__).parent / f"{module}.py").read_bytes()


def make_tree(root: Path, count: int) -> Path:
    """A tree of Python files of ordinary sizes, none of them with a legacy name."""
    text = b"".join(standard_library(module) for module in MODULES)
    for number in range(count):
        path = root / f"package{number // 200}" / f"part{number // 20 % 10}" / f"module{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        start = number * 7919 % (len(text) - 60_000)
        path.write_bytes(text[start : start + 500 + number * 104_729 % 24_000])
    return root


def race(rounds: int, *runners: Callable[[], object]) -> list[float]:
    """The median time of each runner, measured in turns after one round to warm up."""
    times: list[list[float]] = [[] for _ in runners]
    for turn in range(2 if QUICK else rounds + 1):
        for runner, taken in zip(runners, times, strict=True):
            start = time.perf_counter()
            runner()
            if turn:
                taken.append(time.perf_counter() - start)
    return [statistics.median(taken) for taken in times]


def call(command: list[str], directory: Path) -> None:
    """Run a command and let nothing be seen of it."""
    subprocess.run(command, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def peak(command: list[str], directory: Path) -> float:
    """The peak memory of a command and of what it starts, in MiB."""
    process = subprocess.Popen(command, cwd=directory, stdout=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    return usage.ru_maxrss / 1024


def report(what: str, ratio: float, target: float) -> None:
    """One line of the table."""
    print(f"{what:<58} {ratio:7.2f} {target:7.1f}{'' if ratio <= target else '   over'}", flush=True)


if __name__ == "__main__":
    main()
