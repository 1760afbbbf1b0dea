"""Interrupted at the worst moments.

Everything ends soon, nothing stays behind, and the next run finds its way.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import FrameType

import pytest

from conftest import DATA, Ran
from programs import (
    children,
    command,
    is_alive,
    posix_only,
    sigint_as_in_the_foreground,
    started,
    wait_for,
)
from sessions import open_speaker, publish
from stretchaudio import Options, read_routine
from stretchaudio.cache import Cache, CacheArea, key_of
from stretchaudio.errors import HelperError, VoiceError
from stretchaudio.language import language
from stretchaudio.session.build import build
from stretchaudio.session.pools import WorkerPools
from stretchaudio.site.publish import SiteRequest
from stretchaudio.speech import auto
from stretchaudio.speech.engines import espeak, piper
from stretchaudio.util.atomic import atomic_write, create_temp, remove_stale
from stretchaudio.util.progress import Progress
from stretchaudio.util.threads import Threads
from stretchaudio.util.workers import Workers

SHORT = DATA / "short.yaml"
STRETCH = DATA / "stretch.yaml"
SOON_S = 2.0
"""On a machine that is idle, less than half a second."""


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    """Helpers that never answer when they are asked to hang."""
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(Path(__file__).parent.parent), *sys.path])
    )
    with closing(Workers("slow_helper", jobs=2)) as workers:
        yield workers


def _hang(workers: Workers) -> str:
    """How a question ended that is never answered."""
    try:
        workers.call("hang")
    except HelperError as error:
        return error.message
    return "it was answered"


# Helpers and threads


def test_closing_ends_busy_helpers_at_once_and_whoever_waits_for_them(slow: Workers) -> None:
    said: list[str] = []
    threads = [
        threading.Thread(target=lambda: said.append(_hang(slow)), daemon=True) for _ in range(3)
    ]  # one waits for a helper
    for thread in threads:
        thread.start()
    wait_for(lambda: len(slow._all) == 2 and not slow._free)
    processes = [helper.process for helper in slow._all]
    begin = time.monotonic()
    slow.close()
    for thread in threads:
        thread.join(SOON_S)
    assert time.monotonic() - begin < SOON_S
    assert len(said) == 3
    assert all(process.poll() is not None for process in processes)


def test_helpers_that_were_closed_are_not_started_again(slow: Workers) -> None:
    assert slow.call("once") == "once"
    slow.close()
    with pytest.raises(HelperError, match="has been ended"):
        slow.call("again")
    assert not slow._all


@posix_only
def test_a_busy_helper_ends_when_its_caller_is_killed(slow: Workers) -> None:
    code = (
        "from stretchaudio.util.workers import Workers; Workers('slow_helper', jobs=1).call('hang')"
    )
    caller = subprocess.Popen([sys.executable, "-c", code])
    (helper,) = wait_for(lambda: children(caller.pid))
    time.sleep(0.5)  # it has its request by now
    caller.kill()
    caller.wait()
    wait_for(lambda: not is_alive(helper), within_s=SOON_S)


def _interrupt(*_: FrameType | int | None) -> None:
    raise KeyboardInterrupt


@posix_only
def test_an_answer_that_was_not_waited_for_goes_to_nobody_else(
    slow: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.signal(signal.SIGALRM, _interrupt)
    assert slow.call("started") == "started"
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt):
            slow.call("hang")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert slow.call("mine") == "mine"


def test_an_interrupt_ends_helpers_before_threads_are_waited_for(slow: Workers) -> None:
    begin = 0.0
    said: list[str] = []

    def work() -> None:
        nonlocal begin
        with Threads(slow.close) as threads:
            threads.start(lambda: said.append(_hang(slow)))
            wait_for(lambda: slow._all and not slow._free)
            begin = time.monotonic()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert time.monotonic() - begin < SOON_S
    assert "stopped unexpectedly" in said[0]


def test_a_thread_that_nothing_can_end_is_left_behind() -> None:
    for_ever = threading.Event()

    def work() -> None:
        with Threads() as threads:
            threads.start(for_ever.wait)
            raise KeyboardInterrupt

    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        work()
    assert time.monotonic() - begin < SOON_S
    for_ever.set()


def test_an_ordinary_error_waits_for_what_is_under_way_and_begins_nothing_more() -> None:
    begun: list[int] = []
    failed = threading.Event()

    def work(item: int) -> int:
        begun.append(item)
        if item == 0:
            failed.set()
            raise VoiceError("No breath left.")
        failed.wait()
        time.sleep(0.3)
        return item

    threads = Threads()

    def work_on_all() -> None:
        with threads:
            for _, made in threads.each(work, range(100), at_once=2):
                made.result()

    with pytest.raises(VoiceError):
        work_on_all()
    assert len(begun) <= 3
    assert not any(thread.is_alive() for thread in threads._threads)


def test_threads_give_every_result_with_its_item_a_few_at_once() -> None:
    busy, busiest = 0, 0
    lock = threading.Lock()

    def square(item: int) -> int:
        nonlocal busy, busiest
        with lock:
            busy += 1
            busiest = max(busiest, busy)
        time.sleep(0.002)
        with lock:
            busy -= 1
        return item * item

    with Threads() as threads:
        made = {
            item: future.result() for item, future in threads.each(square, range(50), at_once=3)
        }
    assert made == {item: item * item for item in range(50)}
    assert busiest == 3


@pytest.mark.usefixtures("slow")
def test_ctrl_c_while_a_voice_hangs_ends_the_speaking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that waits is interrupted: one text is spoken, and another never will be."""
    monkeypatch.setattr(
        espeak,
        "Workers",
        lambda _module, jobs: Workers("slow_helper", jobs=jobs),
    )
    english = language("en")
    pools = WorkerPools(2)
    speaker = open_speaker(
        "espeak", english, Cache(tmp_path / "cache"), room_tone_db=None, workers=pools.speech
    )
    begin = 0.0

    def changed() -> None:
        nonlocal begin
        if progress.done:
            begin = time.monotonic()
            raise KeyboardInterrupt

    progress = Progress(changed=changed)
    with closing(speaker), pytest.raises(KeyboardInterrupt):
        speaker.speak(["Hang on.", "Rest."], progress)
    assert time.monotonic() - begin < SOON_S
    assert not list((tmp_path / "cache" / "tmp").iterdir())
    pools.close()


