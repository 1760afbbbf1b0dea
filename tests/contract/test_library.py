"""The bundled exercises and routines: what is prescribed, and what it is like to listen to."""

import itertools
import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import DATA, REPOSITORY, Ran
from listening import SPEECH_AT_MOST
from sessions import choose_voice, plan, settings_of
from stretchaudio import Level, Options, read_routine
from stretchaudio.language import SPOKEN_VERBOSITIES, Verbosity, language
from stretchaudio.programme.dose import doubts
from stretchaudio.programme.library import read_programme
from stretchaudio.programme.plan import plan as plan_weeks
from stretchaudio.routine.describe import describe_work
from stretchaudio.routine.library import read_exercises
from stretchaudio.routine.lint import lint
from stretchaudio.script.verbosity import CueFilter
from stretchaudio.script.write import write_script
from stretchaudio.session.voice import encoding_speaker
from stretchaudio.track.manifest import Manifest

ROUTINES = sorted(
    path.stem for path in (REPOSITORY / "routines").glob("*.yaml") if "." not in path.stem
)
PRESCRIPTIONS = yaml.safe_load((DATA / "prescriptions.yaml").read_text())
LENGTHS_MIN = {
    "back-basics": (10, 13),
    "neck-and-shoulders": (4, 15),
    "hips-and-legs": (4, 18),
    "warm-up": (4, 15),
    "cool-down": (4, 15),
    "desk-break": (5, 6.5),
    "daily-fifteen": (14, 17),
    "on-a-chair": (10, 16),
    "lower-back": (10, 15),
}
NEVER_DROPPED = {"release", "side", "count", "countdown"}
BEATS = {"count", "countdown", "lead-in", "breath"}
LONGEST_SENTENCE = 14

every_routine = pytest.mark.parametrize("name", ROUTINES)


@pytest.fixture(scope="session", autouse=True)
def spoken(shared_cache: Path, worker_id: str) -> None:
    """Everything the bundled routines say, spoken in one go.

    The processes of a run begin at opposite ends and meet.
    """
    texts: dict[str, None] = {}
    for name, level, cues in itertools.product(ROUTINES, Level, SPOKEN_VERBOSITIES):
        routine = read_routine(REPOSITORY / "routines" / f"{name}.yaml")
        texts |= dict.fromkeys(write_script(routine, level, CueFilter(cues=cues)).texts())
    voice = choose_voice("espeak", language("en"))
    with (
        settings_of(Options(cache_dir=shared_cache)) as found,
        closing(encoding_speaker(voice, found, "en")) as speaker,
    ):
        speaker.speak(list(texts) if worker_id in {"master", "gw0"} else list(texts)[::-1])


def _manifest(name: str, **options: Any) -> Manifest:
    return plan(read_routine(REPOSITORY / "routines" / f"{name}.yaml"), Options(**options)).manifest


def test_the_library_has_every_prescribed_exercise_exactly_as_prescribed() -> None:
    assert {
        exercise.id: describe_work(exercise, paced=True) for exercise in read_exercises()
    } == PRESCRIPTIONS


def test_every_exercise_tells_all_one_needs() -> None:
    for exercise in read_exercises():
        assert exercise.position, exercise.id
        assert exercise.focus, exercise.id
        assert exercise.source, exercise.id
        assert 2 <= len(exercise.setup) <= 5, exercise.id
        assert exercise.easier, exercise.id
        assert exercise.harder, exercise.id


def test_these_routines_are_bundled() -> None:
    others = {"healthy-back", "spinal-mobility", "flexible-back"}
    assert set(ROUTINES) == set(LENGTHS_MIN) | others


@pytest.mark.parametrize(("name", "limits"), LENGTHS_MIN.items())
def test_a_routine_has_its_length(name: str, limits: tuple[float, float]) -> None:
    assert limits[0] <= _manifest(name).duration_s / 60 <= limits[1]


def test_the_desk_break_needs_no_floor_and_nothing_else() -> None:
    routine = read_routine(REPOSITORY / "routines" / "desk-break.yaml")
    assert routine.equipment == ()
    assert {exercise.position for exercise in routine.exercises} <= {"seated", "standing"}


def test_one_never_gets_up_from_the_chair() -> None:
    exercises = read_routine(REPOSITORY / "routines" / "on-a-chair.yaml").exercises
    assert {exercise.position for exercise in exercises} == {"seated"}


@every_routine
def test_a_routine_opens_with_a_safety_note(name: str) -> None:
    intro = read_routine(REPOSITORY / "routines" / f"{name}.yaml").intro
    assert intro
    assert re.search(r"hurt|pain|doctor|gentl|slow|stop", " ".join(intro), re.IGNORECASE)


