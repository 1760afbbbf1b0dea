"""Let everything go wrong, one thing after another: what does the program do, and does it heal?

usage: python benchmarks/endurance.py PART [--runs N] [--seed N] [--kept FILE] [--folder FOLDER]

points      each write, rename, start and request fails once, in eight ways
interrupts  builds, mixes, sites and batches meet SIGINT, SIGTERM and SIGKILL at random moments
google, speech-server
            three answers in ten of a network's voice are bad, late, or lead elsewhere
routines    routines that were damaged are read
tracks      tracks that were damaged are verified
races       two at once work in one folder, one cache and one site, and one may be killed
serve       a site is shown for hours to many that hold connections, or ask without end
"""

import argparse
import contextlib
import http.client
import json
import os
import random
import re
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
import fake_speech_server
import faults
from fake_google import RATE_HZ, FakeGoogle, loudest_hz, pitch_hz
from fake_speech_server import FakeSpeechServer
from faults import Fault, FaultLayer
from hostile import Parts, damaged
from listening import decode
from programs import is_alive, sigint_as_in_the_foreground, wait_for
from sessions import build_session
from stretchaudio import Options, read_routine
from stretchaudio.cli import main
from stretchaudio.config import config_file
from stretchaudio.errors import HelperError, RoutineError, StretchaudioError, VoiceError
from stretchaudio.language import language
from stretchaudio.session.batch import RESULTS
from stretchaudio.session.pools import WorkerPools
from stretchaudio.speech.engines import online, openai
from stretchaudio.speech.text import normalise
from stretchaudio.track.verify import verify
from stretchaudio.util import workers

