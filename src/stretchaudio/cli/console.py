"""Print tables, errors and progress in a terminal."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from stretchaudio.errors import StretchaudioError
from stretchaudio.util.progress import Progress

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDTH_WITHOUT_TERMINAL = 200  # so that each row of a table stays on one line


def console(*, stderr: bool = False) -> "Console":
    """Open the console that tables go to: as wide as the terminal, or wide when there is none."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else WIDTH_WITHOUT_TERMINAL
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        width = int(columns)
    return Console(width=width, stderr=stderr, markup=False, highlight=False, emoji=False)


def plain_table(*columns: str) -> "Table":
    """Make a table without lines between its cells."""
    from rich.table import Table

    return Table(*columns, box=None, pad_edge=False, header_style="bold")


def print_json(value: Any) -> None:
    """Print data for machines: dataclasses by the names of their fields."""
    import json

    from pydantic_core import to_jsonable_python

    print(json.dumps(to_jsonable_python(value), ensure_ascii=False, indent=1))


def printable(text: str) -> str:
    """Escape the characters of a text that a terminal would obey."""
    return "".join(
        character if character.isprintable() or character == "\n" else repr(character)[1:-1]
        for character in text
    )


def print_error(error: StretchaudioError) -> None:
    """Print an error and its hint."""
    print(printable(error.message), file=sys.stderr)
    if error.hint:
        print(f"HINT: {printable(error.hint)}", file=sys.stderr)


def print_bug(error: Exception) -> None:
    """Print an error that is a fault of the program."""
    print(
        f"Something went wrong that should not have: {type(error).__name__}: {error}",
        file=sys.stderr,
    )
    print("HINT: Run it again with --debug and report what it prints.", file=sys.stderr)


@contextmanager
def progress_bar(
    *, quiet: bool, chosen: Callable[[str, tuple[str, ...]], None] | None = None
) -> Iterator[Progress]:
    """Show a progress bar while cues are made; none without a terminal or with a full cache.

    Args:
        quiet: Print nothing.
        chosen: Told the voice and why it was chosen; None to print that.
    """
    progress = Progress()
    if not quiet:
        progress.voice_chosen = chosen or voice_announcer()
        progress.notice = lambda sentence: print(printable(sentence), file=sys.stderr)
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield progress
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[what]}"),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        speaking = bar.add_task("Speaking", total=None, visible=False, what="cues")
        mixing = bar.add_task("Mixing", total=None, visible=False, what="blocks")

        def show() -> None:
            bar.update(
                speaking,
                total=progress.total,
                completed=progress.done,
                visible=progress.reused < progress.total,
            )
            bar.update(
                mixing, total=progress.blocks, completed=progress.mixed, visible=progress.blocks > 0
            )

        progress.changed = show
        yield progress


def voice_announcer() -> Callable[[str, tuple[str, ...]], None]:
    """Make what prints each voice that was chosen automatically, and why, once a run.

    Why a better one was not chosen holds for all of them, and is printed with the first.
    """
    told: set[str] = set()

    def announce(voice: str, reasons: tuple[str, ...]) -> None:
        if reasons and voice not in told:
            why = [reasons[0], *(reason for reason in reasons[1:] if reason not in told)]
            print(f"Voice: {voice} ({'; '.join(why)}).", file=sys.stderr)
            told.update([voice, *reasons])

    return announce
