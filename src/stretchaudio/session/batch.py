"""Build many sessions, each alone, on any executor of the standard library's shape."""

import hashlib
import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import islice
from multiprocessing import parent_process
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from stretchaudio.cache import key_of
from stretchaudio.config import Config, config
from stretchaudio.errors import FileError, HelperError, StretchaudioError
from stretchaudio.routine.library import read_routine
from stretchaudio.routine.model import Routine
from stretchaudio.session.build import build_track
from stretchaudio.session.inputs import files_state
from stretchaudio.session.layout import session_script
from stretchaudio.session.options import Options, Settings, adjusted, resolve, with_section_beds
from stretchaudio.session.pools import WorkerPools
from stretchaudio.session.sidecars import Sidecars
from stretchaudio.session.voice import open_speaker, session_voice
from stretchaudio.session.warm import keep_warm
from stretchaudio.util.atomic import atomic_write
from stretchaudio.util.bucket import open_bucket
from stretchaudio.util.versions import version

RESULTS = "results.jsonl"
_AHEAD = 64
"""Tasks handed to an executor ahead of their turn: enough for a cluster, and little memory."""
_TASK_S = 0.5
"""About how long a task takes: a cluster takes some 10 ms to hand one out."""
_MOST_ROWS = 16
"""Of one task: so many are lost at the most when a process dies."""
_MOST_DEATHS = 2
"""How often a process may die of a job that runs alone."""
_MOST_IN_VAIN = 8
"""Executors one after another whose processes died before anything was built."""

Record = dict[str, Any]
"""One line of the results: a row's track, or why there is none."""
_Built = tuple[list[Record], float]
"""The records of a task, and the seconds it took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One session to build."""

    row: int
    """The row of the table, counted from 1."""
    routine: str
    """A routine by name or file."""
    path: Path
    """Where its track goes; in a bucket, only its name counts."""
    bucket: str | None = None
    """The address of the bucket for its files; None for a folder."""
    language: str | None = None
    greeting: str | None = None
    """A sentence of its own, spoken first."""
    options: Options = field(default_factory=Options)
    sidecars: Sidecars = field(default_factory=Sidecars)
    problem: str | None = None
    """Why it cannot be built, if the table says so already."""

    @property
    def place(self) -> str:
        """The path or the address of its track."""
        return f"{self.bucket}/{self.path.name}" if self.bucket else str(self.path)


def run_jobs(
    jobs: Sequence[Job],
    open_executor: Callable[[], AbstractContextManager[Executor]],
    *,
    folder: Path,
    done: Callable[[Record], None] = lambda _: None,
) -> list[Record]:
    """Build each job, and keep a line for each in the folder's results.

    What was built before of the same row, routine and options is left as it is.

    Args:
        jobs: What to build.
        open_executor: Makes the executor; called again if its processes die.
        folder: Where the results are.
        done: Called with each record, in the order in which they are finished.

    Raises:
        FileError: If the results cannot be read or written.
    """
    before = _records_of(folder / RESULTS)
    records: dict[int, Record] = {}
    with _journal(folder / RESULTS) as note:

        def keep(record: Record) -> None:
            records[record["row"]] = record
            note(record)
            done(record)

        for job in jobs:
            if job.problem:
                keep(build_job(job))
        _run_all(jobs, open_executor, before, records, keep)
    _save(folder / RESULTS, records)
    return [records[job.row] for job in jobs]


def _run_all(
    jobs: Sequence[Job],
    open_executor: Callable[[], AbstractContextManager[Executor]],
    before: Mapping[str, Record],
    records: Mapping[int, Record],
    keep: Callable[[Record], None],
) -> None:
    """Run jobs until each has its record, whatever happens to the processes that build them.

    When one dies, nobody knows which job it was at: those that were under way are run again alone,
    and one that ends its process then, too, has failed.
    """
    suspects: set[int] = set()
    deaths: Counter[int] = Counter()
    in_vain = 0
    while todo := [job for job in jobs if job.row not in records]:
        alone = [job for job in todo if job.row in suspects]
        known = len(records)
        with open_executor() as executor:
            lost = (
                _run(alone, executor, before, keep, ahead=1, most_rows=1)
                if alone
                else _run(todo, executor, before, keep, ahead=_AHEAD, most_rows=_MOST_ROWS)
            )
        suspects.update(job.row for job in lost)
        deaths.update(job.row for job in lost if alone)
        in_vain = 0 if len(records) > known else in_vain + 1
        given_up = [job for job in lost if deaths[job.row] == _MOST_DEATHS]
        for job in todo if in_vain == _MOST_IN_VAIN else given_up:
            keep(_failed(job, "The process that builds it dies. If memory ran out, use --jobs 1."))


