"""``python -m share2post``, and where the ``share2post`` command starts."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; a person who interrupts it gets no traceback."""
    try:
        _main()
    except KeyboardInterrupt:
        sys.exit(130)


def _main() -> None:
    # Answer at a glance where that is possible; else take the long way, through click.
    if len(sys.argv) > 1 and sys.argv[1] == "check":
        from share2post.workspace.glance import files_without_legacy_names

        count = files_without_legacy_names(sys.argv[2:])
        if count is not None:
            from share2post.wording import clean

            sys.stdout.write(clean(count) + "\n")
            return
    from share2post.cli import start

    start()


if __name__ == "__main__":
    main()
