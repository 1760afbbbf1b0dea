"""Name everything that can go wrong, in one tree of finished sentences with exit codes.

    StretchaudioError
    ├── RoutineError      1  a problem in a routine, with every place in the file
    ├── ConfigError       2  a problem in the config file, likewise
    ├── UsageError        2  a wrong name, option or argument
    ├── VoiceError        3  a voice that cannot speak
    │   └── ChosenVoiceError   one that the program chose, and that failed on the way
    ├── BrokenTrackError  1  a track that does not keep what its manifest promises
    ├── FileError         4  a disk or a file that cannot be read or written
    └── HelperError      70  a helper process that died

Only the command line prints them; nothing else in the package exits or prints.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import ClassVar, TypeVar

_Kind = TypeVar("_Kind", bound=StrEnum)


class StretchaudioError(Exception):
    """The base of all errors that a user can do something about.

    Args:
        message: A finished sentence: what is wrong, and where.
        hint: What to do about it, if the message does not say so yet.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Mark:
    """A place in a file."""

    file: str
    """The path as the user gave it."""
    line: int
    """Counted from 1."""
    column: int
    """Counted from 1, in characters."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One thing that is wrong in a YAML file."""

    mark: Mark
    message: str
    """The fault, and what to write instead."""

    def __str__(self) -> str:
        return f"{self.mark}: {' '.join(self.message.split())}"


class _ProblemsError(StretchaudioError):
    """A YAML file with something wrong in it; carries all of its problems."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class RoutineError(_ProblemsError):
    """A routine file that does not follow the format."""

    exit_code = 1


class ConfigError(_ProblemsError):
    """A config file that cannot be used."""

    exit_code = 2


class UsageError(StretchaudioError):
    """A name, option or argument that cannot be used as given."""

    exit_code = 2


class VoiceError(StretchaudioError):
    """A voice that is not there, cannot speak, or did not say what it was given."""

    exit_code = 3


class ChosenVoiceError(VoiceError):
    """A voice that the program chose by itself, and that failed before the session was spoken.

    Args:
        message: What happened.
        hint: What to do about it.
        instead: A voice that could speak the whole session, as `engine:name`.
    """

    def __init__(self, message: str, *, hint: str = "", instead: str) -> None:
        super().__init__(message, hint=hint)
        self.instead = instead


class BrokenTrackError(StretchaudioError):
    """A track that does not keep what its manifest promises."""

    exit_code = 1


class FileError(StretchaudioError):
    """A file or folder that cannot be read or written."""

    exit_code = 4

    @classmethod
    def from_os_error(cls, error: OSError, doing: str) -> "FileError":
        """Put an operating system's error into a sentence that begins with what was tried."""
        return cls(f"Cannot {doing}: {error.strerror or error}.")


class HelperError(StretchaudioError):
    """A helper process that died, or failed in a way it should not have."""

    exit_code = 70  # EX_SOFTWARE of sysexits.h


def one_of(kinds: type[_Kind], name: str, what: str) -> _Kind:
    """Turn the name of one of a few kinds into it; a kind stays what it is.

    Raises:
        UsageError: If there is none of that name.
    """
    try:
        return kinds(name)
    except ValueError:
        known = [kind.value for kind in kinds]
        hint = f"Choose from {', '.join(known)}."
        raise UsageError(
            f"There is no {what} '{name}'.{did_you_mean(str(name), known)}", hint=hint
        ) from None


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """Write " Perhaps you meant …?" for a misspelt name; empty when no known name is near."""
    names = sorted(known)
    near = get_close_matches(wrong.lower(), names, n=1, cutoff=0.85) or get_close_matches(
        wrong.lower(), names, n=2, cutoff=0.6
    )
    return f" Perhaps you meant {' or '.join(near)}?" if near else ""