def _run(
    jobs: Iterable[Job],
    executor: Executor,
    before: Mapping[str, Record],
    keep: Callable[[Record], None],
    *,
    ahead: int,
    most_rows: int,
) -> Collection[Job]:
    """Hand jobs to an executor, some a task; return those under way when a process died."""
    waiting = iter(jobs)
    running: dict[Future[_Built], list[Job]] = {}
    lost: list[Job] = []
    broken = False
    rows = 1
    try:
        while True:
            try:
                while not broken and len(running) < ahead and (task := list(islice(waiting, rows))):
                    running[_submit(executor, task, before)] = task
            except BrokenExecutor:
                broken = True
            if not running:
                return lost
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                task = running.pop(future)
                try:
                    records, took_s = _result(future, task)
                except BrokenExecutor as error:
                    broken = broken or not isinstance(error, _BrokenTaskError)
                    lost += task
                else:
                    rows = max(1, min(most_rows, int(_TASK_S * len(task) / max(took_s, 1e-3))))
                    for record in records:
                        keep(record)
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        raise


class _BrokenTaskError(BrokenExecutor):
    """Some row of a task cannot be built; nobody knows which."""


def _result(future: Future[_Built], task: Sequence[Job]) -> _Built:
    """Get what a task made.

    Raises:
        BrokenExecutor: If a process died, or one of several rows cannot be built.
    """
    try:
        return future.result()
    except BrokenExecutor:
        raise
    except Exception as error:  # whatever a cluster raises
        if len(task) > 1:
            raise _BrokenTaskError from error
        message = f"It could not be built ({type(error).__name__}: {error})."
        return [_failed(task[0], message)], 0.0


def _submit(
    executor: Executor, jobs: Sequence[Job], before: Mapping[str, Record]
) -> Future[_Built]:
    try:
        return executor.submit(build_jobs, jobs, [before.get(job.place) for job in jobs])
    except OSError as error:  # an executor starts its processes when it gets its first job
        raise HelperError(
            f"The batch's processes cannot be started ({error.strerror or error}).",
            hint="Run it again with a smaller --jobs.",
        ) from None


def _failed(job: Job, error: str) -> Record:
    return {"row": job.row, "path": job.place, "error": error}


def build_jobs(jobs: Sequence[Job], before: Sequence[Record | None]) -> _Built:
    """Build the sessions of a task, one after another; return how many seconds they took, too."""
    began = time.monotonic()
    records = list(map(build_job, jobs, before))
    return records, time.monotonic() - began


def build_job(job: Job, before: Record | None = None) -> Record:
    """Build one session in a worker; whatever is wrong with it is its own record's error."""
    began = time.monotonic()
    try:
        if job.problem:
            return _failed(job, job.problem)
        routine, settings = _routine(job), _settings(job)
        key = _key(job, routine, settings)
        if before and before.get("key") == key and _is_kept(job, before):
            return {**before, "row": job.row, "unchanged": True}
        with _folder(job) as folder:
            for needed in (folder, job.sidecars.stems or folder):
                needed.mkdir(parents=True, exist_ok=True)
            path = folder / job.path.name
            track = build_track(routine, path, settings, sidecars=job.sidecars)
            kept = {"sha256": _hash(path), **_uploaded(job, path)}
    except StretchaudioError as error:
        return _failed(job, f"{error.message} {error.hint}".strip())
    except OSError as error:
        return _failed(job, FileError.from_os_error(error, f"make {job.path}").message)
    return {
        "row": job.row,
        "path": job.place,
        "key": key,
        **kept,
        "duration_s": track.manifest.duration_s,
        "voice": track.manifest.voice,
        "dropped": len(track.manifest.dropped),
        "seconds": round(time.monotonic() - began, 3),
    }


def _key(job: Job, routine: Routine, settings: Settings) -> str:
    """Hash all that the files of a job depend on; the cache is no part of it."""
    return key_of(
        "batch-3",
        version("stretchaudio"),
        [job.place, job.language, job.greeting, repr(job.sidecars)],
        routine.text,
        repr(settings),
        files_state(routine, settings),
    )