@every_routine
def test_nothing_in_a_routine_is_questionable(name: str) -> None:
    """But for the one that follows its article, which begins and ends with deep stretches."""
    found = lint(read_routine(REPOSITORY / "routines" / f"{name}.yaml"))
    assert bool(found) == (name == "spinal-mobility"), found


@every_routine
@pytest.mark.parametrize("level", Level)
def test_a_routine_is_good_to_listen_to(name: str, level: Level) -> None:
    manifest = _manifest(name, level=level)
    first = next(window.start_s for window in manifest.windows if window.kind != "transition")
    assert first <= 30, "the first movement begins late"
    for cue in manifest.cues:
        for sentence in re.split(r"(?<=[.!?])\s", cue.text):
            assert len(sentence.split()) <= LONGEST_SENTENCE, sentence


def _nothing_is_said_twice_soon(manifest: Manifest) -> None:
    """Counts and a few words on the beat aside."""
    last: dict[str, float] = {}
    for cue in manifest.cues:
        if cue.kind not in BEATS and len(cue.text.split()) > 3:
            assert cue.start_s - last.get(cue.text, -99) >= 20, cue
            last[cue.text] = cue.start_s


@every_routine
@pytest.mark.parametrize("cues", SPOKEN_VERBOSITIES)
@pytest.mark.parametrize("level", Level)
def test_speech_leaves_room_and_every_important_cue_has_its_place(
    name: str, level: Level, cues: Verbosity
) -> None:
    manifest = _manifest(name, level=level, cue_filter=CueFilter(cues=cues))
    spoken_s = sum(cue.end_s - cue.start_s for cue in manifest.cues)
    assert spoken_s <= SPEECH_AT_MOST[cues] * manifest.duration_s
    assert manifest.dropped == ()
    _nothing_is_said_twice_soon(manifest)


@every_routine
@pytest.mark.parametrize("cues", SPOKEN_VERBOSITIES)
def test_a_routine_can_be_fitted_within_its_reach(name: str, cues: Verbosity) -> None:
    ends = [
        _manifest(name, level=level, cue_filter=CueFilter(cues=cues)).duration_s
        for level in (Level.BEGINNER, Level.ADVANCED)
    ]
    minutes = round((0.6 * ends[0] + 0.4 * ends[1]) / 60, 2)
    manifest = _manifest(name, minutes=minutes, cue_filter=CueFilter(cues=cues))
    assert manifest.duration_s == pytest.approx(minutes * 60, rel=0.02)
    assert manifest.dropped == ()


@every_routine
def test_neighbours_in_one_position_are_not_set_up_from_scratch(name: str) -> None:
    """Nobody who already lies, sits or kneels is told to lie, sit or kneel down."""
    scratch = {
        "supine": r"^(lie|lay) (down|on your back)",
        "prone": r"^lie (down|on your (front|stomach|belly))",
        "seated": r"^sit (down|on (a|the|your) chair)",
        "all fours": r"^come onto (your )?(hands and knees|all fours)",
        "standing": r"^stand up",
    }
    exercises = read_routine(REPOSITORY / "routines" / f"{name}.yaml").exercises
    for before, exercise in itertools.pairwise(exercises):
        pattern = scratch.get(exercise.position or "")
        if pattern and before.position == exercise.position:
            assert not any(
                re.search(pattern, sentence.say, re.IGNORECASE) for sentence in exercise.setup
            ), exercise.id


def test_the_plan_and_the_finished_track_agree_on_the_length(home: Path) -> None:
    from mutagen.mp3 import MP3

    from stretchaudio import build

    routine = read_routine(REPOSITORY / "routines" / "desk-break.yaml")
    planned = plan(routine).manifest.duration_s
    build(routine, home / "desk-break.mp3")
    assert MP3(home / "desk-break.mp3").info.length == pytest.approx(planned, abs=0.1)


def test_the_picture_of_an_hour_stays_small(run: Callable[..., Ran], home: Path) -> None:
    done = run("plot", "flexible-back", "-o", "hour.svg")
    assert done.code == 0, done.err
    assert (home / "hour.svg").stat().st_size < 500_000


@pytest.mark.parametrize("name", ["at-the-desk", "stiff-back", "touch-the-toes"])
def test_a_programme_raises_no_doubt(name: str) -> None:
    programme = read_programme(str(REPOSITORY / "programmes" / f"{name}.yaml"))
    assert list(doubts(programme, plan_weeks(programme))) == []
