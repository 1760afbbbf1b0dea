"""A site of 200 sessions.

How long it takes when all speech is in the cache, and when nothing has changed.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from stretchaudio.routine.library import bundled_folder

os.environ["STRETCHAUDIO_VOICE"] = (
    "espeak"  # the same everywhere, and nothing is asked of a network
)
SESSIONS = 200
ORIGINALS = ("back-basics", "desk-break", "warm-up", "cool-down", "daily-fifteen")


def main() -> None:
    """Publish in an empty folder: once to fill the cache, then a new site, then the same again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        routines = _routines(folder / "routines")
        first_s = _publish(folder, "first", routines)
        new_s = _publish(folder, "new", routines)
        again_s = _publish(folder, "new", routines)
        size_mb = (
            sum(path.stat().st_size for path in (folder / "new").rglob("*") if path.is_file()) / 1e6
        )
        print(f"{len(routines)} sessions, {size_mb:.0f} MB: empty cache {first_s:.1f} s")
        print(f"  a new site, all speech in the cache: {new_s:.1f} s")
        print(f"  nothing changed: {again_s:.1f} s")


def _routines(folder: Path) -> list[Path]:
    """Write the program's routines under many titles, each with its own cover, page and track."""
    folder.mkdir()
    paths = []
    for number in range(SESSIONS):
        original = bundled_folder() / f"{ORIGINALS[number % len(ORIGINALS)]}.yaml"
        text = re.sub(
            r"^title: (.*)$",
            rf"title: \1 {number}",
            original.read_text(encoding="utf-8"),
            flags=re.MULTILINE,
            count=1,
        )
        paths.append(folder / f"session-{number:03}.yaml")
        paths[-1].write_text(text, encoding="utf-8")
    return paths


def _publish(folder: Path, site: str, routines: list[Path]) -> float:
    command = [
        sys.executable,
        "-m",
        "stretchaudio",
        "publish",
        folder / site,
        *routines,
        "-q",
        "--cache-dir",
        folder / "cache",
    ]
    start = time.perf_counter()
    subprocess.run([*command, "--base-url", "https://example.org/"], check=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
