"""Disks that fill up, programs that are killed, builds that meet.

No half file, no lost file, no wrong track.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import DATA, Ran
from programs import children, is_alive, posix_only, started, wait_for
from sessions import build_session
from stretchaudio import Options, UsageError, read_routine
from stretchaudio.speech.engines import espeak
from stretchaudio.util import workers

ROUTINE = DATA / "scripts" / "holds.yaml"


@pytest.fixture
def whole(tmp_path: Path) -> bytes:
    """The track as it should be."""
    path = tmp_path / "whole.mp3"
    build_session(read_routine(ROUTINE), path)
    return path.read_bytes()


@posix_only
def test_killed_at_any_moment_the_file_is_absent_or_old_or_whole(
    whole: bytes, home: Path, tmp_path: Path
) -> None:
    """And the cache heals: the next build gives the right track."""
    rng = random.Random(11)
    track = home / "holds.mp3"
    cache = tmp_path / "cache"
    for attempt in range(8):
        if attempt == 4:
            track.write_bytes(b"old")
        process = started("build", ROUTINE, "--quiet", "--cache-dir", cache)
        time.sleep(rng.uniform(0.05, 2.5))
        process.kill()
        process.wait()
        assert not track.exists() or track.read_bytes() in {b"old", whole}
    build_session(read_routine(ROUTINE), track, Options(cache_dir=cache))
    assert track.read_bytes() == whole


@pytest.mark.parametrize(
    "moment", ["os.fsync", "os.replace", "stretchaudio.track.writer.info_frame"]
)
def test_killed_while_the_track_is_written_the_old_file_stays(
    whole: bytes, home: Path, moment: str
) -> None:
    """The program dies at once, as from kill -9, at three moments of the writing itself."""
    (home / "holds.mp3").write_bytes(b"old")
    module, _, name = moment.rpartition(".")
    die = f"import os, {module}; {module}.{name} = lambda *a, **k: os._exit(9)"
    code = (
        f"import sys; {die}; import stretchaudio.cli; sys.argv = ['x', 'build', sys.argv[1], "
        f"'-q']; stretchaudio.cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", code, ROUTINE], check=False)
    assert done.returncode == 9
    assert (home / "holds.mp3").read_bytes() == b"old"
    build_session(read_routine(ROUTINE), home / "holds.mp3")
    assert (home / "holds.mp3").read_bytes() == whole


@posix_only
def test_helpers_end_when_the_program_is_killed(home: Path, tmp_path: Path) -> None:
    process = started("build", "back-basics", "--quiet", "--cache-dir", tmp_path / "cache")
    helpers = wait_for(lambda: children(process.pid))
    process.kill()
    process.wait()
    wait_for(lambda: not any(map(is_alive, helpers)), within_s=10)


@posix_only
def test_ctrl_c_leaves_no_half_file_and_says_what_was_kept(home: Path, tmp_path: Path) -> None:
    (home / "back-basics.mp3").write_bytes(b"old")
    process = started(
        "build",
        "back-basics",
        "--cache-dir",
        tmp_path / "cache",
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    clips = tmp_path / "cache" / "clips"
    while process.poll() is None and len(list(clips.rglob("*/*"))) < 5:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Stopped. back-basics.mp3 was not changed. " in err
    assert " cues are made and kept for the next time." in err
    assert "Traceback" not in err
    assert (home / "back-basics.mp3").read_bytes() == b"old"
    assert sorted(path.name for path in home.iterdir()) == ["back-basics.mp3"]
    assert not list((tmp_path / "cache" / "tmp").iterdir())


@posix_only
def test_two_builds_at_once_share_a_cache(whole: bytes, home: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    processes = [
        started("build", ROUTINE, "--quiet", "--cache-dir", cache, "-o", f"{name}.mp3")
        for name in ("one", "two")
    ]
    assert [process.wait() for process in processes] == [0, 0]
    assert (home / "one.mp3").read_bytes() == (home / "two.mp3").read_bytes() == whole


def _too_full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_full_disk_keeps_the_old_file(
    home: Path, run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "holds.mp3").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", _too_full)
    ran = run("build", ROUTINE)
    assert ran.code == 4
    assert (
        ran.err
        == "Cannot write holds.mp3: No space left on device.\nHINT: holds.mp3 was not changed.\n"
    )
    assert {path.name: path.read_bytes() for path in home.iterdir()} == {"holds.mp3": b"old"}


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 200 kB."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    if (
        sys.platform != "linux"
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", folder], check=False
        ).returncode
    ):
        pytest.skip("a file system cannot be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_really_full_disk_keeps_the_old_file(tiny_disk: Path, run: Callable[..., Ran]) -> None:
    (tiny_disk / "holds.mp3").write_bytes(b"old")
    ran = run("build", ROUTINE, "-o", tiny_disk)
    assert ran.code == 4
    assert "No space left on device" in ran.err
    assert {path.name: path.read_bytes() for path in tiny_disk.iterdir()} == {"holds.mp3": b"old"}


def test_a_full_cache_disk_says_so_and_writes_no_track(
    tiny_disk: Path, home: Path, run: Callable[..., Ran]
) -> None:
    ran = run("build", ROUTINE, "--cache-dir", tiny_disk / "cache")
    assert ran.code == 4
    assert (
        f"Cannot write to the cache in {tiny_disk / 'cache'}: No space left on device." in ran.err
    )
    assert not list(home.iterdir())


def test_a_read_only_folder_says_so_before_any_work(
    tiny_disk: Path, tmp_path: Path, run: Callable[..., Ran]
) -> None:
    subprocess.run(["mount", "-o", "remount,ro", tiny_disk], check=True)
    ran = run("build", ROUTINE, "-o", tiny_disk, "--cache-dir", tmp_path / "cache")
    assert ran.code == 4
    assert "read-only" in ran.err
    assert not (tmp_path / "cache").exists()


def test_a_failed_cue_fails_the_build_and_writes_nothing(
    home: Path, run: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is ever replaced by silence."""
    monkeypatch.setattr(espeak.Espeak, "speak", lambda *_: b"RIFF garbage")
    ran = run("build", ROUTINE, "--cache-dir", tmp_path / "cache", "-m", "m.json")
    assert ran.code == 3
    assert "could not be spoken. The voice returned something that is not sound" in ran.err
    assert not list(home.iterdir())