DATA = Path(__file__).parent.parent / "tests" / "data"
OLD = b"an old track"
HANGS_S = 60.0
HUNG = -1000
"""The exit code of a run that did not end."""
ENDS_S = 5.0
"""How long helpers of a run that was killed may take to end."""
HELPER_HANGS_S = 3.0
"""How long a helper may take to answer here; it takes far less, and ten minutes are too long."""
BEGUN = "begun"
"""The file that a run makes first: a signal that comes before is not the program's."""
SAID = "said"
"""The file that holds what a run printed."""
RUN = "STRETCHAUDIO_ENDURANCE_RUN"
"""Tells a run's processes from all others."""
ROUTINE = "title: Points\nexercises: [{name: Fold, hold: 5s}]\n"
OTHER = "title: Other\nexercises: [{name: Fold, hold: 6s}]\n"
TABLE = "routine,name,level\npoints.yaml,one,beginner\npoints.yaml,two,\nother.yaml,three,\n"
_TIMES = re.compile(
    rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[^\"<]*|\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [^<]*"
)


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is run with a fault in it."""

    name: str
    arguments: tuple[str, ...]
    made: str
    """The file or folder that it makes."""
    before: Callable[[Path], None]
    """Puts what was there before into a folder."""


def _old_track(folder: Path) -> None:
    (folder / "points.mp3").write_bytes(OLD)
    (folder / "points.vtt").write_bytes(OLD)


def _old_site(folder: Path) -> None:
    shutil.copytree(folder.parent / "before" / "site", folder / "site")


def _old_tracks(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "one.mp3").write_bytes(OLD)


BUILD = ("build", "points.yaml", "-o", "points.mp3", "--captions", "vtt", "--jobs", "1")
JOBS = (
    Job(name="build", arguments=BUILD, made="points.mp3", before=_old_track),
    Job(name="mix", arguments=(*BUILD, "--bed", "rain"), made="points.mp3", before=_old_track),
    Job(
        name="publish",
        arguments=("publish", "site", "points.yaml", "other.yaml", "--jobs", "1"),
        made="site",
        before=_old_site,
    ),
    Job(
        name="batch",
        arguments=("batch", "table.csv", "-o", "out", "--jobs", "2"),
        made="out",
        before=_old_tracks,
    ),
)


def points(asked: argparse.Namespace) -> bool:
    """Let each point of each job fail in each way; True if nothing was wrong."""
    wrong = 0
    kept = Kept(asked.kept)
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        server = Runner(Path(name))
        for job in JOBS:
            if asked.job not in {None, job.name}:
                continue
            reference, all_points = server.reference(job)
            kinds = Counter(point.split()[0] for point in all_points)
            counted = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
            print(f"{job.name}: {len(all_points)} points ({counted})", flush=True)
            for fault in Fault:
                if fault is Fault.NONE or asked.fault not in {None, fault.name}:
                    continue
                most = sum(kinds[kind] for kind in fault.points)
                numbers = list(range(1, most + 1))
                if asked.sample:
                    rng = random.Random(f"{asked.seed} {job.name} {fault}")
                    numbers = sorted(rng.sample(numbers, min(asked.sample, most)))
                seen: Counter[str] = Counter()
                for number in numbers:
                    one = f"{job.name}, {fault}, {number}"
                    if one not in kept:
                        found = server.tried(job, fault, number, reference)
                        kept.keep(one, found)
                        if found[0] not in GOOD:
                            print(f"  {one}: {'; '.join(found)}", flush=True)
                    seen[kept[one][0]] += 1
                wrong += sum(count for what, count in seen.items() if what not in GOOD)
                told = ", ".join(f"{count} {what}" for what, count in seen.most_common())
                print(f"  {fault}: {sum(seen.values())} tried: {told}", flush=True)
    return not wrong


GOOD = {
    "clear error", "no harm", "not come to", "killed and healed", "ended", "done already", "done",
    "killed", "read", "refused", "refused with a place", "found", "as it was",
}  # fmt: skip
"""What is said of trials that ended well."""


class Kept:
    """What was found out before, so that a run can be taken up again.

    Args:
        path: Its file; None to keep nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._found: dict[str, list[str]] = {}
        if path and path.exists():
            lines = map(json.loads, path.read_text().splitlines())
            self._found = {one: found for one, found in lines if found[0] in GOOD}

    def __contains__(self, one: str) -> bool:
        return one in self._found

    def __getitem__(self, one: str) -> list[str]:
        return self._found[one]

    def keep(self, one: str, found: list[str]) -> None:
        """Keep what a trial came to."""
        self._found[one] = found
        if self._path:
            with self._path.open("a") as file:
                file.write(json.dumps([one, found]) + "\n")


class Runner:
    """Runs the program in forks of this process, which has loaded it already.

    Args:
        folder: Where each run has a folder of its own.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self._pools = WorkerPools(1)
        self._environment = {"STRETCHAUDIO_VOICE": "espeak", "STRETCHAUDIO_CACHE": "cache"}
        os.environ |= self._environment | {"XDG_CONFIG_HOME": str(folder)}
        self._warm()

    def reference(self, job: Job) -> tuple[dict[str, bytes], list[str]]:
        """What a job makes when nothing goes wrong, and its points."""
        if job.name == "publish":
            before = self.new("before")
            self.run(("publish", "site", "points.yaml", "--level", "beginner"), before)
        folder = self.new(f"reference-{job.name}")
        job.before(folder)
        layer = FaultLayer(log=folder / "log", fault=Fault.NONE)
        code, said = self.run(job.arguments, folder, layer)
        if code:
            raise SystemExit(f"'{job.name}' does not work here: {said}")
        return contents(folder / job.made), layer.points()

    def tried(self, job: Job, fault: Fault, number: int, reference: dict[str, bytes]) -> list[str]:
        """What came of a fault: a word for it, and what was seen."""
        self._number += 1
        folder = self.new(str(self._number))
        job.before(folder)
        there = contents(folder / job.made)
        layer = FaultLayer(log=folder / "log", fault=fault, at=number)
        code, said = self.run(job.arguments, folder, layer)
        came = layer.points()
        if len(came) < number:  # processes at once do not take the same way each time
            shutil.rmtree(folder)
            return ["failed before", str(code), said] if code else ["not come to"]
        point = came[number - 1]
        now = contents(folder / job.made)
        wrong = list(_wrong(job, fault, code, said, is_new=now == reference))
        if code and not _is_old_or_new(job, now, there, reference):
            wrong.append(f"neither old nor new: {_different(now, there)}")
        # What cannot be removed stays until the next run.
        if fault is not Fault.KILLED and not point.startswith(("remove", "lock")):
            wrong += _left(folder)
        if orphans(str(folder)):
            wrong.append("orphans")
        if fault is Fault.HELPER_KILLED or fault is Fault.HELPER_STOPPED:
            self._warm()
        again, said_again = self.run(job.arguments, folder)
        if again:
            wrong.append(f"not healed: {said_again}")
        elif contents(folder / job.made) != reference:
            different = _different(contents(folder / job.made), reference)
            wrong.append(f"other bytes in the next run: {different}")
        wrong += [f"still {one}" for one in _left(folder)]
        shutil.rmtree(folder)
        if wrong:
            return [wrong[0].partition(":")[0], point, f"exit code {code}", *wrong, said.strip()]
        good = "killed and healed" if fault is Fault.KILLED else "clear error"
        return [good if code else "no harm", point, said.strip()]

    def new(self, name: str) -> Path:
        """Make a folder with what jobs need."""
        folder = self._folder / name
        folder.mkdir()
        (folder / "points.yaml").write_text(ROUTINE)
        (folder / "other.yaml").write_text(OTHER)
        (folder / "table.csv").write_text(TABLE)
        return folder

    def _warm(self) -> None:
        """See that helpers are there that forks can use, one after another."""
        for pool in (self._pools.speech, self._pools.mix):
            with contextlib.suppress(HelperError):  # it answers that it cannot do that
                pool.call(None)

    def run(
        self, arguments: Sequence[str], folder: Path, layer: FaultLayer | None = None
    ) -> tuple[int, str]:
        """Run the program in a fork; its exit code, and what it printed."""
        # What is about processes and helpers needs the program's own.
        own = layer is not None and layer.fault not in _WITHOUT_HELPERS
        pid = self.start(arguments, folder, layer, has_own_helpers=own)
        code = ended(pid)
        return code, (folder / SAID).read_text(errors="replace")

    def start(
        self,
        arguments: Sequence[str],
        folder: Path,
        layer: FaultLayer | None = None,
        *,
        has_own_helpers: bool = True,
        said: str = SAID,
    ) -> int:
        """Start the program in a fork; its process, which is a group of its own."""
        pid = os.fork()
        if not pid:
            pools = None if has_own_helpers else self._pools
            _become(arguments, folder, folder / said, layer, pools)
        return pid


_WITHOUT_HELPERS = {Fault.FULL, Fault.BROKEN, Fault.DENIED, Fault.SHORT}


def _become(
    arguments: Sequence[str],
    folder: Path,
    said: Path,
    layer: FaultLayer | None,
    pools: WorkerPools | None,
) -> None:
    """Be the program, to its end."""
    code = 70
    try:
        os.setsid()
        os.chdir(folder)
        (folder / BEGUN).touch()
        os.environ[RUN] = str(folder)
        output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.argv = ["stretchaudio", *arguments]
        sys.modules["__main__"] = faults  # which processes of a pool load in its place
        if layer is not None and layer.fault is Fault.HELPER_STOPPED:
            workers.ANSWER_S = HELPER_HANGS_S
        with contextlib.ExitStack() as installed:
            if layer is not None:
                spec = [str(layer.log), layer.fault.name, layer.at, os.getpid()]
                os.environ[faults.SPEC] = json.dumps(spec)
                installed.enter_context(layer.installed())
            main(pools)
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        threading._shutdown()  # noqa: SLF001 - what a program's own end waits for
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def ended(pid: int, within_s: float = HANGS_S) -> int:
    """Wait for a process; its exit code, or `HUNG`."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return HUNG


def _wrong(job: Job, fault: Fault, code: int, said: str, *, is_new: bool) -> Iterator[str]:
    """Tell what is wrong with the end of a run."""
    if code == HUNG:
        yield "hung"
    elif code == 0 and not is_new:
        yield "no error, and other bytes"
    elif fault is Fault.KILLED:
        if code not in {-signal.SIGKILL, 0}:
            yield "wrong code"
    elif code and not _is_clear(job, code, said):
        yield "not a clear error"


def _left(folder: Path) -> list[str]:
    return [f"left behind: {path.relative_to(folder)}" for path in folder.rglob("*.part")]


def _is_clear(job: Job, code: int, said: str) -> bool:
    """Whether an error is a sentence for people with the right exit code."""
    if "Traceback" in said or "should not have" in said or "Cannot go on" in said:
        return False
    if job.name == "batch" and code == 1:
        return "failed." in said and "table.csv: row" in said
    return code in {3, 4, 70} and len(said.strip().splitlines()) <= 4


def _is_old_or_new(
    job: Job, now: dict[str, bytes], there: dict[str, bytes], reference: dict[str, bytes]
) -> bool:
    """Whether each file is what it was, or what it was to become."""
    if job.name != "publish":
        known = (there, reference)
        return all(
            name == RESULTS or any(data == files.get(name) for files in known)
            for name, data in now.items()
        )
    return not any(_broken_links(now, page) for page in now if page.endswith(".html"))


def _broken_links(files: dict[str, bytes], page: str) -> bool:
    links = re.findall(r'(?:href|src)="([^"#:?]+)"', files[page].decode())
    paths = [os.path.normpath(Path(page).parent / link) for link in links]
    return any(not {path, os.path.normpath(f"{path}/index.html")} & files.keys() for path in paths)


def contents(path: Path) -> dict[str, bytes]:
    """All files, without what changes from minute to minute."""
    if path.is_file():
        return {
            one.name: one.read_bytes()
            for one in path.parent.glob(f"{path.stem}.*")
            if one.suffix in {".mp3", ".vtt"}
        }
    found = {}
    for one in sorted(path.rglob("*")):
        if one.is_file() and one.suffix != ".part":
            data = one.read_bytes()
            if one.name == RESULTS:
                data = _results(data)
            elif one.suffix != ".mp3":
                data = _TIMES.sub(b"", data)
            found[one.relative_to(path).as_posix()] = data
    return found


def _results(data: bytes) -> bytes:
    lines = data.decode(errors="replace").splitlines()
    # What was running when it was killed has cut a line, or begun a new one for that.
    rows = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
    return repr([(row["path"], row.get("sha256")) for row in rows]).encode()


def _different(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))