@contextmanager
def _folder(job: Job) -> Iterator[Path]:
    """Name the folder in which a job's files are made: their own, or one to upload them from."""
    if job.bucket is None:
        yield job.path.parent
    else:
        with TemporaryDirectory(prefix="stretchaudio-") as folder:
            yield Path(folder)


def _uploaded(job: Job, track: Path) -> Record:
    """Upload a job's files to its bucket, the track last; return the tag of the track there."""
    if job.bucket is None:
        return {}
    bucket = open_bucket(job.bucket)
    for path in sorted(track.parent.iterdir()):
        if path != track:
            bucket.write(path.name, path.read_bytes())
    return {"tag": bucket.write(track.name, track.read_bytes())}


def _is_kept(job: Job, before: Record) -> bool:
    """Tell whether a job's track is as it was built."""
    if job.bucket is None:
        return before.get("sha256") == _hash(job.path)
    tag = open_bucket(job.bucket).tag(job.path.name)
    return tag is not None and before.get("tag") == tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a run would have spoken."""

    problems: Mapping[int, str]
    """What is wrong with rows."""
    texts: int
    """Different texts that have not been spoken yet, each counted once for all rows."""
    online_letters: int
    """The letters of those that a voice of the network would be sent."""


def forecast(jobs: Iterable[Job]) -> Forecast:
    """Tell what would be spoken anew, without making anything."""
    problems: dict[int, str] = {}
    letters: dict[str, int] = {}
    for job in jobs:
        try:
            if job.problem:
                problems[job.row] = job.problem
                continue
            letters |= _letters_to_speak(job)
        except StretchaudioError as error:
            problems[job.row] = f"{error.message} {error.hint}".strip()
    return Forecast(problems=problems, texts=len(letters), online_letters=sum(letters.values()))


def _letters_to_speak(job: Job) -> Mapping[str, int]:
    """Count, by the key of each text to be spoken anew, the letters that a network is sent."""
    settings = _settings(job)
    routine = adjusted(_routine(job), settings)
    settings = with_section_beds(settings, routine)
    script = session_script(routine, settings)
    if not script.texts():
        return {}
    voice = session_voice(routine, settings).voice
    online = settings.engines.is_online(voice)
    with closing(open_speaker(voice, settings, routine.language, routine.say)) as speaker:
        found = speaker.unspoken(script.texts(), script.soft_texts())
    return {key: len(text) if online else 0 for key, text in found.items()}


def _routine(job: Job) -> Routine:
    routine = _read(job.routine, job.language, _stamp(job.routine))
    if job.greeting is None:
        return routine
    return replace(routine, intro=(job.greeting, *routine.intro))


def _settings(job: Job) -> Settings:
    return keep_warm(resolve(job.options, _config(), _pools()))


@lru_cache(maxsize=64)
def _read(routine: str, language: str | None, _stamp: int) -> Routine:
    """Read a routine once in each worker, and again when its file has changed."""
    return read_routine(routine, language=language)


def _stamp(routine: str) -> int:
    path = Path(routine)
    return path.stat().st_mtime_ns if path.is_file() else 0


@cache
def _pools() -> WorkerPools:
    """Keep a worker's helpers warm; they end with it."""
    return WorkerPools(1)


@cache
def _config() -> Config:
    return config()


def begin_worker() -> None:
    """Leave Ctrl-C to the process that waits for this one, and end when that one has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)  # its queue would never end: each worker holds both ends of it


def _hash(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _records_of(path: Path) -> dict[str, Record]:
    """Read the results of the run before, by track; lines that are damaged count as none."""
    if not path.is_file():
        return {}
    found = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and "path" in record:
            found[str(record["path"])] = {**record, "unchanged": False}
    return found


@contextmanager
def _journal(path: Path) -> Iterator[Callable[[Record], None]]:
    """Add records to the results as they come: a run that is killed leaves what it found out."""
    with _writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    with file:

        def note(line: bytes) -> None:
            with _writing(path):
                file.write(line)
                file.flush()

        note(b"\n")  # the line before may have been cut
        yield lambda record: note(_line(record))


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileError.from_os_error(error, f"write {path}") from None


def _line(record: Record) -> bytes:
    return f"{json.dumps(record, ensure_ascii=False)}\n".encode()


def _save(path: Path, records: Mapping[int, Record]) -> None:
    with atomic_write(path) as file:
        file.writelines(_line(records[row]) for row in sorted(records))