# Signals


def _build(*more: str | Path) -> list[str | Path]:
    return ["build", SHORT, "--cache-dir", "cache", *more]


def _has_clips(least: int = 3) -> bool:
    return len(list(Path("cache/clips").rglob("*/*"))) >= least


@posix_only
@pytest.mark.parametrize(("ending", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("times", [1, 2])
def test_a_signal_ends_a_build_in_good_order(
    home: Path, ending: signal.Signals, code: int, times: int
) -> None:
    process = started(*_build(), stderr=subprocess.PIPE, start_new_session=True)
    wait_for(_has_clips)
    helpers = children(process.pid)
    begin = time.monotonic()
    for _ in range(times):
        process.send_signal(ending)
        time.sleep(0.02)
    _, err = process.communicate(timeout=20)
    assert time.monotonic() - begin < SOON_S
    assert process.returncode == code
    assert err.startswith("Stopped. short.mp3 was not written. ")
    assert "Traceback" not in err
    assert helpers
    assert not any(map(is_alive, helpers))
    assert [path.name for path in home.iterdir()] == ["cache"]
    assert not list(Path("cache/tmp").iterdir())


@posix_only
@pytest.mark.parametrize(("ending", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_exit_code_is_right_wherever_the_signal_comes(
    ending: signal.Signals, code: int
) -> None:
    """Libraries make classes with `exec`; interrupted there, Python has an exit code of its own."""
    interrupt = f"import os; os.kill(os.getpid(), {int(ending)})"
    program = (
        "import sys; import stretchaudio.cli as cli; cli._run = lambda _pools: "
        "exec(sys.argv[1]); cli.main()"
    )
    with sigint_as_in_the_foreground():
        process = subprocess.Popen(
            [sys.executable, "-c", program, interrupt], stderr=subprocess.PIPE, text=True
        )
    assert process.communicate(timeout=20)[1] == "Stopped.\n"
    assert process.returncode == code


@posix_only
def test_sigterm_leaves_nothing_in_a_site_that_is_published(home: Path) -> None:
    process = started(
        "publish",
        "site",
        SHORT,
        STRETCH,
        "--cache-dir",
        "cache",
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    wait_for(_has_clips)
    process.terminate()
    _, err = process.communicate(timeout=20)
    assert process.returncode == 143
    assert "Stopped. site was not written; what has been spoken is kept" in err
    assert [path.name for path in home.iterdir()] == ["cache"]
    assert not list(Path("cache/tmp").iterdir())


@posix_only
@pytest.mark.parametrize(
    "arguments", [("play", SHORT), ("voices", "try", "espeak", "Hello. " * 40)]
)
def test_sigterm_ends_every_command_that_speaks(
    home: Path, arguments: tuple[str | Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRETCHAUDIO_CACHE", "cache")
    process = started(*arguments, stderr=subprocess.PIPE, start_new_session=True)
    wait_for(lambda: children(process.pid))
    process.terminate()
    _, err = process.communicate(timeout=20)
    assert process.returncode == 143
    assert err.startswith("Stopped.")
    assert not list(home.glob("*.mp3"))
    assert not list(home.rglob("*.part"))


@posix_only
def test_sigterm_ends_a_server(home: Path) -> None:
    publish(home / "site", SiteRequest(routines=(read_routine(SHORT),)))
    process = started(
        "serve", "site", "--port", "0", stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    lines = [process.stdout.readline() for _ in range(3)] if process.stdout else []
    assert lines[-1] == "Ctrl-C ends it.\n"
    time.sleep(0.3)
    process.terminate()
    _, err = process.communicate(timeout=20)
    assert process.returncode == 143
    assert "Traceback" not in err


@posix_only
def test_a_signal_that_is_to_be_ignored_stays_ignored(home: Path) -> None:
    """As `nohup` and the jobs of a script's background have it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = subprocess.Popen(command(*_build("--quiet")))
    finally:
        signal.signal(signal.SIGINT, before)
    wait_for(_has_clips)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert (home / "short.mp3").is_file()


@pytest.fixture
def silent_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], int]]:
    """A network that swallows packets.

    It takes connections and never says a word; how many came.
    """
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=64) as hole:

        def accept() -> None:
            while True:
                try:
                    taken.append(hole.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        for name in ("https_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{hole.getsockname()[1]}")
        yield lambda: len(taken)
        hole.shutdown(socket.SHUT_RDWR)
    for one in taken:
        one.close()


@posix_only
@pytest.mark.parametrize(
    "arguments",
    [_build("--voice", "auto"), _build("--voice", "gtts"), ["voices"], ["voices", "try", "auto"]],
    ids=str,
)
def test_ctrl_c_does_not_wait_for_a_network(
    home: Path,
    silent_network: Callable[[], int],
    arguments: list[str | Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STRETCHAUDIO_CACHE", "cache")
    process = started(*arguments, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    wait_for(silent_network)
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert time.monotonic() - begin < SOON_S
    assert process.returncode == 130
    assert err.startswith("Stopped.")


def test_google_is_asked_once_a_run(
    run: Callable[..., Ran], silent_network: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STRETCHAUDIO_VOICE")
    monkeypatch.setattr(auto, "LOCAL", ("espeak",))
    monkeypatch.setattr(piper, "unavailable_reason", lambda: "Nothing is here.")
    monkeypatch.setattr(auto, "GOOGLE_WITHIN_S", 0.5)
    ran = run("build", SHORT, STRETCH, "desk-break.de")
    assert ran.code == 0
    assert ran.err.count("Voice: ") == 2
    assert ran.err.count("Google does not answer") == 1
    assert silent_network() == 1


# What was left behind by programs that were killed


def _killed_at(call: str, *arguments: str | Path) -> None:
    """Run the program until it dies at once, as from kill -9, when it calls a function of `os`."""
    die = (
        f"import os, sys, stretchaudio.cli; os.{call} = lambda *a, **k: os._exit(9); "
        f"stretchaudio.cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", die, *map(str, arguments)], check=False, timeout=60
    )
    assert done.returncode == 9


def _parts(folder: Path) -> list[Path]:
    return list(folder.rglob("*.part"))


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Callable[[Path, str], Path]]:
    """Have another program make an unfinished file, and keep it as long as the test."""
    processes: list[subprocess.Popen[str]] = []

    def hold(folder: Path, prefix: str) -> Path:
        code = (
            "import sys; from pathlib import Path\n"
            "from stretchaudio.util.atomic import create_temp\n"
            "with create_temp(Path(sys.argv[1]), sys.argv[2]) as part: print(part, flush=True); "
            "sys.stdin.read()"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", code, folder, prefix],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        part = Path(process.stdout.readline().strip() if process.stdout else "")
        assert part.suffix == ".part"
        return part

    yield hold
    for process in processes:
        process.communicate(timeout=20)


@posix_only
def test_what_a_killed_build_left_is_removed_by_the_next_in_its_folder(home: Path) -> None:
    _killed_at("fsync", *_build("-o", "one.mp3"))
    assert len(_parts(home)) == 1
    build(read_routine(SHORT), home / "two.mp3")
    assert not _parts(home)


@posix_only
def test_what_a_killed_build_left_in_the_cache_is_removed_by_the_next(home: Path) -> None:
    _killed_at("replace", *_build())
    assert _parts(home / "cache")
    build(read_routine(SHORT), home / "short.mp3", Options(cache_dir=home / "cache"))
    assert not _parts(home)


@posix_only
@pytest.mark.parametrize("moment", ["replace", "fsync"])
def test_what_a_killed_run_left_in_a_site_is_removed_by_the_next(home: Path, moment: str) -> None:
    """At its first file, when there is no site yet, and at its first track."""
    wanted = SiteRequest(routines=(read_routine(SHORT),))
    _killed_at(moment, "publish", "site", SHORT)
    assert _parts(home / "site")
    assert publish(home / "site", wanted).built == ["short"]
    assert not _parts(home)


@posix_only
def test_an_unfinished_file_stays_as_long_as_its_maker(
    home: Path, tmp_path: Path, held: Callable[[Path, str], Path]
) -> None:
    """However old it is: a disk may be slow, a computer may have slept."""
    cache = Cache(tmp_path / "cache")
    cache.put(CacheArea.CLIPS, key_of(1), b"sound")
    site = SiteRequest(routines=(read_routine(SHORT),))
    publish(home / "site", site)
    parts = [
        held(home, ".stretchaudio-"),
        held(cache.folder / "tmp", ""),
        held(home / "site", ".track-"),
    ]
    for part in parts:
        os.utime(part, (1, 1))
    with atomic_write(home / "other.mp3") as file:
        file.write(b"sound")
    cache.remove_stale()
    publish(home / "site", site)
    assert all(part.exists() for part in parts)


def test_an_unfinished_file_is_removed_at_the_end_of_its_block_unless_it_was_renamed(
    home: Path,
) -> None:
    def interrupted() -> None:
        with create_temp(home, "a-") as part:
            part.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with create_temp(home, "a-") as part:
        part.write_bytes(b"whole")
        part.replace(home / "whole")
    assert {path.name: path.read_bytes() for path in home.iterdir()} == {"whole": b"whole"}


@posix_only
def test_where_files_cannot_be_locked_their_age_decides(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with create_temp(home, "a-") as part, create_temp(home, "a-") as old:
        os.utime(old, (time.time() - 7200,) * 2)
        remove_stale(home, "a-")
        assert part.exists()
        assert not old.exists()


@posix_only
def test_a_sweep_between_making_and_locking_a_file_is_noticed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    lock = fcntl.flock
    swept = iter([True])

    def late(handle: int, how: int) -> None:
        if next(swept, False):
            for path in home.iterdir():
                path.unlink()
        lock(handle, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with create_temp(home, "a-") as part:
        assert part.exists()


# Helpers that die


@posix_only
def test_a_mix_helper_that_is_killed_is_not_the_fault_of_a_voice(home: Path) -> None:
    process = started(*_build("--bed", "rain", "--jobs", "1"), stderr=subprocess.PIPE)
    wait_for(lambda: list(Path("cache/blocks").rglob("*/*")))
    for helper in children(process.pid, "stretchaudio.mix.worker"):
        os.kill(helper, signal.SIGKILL)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 70
    assert err.startswith(
        "The helper stretchaudio.mix.worker stopped unexpectedly (exit code -9).\nHINT: Run it "
        "again"
    )
    assert not list(home.glob("*.mp3"))


@posix_only
def test_a_helper_of_a_voice_that_is_killed_names_the_voice(home: Path) -> None:
    process = started(*_build(), stderr=subprocess.PIPE)
    helper = wait_for(lambda: children(process.pid, "espeak_worker"))[0]
    os.kill(helper, signal.SIGKILL)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 3
    assert (
        "The voice espeak:en-us+klatt4 failed. The helper "
        "stretchaudio.speech.engines.espeak_worker stopped" in err
    )
    assert not list(home.glob("*.mp3"))