def orphans(run: str) -> list[int]:
    """The processes of a run that are still there."""
    deadline = time.monotonic() + ENDS_S
    while True:
        found = [int(path.name) for path in Path("/proc").glob("[0-9]*") if _is_of(path, run)]
        if not found or time.monotonic() > deadline:
            for process in found:
                os.kill(process, signal.SIGKILL)
            return found
        time.sleep(0.02)


def _is_of(process: Path, run: str) -> bool:
    try:
        own = f"{RUN}={run}\0".encode() in (process / "environ").read_bytes()
        return own and is_alive(int(process.name))
    except OSError:
        return False


# Interrupts


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a run is interrupted."""

    name: str
    number: int
    code: int
    to_group: bool = False
    twice: bool = False


WAYS = (
    Way(name="INT", number=signal.SIGINT, code=130),
    Way(name="INT to the group", number=signal.SIGINT, code=130, to_group=True),
    Way(name="INT twice", number=signal.SIGINT, code=130, twice=True),
    Way(name="TERM", number=signal.SIGTERM, code=143),
    Way(name="TERM to the group", number=signal.SIGTERM, code=143, to_group=True),
    Way(name="KILL", number=signal.SIGKILL, code=-signal.SIGKILL),
)
SOON_S = 2.0
"""An interrupted run that takes longer to end is slow, on a machine that does nothing else."""
TWICE_WITHIN_S = 0.3


def interrupts(asked: argparse.Namespace) -> bool:
    """Interrupt runs at random moments; True if all ended well, and the next run healed them."""
    kept = Kept(asked.kept)
    took_s: list[float] = []
    with Table() as table, _runner(asked) as runner, sigint_as_in_the_foreground():
        timed = {job.name: _timed(runner, job) for job in JOBS}
        for number in range(asked.runs):
            job, way = JOBS[number % len(JOBS)], WAYS[number // len(JOBS) % len(WAYS)]
            one = f"interrupts {asked.seed} {number}"
            if one not in kept:
                rng = random.Random(one)
                kept.keep(one, _interrupted(runner, job, way, rng, timed[job.name]))
            table.add(f"{job.name}, {way.name}", one, kept[one])
            took_s += map(float, kept[one][1:2])
    if took_s:
        took_s.sort()
        at_99_s, longest_s = took_s[round(0.99 * (len(took_s) - 1))], took_s[-1]
        slow = sum(one_s > SOON_S for one_s in took_s)
        print(f"ended after {took_s[len(took_s) // 2]:.2f} s (median), {at_99_s:.2f} (99 %), "
              f"{longest_s:.2f} (longest); {slow} took more than {SOON_S:g} s")  # fmt: skip
    return table.is_good


def _timed(runner: Runner, job: Job) -> tuple[dict[str, bytes], float]:
    """What a job makes, and how long it takes with helpers of its own."""
    reference, _ = runner.reference(job)
    folder = runner.new(f"timed-{job.name}")
    job.before(folder)
    begin = time.monotonic()
    ended(runner.start(job.arguments, folder))
    return reference, time.monotonic() - begin


def _interrupted(
    runner: Runner,
    job: Job,
    way: Way,
    rng: random.Random,
    usual: tuple[dict[str, bytes], float],
) -> list[str]:
    """What came of an interrupt: a word for it, how long it took to end, and what was seen."""
    reference, takes_s = usual
    folder = runner.new(f"{job.name}-{rng.getrandbits(40)}")
    if job.name == "publish" or rng.random() < 0.5:  # a new site has another memory
        job.before(folder)
    there = contents(folder / job.made)
    pid = runner.start(job.arguments, folder)
    wait_for((folder / BEGUN).exists)
    time.sleep(0.02 + rng.uniform(0, 1.05 * takes_s))
    begin = time.monotonic()
    for _ in range(1 + way.twice):
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if way.to_group else os.kill)(pid, way.number)
        time.sleep(rng.uniform(0, TWICE_WITHIN_S) * way.twice)
    code = ended(pid)
    took_s = time.monotonic() - begin
    said = (folder / SAID).read_text(errors="replace")
    wrong = []
    if code not in {0, way.code}:
        wrong.append("hung" if code == HUNG else f"exit code {code}")
    if "Traceback" in said:
        wrong.append("traceback")
    if orphans(str(folder)):
        wrong.append("orphans")
    if way.number != signal.SIGKILL:
        wrong += _left(folder)
    wrong += _made(runner, job, folder, there, reference)
    wrong += [f"still {one}" for one in _left(folder)]
    shutil.rmtree(folder)
    if wrong:
        return [wrong[0].partition(":")[0], f"{took_s:.2f}", *wrong, said.strip()]
    word = "done already" if code == 0 else "ended"
    return [word, *([f"{took_s:.2f}"] if code == way.code != -signal.SIGKILL else [])]


def _made(
    runner: Runner,
    job: Job,
    folder: Path,
    there: dict[str, bytes],
    reference: dict[str, bytes],
) -> Iterator[str]:
    """Tell what is wrong with what a run made that did not come to its end, and run it again."""
    now = contents(folder / job.made)
    if not _is_old_or_new(job, now, there, reference):
        yield f"wrong track: {_different(now, there)}"
    code, said = runner.run(job.arguments, folder)
    if code:
        yield f"not healed: {said}"
    elif contents(folder / job.made) != reference:
        yield f"other bytes: {_different(contents(folder / job.made), reference)}"


# Races


def races(asked: argparse.Namespace) -> bool:
    """Let two runs meet in one folder, cache and site; True if nothing was wrong afterwards."""
    kept = Kept(asked.kept)
    pairs = [(one, other) for at, one in enumerate(JOBS) for other in JOBS[at:]]
    pairs = [pair for pair in pairs if {job.name for job in pair} != {"build", "mix"}]
    with Table() as table, _runner(asked) as runner:
        timed = {job.name: _timed(runner, job) for job in JOBS}
        for number in range(asked.runs):
            pair = pairs[number % len(pairs)]
            one = f"races {asked.seed} {number}"
            if one not in kept:
                kept.keep(one, _raced(runner, pair, timed, random.Random(one)))
            table.add(" and ".join(job.name for job in pair), one, kept[one])
    return table.is_good


def _raced(
    runner: Runner,
    pair: tuple[Job, Job],
    timed: dict[str, tuple[dict[str, bytes], float]],
    rng: random.Random,
) -> list[str]:
    """What came of two runs at once, of which every second is killed in every second pair."""
    folder = runner.new(f"race-{rng.getrandbits(40)}")
    for job in dict.fromkeys(pair):
        job.before(folder)
    there = {job.name: contents(folder / job.made) for job in pair}
    takes_s = max(timed[job.name][1] for job in pair)
    first = runner.start(pair[0].arguments, folder, said="said-1")
    time.sleep(rng.uniform(0, takes_s / 2))
    second = runner.start(pair[1].arguments, folder, said="said-2")
    is_killed = rng.random() < 0.5
    if is_killed:
        time.sleep(rng.uniform(0, takes_s))
        os.kill(second, signal.SIGKILL)
    wrong = []
    for job, pid, name in ((pair[0], first, "said-1"), (pair[1], second, "said-2")):
        code, said = ended(pid), (folder / name).read_text(errors="replace")
        is_killed_one = is_killed and pid == second and code == -signal.SIGKILL
        waits = code == 2 and "is being written by another run" in said
        if code and not is_killed_one and not waits and not _is_clear(job, code, said):
            wrong.append(f"exit code {code}: {said.strip()}")
    if orphans(str(folder)):
        wrong.append("orphans")
    for job in dict.fromkeys(pair):
        wrong += _made(runner, job, folder, there[job.name], timed[job.name][0])
    wrong += [f"still {one}" for one in _left(folder)]
    shutil.rmtree(folder)
    return [wrong[0].partition(":")[0], *wrong] if wrong else ["killed" if is_killed else "done"]


# A voice of a network

GOOGLE_FAULTS = (
    "429", "500", "empty", "portal", "no sound", "garbage", "bad base64", "half sound",
    "half frame", "cut", "hang", "slow", "redirect",
)  # fmt: skip
NEAR_HZ = 8


def google(asked: argparse.Namespace) -> bool:
    """Build with Google's voice, bad three times in ten; True if no track was wrong."""
    return _spoken(asked, "gtts", _google)


