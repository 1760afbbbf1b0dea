"""The commands for finished tracks: `extract` and `verify`."""

import sys
from collections.abc import Iterable
from pathlib import Path

from rich.table import Table
from rich.text import Text

from stretchaudio.cli.build import refuse_to_overwrite
from stretchaudio.cli.messages import console, printable, size
from stretchaudio.errors import BrokenTrackError, FileError
from stretchaudio.track.read import read_attached
from stretchaudio.track.verify import Check, verify
from stretchaudio.track.write import check_writable, whole_file
from stretchaudio.yamltree import refuse_control_characters


def extract(track: Path, *, yaml: Path | None, manifest: Path | None) -> None:
    """Write what travels inside a track; the routine goes to the terminal when no file is named."""
    found = read_attached(track)
    contents: dict[Path, bytes] = {}
    if yaml is not None or manifest is None:
        if found.routine is None:
            raise FileError(f"{track} carries no routine.", tip="Ask who made it for the routine's file.")
        refuse_control_characters(found.routine, f"{track}, routine")
        if yaml is None:
            sys.stdout.write(found.routine)
            return
        contents[yaml] = found.routine.encode()
    if manifest is not None:
        contents[manifest] = found.manifest_json
    refuse_to_overwrite([track], [path for path in (yaml, manifest) if path is not None])
    for path in contents:
        check_writable(path)
    for path, content in contents.items():
        with whole_file(path) as file:
            file.write(content)
        print(f"{path}: {size(path.stat().st_size)}")


def verify_tracks(tracks: Iterable[Path], *, quiet: bool = False) -> None:
    """Measure tracks and print what was found.

    Raises:
        BrokenTrackError: If one does not keep its contract; the others are measured all the same.
    """
    broken: list[str] = []
    for track in tracks:
        try:
            verify_track(track, name=track, quiet=quiet)
        except BrokenTrackError as error:
            broken.append(error.message)
    if broken:
        raise BrokenTrackError("\n".join(broken))


def verify_track(track: Path, *, name: Path, quiet: bool) -> None:
    """Measure a track and print what was found.

    Args:
        track: Where it is.
        name: What it is called.
        quiet: Print it only when something is broken.

    Raises:
        BrokenTrackError: If it does not keep its contract.
    """
    manifest, checks = verify(track)
    wrong = [check.name for check in checks if not check.ok]
    if not quiet or wrong:
        _print(f"{name}: {manifest.title}", checks)
    if wrong:
        raise BrokenTrackError(f"{name} is not what it should be: {', '.join(wrong)}.")


def _print(title: str, checks: Iterable[Check]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "Check", "Found", "Allowed"):
        table.add_column(column)
    details = []
    for check in checks:
        mark = Text("ok", style="green") if check.ok else Text("BROKEN", style="bold red")
        table.add_row(mark, check.name, check.found, check.allowed)
        details += [f"  {printable(detail)}" for detail in check.details]
    screen = console()
    screen.print(printable(title), style="bold")
    screen.print(table)
    for detail in details:
        screen.print(detail)
