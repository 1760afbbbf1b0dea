"""Any program of the user's that writes a sound file, as the config file describes it; never a shell, never from a routine."""

import json
import re
import shutil
from pathlib import Path

from stretchaudio.config import config, config_file
from stretchaudio.errors import UsageError, perhaps
from stretchaudio.language import Language
from stretchaudio.speech.engine import Voice
from stretchaudio.speech.engines.program import ProgramEngine
from stretchaudio.speech.sound import state_of

ADJUSTS = frozenset({"speed"})
ONLINE = False
_PLACE = re.compile(r"\{(text|text_file|file|speed)\}")


def needs() -> str:
    """A line in the config file."""
    return "" if config().commands else f"Describe your program under 'commands' in {config_file()}; see docs/voices.md."


def names(language: Language) -> tuple[str, ...]:
    """The programs that are described; which languages they speak is not known."""
    del language
    return tuple(config().commands)


def choose(name: str, language: Language) -> str:
    """The program of a name.

    Raises:
        UsageError: If none of that name is described, or it is not there.
    """
    del language
    commands = config().commands
    if name not in commands:
        raise UsageError(f"There is no command '{name}' in {config_file()}.{perhaps(name, commands)}")
    if not shutil.which(commands[name][0]):
        raise UsageError(f"The command '{name}' runs {commands[name][0]}, and there is no such program.")
    return name


def open_engine(voice: Voice, jobs: int) -> "Command":
    """An engine for a voice that `choose` returned."""
    return Command(voice, jobs)


class Command(ProgramEngine):
    """Speaks by running a program once for each text.

    Args:
        voice: Who speaks.
        jobs: How many texts at once.
    """

    def __init__(self, voice: Voice, jobs: int) -> None:
        super().__init__()
        self._arguments = config().commands[voice.name]
        program = shutil.which(self._arguments[0])
        files = [Path(path) for path in (program, *self._arguments[1:]) if path and Path(path).is_file()]
        self.version = json.dumps([*self._arguments, *map(state_of, files)])  # a new program or script speaks anew
        if voice.manner.speed != 1 and not any("{speed}" in argument for argument in self._arguments):
            tip = "Add {speed} to its arguments in the config file, or leave out the speed."
            raise UsageError(f"The command '{voice.name}' takes no speed.", tip=tip)
        self.at_once = jobs
        self._voice = voice

    def speak(self, text: str) -> bytes:
        """Speak a text: its words and places are filled in where the arguments name them."""

        def command(words: Path, sound: Path) -> list[str]:
            # A text that begins with a dash is not to be taken for an option.
            values = {"text": text.lstrip("-"), "text_file": str(words), "file": str(sound)}
            values["speed"] = f"{self._voice.manner.speed:g}"
            # In one go, so that nothing is filled into what was filled in.
            return [_PLACE.sub(lambda place: values[place[1]], argument) for argument in self._arguments]

        return self.speak_with(command, text)