def speech_server(asked: argparse.Namespace) -> bool:
    """Build with the voice of a speech server that is as bad; True if no track was wrong."""
    return _spoken(asked, "openai:tiny/tone", _speech_server)


def _google(_folder: Path, rng: random.Random) -> Any:
    server = FakeGoogle(fault=lambda rng: _bad_in_three_of_ten(GOOGLE_FAULTS, rng))
    server.rng = rng
    os.environ["HTTPS_PROXY"] = os.environ["https_proxy"] = server.address
    return server


def _speech_server(folder: Path, rng: random.Random) -> Any:
    faults_of_it = (*fake_speech_server.FAULTS, "hang")
    server = FakeSpeechServer(lambda rng: _bad_in_three_of_ten(faults_of_it, rng))
    server.rng = rng
    os.environ |= {"NO_PROXY": "127.0.0.1", "STRETCHAUDIO_SPEECH_SERVER": server.address}
    os.environ["XDG_CONFIG_HOME"] = str(folder)
    config_file().parent.mkdir()
    config_file().write_text("allow_http: true\n", encoding="utf-8")
    return server


def _spoken(
    asked: argparse.Namespace, voice: str, serve_voice: Callable[[Path, random.Random], Any]
) -> bool:
    # A loopback answers at once; waiting as long as for a network proves nothing.
    online.READ_S = openai.READ_S = 1.0
    online.LONGEST_WAIT_S = 0.2
    kept = Kept(asked.kept)
    with Table() as table, tempfile.TemporaryDirectory(dir=asked.folder) as name:
        for number in range(asked.runs):
            one = f"{voice} {asked.seed} {number}"
            if one not in kept:
                folder = Path(name) / str(number)
                folder.mkdir()
                with closing(serve_voice(folder, random.Random(one))):
                    kept.keep(one, [_built_with(voice, folder)])
            table.add(voice, one, kept[one])
    return table.is_good


