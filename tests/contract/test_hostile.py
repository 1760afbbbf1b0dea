"""Files made to harm whoever reads them end with a sentence, in little memory and time."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from conftest import Built, Ran
from hostile import MANIFESTS, TRACKS, Parts, damaged
from stretchaudio.errors import StretchaudioError
from stretchaudio.track.verify import verify

pytestmark = [
    pytest.mark.xdist_group("hostile"),
    pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux tells it"),
]
"""The track they are made from is built once."""
ROUTINE = """
title: Short
exercises:
  - {name: Back stretch, setup: [Stand tall.], hold: 10s}
  - {name: Side reach, reps: 4}
"""
MOST_KB = 200_000
MOST_CPU_S = 8.0
"""Twice what `verify` takes for twelve hours of cues; a processor's speed varies by a third."""
_LIMIT_BYTES = 700_000_000
"""Of addresses: what libraries reserve without ever using it counts as well."""
_MEASURED = """
import contextlib, io, json, os, resource, sys
import stretchaudio.cli.inspect, stretchaudio.cli.site, stretchaudio.track.verify
from stretchaudio.cli import main
def cpu_s():
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)
def measured(asked):
    resource.setrlimit(resource.RLIMIT_AS, (asked["limit"],) * 2)
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    told = []
    for command in asked["commands"]:
        sys.argv = ["stretchaudio", *command]
        out, err, before_s, code = io.StringIO(), io.StringIO(), cpu_s(), 0
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main()
            except SystemExit as ended:
                code = ended.code or 0
        told.append((code, out.getvalue(), err.getvalue(), cpu_s() - before_s))
    helpers_kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    with open("/proc/self/status") as status:
        own_kb = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    print(json.dumps([max(own_kb, helpers_kb), told]), flush=True)
for line in sys.stdin:
    if not os.fork():
        measured(json.loads(line))
        os._exit(0)
    if os.wait()[1]:
        print(json.dumps(None), flush=True)
"""
"""A process for each measurement, of one that has loaded what they all need."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What commands did, in one process with little memory."""

    most_kb: int
    """The most that any process of theirs held."""
    cpu_s: dict[str, float]
    """Of each, by its name; the clock would tell of what else the machine does."""
    ran: dict[str, Ran]
    """How each ended."""


Measure = Callable[..., Measured]


@pytest.fixture(scope="module")
def measurer() -> Iterator[subprocess.Popen[str]]:
    # Each thread of OpenBLAS reserves memory, by the machine's cores.
    with subprocess.Popen(
        [sys.executable, "-c", _MEASURED],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.stdin.close()


@pytest.fixture
def measure(measurer: subprocess.Popen[str], home: Path) -> Measure:
    """Run commands in the working folder, in a process of their own with little memory."""

    def measure(*commands: tuple[str | Path, ...]) -> Measured:
        asked = {
            "commands": [list(map(str, command)) for command in commands],
            "environment": dict(os.environ),
            "folder": str(home),
            "limit": _LIMIT_BYTES,
        }
        print(json.dumps(asked), file=measurer.stdin, flush=True)
        answer = json.loads(measurer.stdout.readline())
        assert answer is not None, "The process was killed or ended by itself."
        most_kb, told = answer
        names = [str(command[0]) for command in commands]
        return Measured(
            most_kb=most_kb,
            cpu_s={name: cpu_s for name, (*_, cpu_s) in zip(names, told, strict=True)},
            ran={
                name: Ran(code=code, out=out, err=err)
                for name, (code, out, err, _) in zip(names, told, strict=True)
            },
        )

    return measure


@pytest.fixture(scope="session")
def kept() -> dict[str, Parts]:
    return {}


@pytest.fixture
def parts(kept: dict[str, Parts], build: Callable[..., Built], write: Callable[..., Path]) -> Parts:
    """A short track, taken apart."""
    if "short" not in kept:
        kept["short"] = Parts.of(build(write(ROUTINE)).path)
    return kept["short"]


COMMANDS: dict[str, tuple[str, ...]] = {
    "extract": ("extract", "track.mp3", "--yaml", "out.yaml", "--manifest", "out.json"),
    "verify": ("verify", "track.mp3"),
    "publish": ("publish", "site", "track.mp3", "-q"),
}


def _is_safe(measure: Measure, home: Path, data: bytes, *names: str) -> dict[str, Ran]:
    """See that a file harms no command."""
    (home / "track.mp3").write_bytes(data)
    found = measure(*(COMMANDS[name] for name in names))
    (home / "track.mp3").unlink()
    for name, ran in found.ran.items():
        assert ran.code in {0, 1, 4}, (name, ran)
        told = ran.err.partition("\n")[0]
        assert ("track.mp3" in told and told.endswith(".")) == bool(ran.code), (name, ran.err[:500])
    assert found.most_kb < MOST_KB
    assert max(found.cpu_s.values()) < MOST_CPU_S, found.cpu_s
    return found.ran


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_hostile_manifest_harms_nobody(
    parts: Parts, measure: Measure, home: Path, name: str
) -> None:
    manifest, said = MANIFESTS[name]
    sound = parts.sound[:5000] if name.startswith("12 hours") else None
    ran = _is_safe(
        measure, home, parts.track(manifest=manifest(parts), sound=sound), "extract", "verify"
    )
    if said:
        assert all(said in one.err for one in ran.values()), ran
    else:
        assert ran["extract"].code == 0
        assert ran["verify"].code == 1


@pytest.mark.parametrize("name", TRACKS)
def test_a_hostile_track_harms_nobody(
    parts: Parts, measure: Measure, home: Path, name: str
) -> None:
    track, of_extract, of_verify = TRACKS[name]
    ran = _is_safe(measure, home, track(parts), *COMMANDS)
    for command, said in (("extract", of_extract), ("verify", of_verify)):
        assert said in ran[command].err, ran
        assert bool(ran[command].code) == bool(said), ran
    assert bool(ran["publish"].code) == bool(of_verify), ran


def test_what_is_no_file_is_not_read(measure: Measure, home: Path) -> None:
    os.mkfifo(home / "pipe.mp3")
    (home / "zero.mp3").symlink_to("/dev/zero")
    for name in ("pipe.mp3", "zero.mp3"):
        for ran in measure(
            ("extract", name), ("verify", name), ("publish", "site", name)
        ).ran.values():
            assert (ran.code, ran.err.partition("\n")[0]) == (4, f"{name} is not a file.")


@pytest.mark.parametrize("seed", range(0, 200, 20))
def test_damage_anywhere_is_told_in_a_sentence(parts: Parts, home: Path, seed: int) -> None:
    """Of 6,000 such tracks none ended otherwise."""
    path = home / "damaged.mp3"
    for one in range(seed, seed + 20):
        path.write_bytes(damaged(parts, one))
        told = _told(path)
        assert told.endswith("."), (one, told)
        assert "not exist" not in told, (one, told)


def _told(path: Path) -> str:
    """What `verify` says of a track, when it does not measure it."""
    try:
        _, checks = verify(path)
    except StretchaudioError as error:
        return error.message
    return "Measured." if checks else ""
