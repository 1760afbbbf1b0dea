"""Whether a change of the program changes what is heard: hashes of decoded tracks, to be compared.

Print the hashes before a change into a file, and give that file after it:

    python benchmarks/same_sound.py >before.txt
    python benchmarks/same_sound.py before.txt
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROUTINES = Path(__file__).parent.parent / "routines"
LEVELS = ("beginner", "intermediate", "advanced")
BEDS = ("rain", "waves", "stream", "brown-noise", "drone", "bowls")
CUES = ("brief", "minimal", "chimes")
TIMEOUT_S = 300


def main() -> None:
    """Print a hash for each track; with a file of hashes, the differences from it."""
    known = dict(line.rsplit(maxsplit=1) for line in _given()) if len(sys.argv) > 1 else {}
    different = 0
    with tempfile.TemporaryDirectory() as name:
        for options in _builds():
            found = _hash(Path(name) / "track.mp3", options)
            what = " ".join(options)
            print(what, found, flush=True)
            if known and known.get(what) != found:
                different += 1
                print(f"  was {known.get(what, 'not there')}", flush=True)
    if known:
        print(f"{different} of {len(known)} tracks are not what they were.")
        sys.exit(different > 0)


def _given() -> list[str]:
    return [line for line in Path(sys.argv[1]).read_text().splitlines() if line and line[0] != " "]


def _builds() -> Iterator[tuple[str, ...]]:
    """The arguments of each build."""
    for path in sorted(ROUTINES.glob("*.yaml")):
        for level in LEVELS:
            yield f"routines/{path.name}", "--level", level
    for cues in CUES:
        yield "routines/back-basics.yaml", "--cues", cues
    yield "routines/back-basics.yaml", "--bed", "rain", "--chimes", "soft"
    for bed in BEDS:
        yield "routines/desk-break.yaml", "--bed", bed


def _hash(track: Path, options: tuple[str, ...]) -> str:
    """The SHA-256 of a track's samples, as ffmpeg decodes them."""
    program = (sys.executable, "-m", "stretchaudio", "build")
    subprocess.run(
        [*program, *options, "--quiet", "-o", track],
        check=True,
        cwd=ROUTINES.parent,
        env={**os.environ, "STRETCHAUDIO_VOICE": "espeak"},
        timeout=TIMEOUT_S,
    )
    decode = ["ffmpeg", "-v", "error", "-i", track, "-f", "s16le", "-"]
    samples = subprocess.run(decode, capture_output=True, check=True, timeout=TIMEOUT_S).stdout
    return hashlib.sha256(samples).hexdigest()


if __name__ == "__main__":
    main()
