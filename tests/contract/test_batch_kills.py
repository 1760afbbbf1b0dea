"""Processes that are killed in the middle of a batch: all rows done, none twice, none broken."""

import hashlib
import json
import os
import re
import signal
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest

from conftest import DATA
from programs import children, posix_only, started, wait_for
from sessions import build_session
from stretchaudio.cli.batch import cluster, processes
from stretchaudio.session.batch import Job, Record, run_jobs
from stretchaudio.session.options import Options

ROWS = 24


def jobs(folder: Path) -> list[Job]:
    options = Options(voice="espeak", cache_dir=folder / "cache", jobs=1)
    routine = str(DATA / "short.yaml")
    return [
        Job(row=row, routine=routine, path=folder / "out" / f"{row}.mp3", options=options)
        for row in range(1, ROWS + 1)
    ]


def run_killing(
    folder: Path,
    open_executor: Callable[[], AbstractContextManager[Executor]],
    workers: Callable[[], Sequence[Any]],
) -> None:
    """Build all rows, killing a worker when the third is done; check every file."""
    told: list[Record] = []

    def done(record: Record) -> None:
        told.append(record)
        if len(told) == 3:
            workers()[0].kill()

    rows = jobs(folder)
    usual = build_session(rows[0].routine, folder / "usual.mp3", rows[0].options)
    records = run_jobs(rows, open_executor, folder=folder / "out", done=done)
    assert sorted(record["row"] for record in told) == list(range(1, ROWS + 1)), "each once"
    lines = (folder / "out" / "results.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == records
    hashes = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (folder / "out").glob("*.mp3")
    }
    assert hashes == {f"{record['row']}.mp3": record["sha256"] for record in records}
    assert set(hashes.values()) == {hashlib.sha256(usual.path.read_bytes()).hexdigest()}
    assert not list(folder.rglob("*.part"))


@posix_only
def test_a_process_of_the_pool_is_killed(home: Path) -> None:
    run_killing(home, lambda: processes(2), active_children)


@posix_only
def test_a_worker_of_a_cluster_is_killed(home: Path) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as local:
        run_killing(
            home,
            lambda: cluster(local.scheduler_address, 2),
            lambda: [nanny.process.process for nanny in local.workers.values()],
        )


def _minds_ctrl_c(pid: int) -> bool:
    """Whether Python has begun in a process, and does something at SIGINT."""
    status = Path(f"/proc/{pid}/status").read_text()
    masks = re.findall(r"Sig(?:Cgt|Ign):\s*([0-9a-f]+)", status)
    return any(int(mask, 16) & 1 << signal.SIGINT - 1 for mask in masks)


@posix_only
def test_ctrl_c_while_processes_are_starting_ends_in_one_sentence(home: Path) -> None:
    """A terminal sends it to them, too, in the middle of their imports."""
    (home / "table.csv").write_text(f"routine,name\n{DATA / 'short.yaml'},one\n")
    process = started(
        "batch", "table.csv", "-o", "out", "--jobs", "2",
        stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    wait_for(lambda: any(map(_minds_ctrl_c, children(process.pid, "spawn_main"))))
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Stopped." in err
    assert "Traceback" not in err
