"""Run programs that speak: a text in a file, one run, a sound file."""

import os
import shutil
import subprocess
import tempfile
from abc import abstractmethod
from pathlib import Path
from typing import IO

from stretchaudio.errors import VoiceError
from stretchaudio.speech.engine import Engine, Voice

TIMEOUT_S = 120
"""For one text; a program that takes longer hangs."""
ANSWER_S = 10
MOST_BYTES = 100_000_000


class ProgramEngine(Engine):
    """Speaks by running a program once for each text; a subclass knows how to call it.

    Args:
        voice: Who speaks.
        jobs: How many texts at once.
        version: What the sound depends on besides the voice and the text.
    """

    ending = "wav"
    """The ending of the sound file that the program writes."""

    def __init__(self, voice: Voice, jobs: int, version: str) -> None:
        self.version = version
        self.at_once = jobs
        self._voice = voice
        self._running: set[subprocess.Popen[bytes]] = set()
        self._closed = False

    @abstractmethod
    def command(self, text: str, text_file: Path, sound_file: Path) -> list[str]:
        """Return the program and its arguments.

        Args:
            text: What to speak; also given on the standard input.
            text_file: A file that contains it.
            sound_file: The file to write.
        """

    def speak(self, text: str) -> bytes:
        """Have the program speak a text.

        Raises:
            VoiceError: If the program cannot be run, fails, hangs, or writes nothing.
        """
        with tempfile.TemporaryDirectory(prefix="stretchaudio-") as folder:
            words, sound = Path(folder) / "text.txt", Path(folder) / f"speech.{self.ending}"
            words.write_text(text, encoding="utf-8")
            command = self.command(text, words, sound)
            # Files, not pipes: neither what it prints nor a child that it leaves behind can hold
            # us up.
            with words.open("rb") as given, tempfile.TemporaryFile() as printed:
                code = self._run(command, given, printed)
                if code != 0:
                    raise VoiceError(
                        f"{command[0]} failed (exit code {code}){_last_line(printed)}."
                    )
            if not sound.is_file() or not sound.stat().st_size:
                raise VoiceError(f"{command[0]} wrote no sound.")
            if sound.stat().st_size > MOST_BYTES:
                megabytes = sound.stat().st_size / 1e6
                raise VoiceError(f"{command[0]} wrote {megabytes:,.0f} MB for one cue.")
            return sound.read_bytes()

    def close(self) -> None:
        """End the programs that are still speaking."""
        self._closed = True
        for process in list(self._running):
            process.kill()

    def _run(self, command: list[str], given: IO[bytes], printed: IO[bytes]) -> int:
        try:
            process = subprocess.Popen(
                command, stdin=given, stdout=subprocess.DEVNULL, stderr=printed
            )
        except OSError as error:
            raise VoiceError(f"{command[0]} cannot be run ({error.strerror}).") from None
        self._running.add(process)
        try:
            return process.wait(0 if self._closed else TIMEOUT_S)
        except subprocess.TimeoutExpired:
            raise VoiceError(f"{command[0]} did not speak it within {TIMEOUT_S} s.") from None
        finally:
            process.kill()
            process.wait()
            self._running.discard(process)


def answer(command: list[str]) -> str:
    """Return what a program prints when it is asked something, such as its version.

    Raises:
        VoiceError: If it cannot be run or hangs.
    """
    path = shutil.which(command[0]) or command[0]
    try:
        done = subprocess.run(
            [path, *command[1:]], capture_output=True, timeout=ANSWER_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        raise VoiceError(f"{command[0]} does not answer.") from None
    return done.stdout.decode(errors="replace").strip()


def _last_line(printed: IO[bytes]) -> str:
    """Quote the last line that a program printed, or the end of it."""
    printed.seek(max(0, printed.seek(0, os.SEEK_END) - 500))
    lines = printed.read().decode(errors="replace").strip().splitlines()
    return f": {lines[-1]}" if lines else ""
