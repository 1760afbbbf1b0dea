"""Find routines and exercises: in the working folder, the user's own, the program's own."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

from stretchaudio.errors import FileError, Problem, RoutineError, UsageError, did_you_mean
from stretchaudio.language import languages
from stretchaudio.routine import parse as parsing
from stretchaudio.routine.folders import bundled_folder
from stretchaudio.routine.model import Exercise, Routine
from stretchaudio.routine.parse import replace_uses
from stretchaudio.routine.rules import exercise_lists
from stretchaudio.util.located_yaml import LocatedDict, parse, read_text
from stretchaudio.util.units import shell_command

_TAG = b"ID3"
"""The first bytes of a track: of its ID3v2 tag."""
SUFFIXES = (".yaml", ".yml")
# It tells an editor where the schema is on the author's disk, of no use to anybody else.
_SCHEMA_LINE = re.compile(r"^# yaml-language-server: .*\n", re.MULTILINE)


def user_folder() -> Path:
    """Name the folder of the user's own routines."""
    from platformdirs import user_data_path

    return user_data_path("stretchaudio", appauthor=False) / "routines"


def folders() -> tuple[Path, ...]:
    """List the folders that are searched, first match wins."""
    return (Path("routines"), user_folder(), bundled_folder())


def find_routine(name: str) -> Path:
    """Find a routine by path or by name.

    Raises:
        UsageError: If no folder has a routine of that name; names near it are suggested.
        FileError: If there is no file at that path.
    """
    path = Path(name)
    if not name:
        raise UsageError(
            "A routine's name cannot be empty.", hint="'stretchaudio list' shows all routines."
        )
    if path.suffix in SUFFIXES or len(path.parts) != 1 or path.is_file():
        if not path.exists():
            raise FileError(f"There is no routine file {name}.")
        refuse_track(path, "routine")
        return path
    known = dict(all_routines(translations=True))
    if name in known:
        return known[name]
    files = (f"{name}{suffix}" for suffix in SUFFIXES)
    here = next((file for file in files if Path(file).is_file()), None)
    hint = "'stretchaudio list' shows all routines."
    if here:
        hint = f"There is a file {here}; name it with its ending."
    raise UsageError(f"There is no routine '{name}'.{did_you_mean(name, known)}", hint=hint)


