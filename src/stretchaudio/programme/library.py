"""Find programmes: in the working folder, the user's own, the program's own."""

from collections.abc import Iterator
from pathlib import Path

from stretchaudio.errors import FileError, StretchaudioError, UsageError, did_you_mean
from stretchaudio.programme.model import Programme
from stretchaudio.programme.parse import parse_programme
from stretchaudio.routine.folders import bundled_folder
from stretchaudio.routine.library import SUFFIXES, user_folder
from stretchaudio.util.located_yaml import read_text

_NAME = "programmes"


def folders() -> tuple[Path, ...]:
    """List the folders that are searched, first match wins."""
    return (Path(_NAME), user_folder().with_name(_NAME), bundled_folder().with_name(_NAME))


def all_programmes() -> Iterator[tuple[str, Path]]:
    """Yield every programme's name and file, in alphabetical order."""
    found: dict[str, Path] = {}
    for folder in folders():
        for path in sorted(folder.glob("*.y*ml")):
            if path.suffix in SUFFIXES and path.is_file():
                found.setdefault(path.stem, path)
    yield from sorted(found.items())


def read_programme(name: str) -> Programme:
    """Read a programme by path or by name.

    Raises:
        UsageError: If there is none of that name; names near it are suggested.
        RoutineError: If it does not follow the format.
        FileError: If it cannot be read.
    """
    path = _find(name)
    return parse_programme(read_text(path), file=str(path))


def _find(name: str) -> Path:
    path = Path(name)
    if path.suffix in SUFFIXES or len(path.parts) != 1:
        if not path.exists():
            raise FileError(f"There is no programme file {name}.")
        return path
    known = dict(all_programmes())
    if name in known:
        return known[name]
    hint = "'stretchaudio programme' lists all."
    raise UsageError(f"There is no programme '{name}'.{did_you_mean(name, known)}", hint=hint)


def is_programme(path: Path) -> bool:
    """Whether a file is a programme's by its keys; what cannot be read is not."""
    try:
        text = read_text(path)
    except StretchaudioError:
        return False
    return any(line.startswith("phases:") for line in text.splitlines())
