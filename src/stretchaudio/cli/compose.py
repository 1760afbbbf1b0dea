"""Run the command `compose`, and compose what `build --compose` builds."""

import sys
from collections.abc import Sequence
from pathlib import Path

from stretchaudio.cli.console import console, plain_table, printable
from stretchaudio.errors import FileError, UsageError
from stretchaudio.routine.compose import HEADER, Composition, compose
from stretchaudio.routine.compose.explain import cost_text, reasons
from stretchaudio.routine.compose.history import read_history, remember
from stretchaudio.routine.compose.wishes import Wishes, read_wishes
from stretchaudio.routine.describe import describe_work
from stretchaudio.routine.library import SUFFIXES, read_routine
from stretchaudio.routine.model import Routine
from stretchaudio.script.write import track_ms
from stretchaudio.session.composing import seed_or_any
from stretchaudio.util.atomic import atomic_write, check_writable
from stretchaudio.util.units import format_clock, format_count, shell_command


def compose_routine(
    wishes: Wishes,
    output: Path | None,
    *,
    seed: int | None,
    previous: Sequence[str],
    history: bool,
    explain: bool,
) -> None:
    """Compose a routine and write it to a file or the terminal.

    Raises:
        UsageError: If there is no such session, or the file's name is not that of a routine.
        FileError: If the file is there and was not composed, or something cannot be read or
            written.
    """
    if output is not None:
        _refuse(output)
    remembered = read_history() if history else ()
    before = [tuple(one.id for one in read_routine(name).exercises) for name in previous]
    composed = compose(
        wishes,
        seed=seed_or_any(seed),
        length_ms=track_ms,
        previous=(*before, *remembered),
        name=output.stem if output else None,
    )
    if output is None:
        print(composed.routine.text, end="")
    else:
        with atomic_write(output) as file:
            file.write(composed.routine.text.encode())
        print(printable(f"{output}: {_told(composed)} {_next(output)}"))
    if history:
        remember(tuple(one.id for one in composed.chosen), remembered)
    if explain:
        _explain(composed, to_stderr=output is None)


def composed_routine(text: str, *, seed: int | None, quiet: bool) -> Routine:
    """Compose what `build --compose` asks for, such as `15 lower back`.

    Raises:
        UsageError: If the wishes cannot be read, or there is no such session.
    """
    composed = compose(read_wishes(text), seed=seed_or_any(seed), length_ms=track_ms)
    if not quiet:
        print(f"Composed {_told(composed)}")
    return composed.routine


def _told(composed: Composition) -> str:
    exercises = format_count(len(composed.chosen), "exercise")
    about = format_clock(composed.about_ms / 1000)
    return f"{composed.routine.title}: {exercises}, about {about}, seed {composed.seed}."


def _next(path: Path) -> str:
    return f"Build it with: {shell_command('build', path)}"


def _refuse(path: Path) -> None:
    if path.suffix not in SUFFIXES:
        raise UsageError(
            f"A routine file ends in .yaml, and {path} does not.",
            hint="Name another with --output.",
        )
    check_writable(path)
    if not path.exists():
        return
    try:
        begins = path.read_bytes()[: len(HEADER) + 2]
    except OSError as error:
        raise FileError.from_os_error(error, f"read {path}") from None
    if begins != f"# {HEADER}".encode():
        raise FileError(
            f"There is a file {path} already, and it was not composed.",
            hint="Choose another name, or move it away.",
        )


def _explain(composed: Composition, *, to_stderr: bool) -> None:
    table = plain_table("Stage", "Exercise", "Position", "Dose", "Why")
    done = {one.id: one for one in composed.routine.exercises}
    for one, reason in reasons(composed):
        dose = describe_work(done[one.id], 0.5)
        table.add_row(one.stage.value, one.id, one.place, dose, reason)
    screen = console(stderr=to_stderr)
    screen.print(table)
    print(cost_text(composed.cost), file=sys.stderr if to_stderr else sys.stdout)
