"""Let everything go wrong, one thing after another: what does the program do, and does it heal?

usage: python benchmarks/endurance.py points [--job NAME] [--fault NAME] [--sample N] [--kept FILE]
"""

import argparse
import contextlib
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from faults import Fault, FaultLayer
from programs import is_alive
from stretchaudio.cli import main
from stretchaudio.errors import HelperError
from stretchaudio.session.batch import RESULTS
from stretchaudio.session.pools import WorkerPools
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
RUN = "STRETCHAUDIO_ENDURANCE_RUN"
"""Tells a run's processes from all others."""
SPEC = "STRETCHAUDIO_FAULT"
"""Tells a run's other processes which point is to fail."""
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


GOOD = {"clear error", "no harm", "not come to", "killed and healed"}


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
            before = self._new("before")
            self._run(("publish", "site", "points.yaml", "--level", "beginner"), before)
        folder = self._new(f"reference-{job.name}")
        job.before(folder)
        layer = FaultLayer(log=folder / "log", fault=Fault.NONE)
        code, said = self._run(job.arguments, folder, layer)
        if code:
            raise SystemExit(f"'{job.name}' does not work here: {said}")
        return _contents(folder / job.made), layer.points()

    def tried(self, job: Job, fault: Fault, number: int, reference: dict[str, bytes]) -> list[str]:
        """What came of a fault: a word for it, and what was seen."""
        self._number += 1
        folder = self._new(str(self._number))
        job.before(folder)
        there = _contents(folder / job.made)
        layer = FaultLayer(log=folder / "log", fault=fault, at=number)
        code, said = self._run(job.arguments, folder, layer)
        came = layer.points()
        if len(came) < number:  # processes at once do not take the same way each time
            shutil.rmtree(folder)
            return ["failed before", str(code), said] if code else ["not come to"]
        point = came[number - 1]
        now = _contents(folder / job.made)
        wrong = list(_wrong(job, fault, code, said, is_new=now == reference))
        if code and not _is_old_or_new(job, now, there, reference):
            wrong.append(f"neither old nor new: {_different(now, there)}")
        # What cannot be removed stays until the next run.
        if fault is not Fault.KILLED and not point.startswith(("remove", "lock")):
            wrong += _left(folder)
        if _orphans(str(folder)):
            wrong.append("orphans")
        if fault is Fault.HELPER_KILLED or fault is Fault.HELPER_STOPPED:
            self._warm()
        again, said_again = self._run(job.arguments, folder)
        if again:
            wrong.append(f"not healed: {said_again}")
        elif _contents(folder / job.made) != reference:
            different = _different(_contents(folder / job.made), reference)
            wrong.append(f"other bytes in the next run: {different}")
        wrong += [f"still {one}" for one in _left(folder)]
        shutil.rmtree(folder)
        if wrong:
            return [wrong[0].partition(":")[0], point, f"exit code {code}", *wrong, said.strip()]
        good = "killed and healed" if fault is Fault.KILLED else "clear error"
        return [good if code else "no harm", point, said.strip()]

    def _new(self, name: str) -> Path:
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

    def _run(
        self, arguments: Sequence[str], folder: Path, layer: FaultLayer | None = None
    ) -> tuple[int, str]:
        """Run the program in a fork; its exit code, and what it printed."""
        said = folder / "said"
        # What is about processes and helpers needs the program's own.
        own = layer is not None and layer.fault not in _WITHOUT_HELPERS
        pid = os.fork()
        if not pid:
            _become(arguments, folder, said, layer, None if own else self._pools)
        code = _ended(pid)
        return code, said.read_text(errors="replace")


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
        os.environ[RUN] = str(folder)
        output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.argv = ["stretchaudio", *arguments]
        if layer is not None and layer.fault is Fault.HELPER_STOPPED:
            workers.ANSWER_S = HELPER_HANGS_S
        with contextlib.ExitStack() as installed:
            if layer is not None:
                spec = [str(layer.log), layer.fault.name, layer.at, os.getpid()]
                os.environ[SPEC] = json.dumps(spec)
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


def _ended(pid: int) -> int:
    deadline = time.monotonic() + HANGS_S
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


def _contents(path: Path) -> dict[str, bytes]:
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
    rows = [json.loads(line) for line in data.decode().splitlines()]
    return repr([(row["path"], row.get("sha256")) for row in rows]).encode()


def _different(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))


def _orphans(run: str) -> list[int]:
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


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parts = parser.add_subparsers(required=True)
    one = parts.add_parser("points")
    one.set_defaults(part=points)
    one.add_argument("--job", choices=[job.name for job in JOBS])
    one.add_argument("--fault", choices=[fault.name for fault in Fault])
    one.add_argument("--sample", type=int, help="how many points of each kind; all if left out")
    for each in (one,):
        each.add_argument("--seed", type=int, default=1)
        each.add_argument("--kept", type=Path, help="a file of what was found out before")
        each.add_argument("--folder", type=Path, help="where runs have their folders")
    return parser.parse_args()


if SPEC in os.environ and __name__ != "__main__":  # a process of a pool of the program
    _log, _fault, _at, _program = json.loads(os.environ[SPEC])
    INSTALLED = FaultLayer(
        log=Path(_log), fault=Fault[_fault], at=_at, program=_program
    ).installed()  # for as long as the process
    INSTALLED.__enter__()

if __name__ == "__main__":
    namespace = _arguments()
    sys.exit(0 if namespace.part(namespace) else 1)
