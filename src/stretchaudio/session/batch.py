"""Build many sessions, each alone, on any executor of the standard library's shape."""

import hashlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import islice
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

from stretchaudio.cache import CacheArea, WarmCache, key_of
from stretchaudio.config import Config, config
from stretchaudio.errors import FileError, HelperError, StretchaudioError
from stretchaudio.routine.library import read_routine
from stretchaudio.routine.model import Routine
from stretchaudio.session.build import build_track
from stretchaudio.session.layout import session_script
from stretchaudio.session.options import Options, Settings, adjusted, resolve, with_section_beds
from stretchaudio.session.pools import WorkerPools
from stretchaudio.session.sidecars import Sidecars
from stretchaudio.session.voice import open_speaker, session_voice
from stretchaudio.util.atomic import atomic_write

RESULTS = "results.jsonl"
_AHEAD = 64
"""Rows handed to an executor ahead of their turn: enough for a cluster, and little memory."""
_MOST_POOLS = 4
"""Pools that are opened anew, one after another, when processes of theirs die."""
_SAVE_EVERY_S = 10.0

Record = dict[str, Any]
"""One line of the results: a row's track, or why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One session to build."""

    row: int
    """The row of the table, counted from 1."""
    routine: str
    """A routine by name or file."""
    path: Path
    """Where its track goes."""
    language: str | None = None
    greeting: str | None = None
    """A sentence of its own, spoken first."""
    options: Options = field(default_factory=Options)
    sidecars: Sidecars = field(default_factory=Sidecars)
    problem: str | None = None
    """Why it cannot be built, if the table says so already."""


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
    saved = time.monotonic()

    def keep(record: Record) -> None:
        nonlocal saved
        records[record["row"]] = record
        done(record)
        if time.monotonic() - saved > _SAVE_EVERY_S:
            # The rest as they were: a run that is killed leaves what it had found out.
            _save(folder / RESULTS, {**before_by_row, **records})
            saved = time.monotonic()

    before_by_row = {job.row: before[str(job.path)] for job in jobs if str(job.path) in before}
    for job in jobs:
        if job.problem:
            keep(build_job(job))
    for _ in range(_MOST_POOLS):
        todo = [job for job in jobs if job.row not in records]
        if not todo:
            break
        with open_executor() as executor:
            _run(todo, executor, before, keep)
    todo = [job for job in jobs if job.row not in records]
    for job in todo:
        keep({"row": job.row, "path": str(job.path), "error": "its process died"})
    _save(folder / RESULTS, records)
    return [records[job.row] for job in jobs]


def _run(
    jobs: Iterable[Job],
    executor: Executor,
    before: Mapping[str, Record],
    keep: Callable[[Record], None],
) -> None:
    """Hand jobs to an executor, a few ahead; those whose process dies are not kept."""
    waiting = iter(jobs)
    running: set[Future[Record]] = set()
    try:
        while True:
            for job in islice(waiting, _AHEAD - len(running)):
                running.add(_submit(executor, job, before.get(str(job.path))))
            if not running:
                return
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                keep(future.result())
    except BrokenProcessPool:
        return
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        raise


def _submit(executor: Executor, job: Job, before: Record | None) -> Future[Record]:
    try:
        return executor.submit(build_job, job, before)
    except OSError as error:  # an executor starts its processes when it gets its first job
        raise HelperError(
            f"The batch's processes cannot be started ({error.strerror or error}).",
            hint="Run it again with a smaller --jobs.",
        ) from None


def build_job(job: Job, before: Record | None = None) -> Record:
    """Build one session in a worker; whatever is wrong with it is its own record's error."""
    began = time.monotonic()
    record: Record = {"row": job.row, "path": str(job.path)}
    try:
        if job.problem:
            return {**record, "error": job.problem}
        routine = _routine(job)
        key = key_of("batch-1", repr(replace(job, row=0)), routine.text)
        if before and before.get("key") == key and before.get("sha256") == _hash(job.path):
            return {**before, "row": job.row, "unchanged": True}
        for folder in (job.path.parent, job.sidecars.stems or job.path.parent):
            folder.mkdir(parents=True, exist_ok=True)
        settings = _settings(job)
        track = build_track(routine, job.path, settings, sidecars=job.sidecars)
    except StretchaudioError as error:
        return {**record, "error": f"{error.message} {error.hint}".strip()}
    except OSError as error:
        return {**record, "error": FileError.from_os_error(error, f"make {job.path}").message}
    return {
        **record,
        "key": key,
        "sha256": _hash(job.path),
        "duration_s": track.manifest.duration_s,
        "voice": track.manifest.voice,
        "dropped": len(track.manifest.dropped),
        "seconds": round(time.monotonic() - began, 3),
    }


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
    missing: dict[tuple[str, str], int] = {}
    for job in jobs:
        try:
            if job.problem:
                problems[job.row] = job.problem
                continue
            _add_missing(job, missing)
        except StretchaudioError as error:
            problems[job.row] = f"{error.message} {error.hint}".strip()
    return Forecast(problems=problems, texts=len(missing), online_letters=sum(missing.values()))


def _add_missing(job: Job, missing: dict[tuple[str, str], int]) -> None:
    """Add the texts of a job that have not been spoken, with their letters for the network."""
    settings = _settings(job)
    routine = adjusted(_routine(job), settings)
    settings = with_section_beds(settings, routine)
    texts = session_script(routine, settings).texts()
    if not texts:
        return
    voice = session_voice(routine, settings).voice
    online = settings.engines.is_online(voice)
    with closing(open_speaker(voice, settings, routine.language, routine.say)) as speaker:
        for text in speaker.missing(texts):
            missing[str(voice), text] = len(text) if online else 0


def _routine(job: Job) -> Routine:
    routine = _read(job.routine, job.language, _stamp(job.routine))
    if job.greeting is None:
        return routine
    return replace(routine, intro=(job.greeting, *routine.intro))


def _settings(job: Job) -> Settings:
    """Resolve a job's options, with what its process has at hand from the jobs before."""
    settings = resolve(job.options, _config(), _pools())
    return replace(settings, cache=_cache(settings.cache.folder))


@cache
def _cache(folder: Path) -> "_RowsCache":
    return _RowsCache(folder)


class _RowsCache(WarmCache):
    """Keeps no covers, which are each row's own."""

    def put(self, area: CacheArea, key: str, payload: bytes) -> None:
        if area is not CacheArea.COVERS:
            super().put(area, key, payload)


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


def _save(path: Path, records: Mapping[int, Record]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(records[row], ensure_ascii=False) for row in sorted(records))
    with atomic_write(path) as file:
        file.write("".join(f"{line}\n" for line in lines).encode())
