"""Measure how many sessions a second `batch` builds from a cache, in processes and on Dask.

Every row is another session of five to six minutes: the same sentences at other times, with a
cover of its own. Run it with: python benchmarks/batch.py [ROWS ...] [--dask] [--empty] [--bucket]
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
import tenacity

from stretchaudio.routine.library import bundled_folder

LEVELS = ("beginner", "intermediate", "advanced")
SPEAKING = 24
"""Rows that are built when the cache is empty."""
_PORT = 18080
_SPEAKER = """import sys, wave
with open(__file__ + ".log", "a") as log:
    log.write(sys.stdin.read() + "\\n")
with wave.open(sys.argv[1], "wb") as file:
    file.setnchannels(1), file.setsampwidth(2), file.setframerate(24000)
    file.writeframes(b"\\0\\x20\\0\\xe0" * 6000)
"""
"""A voice that notes what it is asked to speak, and beeps."""


def main() -> None:
    """Print the figures."""
    numbers = [int(one) for one in sys.argv[1:] if one.isdigit()] or [1000]
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    print(f"{os.cpu_count()} cores, load {busy:.1f} before it began")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = (bundled_folder() / "desk-break.yaml").read_text(encoding="utf-8")
        (folder / "desk.yaml").write_text(text.replace("sets: 1", "sets: 2"), encoding="utf-8")
        if "--empty" in sys.argv:
            speak(folder)
        run(folder, 3)  # a row of each level has all there is to be said
        for rows in numbers:
            rate = run(folder, rows, show=True)
            if "--dask" in sys.argv:
                ratio = run(folder, rows, "--on", "local-cluster", show=True) / rate
                print(f"  Dask against processes: {ratio:.2f}")
            if "--bucket" in sys.argv:
                with bucket():
                    run(folder, rows, show=True, out=f"s3://bench/{rows}")


def table(folder: Path, rows: int) -> Path:
    """Write a table of sessions, each with other lengths."""
    lines = [
        f"desk.yaml,p{row},{LEVELS[row % 3]},"
        f"{5 + row % 25 * 0.048:.3f}s,{4 + row // 25 * 0.048:.3f}s"
        for row in range(rows)
    ]
    path = folder / f"people-{rows}.csv"
    path.write_text("\n".join(["routine,name,level,rest,switch", *lines]) + "\n")
    return path


@contextmanager
def bucket() -> Iterator[None]:
    """Start a server that speaks S3 on this machine, with a bucket; the environment names it."""
    with subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-p", str(_PORT)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        url = f"http://127.0.0.1:{_PORT}"
        os.environ |= {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "anyone",
            "AWS_SECRET_ACCESS_KEY": "anything",
            "AWS_REGION": "us-east-1",
            "NO_PROXY": "127.0.0.1",
        }
        try:
            wait = tenacity.wait_fixed(0.2)
            tenacity.Retrying(wait=wait, stop=tenacity.stop_after_delay(30))(
                requests.put, f"{url}/bench", timeout=10
            )
            yield
        finally:
            server.terminate()


def run(
    folder: Path, rows: int, *on: str, show: bool = False, out: Path | str | None = None
) -> float:
    """Build some rows; return tracks a second, from the start of the program to its end."""
    out = out or folder / f"out-{'-'.join(on)}-{rows}"
    people = table(folder, rows)
    command = [sys.executable, "-m", "stretchaudio", "batch", people, "-o", out, "--jobs", "2"]
    began, before = time.monotonic(), os.times()
    with subprocess.Popen(
        [*command, "--voice", "espeak", "--cache-dir", folder / "cache", *on],
        stdout=subprocess.DEVNULL,
    ) as process:
        peaks_mb: dict[int, float] = {}
        watch = threading.Thread(target=_watch, args=(process, peaks_mb))
        watch.start()
        watch.join()
    wall_s, after = time.monotonic() - began, os.times()
    cpu_s = after.children_user + after.children_system
    cpu_s -= before.children_user + before.children_system
    if process.returncode != 0:
        sys.exit("A row failed.")
    if show:
        where = "Dask" if on else "processes" if isinstance(out, Path) else "into a bucket"
        print(
            f"{where}, {rows} rows: {rows / wall_s:.1f} tracks/s, "
            f"{1000 * cpu_s / rows:.0f} ms CPU a track, "
            f"largest worker {max(peaks_mb.values()):.0f} MB"
        )
    if isinstance(out, Path):
        tracks = sorted(out.glob("*.mp3"))
        different = len({hashlib.sha256(path.read_bytes()).digest() for path in tracks})
        size_mb = sum(path.stat().st_size for path in tracks) / 1e6
        if show:
            print(f"  {different} of {rows} different, {size_mb / rows:.2f} MB each")
        for path in tracks:
            path.unlink()
    return rows / wall_s


def _watch(process: "subprocess.Popen[bytes]", peaks_mb: dict[int, float]) -> None:
    """Note the most memory that each process below another one has had; on Linux."""
    while process.poll() is None:
        parents = {}
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                facts = dict(
                    line.split(":", 1) for line in status.read_text().splitlines() if ":" in line
                )
            except OSError:  # it has ended
                continue
            pid = int(status.parent.name)
            parents[pid] = int(facts["PPid"])
            if "VmHWM" in facts and _is_below(pid, process.pid, parents):
                peaks_mb[pid] = int(facts["VmHWM"].split()[0]) / 1024
        time.sleep(0.5)


def _is_below(pid: int, top: int, parents: dict[int, int]) -> bool:
    while pid in parents:
        pid = parents[pid]
        if pid == top:
            return True
    return False


def speak(folder: Path) -> None:
    """Build rows with an empty cache; count what is spoken, and what of it is different."""
    program = folder / "speaker.py"
    program.write_text(_SPEAKER)
    config = folder / "config" / "stretchaudio" / "config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text(
        f"commands:\n  beep: [{sys.executable}, {program}, '{{file}}']\n",
    )
    people = table(folder, SPEAKING)
    command = [sys.executable, "-m", "stretchaudio", "batch", people, "-o", folder / "spoken"]
    subprocess.run(
        [*command, "--jobs", "2", "--voice", "command:beep", "--cache-dir", folder / "empty"],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "XDG_CONFIG_HOME": str(folder / "config")},
    )
    spoken = Path(f"{program}.log").read_text(encoding="utf-8").splitlines()
    print(
        f"cache empty, {SPEAKING} rows, 2 processes: "
        f"{len(spoken)} sentences spoken, {len(set(spoken))} different"
    )


if __name__ == "__main__":
    main()