def _built_with(voice: str, folder: Path) -> str:
    """Build from nothing, and look at the pitch of each cue, since every text has its own."""
    options = Options(voice=voice, cache_dir=folder / "cache")
    try:
        routine = read_routine(DATA / "scripts" / "reps.yaml")
        track = build_session(routine, folder / "track.mp3", options)
    except VoiceError:
        return "wrong track" if list(folder.glob("track*")) else "clear error"
    samples, rules = decode(track.path), language("en").spoken
    for cue in track.manifest.cues:
        part = samples[round(cue.start_s * RATE_HZ) : round(cue.end_s * RATE_HZ)]
        if abs(loudest_hz(part) - pitch_hz(normalise(cue.text, rules))) > NEAR_HZ:
            return "wrong track"
    shutil.rmtree(folder)
    return "done"


def _bad_in_three_of_ten(faults_of_it: Sequence[str], rng: random.Random) -> str:
    return rng.choice(faults_of_it) if rng.random() < 0.3 else ""


# What others wrote

AT_ONCE = 1000
LONG_S = 2.0
"""What takes longer to be read is told of."""
TOKENS = (
    *rb"- |: |[|]|{|}|&a |*a|<<: |!!python/x |'|\"|>|#|---|1e999|-1|0x7f|hold: 15-30s".split(b"|"),
    *rb"reps: 1000000|use: side-reach|sides: each|work:|repeat: 100|%TAG".split(b"|"),
    *(b"|", b"\n", b"\t", b"  ", b"\0", b"\xff", b"\xef\xbb\xbf", "\u202e\U0001f9d8".encode()),
)


