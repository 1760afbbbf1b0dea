"""How long builds take, what they need, and how both grow.

Beside pydub's `+=` and export of the same clips.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rival import glue, segments
from stretchaudio import Options, read_routine
from stretchaudio.audio.mp3.frames import VOICE as VOICE_FORMAT
from stretchaudio.session.build import plan_session
from stretchaudio.session.options import resolved
from stretchaudio.track.writer import write_stream

TOP = Path(__file__).parent.parent
HOUR = TOP / "routines" / "flexible-back.yaml"
VOICE = "espeak"
os.environ["STRETCHAUDIO_VOICE"] = VOICE  # the same everywhere, and nothing is asked of a network
PROGRAM = (sys.executable, "-m", "stretchaudio")
LAUNCHER = """
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""
"""A small process in between.

One that is started from a large process counts the large one's memory as its own.
"""


def main() -> None:
    """Run everything in an empty folder with an empty cache."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _start_up()
        _first_build(folder)
        _hour(folder)
        _growth(folder)


def _run(*arguments: str | Path) -> tuple[float, float]:
    """Run the program; seconds and the peak memory of its largest process, in MB."""
    done = subprocess.run(
        [sys.executable, "-c", LAUNCHER, *PROGRAM, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, memory_mb = done.stdout.split()
    return float(seconds), float(memory_mb)


def _best(*arguments: str | Path) -> float:
    return min(_run(*arguments)[0] for _ in range(5))


def _start_up() -> None:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import pydub"], check=True, stderr=subprocess.DEVNULL)
    rival_s = time.perf_counter() - start
    ours_s = _best("--help")
    print(
        f"--help: {ours_s:.2f} s (importing pydub alone: {rival_s:.2f} s, ratio "
        f"{rival_s / ours_s:.1f})"
    )


def _first_build(folder: Path) -> None:
    seconds, memory_mb = _run(
        "build",
        TOP / "routines" / "back-basics.yaml",
        "-o",
        folder,
        "--cache-dir",
        folder / "first",
    )
    again_s = _best(
        "build",
        TOP / "routines" / "back-basics.yaml",
        "-o",
        folder,
        "--cache-dir",
        folder / "first",
    )
    print(f"back-basics, empty cache: {seconds:.2f} s, {memory_mb:.0f} MB; again: {again_s:.2f} s")


def _hour(folder: Path) -> None:
    options = Options(cache_dir=folder / "cache", voice=VOICE)
    with resolved(options) as settings:
        session = plan_session(read_routine(HOUR), settings)
    minutes = session.manifest.duration_s / 60
    ours_s = _best("build", HOUR, "-o", folder / "ours.mp3", "--cache-dir", folder / "cache")
    start = time.perf_counter()
    with (folder / "stream").open("wb+") as file:
        write_stream(file, session.track.frames(), VOICE_FORMAT)
    link_s = time.perf_counter() - start
    clips = segments(session)
    start = time.perf_counter()
    glue(session, clips, folder / "rival.mp3")
    rival_s = time.perf_counter() - start
    ours_kb, rival_kb = (
        (folder / name).stat().st_size / 1000 / minutes for name in ("ours.mp3", "rival.mp3")
    )
    print(
        f"{minutes:.0f} minutes, all cached, whole process: {ours_s:.2f} s (pydub: "
        f"{rival_s:.1f}, ratio {rival_s / ours_s:.0f})"
    )
    print(f"  linking alone: {link_s:.3f} s (ratio {rival_s / link_s:.0f})")
    print(
        f"  size: {ours_kb:.0f} kB a minute (pydub: {rival_kb:.0f}, ratio {rival_kb / ours_kb:.1f})"
    )


def _growth(folder: Path) -> None:
    """One minute of routine, over and over: time and memory against length."""
    for minutes in (10, 60, 240, 480):
        routine = folder / f"minutes-{minutes}.yaml"
        exercises = (
            "[{name: Twist, reps: 10, transition: 5s}, {name: Reach, hold: 12s, transition: 3s}]"
        )
        sections = "".join(
            f"\n  - {{rounds: {min(100, minutes - done)}, exercises: {exercises}}}"
            for done in range(0, minutes, 100)
        )
        routine.write_text(f"title: Long\nsections:{sections}\n")
        _run("build", routine, "-o", folder, "--cache-dir", folder / "cache")
        seconds = _best("build", routine, "-o", folder, "--cache-dir", folder / "cache")
        _, memory_mb = _run("build", routine, "-o", folder, "--cache-dir", folder / "cache")
        _, first_mb = _run(
            "build", routine, "-o", folder, "--cache-dir", folder / f"empty-{minutes}"
        )
        size_mb = (folder / f"minutes-{minutes}.mp3").stat().st_size / 1e6
        print(
            f"{minutes} minutes: {seconds:.2f} s, {memory_mb:.0f} MB (empty cache: "
            f"{first_mb:.0f} MB), track {size_mb:.1f} MB"
        )


if __name__ == "__main__":
    main()
