"""Interrupt the program at random moments, over and over: does it end, what stays, does it heal?

usage: python benchmarks/interrupts.py [RUNS] [SEED] [WAY], a way being such as KILL
"""

import contextlib
import hashlib
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
import numpy as np
import soundfile

from programs import is_alive, sigint_as_in_the_foreground

DATA = Path(__file__).parent.parent / "tests" / "data"
HOLDS, SHORT, STRETCH = (
    str(DATA / name) for name in ("scripts/holds.yaml", "short.yaml", "stretch.yaml")
)
SOON_S = 2.0
HANGS_S = 20.0
TWICE_AFTER_S = (0.0, 0.3)
"""How long after the first signal the second comes, at the least and the most."""
OLD = b"an old track"
RUN = "STRETCHAUDIO_INTERRUPTED_RUN"
"""Tells a run's processes from all others."""
PROGRAM = (
    sys.executable,
    "-c",
    "from stretchaudio.cli import main; from pathlib import Path; Path('begun').touch(); main()",
)
"""The program, which tells when it has begun: before, an interrupt is Python's business."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a run is interrupted."""

    name: str
    number: int
    code: int
    group: bool = False
    twice: bool = False


WAYS = (
    Way(name="INT", number=signal.SIGINT, code=130),
    Way(name="INT to the group", number=signal.SIGINT, code=130, group=True),
    Way(name="INT twice", number=signal.SIGINT, code=130, twice=True),
    Way(name="TERM", number=signal.SIGTERM, code=143),
    Way(name="TERM to the group", number=signal.SIGTERM, code=143, group=True),
    Way(name="KILL", number=signal.SIGKILL, code=-signal.SIGKILL),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is interrupted."""

    name: str
    arguments: tuple[str, ...]
    is_right: Callable[["Job", Path, bool], bool]
    """Whether what lies in a folder is whole; told whether it has to be new."""
    other: tuple[str, ...] = ()
    """Options with which something else was made before."""
    takes_s: float = 0
    """How long it takes from an empty cache."""
    samples: np.ndarray = field(default_factory=lambda: np.zeros(0))
    """Of the track it makes."""


def main() -> None:
    """Interrupt builds, builds with rain and sites in turn."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    ways = [way for way in WAYS if sys.argv[3:] in ([], [way.name])]
    os.environ |= {"STRETCHAUDIO_VOICE": "espeak", "STRETCHAUDIO_CACHE": "cache"}
    found: dict[tuple[str, str], Counter[str]] = {}
    ends_s: list[float] = []
    with (
        contextlib.suppress(KeyboardInterrupt),
        tempfile.TemporaryDirectory() as name,
    ):  # what was found so far is printed
        jobs = [_measured(job, Path(name) / "reference") for job in JOBS]
        for run in range(runs):
            job, way = jobs[run % len(jobs)], ways[run // len(jobs) % len(ways)]
            folder = Path(name) / str(run)
            folder.mkdir()
            seen = list(_judged(job, way, folder, rng, ends_s))
            found.setdefault((job.name, way.name), Counter()).update(["runs", *seen])
            if any(one in FAULTS for one in seen):
                print(f"run {run}, {job.name}, {way.name}: {', '.join(seen)}", flush=True)
                print((Path(name) / "errors").read_text(), flush=True)
            shutil.rmtree(folder)
    _print_table(found)
    if ends_s:
        ends_s.sort()
        at_99 = ends_s[round(0.99 * (len(ends_s) - 1))]
        middle_s = statistics.median(ends_s)
        longest_s = ends_s[-1]
        ended = f"{middle_s:.2f} s (median), {at_99:.2f} (99 %), {longest_s:.2f} (longest)"
        print(f"INT and TERM ended it after {ended}")


FAULTS = (
    "hung",
    "slow",
    "wrong code",
    "orphans",
    "traceback",
    "left behind",
    "wrong track",
    "not healed",
)
"""What counts against the program, as columns; "done already" and "too early" are no faults."""


def _judged(
    job: Job, way: Way, folder: Path, rng: random.Random, ends_s: list[float]
) -> Iterator[str]:
    """Interrupt a run, and tell what is wrong afterwards."""
    has_old = rng.random() < 0.5
    if has_old and not job.name.startswith("publish"):
        (folder / "track.mp3").write_bytes(OLD)
    elif has_old:
        shutil.copytree(folder.parent / "reference" / "site", folder / "site")
    os.environ[RUN] = str(folder)
    with (folder.parent / "errors").open("w+") as errors:
        moment_s = rng.uniform(0, 1.05 * job.takes_s)
        with sigint_as_in_the_foreground():
            process = subprocess.Popen(
                [*PROGRAM, *job.arguments],
                cwd=folder,
                stdout=errors,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        time.sleep(moment_s)
        begin = time.monotonic()
        _send(process, way)
        if way.twice:
            time.sleep(rng.uniform(*TWICE_AFTER_S))
            _send(process, way)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(HANGS_S)
        took_s = time.monotonic() - begin
        errors.write(
            f"(exit code {process.returncode}, {took_s:.2f} s after the signal, which came after "
            f"{moment_s:.2f} s)"
        )
        errors.seek(0)
        printed = errors.read()
    yield from _ended(
        process,
        way,
        took_s,
        printed,
        begun=(folder / "begun").exists(),
        done=job.is_right(job, folder, True),
    )
    if process.returncode == way.code and way.number != signal.SIGKILL:
        ends_s.append(took_s)
    if _has_orphans(str(folder)):
        yield "orphans"
    left = list(folder.rglob("*.part"))
    if left and way.number != signal.SIGKILL:
        yield "left behind"
    if not job.is_right(job, folder, False):
        yield "wrong track"
    if _run(job, folder) or list(folder.rglob("*.part")) or not job.is_right(job, folder, True):
        yield "not healed"


def _send(process: "subprocess.Popen[str]", way: Way) -> None:
    with contextlib.suppress(ProcessLookupError):
        if way.group:
            os.killpg(process.pid, way.number)
        else:
            process.send_signal(way.number)


def _ended(
    process: "subprocess.Popen[str]",
    way: Way,
    took_s: float,
    printed: str,
    *,
    begun: bool,
    done: bool,
) -> Iterator[str]:
    if process.poll() is None:
        yield "hung"
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    elif took_s > SOON_S:
        yield "slow"
    if not begun:
        yield "too early"
    elif process.returncode == 0 or (process.returncode == -way.number != way.code and done):
        yield "done already"
    else:
        if process.returncode != way.code:
            yield "wrong code"
        if "Traceback" in printed:
            yield "traceback"


def _has_orphans(run: str) -> bool:
    """Whether a process of a run is still there after a second.

    Helpers of a killed one end by themselves.
    """
    deadline = time.monotonic() + SOON_S
    while time.monotonic() < deadline:
        if not any(_is_of(path, run) for path in Path("/proc").glob("[0-9]*")):
            return False
        time.sleep(0.02)
    return True


def _is_of(process: Path, run: str) -> bool:
    try:
        return f"{RUN}={run}\0".encode() in (process / "environ").read_bytes() and is_alive(
            int(process.name)
        )
    except OSError:
        return False


def _run(job: Job, folder: Path, *more: str) -> int:
    """Run a job to its end; its exit code."""
    os.environ.pop(RUN, None)
    done = subprocess.run(
        [*PROGRAM, *job.arguments, *more], cwd=folder, capture_output=True, check=False, timeout=120
    )
    return done.returncode


def _measured(job: Job, folder: Path) -> Job:
    """A job with what it makes when nothing interrupts it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    begin = time.monotonic()
    if _run(job, folder):
        raise SystemExit(f"'{job.name}' does not work here.")
    takes_s = time.monotonic() - begin
    if job.other:
        _run(job, folder, *job.other)
    track = folder / "track.mp3"
    samples = soundfile.read(track)[0] if track.exists() else np.zeros(0)
    return replace(job, takes_s=takes_s, samples=samples)


def _is_right_track(job: Job, folder: Path, new: bool) -> bool:  # noqa: FBT001 - one place calls it
    track = folder / "track.mp3"
    if not track.exists():
        return not new
    if track.read_bytes() == OLD:
        return not new
    try:
        return np.array_equal(soundfile.read(track)[0], job.samples)
    except soundfile.SoundFileError:
        return False


def _is_right_site(_job: Job, folder: Path, new: bool) -> bool:  # noqa: FBT001 - one place calls it
    """Whether all that pages show is there, and tracks are what their names say."""
    site = folder / "site"
    for page in site.rglob("*.html"):
        for link in re.findall(r'(?:href|src)="([^"#:]+)"', page.read_text()):
            if not (page.parent / link).exists():
                return False
    tracks = list(site.rglob("*.mp3"))
    named = [
        hashlib.sha256(track.read_bytes()).hexdigest().startswith(track.stem.rpartition("-")[2])
        for track in tracks
    ]
    return all(named) and (len(tracks) == 2 or not new)


JOBS = (
    Job(name="build", arguments=("build", HOLDS, "-o", "track.mp3"), is_right=_is_right_track),
    Job(
        name="build with rain",
        arguments=("build", SHORT, "-o", "track.mp3", "--bed", "rain"),
        is_right=_is_right_track,
    ),
    Job(
        name="publish",
        arguments=("publish", "site", SHORT, STRETCH),
        other=("--level", "beginner"),
        is_right=_is_right_site,
    ),
)


def _print_table(found: dict[tuple[str, str], Counter[str]]) -> None:
    columns = ("runs", "done already", "too early", *FAULTS)
    print("| what | signal | " + " | ".join(columns) + " |")
    print("|---|---|" + "---|" * len(columns))
    for (job, way), counts in sorted(found.items()):
        print(f"| {job} | {way} | " + " | ".join(str(counts[column]) for column in columns) + " |")
    total = sum(found.values(), Counter())
    print("| all | | " + " | ".join(str(total[column]) for column in columns) + " |")


if __name__ == "__main__":
    main()
