"""Run a command: its result goes to standard output, an error is one line on standard error.

    beaconviz: --rule and --design were given; choose one of them

Exit codes: 0 success, 2 invalid input, 130 stopped by Ctrl+C, 141 the reader of the output closed
it (as `head` does).
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, TextIO

import typer
from typer.core import TyperCommand, TyperGroup

from beaconviz.cli.shared.constraints import Constraint, check
from beaconviz.core.errors import BeaconvizError

# typer may use its own copy of click, so `click.UsageError` may be another class.
UsageError: Any = typer.BadParameter.__mro__[1]

_LONGEST_NAME = 80  # characters of a file name in a message
_STOPPED = 130  # as a shell reports a program that Ctrl+C ended
_READER_GONE = 141  # as a shell reports a program that SIGPIPE ended
_CANNOT_WRITE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)

_remarks: ContextVar[list[str]] = ContextVar("remarks")


def remark(text: str) -> None:
    """Adds a line to standard error, printed only if the command succeeds; an error stays one
    line."""
    _remarks.get().append(text)


class Command(TyperCommand):
    """A command that checks its options against its constraints and prints remarks at the end."""

    constraints: Sequence[Constraint] = ()

    def invoke(self, ctx: Any) -> Any:
        option_names = {
            str(parameter.name): _as_typed(parameter)
            for parameter in self.params
            if parameter.name in ctx.params
        }
        values = {typed: ctx.params[name] for name, typed in option_names.items()}
        check(
            self.constraints,
            [option_names[name] for name in option_names if _is_named(ctx, name)],
            values,
        )
        token = _remarks.set([])
        try:
            result = super().invoke(ctx)
            for text in _remarks.get():
                typer.echo(text, err=True)
            return result
        except BrokenPipeError:  # caught here, since typer would exit with code 1
            _discard(sys.stdout)
            raise typer.Exit(_READER_GONE) from None
        finally:
            _remarks.reset(token)


def constrained(*constraints: Constraint) -> type[Command]:
    """The class of a command with these constraints."""
    return type("ConstrainedCommand", (Command,), {"constraints": constraints})


class Commands(TyperGroup):
    """The group of all commands; any error becomes one line and an exit code."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        words = list(sys.argv[1:] if args is None else args) or ["--help"]

        def call() -> Any:
            _check_words(words)
            return super(Commands, self).main(
                words, prog_name, complete_var, standalone_mode=False, **extra
            )

        return sys.exit(exit_code(call)) if standalone_mode else call()


def exit_code(call: Callable[[], Any]) -> int:
    """Calls a function; an error is one line on standard error and an exit code."""
    _write_any_character()
    _forget_no_width()
    if sys.stdout is None:
        return _refused("standard output is closed: let it go to a terminal, a file or a pipe")
    try:
        result = call()
        sys.stdout.flush()
    except BeaconvizError as error:
        return _refused(str(error))
    except UsageError as error:
        return _refused(error.format_message())
    except (typer.Abort, KeyboardInterrupt):
        return _STOPPED
    except BrokenPipeError:
        _discard(sys.stdout)
        return _READER_GONE
    except OSError as error:
        _discard(sys.stdout)
        return _refused(_reason(error))
    except SystemExit as end:  # rich exits so when the reader is gone
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        _discard(sys.stdout)
        return _READER_GONE
    return result if isinstance(result, int) else 0


def _refused(message: str) -> int:
    try:
        typer.echo(f"beaconviz: {' '.join(message.split())}", err=True)
        if sys.stderr is not None:  # None if it was closed
            sys.stderr.flush()
    except OSError:
        _discard(sys.stderr)
    return 2


def _reason(error: OSError) -> str:
    """The system's message, with the file."""
    reason = error.strerror or str(error)
    if isinstance(error.filename, (str, bytes)):
        name = os.fsdecode(error.filename)
        short = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"
        return f"cannot use {short}: {reason}; name another file, folder or model"
    if error.errno in _CANNOT_WRITE:
        return f"cannot write the output: {reason}"
    return reason


def _discard(stream: TextIO) -> None:
    """Redirects a stream to nowhere, so that the exit of the program does not fail again."""
    with suppress(OSError, ValueError, AttributeError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def _write_any_character() -> None:
    """Characters that the output's encoding lacks are written as escapes instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _forget_no_width() -> None:
    """Ignores a COLUMNS of 0, with which nothing would be printed."""
    if os.environ.get("COLUMNS", "").strip("0 ") == "":
        os.environ.pop("COLUMNS", None)


def _check_words(words: Sequence[str]) -> None:
    """Raises for an argument with a NUL character."""
    for word in words:
        if "\0" in word:
            raise typer.BadParameter(f"an argument has a NUL character in it: {word[:40]!r}")


def _as_typed(parameter: Any) -> str:
    """The name as the user types it: an option "--set", an argument "TEXT"."""
    names = [name for name in parameter.opts if name.startswith("--")]
    return names[0] if names else str(parameter.name).upper()


def _is_named(context: Any, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name in ("COMMANDLINE", "ENVIRONMENT", "PROMPT")
