"""README and docs/ are true as they are written.

Every block runs, from a working copy; README's from an empty folder, too.
"""

import csv
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import REPOSITORY, Ran
from prescribed import workbook
from stretchaudio.audio.files import wav
from stretchaudio.figure.draw import draw
from stretchaudio.routine.figures import figure_for
from stretchaudio.routine.parse import parse_routine

Run = Callable[..., Ran]
DOCUMENTS = [
    "README.md",
    *sorted(f"docs/{path.name}" for path in (REPOSITORY / "docs").glob("*.md")),
]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
NOT_RUN = {
    "stretchaudio serve": "goes on until it is ended; test_publish.py",
    "stretchaudio play": "opens a player; test_publish.py",
    "stretchaudio voices download": "needs a network; test_piper.py",
    "stretchaudio programme build": "takes minutes; test_programmes.py",
    "stretchaudio --install-completion": "changes the shell of who runs the tests",
}
FEWER = {"--all": ("back-basics", "desk-break.es")}
"""To speak all that come with the program takes minutes; test_publish.py has `--all`."""
PEOPLE = "routine,name,only\nwarm-up,Anna,shoulder-blade-squeeze\n"
THEIRS = "Exercise,Sets,Reps\nBridge,3,10\nCalf raise,2,12\n"


def _blocks(document: str, *languages: str) -> Iterator[str]:
    for language, text in FENCE.findall((REPOSITORY / document).read_text()):
        if language in languages:
            yield text


def _commands(document: str) -> list[str]:
    lines = (line for block in _blocks(document, "", "sh") for line in block.splitlines())
    return [
        line
        for line in lines
        if line.startswith("stretchaudio ") and not line.startswith(tuple(NOT_RUN))
    ]


@pytest.fixture
def place(request: pytest.FixtureRequest, home: Path, run: Run, tmp_path: Path) -> Path:
    """Where a reader may stand, with the files that are the reader's own."""
    if request.param == "working copy":
        for name in ("routines", "programmes", "docs"):
            shutil.copytree(REPOSITORY / name, home / name)
    music = tmp_path / "home" / "Music" / "calm"
    music.mkdir(parents=True)
    shutil.copy(_noise(tmp_path / "noise.wav", 30), music / "calm.wav")
    for name in ("exercises.csv", "home-exercises.csv", "plan.csv"):
        (home / name).write_text(THEIRS)
    (home / "plan.xlsx").write_bytes(workbook([row.split(",") for row in THEIRS.splitlines()]))
    (home / "people.csv").write_text(PEOPLE)
    assert (
        run("build", "warm-up", "--only", "shoulder-blade-squeeze", "-q", "-o", "ours.mp3").code
        == 0
    )
    return home


def _noise(path: Path, seconds: int) -> Path:
    """Something that is no silence."""
    path.write_bytes(wav(bytes(range(250)) * 128 * seconds, 16_000))
    return path


def _record(to_record: Path, folder: Path) -> None:
    """What a reader does between two lines: record every sentence of the list."""
    folder.mkdir()
    with to_record.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            _noise(folder / row["file"], 1)


@pytest.mark.xdist_group("documents")  # one after another, they speak and mix the same once
@pytest.mark.parametrize(
    ("document", "place"),
    [
        # What is found in an empty folder comes with the program; one document tells enough of it.
        ("README.md", "empty folder"),
        *((one, "working copy") for one in DOCUMENTS if _commands(one)),
    ],
    indirect=["place"],
)
def test_commands_run_as_they_are_written(document: str, place: Path, run: Run) -> None:
    before = {path.name for path in (place / "routines").glob("*")}
    for command in _commands(document):
        words = [
            word.replace("~", str(place.parent / "home"), 1)
            for written in shlex.split(command, comments=True)[1:]
            for word in FEWER.get(written, (written,))
        ]
        if "flite" in command and shutil.which("flite") is None:
            continue
        if "recordings:my-voice" in words:
            _record(place / "to-record.csv", place / "my-voice")
        done = run(*words)
        assert done.code == 0, f"{command}\n{done.err}"
        assert "No routine matches" not in done.out, command
    assert {path.name for path in (place / "routines").glob("*")} == before, (
        "nothing is written into the routines"
    )


