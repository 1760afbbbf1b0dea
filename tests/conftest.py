"""What tests share: a home, one cache of speech for the whole run, and a way to build."""

import json
import os
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sessions import build_session, pools
from stretchaudio import Options, read_routine
from stretchaudio.cli import main
from stretchaudio.session.options import usual_jobs

pytest_plugins = ["browsing"]

# No page is printed but where that is tested: a browser takes seconds to start.
os.environ["STRETCHAUDIO_BROWSER"] = "none"


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: tests also wait, for browsers, servers and clocks."""
    return usual_jobs() + 1


DATA = Path(__file__).parent / "data"
REPOSITORY = Path(__file__).parent.parent

SIDED = """
    title: Sided
    licence: CC BY 4.0
    source: The clinic's own sheet
    exercises:
      - name: Knee to chest
        setup: [Lie down.]
        hold: 10s
        sets: 2
        sides: each
      - name: Side reach
        reps: 4
        sides: alternate
      - name: Stand tall
        hold: 12s
"""
"""Sets of two sides, alternating reps and a hold without sides."""


@dataclass(frozen=True, kw_only=True)
class Built:
    """A track with the manifest that was written beside it."""

    path: Path
    manifest: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """One cache for all tests of a run, so that a sentence is spoken once."""
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "shared-cache"


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """xdist's name of this process; "master" without xdist."""
    return os.environ.get("PYTEST_XDIST_WORKER", "master")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder and home, so that nothing of whoever runs the tests is touched."""
    working = tmp_path / "working"
    working.mkdir()
    monkeypatch.chdir(working)
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("STRETCHAUDIO_CACHE", str(shared_cache))
    monkeypatch.setenv("STRETCHAUDIO_VOICE", "espeak")
    for name in (
        "http_proxy",
        "https_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
    ):  # where nothing listens: no test reaches a network
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("COLUMNS", "120")
    return working


@pytest.fixture
def write(home: Path) -> Callable[..., Path]:
    """Write a routine into the working folder."""

    def write(text: str, name: str = "routine.yaml") -> Path:
        path = home / name
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return write


@pytest.fixture
def build(home: Path) -> Callable[..., Built]:
    """Build a routine's file."""

    def build(routine: Path | str, **options: Any) -> Built:
        path, manifest = home / "track.mp3", home / "track.json"
        build_session(read_routine(routine), path, Options(**options), manifest=manifest)
        return Built(path=path, manifest=json.loads(manifest.read_text(encoding="utf-8")))

    return build


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run the command line in this process."""

    def run(*arguments: str | Path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["stretchaudio", *map(str, arguments)])
        capsys.readouterr()
        code: Any = 0
        try:
            main(pools)
        except SystemExit as exit_:
            code = exit_.code
        printed = capsys.readouterr()
        return Ran(code=code or 0, out=printed.out, err=printed.err)

    return run


@pytest.fixture
def back_basics(build: Callable[..., Built]) -> Built:
    return build(REPOSITORY / "routines" / "back-basics.yaml")


@pytest.fixture
def sided(build: Callable[..., Built], write: Callable[..., Path]) -> Built:
    return build(write(SIDED))


@pytest.fixture
def sidecars(run: Callable[..., Ran], home: Path) -> Path:
    """A folder with back-basics and every sidecar of it."""
    routine = REPOSITORY / "routines" / "back-basics.yaml"
    formats = ("--captions", "vtt,srt,lrc", "--chapters", "json", "--handout")
    ran = run("build", routine, "-q", *formats, "-m", "back-basics.json")
    assert ran.code == 0, ran.err
    return home