def test_a_helper_that_crashes_is_an_error_with_a_reason(
    home: Path, run: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers.sys, "executable", "false" if sys.platform != "win32" else "where")
    ran = run("build", ROUTINE, "--cache-dir", tmp_path / "cache")
    assert ran.code == 3
    assert "stopped unexpectedly (exit code 1)" in ran.err
    assert not list(home.iterdir())


def test_a_manifest_that_cannot_be_written_leaves_the_track_as_it_was(
    tiny_disk: Path, home: Path, run: Callable[..., Ran]
) -> None:
    (home / "holds.mp3").write_bytes(b"old")
    (tiny_disk / "filling").write_bytes(bytes(195_000))
    ran = run("build", ROUTINE, "-m", tiny_disk / "m.json")
    assert ran.code == 4
    assert (home / "holds.mp3").read_bytes() == b"old"
    assert [path.name for path in tiny_disk.iterdir()] == ["filling"]


@posix_only
def test_what_start_up_code_of_a_site_prints_does_no_harm(home: Path, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text("print('hello from the site')\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    assert (
        started("build", ROUTINE, "-q", "--cache-dir", tmp_path / "cache", env=environment).wait(60)
        == 0
    )
    assert (home / "holds.mp3").is_file()


def test_files_have_the_rights_that_files_get_here(home: Path, tmp_path: Path) -> None:
    usual = home / "usual"
    usual.touch()
    build_session(read_routine(ROUTINE), home / "holds.mp3", Options(cache_dir=tmp_path / "cache"))
    (clip, *_) = (tmp_path / "cache" / "clips").rglob("*/*")
    assert (home / "holds.mp3").stat().st_mode == usual.stat().st_mode == clip.stat().st_mode


@pytest.mark.parametrize("jobs", [0, -1])
def test_no_jobs_at_all_is_an_error(home: Path, jobs: int) -> None:
    with pytest.raises(UsageError, match="cannot be made at once"):
        build_session(read_routine(ROUTINE), home / "holds.mp3", Options(jobs=jobs))


def test_a_session_that_is_long_for_all_it_says_is_refused(
    home: Path, run: Callable[..., Ran]
) -> None:
    words = "Reach up and back, and breathe. " * 14
    step = f"{{repeat: 1000, work: [{{repeat: 2, work: [{{move: 0.1s, say: '{words}'}}]}}]}}"
    Path("long.yaml").write_text(f"title: Long\nexercises: [{{name: A, work: [{step}]}}]\n")
    for command in ("check", "build"):
        ran = run(command, "long.yaml")
        assert ran.code == 2
        assert "hours with all that is said; the limit is 12 hours" in ran.err
    assert not list(home.glob("*.mp3"))
