"""``python -m share2post``, and where the ``share2post`` command starts."""

from __future__ import annotations

import sys


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
        from share2post.workspace.glance import QUIET, look_at_command_line

        seen = look_at_command_line(arguments[1:])
        if seen is not None and seen.is_clean:
            if not QUIET.intersection(arguments):
                from share2post.wording import clean

                # The patch is all that diff prints on standard output.
                stream = sys.stderr if arguments[0] == "diff" else sys.stdout
                stream.write(clean(len(seen.targets.asked)) + "\n")
            return
    from share2post.cli import start

    start(seen)


if __name__ == "__main__":
    main()
