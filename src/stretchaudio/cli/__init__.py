"""The command line: options in, messages and exit codes out."""

import sys

from stretchaudio.cli.stopping import Stop
from stretchaudio.errors import FileError, StretchaudioError

INTERRUPTED = 130
INTERNAL_ERROR = 70
"""EX_SOFTWARE of sysexits.h."""


def main() -> None:
    """Run the command line; the only place that prints errors and exits."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal without accents still shows what it can
    with Stop() as stop:
        try:
            _run()
        except KeyboardInterrupt as interrupt:
            notes = _notes(interrupt)
        except SystemExit as end:
            if stop.raised is None or not end.code:  # typer turns an interrupt into an exit
                raise
            notes = _notes(stop.raised)
        else:
            return
        begin = "\n" if sys.stderr is not None and sys.stderr.isatty() else ""  # behind the terminal's ^C
        print(begin + " ".join(["Stopped.", *notes]), file=sys.stderr)
        if stop.raised is None:
            sys.exit(INTERRUPTED)
        stop.leave()


def _notes(interrupt: KeyboardInterrupt) -> list[str]:
    """What commands have to say of their unfinished work."""
    return getattr(interrupt, "__notes__", [])


def _run() -> None:
    from stretchaudio.cli.app import app
    from stretchaudio.cli.messages import print_bug, print_error

    debug = "--debug" in sys.argv
    try:
        app()
    except StretchaudioError as error:
        if debug:
            raise
        print_error(error)
        sys.exit(error.exit_code)
    except OSError as error:
        if debug:
            raise
        print_error(FileError.of(error, "go on"))
        sys.exit(FileError.exit_code)
    except Exception as error:
        if debug:
            raise
        print_bug(error)
        sys.exit(INTERNAL_ERROR)
