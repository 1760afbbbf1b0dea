"""What voices that are programs of their own share: a text in a file, one run, a sound file."""

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from stretchaudio.errors import VoiceError

TIMEOUT_S = 120
"""For one text. A voice that takes longer hangs."""


def speak_with(command: Callable[[Path, Path], list[str]], text: str, *, ending: str = "wav") -> bytes:
    """Have a program speak a text.

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
        try:
            done = subprocess.run(arguments, input=text.encode(), capture_output=True, timeout=TIMEOUT_S, check=False)
        except subprocess.TimeoutExpired:
            raise VoiceError(f"{arguments[0]} did not speak it within {TIMEOUT_S} s.") from None
        except OSError as error:
            raise VoiceError(f"{arguments[0]} cannot be run ({error.strerror}).") from None
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise VoiceError(f"{arguments[0]} failed (exit code {done.returncode}){f': {said[-1]}' if said else ''}.")
        if not sound.is_file() or not sound.stat().st_size:
            raise VoiceError(f"{arguments[0]} wrote no sound.")
        return sound.read_bytes()
