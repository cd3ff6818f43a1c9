"""The command line: options into settings, a result into reports and an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any, BinaryIO, TextIO

import click

from share2post import explanations
from share2post.catalogue import RULES, unknown_codes
from share2post.model import RunResult
from share2post.pipeline import Ask, Command, Interrupted, Request, exit_status, run
from share2post.settings import Settings
from share2post.terminal import Progress
from share2post.version import VERSION
from share2post.workspace.config import ConfigError, configuration
from share2post.workspace.glance import Glance
from share2post.workspace.roots import common_directory, git_prefix, place

Function = Callable[..., Any]


def start(seen: Glance | None = None) -> None:
    """Run the command line and end the process with its status.

    ``seen`` is what a first look at the same command line found, if there was one.
    """
    try:
        status = main.main(standalone_mode=False, obj=seen)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        status = 130
    except BrokenPipeError:
        # The reader has gone: nothing more can be said, not even while Python shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    sys.exit(status if isinstance(status, int) else 0)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="share2post")
def main() -> None:
    """Move Python code from TikTok's retired Share Video API to the Content Posting API.

    A use of the old API is migrated whole, or left alone and reported with the reason.
    """


def _codes(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    codes = tuple(code.strip() for value in values for code in value.split(",") if code.strip())
    if unknown := unknown_codes(codes):
        known = ", ".join(rule.code for rule in RULES)
        raise click.BadParameter(f"no rule is called {unknown[0]!r}; the rules are {known}")
    return codes


def _common(function: Function) -> Function:
    """The options that check, diff and fix share."""
    colors = click.Choice(["auto", "always", "never"])
    options = (
        click.argument("paths", nargs=-1),
        click.option("--stdin-filename", metavar="FILE", help="The name of the text on standard input (-)."),
        click.option("--select", multiple=True, callback=_codes, metavar="CODE", help="Only these rules."),
        click.option("--ignore", multiple=True, callback=_codes, metavar="CODE", help="All but these rules."),
        click.option("--include", multiple=True, metavar="PATTERN", help="Look at files like this only."),
        click.option("--exclude", multiple=True, metavar="PATTERN", help="Skip these, not the usual ones."),
        click.option("--extend-exclude", multiple=True, metavar="PATTERN", help="Skip files like this, too."),
        click.option("--force-exclude", is_flag=True, help="Skip excluded files even if they are named."),
        click.option("--unsafe-fixes", is_flag=True, help="Also fix what is very likely right, not proved."),
        click.option(
            "--color", type=colors, default="auto", help="When to use colour; auto is on a terminal."
        ),
        click.option("-q", "--quiet", is_flag=True, help="Findings and errors only."),
        click.option("-v", "--verbose", is_flag=True, help="Say what was looked at, and where."),
    )
    for option in reversed(options):
        function = option(function)
    return function


def _formats(function: Function) -> Function:
    """The options of the commands that print a report."""
    formats = click.Choice(["text", "json"])
    function = click.option("--output-file", metavar="FILE", help="Write the report to a file.")(function)
    return click.option("--output-format", type=formats, default="text", help="What to report in.")(function)


@main.command()
@_common
@_formats
@click.pass_context
def check(context: click.Context, /, **options: Any) -> None:
    """Report legacy usage; exit with 1 if there is any.

    PATHS are files and directories; without one, the current directory is meant. - is standard input.
    """
    context.exit(_run(Command.CHECK, options, context.obj))


def _annotating(function: Function) -> Function:
    """The option that ``diff`` and ``fix`` share."""
    text = "Leave a TODO comment at what is left."
    return click.option("--annotate", is_flag=True, help=text)(function)


@main.command()
@_common
@_annotating
@click.pass_context
def diff(context: click.Context, /, **options: Any) -> None:
    """Print what fix would do as a patch; write nothing.

    PATHS are files and directories; without one, the current directory is meant. - is standard input.
    """
    context.exit(_run(Command.DIFF, options, context.obj))


@main.command()
@_common
@_annotating
@click.option("--interactive", is_flag=True, help="Show each fix, even unsafe; apply it if told.")
@_formats
@click.pass_context
def fix(context: click.Context, /, **options: Any) -> None:
    """Rewrite in place; exit with 1 if something is left for a person.

    PATHS are files and directories; without one, the current directory is meant. - is standard input,
    and the result goes to standard output.
    """
    context.exit(_run(Command.FIX, options, context.obj))


@main.command()
@click.argument("rule", required=False)
def explain(rule: str | None) -> None:
    """Say what a rule or a reason means, with before and after."""
    text = explanations.of(rule) if rule else explanations.index()
    if text is None:
        raise click.UsageError(f"there is no rule and no reason {rule!r}; `share2post explain` lists them")
    click.echo(text)


@main.command()
def rules() -> None:
    """List the rules."""
    for rule in RULES:
        click.echo(f"{rule.code}  {rule.name:<21}  {rule.summary}{' (a note)' if rule.note else ''}")


def _run(command: Command, options: dict[str, Any], seen: Glance | None) -> int:
    if options.get("interactive"):
        _can_ask(options)
    request = _request(command, options)
    try:
        found = configuration(common_directory([place(path) for path in request.named]))
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    settings = _settings(found.settings, options)
    ask = _asker(settings, options) if options.get("interactive") else None
    visible = _is_terminal(sys.stderr) and not options["quiet"] and ask is None
    try:
        with Progress(sys.stderr, shown=visible) as progress:
            result = run(request, settings, progress.step, seen, ask)
    except Interrupted as interrupted:
        written = ", ".join(interrupted.written)
        click.echo(f"\nInterrupted. Written: {written or 'nothing'}.", err=True)
        return 130
    if options["verbose"]:
        click.echo(f"configuration: {found.path or 'none'}", err=True)
        for line in result.details:
            click.echo(line, err=True)
    _report(request, result, options)
    return exit_status(command, result, settings)


def _request(command: Command, options: dict[str, Any]) -> Request:
    paths = options["paths"] or (".",)
    name = options["stdin_filename"]
    if "-" not in paths:
        if name:
            raise click.UsageError("--stdin-filename needs - as the only path")
        return Request(command, paths)
    if len(paths) > 1:
        raise click.UsageError("- (standard input) cannot stand beside other paths")
    return Request(command, paths, sys.stdin.buffer.read(), name or "stdin.py")


def _can_ask(options: dict[str, Any]) -> None:
    if "-" in options["paths"]:
        raise click.UsageError("--interactive reads the answers from standard input, so - cannot be fixed")
    if options["output_format"] == "json":
        raise click.UsageError("--interactive talks to a person, so the report cannot be JSON")


def _asker(settings: Settings, options: dict[str, Any]) -> Ask:
    from share2post.interactive import Interview

    return Interview(
        sys.stdin,
        sys.stdout,
        color=_colored(sys.stdout, options),
        prefix=git_prefix(os.getcwd()),
        unsafe_fixes=settings.unsafe_fixes,
    )


def _settings(settings: Settings, options: dict[str, Any]) -> Settings:
    given = {name: options[name] for name in ("select", "ignore", "include", "exclude") if options[name]}
    return replace(
        settings,
        **given,
        extend_exclude=settings.extend_exclude + options["extend_exclude"],
        force_exclude=settings.force_exclude or options["force_exclude"],
        unsafe_fixes=settings.unsafe_fixes or options["unsafe_fixes"],
        annotate=options.get("annotate", False),
    )


def _report(request: Request, result: RunResult, options: dict[str, Any]) -> None:
    from share2post.reports import diff, json, text

    verb, quiet = str(request.command), options["quiet"]
    as_json = options.get("output_format") == "json"
    piped = request.command is Command.FIX and request.stdin is not None
    stdout = sys.stdout.buffer
    if piped:
        _write(stdout, result.files[0].after if result.files else request.stdin or b"")
    if request.command is Command.DIFF:
        prefix = git_prefix(os.getcwd())
        _write(stdout, diff.render(result, color=_colored(sys.stdout, options), prefix=prefix))
    aside = piped or request.command is Command.DIFF
    stream = sys.stderr if aside else sys.stdout
    path = options.get("output_file")
    color = _colored(stream, options) and not path
    report = json.render(result) if as_json else text.render(result, verb=verb, color=color, quiet=quiet)
    if not as_json or path:
        for failure in result.failures:
            click.echo(f"error: {failure.path}: {failure.message}", err=True)
    if not quiet:
        for note in result.notes:
            click.echo(f"note: {note}", err=True)
    if path:
        _write_report(path, report)
    else:
        _write(stream.buffer, report)


def _colored(stream: TextIO, options: dict[str, Any]) -> bool:
    if options["color"] == "auto":
        return _is_terminal(stream) and not os.environ.get("NO_COLOR")
    return bool(options["color"] == "always")


def _is_terminal(stream: TextIO) -> bool:
    return stream.isatty()


def _write(stream: BinaryIO, data: bytes) -> None:
    stream.write(data)
    stream.flush()


def _write_report(path: str, report: bytes) -> None:
    try:
        with click.open_file(path, "wb") as stream:
            stream.write(report)
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}") from error