def routines(asked: argparse.Namespace) -> bool:
    """Read routines that were damaged; True if each was read, or refused with a place."""
    folder = Path(__file__).parent.parent / "routines"
    texts = [path.read_bytes() for path in sorted(folder.rglob("*.yaml"))]
    return _read_all(asked, lambda rng: _damaged_text(rng.choice(texts), rng), _reads_routine)


def _damaged_text(data: bytes, rng: random.Random) -> bytes:
    """Damage bytes, tokens and lines of a text."""
    lines = data.splitlines(keepends=True)
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        at, to = rng.randrange(len(lines)), rng.randrange(len(lines))
        line = lines[at]
        place = rng.randrange(len(line) + 1)
        match rng.randrange(6):
            case 0:
                lines[at] = line[:place] + rng.choice(TOKENS) + line[place:]
            case 1:
                lines[at] = line[:place] + line[place + rng.choice((1, 3, 30)) :]
            case 2:
                lines[at] = line[:place] + rng.randbytes(1) + line[place + 1 :]
            case 3:
                lines[at], lines[to] = lines[to], lines[at]
            case 4:
                lines[at] = line * rng.choice((0, 2, 3))
            case _:
                lines[at] = b" " * rng.randrange(9) + line.lstrip()
    return b"".join(lines)


