"""Speak with programs that the config file describes; never a shell, never from a routine."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from stretchaudio.audio.files import state_of
from stretchaudio.config import config_file
from stretchaudio.errors import UsageError, did_you_mean
from stretchaudio.language import Language
from stretchaudio.speech.engine import EngineModule, ListedVoice, Voice
from stretchaudio.speech.engines.program import ProgramEngine

_PLACEHOLDER = re.compile(r"\{(text|text_file|file|speed)\}")


class Commands(EngineModule):
    """Offers the user's programs as an engine's module does.

    Args:
        commands: What the config file describes: a name, and the program with its arguments.
    """

    SUPPORTS = frozenset({"speed"})
    ONLINE = False

    def __init__(self, commands: Mapping[str, Sequence[str]]) -> None:
        self._commands = commands

    def unavailable_reason(self) -> str:
        """Ask for a line in the config file if there is none."""
        if self._commands:
            return ""
        return f"Describe your program under 'commands' in {config_file()}; see docs/voices.md."

    def voices(self, language: Language) -> tuple[str, ...]:
        """List the programs that are described; the languages they speak are not known."""
        del language
        return tuple(self._commands)

    def catalogue(self, *, offline: bool) -> Iterator[ListedVoice]:
        """List the programs that are described."""
        del offline
        for name in self._commands:
            yield ListedVoice(name=name, language="")

    def resolve_voice(self, name: str, language: Language) -> str:
        """Find the program of a name.

        Raises:
            UsageError: If none of that name is described, or it is not there.
        """
        del language
        if name not in self._commands:
            hint = did_you_mean(name, self._commands)
            raise UsageError(f"There is no command '{name}' in {config_file()}.{hint}")
        program = self._commands[name][0]
        if not shutil.which(program):
            raise UsageError(f"The command '{name}' runs {program}, and there is no such program.")
        return name

    def open_engine(self, voice: Voice, jobs: int) -> "Command":
        """Get ready to run the program of a voice that `resolve_voice` returned."""
        return Command(voice, jobs, self._commands[voice.name])


class Command(ProgramEngine):
    """Speaks by running a program once for each text.

    Args:
        voice: Who speaks.
        jobs: How many texts at once.
        template: The program and its arguments, with placeholders.
    """

    def __init__(self, voice: Voice, jobs: int, template: Sequence[str]) -> None:
        paths = (shutil.which(template[0]), *template[1:])
        files = [Path(path) for path in paths if path and Path(path).is_file()]
        # A new program or script speaks anew.
        super().__init__(voice, jobs, json.dumps([*template, *map(state_of, files)]))
        self._template = template
        if voice.prosody.speed != 1 and not any("{speed}" in argument for argument in template):
            hint = "Add {speed} to its arguments in the config file, or leave out the speed."
            raise UsageError(f"The command '{voice.name}' takes no speed.", hint=hint)

    def command(self, text: str, text_file: Path, sound_file: Path) -> list[str]:
        """Fill in the placeholders of the program's arguments."""
        values = {
            "text": text.lstrip("-"),  # a dash at its start would make it look like an option
            "text_file": str(text_file),
            "file": str(sound_file),
            "speed": f"{self._voice.prosody.speed:g}",
        }
        # In one go, so that nothing is filled into what was filled in.
        return [
            _PLACEHOLDER.sub(lambda place: values[place[1]], argument)
            for argument in self._template
        ]
