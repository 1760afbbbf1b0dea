"""Speak with a person's own voice: a folder with a sound file for each sentence."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from stretchaudio.audio import ffmpeg
from stretchaudio.errors import FileError, UsageError, VoiceError
from stretchaudio.language import Language
from stretchaudio.speech.engine import Engine, Voice

SUPPORTS: frozenset[str] = frozenset()
ONLINE = False
ENDINGS = frozenset({".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff"}) | ffmpeg.ENDINGS
WORDS_IN_A_NAME = 6
LONGEST_S = 300
NAMED = 5
"""How many missing recordings an error names."""


def unavailable_reason() -> str:
    """Return nothing: the voice names a folder."""
    return ""


def voices(language: Language) -> tuple[str, ...]:
    """Return none: a voice is a folder, which only the user knows."""
    del language
    return ()


def resolve_voice(name: str, language: Language) -> str:
    """Check that the folder is there.

    Raises:
        UsageError: If there is none.
    """
    del language
    if not Path(name).is_dir():
        raise UsageError(f"There is no folder '{name}' with recordings.")
    return name


def file_stem(text: str) -> str:
    """Name the file of a normalised text: some of its words and a part of its hash; no ending."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain)[:WORDS_IN_A_NAME]
    return "-".join([*words, hashlib.sha256(text.encode()).hexdigest()[:6]])


class Recordings(Engine):
    """Speaks by reading recordings.

    Args:
        voice: Its name is the folder.
        jobs: How many files to read at once.
    """

    def __init__(self, voice: Voice, jobs: int) -> None:
        self.at_once = jobs
        self._folder = Path(voice.name)
        files = sorted(
            path
            for path in self._folder.iterdir()
            if path.suffix.lower() in ENDINGS and path.is_file()
        )
        self._files = {path.stem.lower(): path for path in files}
        states = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
        self.version = hashlib.sha256(repr(states).encode()).hexdigest()  # a new take counts

    def check(self, texts: Iterable[str]) -> None:
        """Check that every sentence was recorded.

        Raises:
            VoiceError: With those that were not.
        """
        texts = list(texts)
        missing = [text for text in texts if file_stem(text) not in self._files]
        if missing:
            lines = [f"  {file_stem(text)}.wav  {text}" for text in missing[:NAMED]]
            more = [f"  and {len(missing) - NAMED} more"] if len(missing) > NAMED else []
            count = f"{len(missing)} sentences are" if len(missing) > 1 else "1 sentence is"
            raise VoiceError(
                "\n".join([f"{count} not recorded in {self._folder}:", *lines, *more]),
                hint="'stretchaudio voices recording-list ROUTINE' lists all, with file names.",
            )
        bad = [problem for text in texts if (problem := _problem(self._files[file_stem(text)]))]
        if bad:
            raise VoiceError(
                "\n".join(["Some recordings cannot be used:", *bad]),
                hint="Record them again, or convert them to WAV.",
            )

    def speak(self, text: str) -> bytes:
        """Read the recording of a text."""
        path = self._files[file_stem(text)]  # `check` has seen that it is there
        try:
            return _converted(path) if _needs_ffmpeg(path) else path.read_bytes()
        except OSError as error:
            raise VoiceError(f"{path} cannot be read ({error.strerror}).") from None
        except FileError as error:
            raise VoiceError(error.message, hint=error.hint) from None


open_engine = Recordings


def _needs_ffmpeg(path: Path) -> bool:
    return path.suffix.lower() in ffmpeg.ENDINGS


def _converted(path: Path) -> bytes:
    """Have ffmpeg turn a recording into FLAC, no more of it than a cue may have."""
    with TemporaryDirectory() as folder:
        target = Path(folder) / "recording.flac"
        ffmpeg.convert(path, target, channels=1, most_s=LONGEST_S + 1)
        return target.read_bytes()


def _problem(path: Path) -> str:
    """Describe what is wrong with a recording, judged by its header; empty if nothing is."""
    import soundfile

    if _needs_ffmpeg(path):
        return f"  {ffmpeg.missing_error(path).message}" if ffmpeg.is_missing() else ""
    try:
        info = soundfile.info(str(path))
    except (soundfile.SoundFileError, RuntimeError):
        return f"  {path} is not a sound file"
    return "" if 0 < info.duration <= LONGEST_S else f"  {path} lasts {info.duration:.0f} s"