def _reads_routine(path: Path) -> str:
    try:
        read_routine(path)
    except RoutineError as error:
        has_places = all(
            problem.mark.line >= 1 and problem.mark.column >= 1 for problem in error.problems
        )
        return "refused with a place" if error.problems and has_places else "no place"
    except StretchaudioError as error:
        return "refused" if _is_sentence(error) else "no sentence"
    return "read"


def tracks(asked: argparse.Namespace) -> bool:
    """Verify tracks that were damaged; True if each was measured, or refused in a sentence."""
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        path = Path(name) / "points.yaml"
        path.write_text(ROUTINE)
        options = Options(voice="espeak", cache_dir=Path(name) / "cache")
        parts = Parts.of(build_session(read_routine(path), Path(name) / "one.mp3", options).path)
    return _read_all(asked, lambda rng: damaged(parts, rng.getrandbits(40)), _verifies)


def _verifies(path: Path) -> str:
    try:
        _, checks = verify(path)
    except StretchaudioError as error:
        return "refused" if _is_sentence(error) else "no sentence"
    return "found" if any(not check.ok for check in checks) else "as it was"


def _is_sentence(error: StretchaudioError) -> bool:
    return error.message.endswith(".") and "not exist" not in error.message


def _read_all(
    asked: argparse.Namespace,
    damage: Callable[[random.Random], bytes],
    read: Callable[[Path], str],
) -> bool:
    """Read damaged files, a thousand between two notes of how it went."""
    kept = Kept(asked.kept)
    with Table() as table, tempfile.TemporaryDirectory(dir=asked.folder) as name:
        path = Path(name) / f"damaged{'.mp3' if read is _verifies else '.yaml'}"
        for first in range(0, asked.runs, AT_ONCE):
            size = min(AT_ONCE, asked.runs - first)
            one = f"{read.__name__} {asked.seed} {first} {size}"
            if one not in kept:
                seen: Counter[str] = Counter()
                for number in range(first, first + size):
                    path.write_bytes(damage(random.Random(f"{asked.seed} {number}")))
                    begin = time.process_time()
                    try:
                        word = read(path)
                    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
                        word = f"traceback: {error!r} ({number})"
                    seen[word] += 1
                    seen["slow"] += time.process_time() - begin > LONG_S
                kept.keep(one, ["done", json.dumps(seen)])
            for word, count in json.loads(kept[one][1]).items():
                table.add(read.__name__.lstrip("_"), one, [word], count)
    most_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"at most {most_mb} MB of memory")
    return table.is_good


# Serving

ASKED_AT_ONCE = 4


def serve(asked: argparse.Namespace) -> bool:
    """Show a site to many; True if every request was answered and memory did not grow."""
    with _runner(asked) as runner:
        folder = runner.new("shown")
        code, said = runner.run(("publish", "site", "points.yaml"), folder)
        if code:
            raise SystemExit(said)
        port = _free_port()
        server = runner.start(("serve", "site", "--port", str(port)), folder)
        end = time.monotonic() + asked.hours * 3600
        load = _Load(port, asked.held, asked.requests, end)
        first_kb, most_kb = load.run(server)
        os.kill(server, signal.SIGTERM)
        code = ended(server)
    print(
        f"{load.answered:,} requests answered, {load.failed} not, {asked.held} connections held "
        f"and renewed {load.renewed} times: {first_kb / 1024:.1f} MB after the first thousand, "
        f"{most_kb / 1024:.1f} MB at the most; exit code {code}"
    )
    return not load.failed and most_kb < 1.2 * first_kb and code == 143


