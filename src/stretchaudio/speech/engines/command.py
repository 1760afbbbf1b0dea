"""Any program of the user's that writes a sound file, as the config file describes it; never a shell, never from a routine."""

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from stretchaudio.audio.files import state_of
from stretchaudio.config import config_file
from stretchaudio.errors import UsageError, did_you_mean
from stretchaudio.language import Language
from stretchaudio.speech.engine import EngineModule, Voice
from stretchaudio.speech.engines.program import ProgramEngine

_PLACE = re.compile(r"\{(text|text_file|file|speed)\}")


class Commands(EngineModule):
    """The user's programs, in the shape of an engine's module.

    Args:
        commands: What the config file describes: a name, and the program with its arguments.
    """

    SUPPORTS = frozenset({"speed"})
    ONLINE = False

    def __init__(self, commands: Mapping[str, Sequence[str]]) -> None:
        self._commands = commands

    def unavailable_reason(self) -> str:
        """Ask for a line in the config file."""
        return (
            ""
            if self._commands
            else f"Describe your program under 'commands' in {config_file()}; see docs/voices.md."
        )

    def voices(self, language: Language) -> tuple[str, ...]:
        """List the programs that are described; which languages they speak is not known."""
        del language
        return tuple(self._commands)

    def resolve_voice(self, name: str, language: Language) -> str:
        """Find the program of a name.

        Raises:
            UsageError: If none of that name is described, or it is not there.
        """
        del language
        if name not in self._commands:
            raise UsageError(
                f"There is no command '{name}' in {config_file()}.{did_you_mean(name, self._commands)}"
            )
        if not shutil.which(self._commands[name][0]):
            raise UsageError(
                f"The command '{name}' runs {self._commands[name][0]}, and there is no such program."
            )
        return name

    def open_engine(self, voice: Voice, jobs: int) -> "Command":
        """Get ready to speak with a voice that `resolve_voice` returned."""
        return Command(voice, self._commands[voice.name], jobs)


class Command(ProgramEngine):
    """Speaks by running a program once for each text.

    Args:
        voice: Who speaks.
        arguments: The program and its arguments, with places to fill in.
        jobs: How many texts at once.
    """

    def __init__(self, voice: Voice, arguments: Sequence[str], jobs: int) -> None:
        super().__init__()
        self._arguments = arguments
        program = shutil.which(self._arguments[0])
        files = [
            Path(path) for path in (program, *self._arguments[1:]) if path and Path(path).is_file()
        ]
        self.version = json.dumps(
            [*self._arguments, *map(state_of, files)]
        )  # a new program or script speaks anew
        if voice.prosody.speed != 1 and not any(
            "{speed}" in argument for argument in self._arguments
        ):
            hint = "Add {speed} to its arguments in the config file, or leave out the speed."
            raise UsageError(f"The command '{voice.name}' takes no speed.", hint=hint)
        self.at_once = jobs
        self._voice = voice

    def speak(self, text: str) -> bytes:
        """Speak a text: its words and places are filled in where the arguments name them."""

        def command(words: Path, sound: Path) -> list[str]:
            # A text that begins with a dash is not to be taken for an option.
            values = {"text": text.lstrip("-"), "text_file": str(words), "file": str(sound)}
            values["speed"] = f"{self._voice.prosody.speed:g}"
            # In one go, so that nothing is filled into what was filled in.
            return [
                _PLACE.sub(lambda place: values[place[1]], argument) for argument in self._arguments
            ]

        return self.speak_with(command, text)
