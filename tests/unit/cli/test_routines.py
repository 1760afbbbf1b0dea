"""Writing one's own routine: a starter, doubts, schemas, sheets."""

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import DATA, REPOSITORY, Ran
from stretchaudio import RoutineError, read_routine
from stretchaudio.errors import FileError
from stretchaudio.routine.import_sheet import all_lines, read_sheet, sheet_yaml
from stretchaudio.routine.lint import lint
from stretchaudio.routine.parse import parse_routine
from stretchaudio.routine.schema import exercises_schema, routine_schema

Run = Callable[..., Ran]
BUNDLED = REPOSITORY / "routines"


def test_a_starter_builds_as_it_is(run: Run, home: Path) -> None:
    ran = run("new", "My morning")
    assert (ran.code, ran.out) == (
        0,
        "my-morning.yaml is ready. Build it with: stretchaudio build my-morning.yaml\n",
    )
    assert run("check", "my-morning.yaml").out.startswith(
        "my-morning.yaml: fine. My morning, 5 exercises"
    )
    assert run("build", "my-morning.yaml").code == 0
    assert (home / "my-morning.mp3").is_file()


def test_a_starter_goes_where_the_next_command_looks_and_never_over_a_file(
    run: Run, home: Path
) -> None:
    (home / "routines").mkdir()
    assert "mine.yaml is ready" in run("new", "mine").out
    before = (home / "mine.yaml").read_text()
    assert run("check", "mine.yaml").code == 0
    assert not list((home / "routines").iterdir())
    ran = run("new", "mine")
    assert ran.code == 4
    assert "There is a file mine.yaml already." in ran.err
    assert (home / "mine.yaml").read_text() == before


@pytest.mark.parametrize("name", ["...", "/", ""])
def test_a_starter_needs_a_name(run: Run, home: Path, name: str) -> None:
    assert run("new", name).code == 2
    assert not list(home.iterdir())


DOUBTFUL = {
    "one side": ("{name: Left lunge, hold: 30s}", "works one side"),
    "short": ("{name: Reach, hold: 3s}", "holds for less than 5 s"),
    "long": ("{name: Reach, hold: 3m}", "holds for more than 2 minutes"),
    "cold": ("{name: Splits, hold: 60s}", "deep static hold before any warm-up"),
    "no cool-down": ("{name: Jumps, time: 20m, position: standing}", "without a cool-down"),
    "no rest": ("{name: Reach, hold: 20s, sets: 3, rest: 1s}", "hardly any rest"),
    "up and down": (
        (
            "{name: A, hold: 9s, position: supine}, {name: B, hold: 9s, position: standing}, "
            "{name: C, hold: 9s, position: supine}"
        ),
        "'B' makes one stand up and go down again",
    ),
    "down and up": (
        (
            "{name: A, hold: 9s, position: standing}, {name: B, hold: 9s, position: prone}, "
            "{name: C, hold: 9s, position: standing}"
        ),
        "'B' makes one go down and stand up again",
    ),
}


@pytest.mark.parametrize(("exercises", "message"), DOUBTFUL.values(), ids=DOUBTFUL.keys())
def test_what_a_physiotherapist_would_question_is_a_warning_with_its_place(
    run: Run, write: Callable[..., Path], exercises: str, message: str
) -> None:
    write(f"title: Odd\nexercises: [{exercises}]")
    ran = run("check", "routine.yaml")
    assert ran.code == 0
    assert message in ran.out
    assert "routine.yaml:2:" in ran.out
    assert ": warning: " in ran.out


def test_a_sound_routine_is_not_questioned(write: Callable[..., Path]) -> None:
    path = write("""
        title: Sound
        exercises:
          - {name: Walk, time: 2m, position: standing}
          - {name: Left reach, reps: 10, position: standing}
          - {name: Right reach, reps: 10, position: standing}
          - {name: Lunge, hold: 30-60s, sides: each, sets: 3, position: kneeling}
          - {name: Rest, breaths: 5, position: supine}
    """)
    assert lint(read_routine(path)) == ()


@pytest.mark.parametrize("path", sorted(BUNDLED.glob("*.yaml")), ids=lambda path: path.stem)
def test_bundled_routines_follow_the_schema_they_name(path: Path) -> None:
    _follows(path, "schema/routine.json", routine_schema())


@pytest.mark.parametrize(
    "path", sorted((BUNDLED / "exercises").glob("*.yaml")), ids=lambda path: path.stem
)
def test_bundled_exercises_follow_the_schema_they_name(path: Path) -> None:
    _follows(path, "../schema/exercises.json", exercises_schema())


def _follows(path: Path, named: str, schema: dict) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# yaml-language-server: $schema={named}\n")
    assert json.loads((path.parent / named).read_text()) == schema
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(yaml.safe_load(text), schema, jsonschema.Draft202012Validator)


@pytest.mark.parametrize(
    "name",
    [
        "unknown-keys",
        "sections-and-exercises",
        "neither",
        "no-exercises",
        "missing-keys",
        "two-work-keys",
        "not-lengths",
        "sides",
    ],
)
def test_the_schema_finds_what_the_program_finds(name: str) -> None:
    broken = yaml.safe_load((DATA / "broken" / f"{name}.yaml").read_text())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, routine_schema())