@pytest.mark.parametrize("document", [one for one in DOCUMENTS if [*_blocks(one, "yaml")]])
def test_routines_build_without_a_warning(document: str, run: Run, home: Path) -> None:
    for text in _blocks(document, "yaml"):
        if document.endswith("voices.md"):
            continue  # the config file, below
        if text.startswith("phrases:"):
            text += "title: One\nexercises: [{name: Hold, hold: 20s}]\n"  # noqa: PLW2901 - a part of a routine
        elif text.startswith(("  - ", "work:")):
            text = f"title: One\nexercises:\n  - use: light-cardio\n{_as_exercise(text)}"  # noqa: PLW2901
        elif text.startswith("#"):
            continue  # a line for an editor
        (home / "one.yaml").write_text(text)
        done = run("check", "one.yaml")
        assert (done.code, done.err) == (0, ""), text
        assert "warning" not in done.out, done.out


def _as_exercise(text: str) -> str:
    return (
        text
        if text.startswith("  - ")
        else "  - name: It\n" + "".join(f"    {line}\n" for line in text.splitlines())
    )


def test_the_pictures_of_a_pose_are_those_of_its_steps() -> None:
    for number, text in enumerate(_blocks("docs/figures.md", "yaml"), 1):
        (exercise,) = parse_routine(text, file="x", library={}, languages=["en"]).exercises
        figure = figure_for(exercise)
        assert figure
        drawn = draw(figure.frames).document()
        assert drawn == (REPOSITORY / "docs" / f"figure-{number}.svg").read_text()


def test_the_config_file_of_the_docs_builds(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STRETCHAUDIO_VOICE")
    text, *_ = _blocks("docs/voices.md", "yaml")
    path = tmp_path / "home" / "stretchaudio" / "config.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    done = run("build", "desk-break", "--only", "shoulder-rolls")
    assert done.code == 0, done.err
    assert "voice espeak:en-gb-x-rp" in done.out


@pytest.mark.parametrize("document", [one for one in DOCUMENTS if [*_blocks(one, "python")]])
def test_programs_run_as_they_are_written(document: str, home: Path) -> None:
    for program in _blocks(document, "python"):
        exec(program, {})  # noqa: S102 - our own


def test_links_lead_somewhere() -> None:
    for document in DOCUMENTS:
        folder = (REPOSITORY / document).parent
        for target in re.findall(r"\]\((?!http)([^)#]+)", (REPOSITORY / document).read_text()):
            assert (folder / target).exists(), f"{document}: {target}"


def test_exit_codes_are_those_of_the_program() -> None:
    from stretchaudio import cli, errors

    known = {cli.INTERRUPTED, cli.INTERNAL_ERROR, 0, 143}
    known |= {
        kind.exit_code
        for kind in vars(errors).values()
        if isinstance(kind, type) and hasattr(kind, "exit_code")
    }
    table = re.findall(
        r"^\| (\d+(?:, \d+)*) \|", (REPOSITORY / "README.md").read_text(), re.MULTILINE
    )
    assert {int(code) for row in table for code in row.split(", ")} == known


def test_a_sentence_that_a_comma_cut_is_warned_of(run: Run, home: Path) -> None:
    exercise = (
        "  - name: Bend\n    setup: [Sit back on your heels, and slide your hands to the "
        "right.]\n    hold: 20s\n"
    )
    (home / "cut.yaml").write_text(f"title: Cut\nexercises:\n{exercise}")
    done = run("check", "cut.yaml")
    assert done.code == 0
    assert (
        "cut.yaml:3:5: warning: 'Bend' says 'Sit back on your heels' and 'and slide your hands"
        in done.out
    )
