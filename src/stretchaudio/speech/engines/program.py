"""What voices that are programs of their own share: a text in a file, one run, a sound file."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from stretchaudio.errors import VoiceError
from stretchaudio.speech.engine import Engine

TIMEOUT_S = 120
"""For one text. A voice that takes longer hangs."""
ANSWER_S = 10
MOST_BYTES = 100_000_000


class ProgramEngine(Engine):
    """Speaks by running a program once for each text; a subclass knows how to call it."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._closed = False

    def close(self) -> None:
        """End the programs that are still speaking."""
        self._closed = True
        for process in list(self._running):
            process.kill()

    def speak_with(
        self, command: Callable[[Path, Path], list[str]], text: str, *, ending: str = "wav"
    ) -> bytes:
        """Have the program speak a text.

        Args:
            command: Makes the list of the program and its arguments from the file that holds the text and the sound file to write.
            text: What to speak; also given on the standard input.
            ending: That of the sound file.

        Returns:
            The sound file.

        Raises:
            VoiceError: If the program cannot be run, fails, hangs, or writes nothing.
        """
        with tempfile.TemporaryDirectory(prefix="stretchaudio-") as folder:
            words, sound = Path(folder) / "text.txt", Path(folder) / f"speech.{ending}"
            words.write_text(text, encoding="utf-8")
            arguments = command(words, sound)
            # Its own files, not pipes: neither what it prints nor a child that it leaves behind can hold us up.
            with words.open("rb") as given, tempfile.TemporaryFile() as printed:
                code = self._run(arguments, given, printed)
                if code != 0:
                    raise VoiceError(
                        f"{arguments[0]} failed (exit code {code}){_last_line(printed)}."
                    )
            if not sound.is_file() or not sound.stat().st_size:
                raise VoiceError(f"{arguments[0]} wrote no sound.")
            if sound.stat().st_size > MOST_BYTES:
                raise VoiceError(
                    f"{arguments[0]} wrote {sound.stat().st_size / 1e6:,.0f} MB for one cue."
                )
            return sound.read_bytes()

    def _run(self, arguments: list[str], given: IO[bytes], printed: IO[bytes]) -> int:
        try:
            process = subprocess.Popen(
                arguments, stdin=given, stdout=subprocess.DEVNULL, stderr=printed
            )
        except OSError as error:
            raise VoiceError(f"{arguments[0]} cannot be run ({error.strerror}).") from None
        self._running.add(process)
        try:
            return process.wait(0 if self._closed else TIMEOUT_S)
        except subprocess.TimeoutExpired:
            raise VoiceError(f"{arguments[0]} did not speak it within {TIMEOUT_S} s.") from None
        finally:
            process.kill()
            process.wait()
            self._running.discard(process)


def answer(arguments: list[str]) -> str:
    """What a program prints when it is asked something, such as its version.

    Raises:
        VoiceError: If it cannot be run or hangs.
    """
    path = shutil.which(arguments[0]) or arguments[0]
    try:
        done = subprocess.run(
            [path, *arguments[1:]], capture_output=True, timeout=ANSWER_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        raise VoiceError(f"{arguments[0]} does not answer.") from None
    return done.stdout.decode(errors="replace").strip()


def _last_line(printed: IO[bytes]) -> str:
    """The last thing a program said, as far as it fits."""
    printed.seek(max(0, printed.seek(0, os.SEEK_END) - 500))
    lines = printed.read().decode(errors="replace").strip().splitlines()
    return f": {lines[-1]}" if lines else ""
