"""The package as a program uses it."""

import doctest
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

import stretchaudio
from conftest import REPOSITORY
from stretchaudio import CueFilter, Level, Options, UsageError, Verbosity, build


def test_a_session_is_built_from_a_name_or_a_file(write: object, home: Path) -> None:
    (home / "short.yaml").write_text("title: Short\nexercises: [{name: Hold, hold: 5s}]\n")
    assert build("short.yaml", "a.mp3").manifest.title == "Short"
    assert build(Path("short.yaml"), Path("b.mp3")).path.read_bytes() == Path("a.mp3").read_bytes()
    with pytest.raises(UsageError, match="There is no routine 'nothing'"):
        build("nothing", "c.mp3")


def test_options_take_kinds_by_name() -> None:
    assert Options(level="beginner").level is Level.BEGINNER  # type: ignore[arg-type]
    assert Options(chimes="soft").chimes == "soft"  # type: ignore[arg-type]
    assert CueFilter(cues="brief").cues is Verbosity.BRIEF  # type: ignore[arg-type]
    with pytest.raises(
        UsageError, match=r"There is no level 'beginer'\. Perhaps you meant beginner\?"
    ):
        Options(level="beginer")  # type: ignore[arg-type]


def test_an_id_by_itself_is_one() -> None:
    options = Options(only="shoulder-rolls", skip="bridge")  # type: ignore[arg-type]
    assert (options.only, options.skip) == (("shoulder-rolls",), ("bridge",))


@pytest.mark.parametrize("name", ["minutes", "speed", "pitch", "room_tone_db", "jobs"])
def test_a_number_that_is_none_is_told(name: str) -> None:
    with pytest.raises(UsageError, match=rf"^'ten' is not a number for {name}\.$"):
        Options(**{name: "ten"})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["x.wav", "x.yaml", "-"])
def test_a_track_cannot_have_the_name_of_another_kind_of_file(home: Path, name: str) -> None:
    with pytest.raises(UsageError):
        build("back-basics", name)
    assert not list(home.iterdir())


def test_public_names_are_there() -> None:
    assert sorted(stretchaudio.__all__) == [
        "Check",
        "ChimeSound",
        "CueFilter",
        "Ducking",
        "FileError",
        "Imported",
        "Level",
        "Manifest",
        "Options",
        "Pace",
        "Preview",
        "Progress",
        "PublishResult",
        "Routine",
        "RoutineError",
        "Sidecars",
        "SiteRequest",
        "StretchaudioError",
        "Track",
        "UsageError",
        "Verbosity",
        "VoiceError",
        "Wishes",
        "WorkerPools",
        "__version__",
        "build",
        "compose",
        "import_sheet",
        "parse_routine",
        "plan",
        "publish",
        "read_routine",
        "verify",
    ]
    for name in stretchaudio.__all__:
        assert getattr(stretchaudio, name)
    assert stretchaudio.__version__.count(".") == 2
    with pytest.raises(AttributeError):
        stretchaudio.nothing  # noqa: B018


def test_types_are_shipped(tmp_path: Path) -> None:
    assert files(stretchaudio).joinpath("py.typed").is_file()
    mypy = pytest.importorskip("mypy.api")
    (tmp_path / "user.py").write_text(
        "from stretchaudio import Options, Pace, Track, build\n"
        "track: Track = build('back-basics', 'x.mp3', Options(pace=Pace(rest_ms=5000)))\n"
        "reveal_type(track.manifest.duration_s)\n"
    )
    said, _, _ = mypy.run(
        ["--strict", "--cache-dir", str(tmp_path / "cache"), str(tmp_path / "user.py")]
    )
    assert 'Revealed type is "float"' in said or "builtins.float" in said, said


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, stretchaudio; sys.exit(any(name in sys.modules for name in ('numpy', "
        "'typer', 'pydantic', 'yaml')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_examples_of_the_docs_run(home: Path) -> None:
    found = doctest.testfile(str(REPOSITORY / "docs" / "api.md"), module_relative=False)
    assert found.attempted > 20
    assert found.failed == 0
