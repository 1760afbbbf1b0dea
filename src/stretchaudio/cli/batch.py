"""Run the command `batch`: a row of a table is a session."""

import csv
import io
import json
import signal
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from itertools import chain, count
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typer
import yaml

from stretchaudio.cli.batch_pages import PAGES, PageRequest, check_pages, make_pages
from stretchaudio.cli.build import sidecars_of
from stretchaudio.cli.console import printable
from stretchaudio.cli.session_options import options_of_row
from stretchaudio.errors import FileError, StretchaudioError, UsageError
from stretchaudio.routine.import_sheet import read_source
from stretchaudio.routine.import_sheet.source import decode, is_workbook
from stretchaudio.routine.parse import slug
from stretchaudio.session.batch import RESULTS, Job, Record, begin_worker, forecast, run_jobs
from stretchaudio.session.options import usual_jobs
from stretchaudio.util.atomic import portable_name
from stretchaudio.util.bucket import is_bucket, open_bucket
from stretchaudio.util.units import format_count

_OWN = ("routine", "name", "language", "greeting", "captions", "handout", "stems")
_OF_PAGES = ("handout_name", "page")
"""Columns that are no options of `build`, or not of a session."""
_YES = {"yes", "true", "1", "x"}
LOCAL_CLUSTER = "local-cluster"
LONGEST_NAME = 80
"""Letters of a track's name; file systems take 255 bytes, with what is added beside it."""
SOME_FAILED = 1
"""Exit code when rows failed and others did not."""


def batch(
    table: Path,
    place: str,
    common: Mapping[str, str],
    *,
    jobs: int | None = None,
    on: str | None = None,
    dry_run: bool = False,
    pages: PageRequest | None = None,
) -> None:
    """Build a session for each row; one that fails, fails alone.

    Exits with code 1 if any did.

    Args:
        table: The table.
        place: Where tracks and results go: a folder, or the address of a bucket.
        common: Values for rows that have none of their own.
        jobs: How many processes; None for one on each core.
        on: The address of a Dask scheduler, or `local-cluster`; None for processes here.
        dry_run: Whether to say only what would be spoken.
        pages: The site for the pages that rows ask for.

    Raises:
        FileError: If the table cannot be read, or the results cannot be written.
        UsageError: If the table has no column `routine`, one that is no option, or one of pages
            that have no place.
    """
    rows = _rows(table)
    with_page = {at for at, row in enumerate(rows, 1) if row.get("page", "").lower() in _YES}
    check_pages(pages, are_wanted=bool(with_page), place=place)
    found = _jobs(rows, table, place, common)
    if dry_run:
        _forecast(found, table)
        return
    workers = jobs or usual_jobs()
    with progress(len(found)) as done, _results_in(place) as folder:
        records = run_jobs(found, open_executor_of(on, workers), folder=folder, done=done)
    failed = [record for record in records if "error" in record]
    lost = {record["row"] for record in failed}
    published = [job for job in found if job.row in with_page - lost]
    if pages and published:
        wishes = {key: value for key, value in common.items() if key not in _OWN}
        make_pages(published, pages, options_of_row(wishes), Path(place))
        print(f"{Path(place) / PAGES} has the address of each page; who has it finds it.")
    for record in failed:
        print(printable(f"{table}: row {record['row']}: {record['error']}"), file=sys.stderr)
    made = len(records) - len(failed)
    unchanged = sum(bool(record.get("unchanged")) for record in records)
    same = f", {unchanged} of them unchanged" if unchanged else ""
    bad = f"; {format_count(len(failed), 'row')} failed" if failed else ""
    tracks = format_count(len(records), "track")
    print(f"{place}: {made} of {tracks}{same}{bad}. {_inside(place, RESULTS)} has a line for each.")
    if failed:
        raise typer.Exit(SOME_FAILED)


def _inside(place: str, name: str) -> str:
    return f"{place.rstrip('/')}/{name}" if is_bucket(place) else str(Path(place) / name)


@contextmanager
def _results_in(place: str) -> Iterator[Path]:
    """Name the folder of the results; those of a bucket are brought here, and back at the end."""
    if not is_bucket(place):
        yield Path(place)
        return
    bucket = open_bucket(place)
    with TemporaryDirectory(prefix="stretchaudio-") as name:
        results = Path(name) / RESULTS
        results.write_bytes(bucket.read(RESULTS) or b"")
        try:
            yield Path(name)
        finally:  # also what a run that was interrupted found out
            bucket.write(RESULTS, results.read_bytes())


def _forecast(jobs: Sequence[Job], table: Path) -> None:
    """Print what would be spoken anew.

    Exits with code 1 if rows would fail.
    """
    found = forecast(jobs)
    for row, problem in found.problems.items():
        print(printable(f"{table}: row {row}: {problem}"), file=sys.stderr)
    tracks = format_count(len(jobs) - len(found.problems), "track")
    texts = format_count(found.texts, "different cue")
    letters = f"{found.online_letters:,} letters of them go to voices of the network"
    print(f"{tracks} would be made; {texts} would be spoken anew, and {letters}.")
    if found.problems:
        raise typer.Exit(SOME_FAILED)


def open_executor_of(on: str | None, count: int) -> Callable[[], AbstractContextManager[Executor]]:
    """Say how to open what builds sessions.

    Args:
        on: The address of a Dask scheduler, or `local-cluster`; None for processes here.
        count: How many processes, or workers of a new cluster.
    """
    return partial(cluster, on, count) if on else partial(processes, count)


