"""Read what a user has set for good, from a small YAML file and the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from stretchaudio.errors import ConfigError, FileError, Mark, Problem, RoutineError, did_you_mean
from stretchaudio.util.located_yaml import LocatedDict, LocatedList, parse, read_text

_FILE = "config.yaml"
CHIMES = ("off", "soft", "bright")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechServer:
    """A server that speaks as OpenAI's does."""

    address: str = ""
    """As far as `/v1`, such as https://example.org/v1; empty for none."""
    key: str = field(default="", repr=False)
    """What it is asked with; empty for a server that asks for none."""
    allow_http: bool = False
    """Texts may be sent unencrypted, on this machine and in private networks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings that hold unless an option says otherwise."""

    voice: str = "auto"
    """`engine:name`, `engine`, or auto."""
    speed: float = 1.0
    """A factor of the engine's own pace."""
    pitch: float = 0.0
    """Semitones above the voice's own pitch."""
    offline: bool = False
    """Nothing is asked of a network."""
    bed: str = "off"
    """The sound played under the voice."""
    bed_level: float | None = None
    """The bed's loudness where nobody speaks, in LUFS; None for the usual."""
    chimes: str = "off"
    """Bells at the edges of windows: off, soft or bright."""
    say: Mapping[str, str] = field(default_factory=dict)
    """The pronunciation of words: as written, and as spoken."""
    commands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Programs that speak: a name, and the program with its arguments."""
    speech_server: str = ""
    """The address of a speech server, as far as `/v1`."""
    speech_key: str = field(default="", repr=False)
    """The key to it."""
    allow_http: bool = False
    """Texts may be sent to it unencrypted, on this machine and in private networks."""

    @property
    def server(self) -> SpeechServer:
        """The speech server with all that is set for it."""
        return SpeechServer(
            address=self.speech_server, key=self.speech_key, allow_http=self.allow_http
        )


def config_file() -> Path:
    """Name the config file, which need not exist."""
    from platformdirs import user_config_path

    return user_config_path("stretchaudio", appauthor=False) / _FILE


def config() -> Config:
    """Read the user's settings; some variables of the environment come before the file.

    Raises:
        ConfigError: With all problems of the file.
        FileError: If it is there and cannot be read.
    """
    path = config_file()
    if path.exists() and not path.is_file():
        raise FileError(f"The config file {path} is not a file.", hint="Move it out of the way.")
    found = _read(path, path.stat().st_mtime_ns) if path.exists() else Config()
    given = {field: os.environ.get(name) for field, name in _VARIABLES.items()}
    return replace(found, **{field: value for field, value in given.items() if value})  # type: ignore[arg-type]


@cache
def _read(path: Path, changed_ns: int) -> Config:
    del changed_ns  # a file that was changed is another one
    problems: list[Problem] = []
    try:
        text = read_text(path)
        if all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines()):
            return Config()
        tree = parse(text, str(path), problems, example="voice: espeak")
    except RoutineError as error:
        raise ConfigError(error.problems) from None
    values: dict[str, Any] = {}
    for key, value in tree.items():
        mark = tree.marks[key]
        if key not in _KINDS:
            known = f" Known settings: {', '.join(_KINDS)}."
            message = f"'{key}' is not a setting.{did_you_mean(key, _KINDS) or known}"
            problems.append(Problem(mark=mark[0], message=message))
            continue
        try:
            values[key] = _KINDS[key](value)
        except _WrongError as error:
            problems.append(Problem(mark=error.mark or mark[1], message=f"'{key}': {error}"))
    if problems:
        raise ConfigError(problems)
    return Config(**values)


class _WrongError(Exception):
    """A value that a setting cannot have.

    Args:
        message: The fault, and what is expected instead.
        mark: The place of the problem, if not where the setting's value begins.
    """

    def __init__(self, message: str, mark: Mark | None = None) -> None:
        super().__init__(message)
        self.mark = mark


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _WrongError("expected a word")
    return value


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise _WrongError("expected a number, such as 0.9") from None


def _switch(value: Any) -> bool:
    if not isinstance(value, str) or value not in {"true", "false"}:
        raise _WrongError("expected true or false")
    return value == "true"


def _chimes(value: Any) -> str:
    if not isinstance(value, str) or value not in CHIMES:
        raise _WrongError(f"expected one of {', '.join(CHIMES)}")
    return value


def _words(value: Any) -> dict[str, str]:
    if not isinstance(value, LocatedDict):
        raise _WrongError("expected words and how they are spoken, such as {cat-cow: cat cow}")
    for word, spoken in value.items():
        if not any(character.isalnum() for character in word):
            raise _WrongError(f"'{word}' is not a word", value.marks[word][0])
        if not isinstance(spoken, str):
            raise _WrongError("expected a text, such as {cat-cow: cat cow}", value.marks[word][1])
    return dict(value)


def _commands(value: Any) -> dict[str, tuple[str, ...]]:
    example = "such as {mine: [program, --text, '{text}', --out, '{file}']}"
    if not isinstance(value, LocatedDict):
        raise _WrongError(f"expected names and lists of arguments, {example}")
    for name, arguments in value.items():
        mark = value.marks[name][1]
        is_list = isinstance(arguments, LocatedList) and bool(arguments)
        if not is_list or not all(isinstance(one, str) for one in arguments):
            raise _WrongError(f"expected a list of arguments, never one string, {example}", mark)
        if not any("{file}" in one for one in arguments):
            raise _WrongError(
                f"expected {{file}} among the arguments, where the program is to write, {example}",
                mark,
            )
    return {name: tuple(arguments) for name, arguments in value.items()}


_VARIABLES = {
    "voice": "STRETCHAUDIO_VOICE",
    "speech_server": "STRETCHAUDIO_SPEECH_SERVER",
    "speech_key": "STRETCHAUDIO_SPEECH_KEY",
}
"""Settings that can be made in the environment, too."""
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
    "speech_server": _text,
    "speech_key": _text,
    "allow_http": _switch,
}
"""The reader of each setting's value."""