class _Load:
    """Asks for pages and holds connections, until enough was asked or the time is over."""

    def __init__(self, port: int, held: int, requests: int, end: float) -> None:
        self.port, self.held, self.requests, self.end = port, held, requests, end
        self.answered = self.failed = self.renewed = 0
        self._lock = threading.Lock()

    def run(self, server: int) -> tuple[int, int]:
        """Go on to the end; the server's memory at first and at the most, in kB."""
        wait_for(self._is_up)
        threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(ASKED_AT_ONCE)]
        threads.append(threading.Thread(target=self._hold, daemon=True))
        for thread in threads:
            thread.start()
        first_kb = most_kb = 0
        while threads[0].is_alive():
            time.sleep(0.5)
            now_kb = _memory_kb(server)
            if self.answered > AT_ONCE:
                first_kb = first_kb or now_kb
                most_kb = max(most_kb, now_kb)
        for thread in threads[:-1]:
            thread.join()
        return first_kb or _memory_kb(server), most_kb

    def _is_up(self) -> bool:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        return False

    def _goes_on(self) -> bool:
        return self.answered + self.failed < self.requests and time.monotonic() < self.end

    def _ask(self) -> None:
        line: http.client.HTTPConnection | None = None
        while self._goes_on():
            try:
                line = line or http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                line.request("GET", "/")
                answer = line.getresponse()
                is_good = answer.status == 200 and bool(answer.read())
            except (OSError, http.client.HTTPException):
                is_good, line = False, None
            with self._lock:
                self.answered += is_good
                self.failed += not is_good

    def _hold(self) -> None:
        """Hold connections that ask half a question, and open them again once they are closed."""
        held: list[socket.socket] = []
        while self._goes_on():
            while len(held) < self.held:
                with contextlib.suppress(OSError):
                    line = socket.create_connection(("127.0.0.1", self.port), timeout=5)
                    line.sendall(b"GET / HTTP/1.1\r\nHost: lo")
                    held.append(line)
                    self.renewed += 1
            time.sleep(1)
            closed = select.select(held, [], [], 0)[0]
            for line in closed:
                line.close()
                held.remove(line)
        for line in held:
            line.close()


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        return int(free.getsockname()[1])


def _memory_kb(process: int) -> int:
    text = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1])  # type: ignore[index]


# All of them


class Table:
    """Counts what came of each kind of trial."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {}
        self.is_good = True
        """Whether nothing was wrong."""

    def add(self, kind: str, one: str, found: Sequence[str], count: int = 1) -> None:
        """Count what came of a trial; tell of it when it is wrong."""
        self._counts.setdefault(kind, Counter())[found[0]] += count
        if found[0] not in GOOD and count:
            self.is_good = False
            print(f"{one}, {kind}: {'; '.join(found)}", flush=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        """Print what was counted, at an interrupt too, which ends the run in good order."""
        self.is_good &= kind is None
        self._show()
        return kind is KeyboardInterrupt

    def _show(self) -> None:
        for kind, counts in self._counts.items():
            told = ", ".join(f"{count:,} {word}" for word, count in counts.most_common() if count)
            print(f"{kind}: {told}")
        print(f"{sum(map(Counter.total, self._counts.values())):,} in all")


@contextlib.contextmanager
def _runner(asked: argparse.Namespace) -> Iterator[Runner]:
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        yield Runner(Path(name))


PARTS: dict[str, tuple[Callable[[argparse.Namespace], bool], int]] = {
    "interrupts": (interrupts, 1_000),
    "google": (google, 1_000),
    "speech-server": (speech_server, 1_000),
    "routines": (routines, 100_000),
    "tracks": (tracks, 100_000),
    "races": (races, 200),
}
"""Each part, and how many runs it usually has."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = parser.add_subparsers(required=True)
    every = {name: parts.add_parser(name) for name in ("points", *PARTS, "serve")}
    every["points"].set_defaults(part=points)
    every["points"].add_argument("--job", choices=[job.name for job in JOBS])
    every["points"].add_argument("--fault", choices=[fault.name for fault in Fault])
    every["points"].add_argument("--sample", type=int, help="points of each kind; all if left out")
    for name, (part, runs) in PARTS.items():
        every[name].set_defaults(part=part)
        every[name].add_argument("--runs", type=int, default=runs, help=f"how many; {runs:,}")
    every["serve"].set_defaults(part=serve)
    every["serve"].add_argument("--hours", type=float, default=8)
    every["serve"].add_argument("--requests", type=int, default=1_000_000)
    every["serve"].add_argument("--held", type=int, default=200, help="connections held open")
    for each in every.values():
        each.add_argument("--seed", type=int, default=1)
        each.add_argument("--kept", type=Path, help="a file of what was found out before")
        each.add_argument("--folder", type=Path, help="where runs have their folders")
    return parser.parse_args()


if __name__ == "__main__":
    namespace = _arguments()
    sys.exit(0 if namespace.part(namespace) else 1)