def processes(count: int) -> Executor:
    """Open a pool of processes on this machine."""
    # Not forked: helpers and locks of this process are none of the workers'.
    return _Processes(count, get_context("spawn"), initializer=begin_worker)


class _Processes(ProcessPoolExecutor):
    """Starts its processes deaf to Ctrl-C, which would end them in the middle of their imports."""

    def submit(self, *args: Any, **named: Any) -> "Future[Any]":
        """Hand in a call; a process may be started for it."""
        if not hasattr(signal, "pthread_sigmask"):  # on Windows
            return super().submit(*args, **named)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return super().submit(*args, **named)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def cluster(address: str, count: int) -> Iterator[Executor]:
    """Connect to a Dask cluster.

    Args:
        address: That of its scheduler, or `local-cluster` for a new one on this machine.
        count: How many workers a new one has.

    Raises:
        UsageError: If Dask is not installed.
        FileError: If there is no scheduler.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise UsageError(
            "--on needs Dask, which is not installed.",
            hint="Install it: pip install 'stretchaudio[dask]'",
        ) from None
    with ExitStack() as opened:
        found: Any = address
        if address == LOCAL_CLUSTER:
            found = opened.enter_context(
                LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None)
            )
        try:
            client = opened.enter_context(Client(found))
        except (OSError, ValueError) as error:
            raise FileError(f"There is no Dask scheduler at {address}: {error}.") from None
        yield client.get_executor(pure=False)


@contextmanager
def progress(total: int) -> Iterator[Any]:
    """Show rows done, their rate and the time left; nothing where there is no terminal."""
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    screen = Console(stderr=True)
    columns = (MofNCompleteColumn(), TextColumn("{task.speed:.1f} rows/s"), TimeRemainingColumn())
    with Progress(*columns, console=screen, disable=not screen.is_terminal) as bar:
        task = bar.add_task("", total=total)

        def done(_: Record) -> None:
            bar.advance(task)

        yield done


def _jobs(
    rows: Sequence[Mapping[str, str]], table: Path, place: str, common: Mapping[str, str]
) -> list[Job]:
    folder = Path() if is_bucket(place) else Path(place)
    bucket = place.rstrip("/") if is_bucket(place) else None
    taken: set[str] = set()
    jobs = []
    for number, row in enumerate(rows, 1):
        values = {**common, **{key: value for key, value in row.items() if value != ""}}
        name = slug(values.get("name") or Path(values.get("routine", "")).stem) or "session"
        name = _free_name(portable_name(name[:LONGEST_NAME]), taken)
        taken.add(name)
        job = _job(number, values, table, folder / f"{name}.mp3")
        jobs.append(replace(job, bucket=bucket))
    return jobs


def _free_name(name: str, taken: Collection[str]) -> str:
    """Number a name that an earlier row has."""
    numbered = (f"{name}-{number}" for number in count(2))
    return next(one for one in chain([name], numbered) if one not in taken)


def _job(number: int, values: Mapping[str, str], table: Path, path: Path) -> Job:
    beside = table.parent / values.get("routine", "")
    routine = str(beside) if beside.is_file() else values.get("routine", "")
    job = Job(
        row=number,
        routine=routine,
        path=path,
        language=values.get("language"),
        greeting=values.get("greeting"),
    )
    try:
        if not routine:
            raise UsageError("the row names no routine")
        options = options_of_row(
            {key: value for key, value in values.items() if key not in _OWN + _OF_PAGES}
        )
        sidecars = sidecars_of(
            manifest=None,
            captions=values.get("captions"),
            chapters=None,
            handout=values.get("handout", "").lower() in {*_YES, "pdf"},
            pdf=values.get("handout", "").lower() == "pdf",
            name=values.get("handout_name"),
            page=None if values.get("page", "").lower() in _YES else values.get("page"),
            stems=Path(values["stems"]) if "stems" in values else None,
        )
        return replace(job, options=options, sidecars=sidecars)
    except StretchaudioError as error:
        return replace(job, problem=error.message)


def _rows(table: Path) -> list[dict[str, str]]:
    """Read a table: CSV, .xlsx, a YAML list or JSON Lines.

    Raises:
        UsageError: If it is no table with a column `routine`.
    """
    data = read_source(table)
    kind = table.suffix.lower()
    if is_workbook(data, file=str(table)):
        from stretchaudio.routine.import_sheet.workbook import read_workbook

        sheets = read_workbook(data, file=str(table))
        cells = [row.cells for row in sheets[0].rows] if sheets else []
        found = [dict(zip(map(str, cells[0]), row, strict=False)) for row in cells[1:]]
    elif kind in {".yaml", ".yml", ".jsonl", ".ndjson"}:
        found = _tables(decode(data, file=str(table)), table)
    else:
        text = decode(data, file=str(table))
        delimiter = max(",;\t", key=text.partition("\n")[0].count)
        found = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    rows = [
        {
            str(key).strip().lower().replace("-", "_"): "" if value is None else str(value).strip()
            for key, value in row.items()
            if key
        }
        for row in found
    ]
    if not any("routine" in row for row in rows):
        raise UsageError(
            f"{table} has no column 'routine'.", hint="Its first line names the columns."
        )
    return [row for row in rows if any(row.values())]


def _tables(text: str, table: Path) -> list[dict[str, Any]]:
    try:
        if table.suffix.lower() in {".jsonl", ".ndjson"}:
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
        else:
            found = yaml.safe_load(text)
    except (ValueError, yaml.YAMLError) as error:
        raise UsageError(f"{table} cannot be read: {error}") from None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise UsageError(f"{table} is no list of tables, one for each session.")
    return found