def refuse_track(path: Path, expected: str) -> None:
    """Refuse a finished track where something else is expected, such as a routine.

    Raises:
        UsageError: If it is one.
        FileError: If it cannot be read.
    """
    if _is_track(path):
        verify, extract = (shell_command(command, path) for command in ("verify", "extract"))
        raise UsageError(
            f"{path} is a finished track, not a {expected}.",
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
    """Yield every routine's name and file, in alphabetical order.

    A name in an earlier folder hides the same in a later one.

    Args:
        translations: Include translations of others, such as `desk-break.es`.
    """
    found: dict[str, Path] = {}
    for folder in folders():
        for path in sorted(folder.glob("*.y*ml")):
            is_routine = path.suffix in SUFFIXES and path.is_file()
            if is_routine and (translations or not _is_translation(path)):
                found.setdefault(path.stem, path)
    yield from sorted(found.items())


def _is_translation(path: Path) -> bool:
    name, _, code = path.stem.rpartition(".")
    return bool(name) and code in languages()


def read_routine(routine: str | Path, *, language: str | None = None) -> Routine:
    """Read and check a routine.

    Args:
        routine: A path, or a name that is looked up in `folders()`.
        language: The code of the language it should be in; its translation is the file with the
            code before the ending.

    Raises:
        RoutineError: If the file does not follow the format; it carries every problem found.
        UsageError: If there is no such routine, or not in that language.
        FileError: If it cannot be read.
    """
    path = find_routine(str(routine))
    if language is not None:
        path = _translation(path, language)
    return parse_routine(read_text(path), file=path)


def parse_routine(text: str, *, file: str | Path = "routine.yaml") -> Routine:
    """Read and check a routine's text.

    Args:
        text: YAML.
        file: The name of its file, which need not be there: it is named in errors, its stem
            becomes the routine's id, exercises are looked for beside it first, and the music of
            sections nowhere else.

    Raises:
        RoutineError: If the text does not follow the format; it carries every problem found.
    """
    path = Path(file)
    library = Library((path.parent / "exercises", *exercise_folders()))
    read = parsing.parse_routine(
        text, file=str(path), library=library, languages=languages(), folder=path.parent
    )
    if all(map(library.is_bundled, read.uses)):
        return replace(read, text=_SCHEMA_LINE.sub("", text))
    return replace(read, text=inline_uses(text, file=str(path), library=library))


def _translation(path: Path, code: str) -> Path:
    """Find the file of a routine in a language; its own file when that is its language."""
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
    translated = [stem for stem, file in files.items() if _is_translation(file)]
    others = sorted(stem.rpartition(".")[2] for stem in translated if stem.startswith(f"{name}."))
    hint = f"Translate it: copy {original} to {name}.{code}.yaml."
    if others:
        hint = f"There is {name} in {', '.join(others)}."
    raise UsageError(f"There is no {name} in the language '{code}'.", hint=hint)


def read_exercises() -> tuple[Exercise, ...]:
    """Read every exercise that `use` can name from the working folder, sorted by id.

    Raises:
        RoutineError: If one does not follow the format.
    """
    library = Library(exercise_folders())
    text = "title: Library\nexercises:\n" + "".join(
        f"  - use: {exercise_id}\n" for exercise_id in sorted(library)
    )
    routine = parsing.parse_routine(text, file="library", library=library, languages=languages())
    return routine.exercises


def exercise_folders() -> tuple[Path, ...]:
    """List the folders whose files hold exercises for `use`, first match wins."""
    return tuple(folder / "exercises" for folder in folders())


class Library(Mapping[str, LocatedDict]):
    """The exercises of some folders by id, read when first needed: many routines use none.

    Args:
        folders: First match wins; one that does not exist is passed over.
    """

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._folders = folders

    @cached_property
    def _tables(self) -> dict[str, LocatedDict]:
        tables: dict[str, LocatedDict] = {}
        for folder in self._folders:
            for path in sorted(folder.glob("*.y*ml")):
                stat = path.stat()
                # First match wins: what is in `tables` already stays.
                tables = {**_exercises_in(path, stat.st_mtime_ns, stat.st_size), **tables}
        return tables

    def is_bundled(self, exercise_id: str) -> bool:
        """Whether an exercise comes with the program, in just these words."""
        table = self[exercise_id]
        comes_with_it = bundled_folder() in Path(table.mark.file).parents
        return comes_with_it or table == bundled_exercises().get(exercise_id)

    def __getitem__(self, exercise_id: str) -> LocatedDict:
        return self._tables[exercise_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


@cache
def bundled_exercises() -> Library:
    """Read the exercises that come with the program."""
    return Library((bundled_folder() / "exercises",))


@cache
def _exercises_in(path: Path, _modified_ns: int, _size: int) -> Mapping[str, LocatedDict]:
    """Read the exercises of a file, again only when it has changed."""
    tree = parse(read_text(path), str(path))
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
    """Write the library's keys in place of every `use`; its figure stays that of the library.

    Args:
        text: A routine that follows the format.
        file: Its name, for messages.
        library: The exercises that `use` can name, by id.
    """
    tree = parse(text, file)
    replace_uses(tree, library, [])  # there are no problems: the routine has been read
    for exercises in exercise_lists(tree):
        for exercise in exercises:
            if "use" in exercise:
                exercise.setdefault("figure", exercise.pop("use"))
    return to_yaml(tree)


def to_yaml(value: Any) -> str:
    """Write tables and lists as YAML, their keys in order."""
    return str(
        yaml.dump(_plain(value), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value
