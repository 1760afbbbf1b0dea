"""What a user has set for good: a small YAML file in the user's configuration folder, and the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from stretchaudio.errors import ConfigError, Mark, Problem, RoutineError, did_you_mean
from stretchaudio.util.located_yaml import LocatedDict, LocatedList, parse, read_text

_FILE = "config.yaml"
CHIMES = ("off", "soft", "bright")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What holds unless an option says otherwise."""

    voice: str = "auto"
    """`engine:name`, `engine`, or auto."""
    speed: float = 1.0
    """Times the engine's own pace."""
    pitch: float = 0.0
    """Semitones above the voice's own pitch."""
    offline: bool = False
    """Nothing is asked of a network."""
    bed: str = "off"
    """What is played under the voice."""
    bed_level: float | None = None
    """How loud it is where nobody speaks, in LUFS; None for the usual."""
    chimes: str = "off"
    """Bells at the edges of windows: off, soft or bright."""
    say: Mapping[str, str] = field(default_factory=dict)
    """How words are to be spoken."""
    commands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Programs that speak: a name, and the program with its arguments."""


def config_file() -> Path:
    """Where the config file is, if there is one."""
    from platformdirs import user_config_path

    return user_config_path("stretchaudio", appauthor=False) / _FILE


def config() -> Config:
    """What the user who runs the program has set; `STRETCHAUDIO_VOICE` comes before the file's voice.

    Raises:
        ConfigError: With all problems of the file.
        FileError: If it is there and cannot be read.
    """
    path = config_file()
    found = _read(path, path.stat().st_mtime_ns) if path.is_file() else Config()
    voice = os.environ.get("STRETCHAUDIO_VOICE")
    return replace(found, voice=voice) if voice else found


@cache
def _read(path: Path, changed_ns: int) -> Config:
    del changed_ns  # a file that was changed is another one
    problems: list[Problem] = []
    try:
        text = read_text(path)
        if all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines()):
            return Config()
        tree = parse(text, str(path), problems)
    except RoutineError as error:
        raise ConfigError(error.problems) from None
    values: dict[str, Any] = {}
    for key, value in tree.items():
        mark = tree.marks[key]
        if key not in _KINDS:
            known = f" Known settings: {', '.join(_KINDS)}."
            problems.append(
                Problem(
                    mark=mark[0],
                    message=f"'{key}' is not a setting.{did_you_mean(key, _KINDS) or known}",
                )
            )
            continue
        try:
            values[key] = _KINDS[key](value)
        except _WrongError as error:
            problems.append(Problem(mark=error.mark or mark[1], message=f"'{key}' {error}"))
    if problems:
        raise ConfigError(problems)
    return Config(**values)


class _WrongError(Exception):
    """A value that a setting cannot have.

    Args:
        expected: What it has to be instead.
        mark: Where it stands, if not where the setting's value begins.
    """

    def __init__(self, expected: str, mark: Mark | None = None) -> None:
        super().__init__(expected)
        self.mark = mark


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _WrongError("needs a word here")
    return value


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise _WrongError("has to be a number, such as 0.9") from None


def _switch(value: Any) -> bool:
    if not isinstance(value, str) or value not in {"true", "false"}:
        raise _WrongError("is either true or false")
    return value == "true"


def _chimes(value: Any) -> str:
    if not isinstance(value, str) or value not in CHIMES:
        raise _WrongError(f"is one of {', '.join(CHIMES)}")
    return value


def _words(value: Any) -> dict[str, str]:
    if not isinstance(value, LocatedDict):
        raise _WrongError("needs words and how they are spoken, such as {cat-cow: cat cow}")
    for word, spoken in value.items():
        if not any(character.isalnum() for character in word):
            raise _WrongError(f"cannot be of '{word}', which is no word", value.marks[word][0])
        if not isinstance(spoken, str):
            raise _WrongError("needs a text here, such as {cat-cow: cat cow}", value.marks[word][1])
    return dict(value)


def _commands(value: Any) -> dict[str, tuple[str, ...]]:
    example = "such as {mine: [program, --text, '{text}', --out, '{file}']}"
    if not isinstance(value, LocatedDict):
        raise _WrongError(f"needs names and lists of arguments, {example}")
    for name, arguments in value.items():
        mark = value.marks[name][1]
        if (
            not isinstance(arguments, LocatedList)
            or not arguments
            or not all(isinstance(one, str) for one in arguments)
        ):
            raise _WrongError(f"needs a list of arguments here, never one string, {example}", mark)
        if not any("{file}" in one for one in arguments):
            raise _WrongError(
                f"needs {{file}} among the arguments, where the program is to write, {example}",
                mark,
            )
    return {name: tuple(arguments) for name, arguments in value.items()}


_KINDS = {
    "voice": _text,
    "speed": _number,
    "pitch": _number,
    "offline": _switch,
    "bed": _text,
    "bed_level": _number,
    "chimes": _chimes,
    "say": _words,
    "commands": _commands,
}
"""What each setting has to be."""
