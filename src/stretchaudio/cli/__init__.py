"""Run the command line: options in, messages and exit codes out."""

import sys
from typing import TYPE_CHECKING

from stretchaudio.cli.signals import Stop
from stretchaudio.errors import FileError, StretchaudioError

if TYPE_CHECKING:
    from stretchaudio.session.pools import WorkerPools

INTERRUPTED = 130
INTERNAL_ERROR = 70
"""EX_SOFTWARE of sysexits.h."""


def main(pools: "WorkerPools | None" = None) -> None:
    """Run the command line; the only place that prints errors and exits.

    Args:
        pools: Helpers that are there already, for a program that runs several commands.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(
                errors="backslashreplace"
            )  # a terminal without accents still shows what it can
    with Stop() as stop:
        try:
            _run(pools)
        except KeyboardInterrupt as interrupt:
            notes = _notes(interrupt)
        except SystemExit as end:
            if stop.raised is None or not end.code:  # typer turns an interrupt into an exit
                raise
            notes = _notes(stop.raised)
        else:
            return
        begin = (
            "\n" if sys.stderr is not None and sys.stderr.isatty() else ""
        )  # behind the terminal's ^C
        print(begin + " ".join(["Stopped.", *notes]), file=sys.stderr)
        if stop.raised is None:
            sys.exit(INTERRUPTED)
        stop.leave()


def _notes(interrupt: KeyboardInterrupt) -> list[str]:
    """Collect what commands have to say of their unfinished work."""
    return getattr(interrupt, "__notes__", [])


def _run(pools: "WorkerPools | None") -> None:
    from stretchaudio.cli.app import app
    from stretchaudio.cli.console import print_bug, print_error

    arguments, debug = _without_debug(sys.argv[1:])
    try:
        app(arguments, obj=pools, prog_name="stretchaudio")
    except StretchaudioError as error:
        if debug:
            raise
        print_error(error)
        sys.exit(error.exit_code)
    except OSError as error:
        if debug:
            raise
        print_error(FileError.from_os_error(error, "go on"))
        sys.exit(FileError.exit_code)
    except Exception as error:
        if debug:
            raise
        print_bug(error)
        sys.exit(INTERNAL_ERROR)


def _without_debug(arguments: list[str]) -> tuple[list[str], bool]:
    """Take `--debug` out, wherever it stands before a `--`: it belongs to the program."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    kept = [one for one in arguments[:end] if one != "--debug"]
    return [*kept, *arguments[end:]], len(kept) < end
