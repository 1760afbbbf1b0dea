"""What the command line prints: errors, progress and summaries."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from stretchaudio.errors import StretchaudioError
from stretchaudio.util.progress import Progress

if TYPE_CHECKING:
    from rich.console import Console

WIDTH_WITHOUT_TERMINAL = 200


def console() -> "Console":
    """Where tables go: as wide as the terminal, or wide enough for a line each when nobody watches one."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        width = int(columns)
    return Console(width=width, markup=False, highlight=False, emoji=False)


def printable(text: str) -> str:
    """Text with nothing in it that a terminal would obey."""
    return "".join(
        character if character.isprintable() or character == "\n" else repr(character)[1:-1]
        for character in text
    )


def print_error(error: StretchaudioError) -> None:
    """Print an error and what to do about it."""
    print(printable(error.message), file=sys.stderr)
    if error.hint:
        print(f"HINT: {printable(error.hint)}", file=sys.stderr)


def print_bug(error: Exception) -> None:
    """Print an error that is the program's own."""
    print(
        f"Something went wrong that should not have: {type(error).__name__}: {error}",
        file=sys.stderr,
    )
    print("HINT: Run it again with --debug and report what it prints.", file=sys.stderr)


@contextmanager
def progress_bar(
    *, quiet: bool, chosen: Callable[[str, str], None] | None = None
) -> Iterator[Progress]:
    """A progress bar while cues are made; none when all come from the cache, or nobody watches a terminal.

    Args:
        quiet: Print nothing.
        chosen: Told who speaks; None to say it once for all sessions of the block that one voice speaks.
    """
    progress = Progress()
    if not quiet:
        progress.voice_chosen = chosen or cache(say_who_speaks)
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


def say_who_speaks(voice: str, why: str) -> None:
    """Tell which voice the program chose by itself, and why; nothing when it was asked for."""
    if why:
        print(f"Voice: {voice} ({why}).", file=sys.stderr)