def test_the_command_prints_the_schemas(run: Run) -> None:
    assert json.loads(run("schema").out) == routine_schema()
    assert json.loads(run("schema", "--exercises").out) == exercises_schema()


@pytest.mark.parametrize(
    "path", sorted((DATA / "sheets").glob("*.[cm][sd]*")), ids=lambda path: path.name
)
def test_a_sheet_becomes_the_routine_beside_it(path: Path) -> None:
    """And what could not be read is said, by line."""
    sheet = read_sheet(path.read_text(encoding="utf-8"), file=path.name)
    told = f"{all_lines(sheet.problems)}\n" if sheet.problems else ""
    text = sheet_yaml(sheet, title=path.stem) if sheet.exercises else ""
    comments = "".join(f"# {line}\n" for line in told.splitlines())
    assert comments + text == path.with_suffix(".yaml").read_text(encoding="utf-8")
    if text:
        assert parse_routine(text, file="sheet.yaml", library={}, languages=["en", "de"]).sections


def test_importing_writes_a_routine_that_builds(run: Run, home: Path) -> None:
    ran = run("import", DATA / "sheets" / "handout.md")
    assert "knee-to-chest in the library" in ran.out
    assert "handout.yaml: 4 exercises. " in ran.out
    assert run("build", "handout.yaml", "--quiet").code == 0
    again = run("import", DATA / "sheets" / "handout.md")
    assert again.code == 4
    assert "There is a file handout.yaml already." in again.err


def test_a_sheet_without_exercises_writes_nothing(run: Run, home: Path) -> None:
    ran = run("import", DATA / "sheets" / "nothing.csv")
    assert ran.code == 4
    assert "Nothing in" in ran.err
    assert not list(home.iterdir())


@given(
    text=st.text(alphabet='|,;\t\n" abcxXsetrphold0123456789-–/.', max_size=400),
    kind=st.sampled_from(["a.csv", "a.md"]),
)
@settings(max_examples=150, deadline=None)
def test_any_sheet_is_read_or_told(text: str, kind: str) -> None:
    try:
        sheet = read_sheet("Exercise,Sets,Reps,Hold\n" + text, file=kind)
    except FileError:  # quotation marks that do not pair
        return
    if sheet.exercises:
        parse_routine(sheet_yaml(sheet, title="Any"), file="any.yaml", library={}, languages=["en"])


DAMAGES = st.sampled_from(
    [
        "",
        ":",
        "-",
        "[",
        "]",
        "{",
        "}",
        "'",
        '"',
        "&a",
        "*a",
        "\t",
        "\n",
        "  ",
        "0",
        "-5s",
        "99999",
        "hold",
        "!!x",
        "é",
        "\x00",
        "🙂",
        "|",
        ">",
    ]
)


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_random_damage_gives_an_error_or_a_routine_never_a_traceback(data: st.DataObject) -> None:
    text = (DATA / "torture.yaml").read_text()
    for _ in range(data.draw(st.integers(1, 4))):
        at, length = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 12))
        text = text[:at] + data.draw(DAMAGES) + text[at + length :]
    try:
        parse_routine(text, file="damaged.yaml", library={}, languages=["en"])
    except RoutineError as error:
        lines = str(error).splitlines()
        assert lines
        assert all(line.startswith("damaged.yaml:") for line in lines)


def test_an_exercise_is_drawn_on_either_side(run: Run, home: Path) -> None:
    ran = run("exercises", "pigeon-pose", "--figure", "right.svg")
    assert (ran.code, ran.out) == (0, "right.svg shows Pigeon pose.\n")
    assert run("exercises", "pigeon-pose", "--figure", "left.svg", "--left").code == 0
    right, left = ((home / f"{side}.svg").read_text() for side in ("right", "left"))
    assert 'aria-label="Pigeon pose. Kneeling, bent back."' in right
    assert right != left


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("--figure", "x.svg"), "--figure draws one exercise; name it."),
        (("cat-cow", "--left"), "--left goes with --figure FILE.svg."),
        (("cat-cow", "--figure", "x.png"), "x.png is not an SVG file."),
        (("cat-cov", "--figure", "x.svg"), "There is no exercise 'cat-cov'."),
    ],
)
def test_what_cannot_be_drawn_is_told_and_nothing_is_written(
    run: Run, home: Path, asked: tuple[str, ...], told: str
) -> None:
    ran = run("exercises", *asked)
    assert ran.code == 2
    assert told in ran.err
    assert not list(home.iterdir())


def test_a_figure_of_ones_own_is_checked(write: Callable[..., Path], run: Run) -> None:
    def checked(figure: str) -> Ran:
        exercise = f"{{name: Reach, hold: 9s, figure: {figure}}}"
        return run("check", write(f"title: x\nexercises: [{exercise}]\n"))

    assert "warning" not in checked("{like: standing, arms: {lift: 170}}").out
    assert "right elbow is at 170°" in checked("{like: standing, arms: {elbow: 170}}").out
    assert "names the figure 'cat-cov', which there is not" in checked("cat-cov").out
    assert ":2:" in checked("{like: standing, arms: {elbow: bent}}").err
    assert "'wing' is not known here" in checked("{like: standing, ground: [wing]}").err
