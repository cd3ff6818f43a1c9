"""``python -m share2post``, and where the ``share2post`` command starts."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from share2post.workspace.glance import Glance


def main() -> None:
    """Run the command line; a person who interrupts it gets no traceback."""
    try:
        _main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)


def _main(arguments: list[str]) -> None:
    """Answer at a glance where nothing legacy turns up; every other run takes the long way, through click."""
    seen = None
    if arguments and arguments[0] in ("check", "diff", "fix"):
        from share2post.workspace.glance import QUIET

        quiet = not QUIET.isdisjoint(arguments)
        seen = _look(arguments[1:], quiet)
        if seen is not None and seen.is_clean:
            if not quiet:
                from share2post.wording import clean

                # The patch is all that diff prints on standard output.
                stream = sys.stderr if arguments[0] == "diff" else sys.stdout
                stream.write(clean(len(seen.targets.asked)) + "\n")
            return
    from share2post.cli import start

    start(seen)


def _look(arguments: list[str], quiet: bool) -> Glance | None:
    from share2post.workspace.glance import look_at_command_line

    if quiet or not sys.stderr.isatty():
        return look_at_command_line(arguments)
    from share2post.terminal import Progress

    with Progress(sys.stderr, shown=True) as progress:
        progress.step("searching")
        return look_at_command_line(arguments, lambda done, total: progress.step("searching", done, total))


if __name__ == "__main__":
    main()
