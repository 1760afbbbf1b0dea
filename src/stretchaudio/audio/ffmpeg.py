"""Turn files that libsndfile cannot read into FLAC, by ffmpeg if it is there."""

import shutil
import subprocess
from pathlib import Path

from stretchaudio.errors import FileError

ENDINGS = frozenset(
    {".m4a", ".aac", ".mp4", ".m4b", ".wma", ".webm", ".mka", ".wv", ".ape", ".ac3", ".caf", ".amr"}
    | {".3gp", ".dsf"}
)
"""Of files that only ffmpeg reads."""
LONGEST_CONVERSION_S = 900


def is_missing() -> bool:
    """Tell whether ffmpeg is not installed."""
    return shutil.which("ffmpeg") is None


def missing_error(path: Path) -> FileError:
    """Make the error of a file that cannot be read without ffmpeg."""
    return FileError(
        f"{path} can only be read with ffmpeg, which is not installed.",
        hint="Install ffmpeg, or convert it to FLAC.",
    )


def convert(path: Path, target: Path, *, channels: int, most_s: int | None = None) -> None:
    """Have ffmpeg decode a file into a FLAC file, on disk: nothing of it is kept in memory.

    Args:
        path: The file.
        target: Where the FLAC goes.
        channels: How many it gets.
        most_s: Where to stop; None for the end.

    Raises:
        FileError: If there is no ffmpeg, or it cannot do it.
    """
    program = shutil.which("ffmpeg")
    if program is None:
        raise missing_error(path)
    # The protocols are named so that a playlist cannot send ffmpeg into the network.
    quietly = ("-v", "error", "-nostdin", "-y", "-protocol_whitelist", "file")
    length = () if most_s is None else ("-t", str(most_s))
    target_format = ("-map", "0:a:0", "-ac", str(channels), "-f", "flac", f"file:{target}")
    try:
        done = subprocess.run(
            [program, *quietly, *length, "-i", f"file:{path}", *target_format],
            capture_output=True,
            check=False,
            timeout=LONGEST_CONVERSION_S,
        )
    except subprocess.TimeoutExpired:
        minutes = LONGEST_CONVERSION_S // 60
        raise FileError(
            f"ffmpeg did not convert {path} within {minutes} minutes.",
            hint="Convert it yourself, to flac.",
        ) from None
    if done.returncode:
        raise _refusal(path, done.stderr.decode(errors="replace"))


def _refusal(path: Path, said: str) -> FileError:
    """Say why ffmpeg cannot convert a file, in our words where they are better."""
    if "No space left" in said:
        return FileError(
            "Cannot write what ffmpeg converts: no space is left on its disk.",
            hint="Name another place with --cache-dir.",
        )
    if "matches no streams" in said:
        return FileError(f"{path} has no sound in it.")
    lines = [line for line in said.strip().splitlines() if not line.startswith("To ignore this")]
    quoted = f" ffmpeg says: {lines[-1].rstrip('.')}." if lines else ""
    return FileError(f"{path} cannot be read as sound.{quoted}")
