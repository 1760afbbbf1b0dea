"""Decide where tracks go, and refuse to overwrite what is still needed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from stretchaudio.errors import FileError, UsageError
from stretchaudio.routine.library import find_routine, read_routine
from stretchaudio.routine.model import Routine
from stretchaudio.session.sidecars import Sidecars
from stretchaudio.util.atomic import check_writable, portable_name, refuse_other_kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A routine and the file it goes to."""

    routine: Routine
    """What is built."""
    path: Path
    """Where to."""
    announced: bool = True
    """Whether the user chose the place, and is told when a track there is replaced."""


def find_targets(
    names: list[str],
    *,
    output: str | None,
    sidecars: Sidecars | None = None,
    language: str | None = None,
    name: str = "{}.mp3",
    composed: Routine | None = None,
) -> list[Target]:
    """Read all routines and decide where each goes, before anything is made.

    Args:
        names: Routines, by name or file.
        output: A file or folder; None for the working folder.
        sidecars: The files written next to each track.
        language: The language that the routines should be in.
        name: Pattern of a track's name when none is given; the routine's id is filled in.
        composed: A routine that has no file, built after the others.

    Raises:
        StretchaudioError: If a routine cannot be read, two go to the same file, or a file cannot be
            written.
    """
    routines = [read_routine(name, language=language) for name in names]
    routines += [composed] if composed else []
    folder = _folder(output, several=len(routines) > 1)
    sidecars = sidecars or Sidecars()
    if len(routines) > 1 and sidecars.manifest is not None:
        raise UsageError("--manifest goes with one routine.", hint="Build them one by one.")
    found = [
        Target(routine=routine, path=_path(routine, output, folder, name)) for routine in routines
    ]
    # Most folders of macOS and Windows take names that differ in case only for one.
    names_taken = [str(target.path).casefold() for target in found]
    for target in found:
        if names_taken.count(str(target.path).casefold()) > 1:
            raise UsageError(f"Two routines would both be written to {target.path}.")
    written = [path for target in found for path in (target.path, *sidecars.files(target.path))]
    to_be_made = {one for one in (folder, sidecars.stems) if one and not one.is_dir()}
    for one in to_be_made:
        check_writable(one)
    for path in written:
        if path.parent not in to_be_made:
            check_writable(path)
    refuse_to_overwrite([find_routine(name) for name in names], written)
    return found


def refuse_to_overwrite(routines: list[Path], written: list[Path]) -> None:
    """Refuse to write over a routine, or two things into one file; links are followed.

    Raises:
        UsageError: If a build would.
    """
    taken = {path.resolve() for path in routines}
    for path in written:
        if path.resolve() in taken:
            raise UsageError(
                f"{path} is used for something else in this build.", hint="Choose another name."
            )
        taken.add(path.resolve())


def _folder(output: str | None, *, several: bool) -> Path | None:
    """The folder that tracks go to; None when they go to the working folder or to a file.

    Raises:
        UsageError: If several tracks would go to one file.
        FileError: If the folder is not there and cannot be made.
    """
    if not output or not (several or Path(output).is_dir() or output.endswith(("/", os.sep))):
        return None
    folder = Path(output)
    if several and (folder.is_file() or folder.suffix.lower() == ".mp3" or output == "-"):
        raise UsageError(
            f"Several routines cannot go to one file, {output}.",
            hint="Name a folder with --output.",
        )
    if not folder.is_dir():
        check_writable(folder)
    return folder


def _path(routine: Routine, output: str | None, folder: Path | None, name: str) -> Path:
    usual = name.format(portable_name(routine.id))
    if folder is not None:
        return folder / usual
    return mp3_path(output) if output else Path(usual)


def mp3_path(name: str) -> Path:
    """A track's path.

    Raises:
        UsageError: If it is the name of something else.
    """
    refuse_other_kinds(name)
    return Path(name)


@contextmanager
def made_folder(folder: Path) -> Iterator[None]:
    """Make a folder if there is none; it goes again when nothing comes to be in it.

    Raises:
        FileError: If it cannot be made.
    """
    made = not folder.exists()
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise FileError.from_os_error(error, f"make the folder {folder}") from None
    try:
        yield
    finally:
        if made:
            with suppress(OSError):  # there is something in it
                folder.rmdir()
