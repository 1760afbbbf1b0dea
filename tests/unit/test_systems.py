"""What differs between systems, as far as it can be shown on one."""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import DATA, Ran
from stretchaudio.cli import batch as batching
from stretchaudio.cli.signals import Stop
from stretchaudio.errors import RoutineError
from stretchaudio.routine.library import read_routine

ROUTINE = "title: Fold\nexercises: [{name: Fold, hold: 5s}]\n"


def test_a_checkout_with_windows_line_ends_reads_the_same(home: Path) -> None:
    text = (DATA / "scripts" / "steps.yaml").read_bytes()
    Path("crlf.yaml").write_bytes(text.replace(b"\n", b"\r\n"))
    Path("lf.yaml").write_bytes(text)
    assert read_routine("crlf.yaml").exercises == read_routine("lf.yaml").exercises


def test_places_are_right_in_a_file_with_windows_line_ends(home: Path) -> None:
    Path("crlf.yaml").write_bytes(b"title: A\r\nexercises:\r\n  - name: B\r\n    holt: 5s\r\n")
    with pytest.raises(RoutineError, match=r"crlf\.yaml:4:5"):
        read_routine("crlf.yaml")


def test_a_console_that_lacks_letters_shows_what_it_can(home: Path) -> None:
    Path("hi.yaml").write_text(
        "title: गर्दन\nlanguage: hi\nexercises: [{name: गर्दन, hold: 5s}]\n", encoding="utf-8"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "stretchaudio", "show", "hi.yaml"],
        env=environment,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert rb"\u0917" in done.stdout


def test_two_routines_whose_names_differ_in_case_only_are_refused(
    home: Path, run: Callable[..., Ran]
) -> None:
    """Most folders of macOS and Windows would take the second for the first."""
    for name in ("one/Fold.yaml", "two/fold.yaml"):
        Path(name).parent.mkdir()
        Path(name).write_text(ROUTINE)
    ran = run("build", "one/Fold.yaml", "two/fold.yaml")
    assert (ran.code, "Two routines would both be written to" in ran.err) == (2, True)


def test_a_routine_that_is_called_like_a_device_gets_another_file(
    home: Path, run: Callable[..., Ran]
) -> None:
    Path("con.yaml").write_text(ROUTINE)
    assert "con-1.mp3 would be made" in run("build", "con.yaml", "--dry-run").out


def test_rows_of_a_batch_never_share_a_file(tmp_path: Path) -> None:
    names = ["Anna", "anna", "Anna 2", "con", "x" * 300, "x" * 301, ""]
    rows = [{"routine": "short.yaml", "name": name} for name in names]
    jobs = batching._jobs(rows, tmp_path / "t.csv", tmp_path, {})
    paths = [job.path.name for job in jobs]
    assert paths[:4] == ["anna.mp3", "anna-2.mp3", "anna-2-2.mp3", "con-1.mp3"]
    assert len({path.casefold() for path in paths}) == len(paths)
    assert all(len(path) < 100 for path in paths)


def test_signals_that_a_system_does_not_have_are_not_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(signal, "SIGTERM")
    before = signal.getsignal(signal.SIGINT)
    with Stop():
        pass
    assert signal.getsignal(signal.SIGINT) is before


def test_processes_are_started_afresh_on_every_system() -> None:
    with batching.processes(1) as executor:
        context = executor._mp_context  # type: ignore[attr-defined]
    assert isinstance(context, type(multiprocessing.get_context("spawn")))
