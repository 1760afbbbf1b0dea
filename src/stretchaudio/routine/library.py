"""Where routines and exercises are found: the working folder, the user's own, then those that come with the program."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from stretchaudio.errors import FileError, Problem, RoutineError, UsageError, did_you_mean
from stretchaudio.language import languages
from stretchaudio.routine.model import Exercise, Routine
from stretchaudio.routine.parse import parse_routine, replace_uses
from stretchaudio.routine.rules import exercise_lists
from stretchaudio.util import located_yaml as yamltree
from stretchaudio.util.located_yaml import LocatedDict
from stretchaudio.util.units import shell_command

_TAG = b"ID3"
"""What a track begins with: its ID3v2 tag."""
SUFFIXES = (".yaml", ".yml")
_SCHEMA_LINE = re.compile(r"^# yaml-language-server: .*\n", re.MULTILINE)
"""Where an editor finds the schema on the author's disk; who gets the routine has other places."""


def bundled_folder() -> Path:
    """The routines that come with the program: inside the package when installed, at the top of a working copy."""
    package = Path(__file__).parent.parent
    installed = package / "routines"
    return installed if installed.is_dir() else package.parent.parent / "routines"


def user_folder() -> Path:
    """The user's own routines."""
    from platformdirs import user_data_path

    return user_data_path("stretchaudio", appauthor=False) / "routines"


def folders() -> tuple[Path, ...]:
    """The folders that are searched, first match wins."""
    return (Path("routines"), user_folder(), bundled_folder())


def find_routine(name: str) -> Path:
    """Find a routine by path or by name.

    Raises:
        UsageError: If it is a name that no folder has; names near it are suggested.
        FileError: If it is a path where nothing is.
    """
    path = Path(name)
    if not name:
        raise UsageError(
            "A routine's name cannot be empty.", hint="'stretchaudio list' shows all routines."
        )
    if path.suffix in SUFFIXES or len(path.parts) != 1 or path.is_file():
        if not path.exists():
            raise FileError(f"There is no routine file {name}.")
        _refuse_track(path)
        return path
    known = dict(all_routines(translations=True))
    if name in known:
        return known[name]
    here = next(
        (f"{name}{suffix}" for suffix in SUFFIXES if Path(f"{name}{suffix}").is_file()), None
    )
    hint = (
        f"There is a file {here}; name it with its ending."
        if here
        else "'stretchaudio list' shows all routines."
    )
    raise UsageError(f"There is no routine '{name}'.{did_you_mean(name, known)}", hint=hint)


def _refuse_track(path: Path) -> None:
    """Refuse a finished track where a routine is expected.

    Raises:
        UsageError: If it is one.
        FileError: If it cannot be read.
    """
    if _is_track(path):
        verify, extract = (shell_command(command, path) for command in ("verify", "extract"))
        raise UsageError(
            f"{path} is a finished track, not a routine.",
            hint=f"Measure it: {verify}. Get its routine: {extract} --yaml routine.yaml",
        )


def _is_track(path: Path) -> bool:
    if path.suffix.lower() == ".mp3":
        return True
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(_TAG)) == _TAG
    except OSError as error:
        raise FileError.from_os_error(error, f"read {path}") from None


def all_routines(*, translations: bool = False) -> Iterator[tuple[str, Path]]:
    """Every routine's name and file, in alphabetical order; a name in an earlier folder hides it in a later one.

    Args:
        translations: Also those that are another one in another language, such as `desk-break.es`.
    """
    found: dict[str, Path] = {}
    for folder in folders():
        for path in sorted(folder.glob("*.y*ml")):
            if (
                path.suffix in SUFFIXES
                and path.is_file()
                and (translations or not _is_translation(path))
            ):
                found.setdefault(path.stem, path)
    yield from sorted(found.items())


def _is_translation(path: Path) -> bool:
    name, _, code = path.stem.rpartition(".")
    return bool(name) and code in languages()


def read_routine(routine: str | Path, *, language: str | None = None) -> Routine:
    """Read and check a routine.

    Args:
        routine: A path, or a name that is looked up in ./routines, the user's routines and the bundled ones.
        language: The code of the language it should be in; its translation is the file with the code before the ending.

    Raises:
        RoutineError: If the file does not follow the format; it carries every problem found.
        UsageError, FileError: If there is no such routine, not in that language, or it cannot be read.
    """
    path = find_routine(str(routine))
    if language is not None:
        path = _translation(path, language)
    text = yamltree.read_text(path)
    library = Library((path.parent / "exercises", *exercise_folders()))
    read = parse_routine(text, file=str(path), library=library, languages=languages())
    shared = (
        inline_uses(text, file=str(path), library=library)
        if library.borrowed
        else _SCHEMA_LINE.sub("", text)
    )
    return replace(read, text=shared)


