"""The command line: options in, messages and exit codes out."""

import sys

from stretchaudio.errors import StretchaudioError


def main() -> None:
    """Run the command line; the only place that prints errors and exits."""
    from stretchaudio.cli.app import app
    from stretchaudio.cli.messages import print_bug, print_error

    try:
        app()
    except StretchaudioError as error:
        if "--debug" in sys.argv:
            raise
        print_error(error)
        sys.exit(error.exit_code)
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        print_bug(error)
        sys.exit(70)  # EX_SOFTWARE of sysexits.h