def _translation(path: Path, code: str) -> Path:
    """The file of a routine in a language; itself when that is its own."""
    if code not in languages():
        known = ", ".join(languages())
        raise UsageError(
            f"There are no phrases for the language '{code}'.{did_you_mean(code, languages())}",
            hint=f"There are for {known}.",
        )
    name = path.stem.rpartition(".")[0] if _is_translation(path) else path.stem
    files = {
        found.stem: found
        for folder in (path.parent, *folders())
        for found in folder.glob(f"{name}*.y*ml")
    }
    if f"{name}.{code}" in files:
        return files[f"{name}.{code}"]
    original = files.get(name, path)
    if read_routine(original).language == code:
        return original
    others = sorted(
        stem.rpartition(".")[2]
        for stem in files
        if stem.startswith(f"{name}.") and _is_translation(files[stem])
    )
    hint = (
        f"There is {name} in {', '.join(others)}."
        if others
        else f"Translate it: copy {original} to {name}.{code}.yaml."
    )
    raise UsageError(f"There is no {name} in the language '{code}'.", hint=hint)


def read_exercises() -> tuple[Exercise, ...]:
    """Every exercise of the library that `use` can name from the working folder, by id.

    Raises:
        RoutineError: If one does not follow the format.
    """
    library = Library(exercise_folders())
    text = "title: Library\nexercises:\n" + "".join(
        f"  - use: {exercise_id}\n" for exercise_id in sorted(library)
    )
    routine = parse_routine(text, file="library", library=library, languages=languages())
    return routine.sections[0].exercises


def exercise_folders() -> tuple[Path, ...]:
    """The folders whose files hold exercises for `use`, first match wins."""
    return tuple(folder / "exercises" for folder in folders())


class Library(Mapping[str, LocatedDict]):
    """The exercises of some folders by id; read when first asked, since many routines use none.

    Args:
        folders: First match wins; one that does not exist is passed over.
    """

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._folders = folders
        self.borrowed = False
        """Whether an exercise was asked for that does not come with the program, or not like this."""

    @cached_property
    def _tables(self) -> dict[str, LocatedDict]:
        tables: dict[str, LocatedDict] = {}
        for folder in self._folders:
            for path in sorted(folder.glob("*.y*ml")):
                stat = path.stat()
                for exercise_id, exercise in _exercises_in(
                    path, stat.st_mtime_ns, stat.st_size
                ).items():
                    tables.setdefault(exercise_id, exercise)
        return tables

    def __getitem__(self, exercise_id: str) -> LocatedDict:
        table = self._tables[exercise_id]
        if bundled_folder() not in Path(table.mark.file).parents:
            self.borrowed |= table != bundled_exercises().get(exercise_id)
        return table

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


@cache
def bundled_exercises() -> Library:
    """The exercises that come with the program."""
    return Library((bundled_folder() / "exercises",))


@cache
def _exercises_in(path: Path, _modified_ns: int, _size: int) -> Mapping[str, LocatedDict]:
    """The exercises of a file, read again only when it has changed."""
    tree = yamltree.parse(yamltree.read_text(path), str(path))
    wrong = [
        exercise_id
        for exercise_id, exercise in tree.items()
        if not isinstance(exercise, LocatedDict)
    ]
    if wrong:
        message = "expected the keys of an exercise here, such as 'name: Cat cow'"
        raise RoutineError(
            [Problem(mark=tree.marks[exercise_id][1], message=message) for exercise_id in wrong]
        )
    return tree


_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_WIDTH = 120


def inline_uses(text: str, *, file: str, library: Mapping[str, LocatedDict]) -> str:
    """Write the library's keys in place of every `use`.

    Args:
        text: A routine that follows the format.
        file: Its name, for messages.
        library: The exercises it can name.
    """
    tree = yamltree.parse(text, file)
    for _ in replace_uses(
        tree, library
    ):  # there is nothing to complain of: the routine has been read
        pass
    for exercises in exercise_lists(tree):
        for exercise in exercises:
            exercise.pop("use", None)
    return str(
        yaml.dump(_plain(tree), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value
