"""A track to learn from: everything there is to know, once, and nothing counted."""

from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import REPOSITORY, Ran
from stretchaudio import read_routine
from stretchaudio.language import languages
from stretchaudio.script.learn import LINE_PAUSE_MS, write_learn_script
from stretchaudio.script.model import Chapter, CueKind, Say, Window

EVERYTHING = """
    title: All
    sections:
      - rounds: 2
        exercises:
          - name: Fold
            why: It is good for you.
            setup: [Bend your right knee.]
            hold: 30s
            sets: 3
            sides: each
            caution: Stop if it hurts.
            feel: You feel it here.
            tips: [Breathe., {say: Keep still., when: late}]
            easier: Bend less.
            exit: Come up.
          - {name: Roll, reps: 10, sides: alternate}
          - name: Rise
            work: [{repeat: 4, work: [{breaths: 5}, {move: 3s, say: Sit up.}, {hold: 5s}]}]
          - {name: Circle, time: 60s, sides: [forward, back]}
"""
COUNTED = {CueKind.LEAD_IN, CueKind.COUNT, CueKind.COUNTDOWN, CueKind.HALFWAY, CueKind.REST}


def test_each_exercise_comes_once_with_all_there_is_to_know(write: Callable[..., Path]) -> None:
    script = write_learn_script(read_routine(write(EVERYTHING)))
    chapters = [item.title for item in script.items if isinstance(item, Chapter)]
    assert chapters == ["Fold", "Roll", "Rise", "Circle"]
    assert script.title == "All, to learn"
    said = [cue.text for cue in script.cues()]
    begin, end = said.index("Let's begin with Fold."), said.index("Next, Roll.")
    assert said[begin + 1 : end] == [
        "It is good for you.",
        "Bend your right knee.",
        "Stop if it hurts.",
        "Stay.",
        "You feel it here.",
        "Breathe.",
        "Keep still.",
        "To make it lighter, bend less.",
        "Come up.",
        "The other side goes the same way.",
    ]
    assert not COUNTED & {cue.kind for cue in script.cues()}
    lines = [
        item for item in script.items if isinstance(item, Say) and item.cue.kind is CueKind.TIP
    ]
    assert all(line.pause_ms >= LINE_PAUSE_MS for line in lines)


def test_one_tries_a_little_of_each_step(write: Callable[..., Path]) -> None:
    script = write_learn_script(read_routine(write(EVERYTHING)))
    tried = [
        (item.kind.value, item.length_ms, item.side)
        for item in script.items
        if isinstance(item, Window)
    ]
    assert tried == [
        ("hold", 8_000, None),
        ("rep", 4_500, "right"),
        ("rep", 4_500, "left"),
        ("breath", 10_000, None),
        ("breath", 10_000, None),
        ("move", 3_000, None),
        ("hold", 5_000, None),
        ("time", 8_000, None),
    ]
    left = write_learn_script(read_routine(write(EVERYTHING)), left_first=True)
    assert "Bend your left knee." in left.texts()


@pytest.mark.parametrize("code", languages())
def test_it_is_told_in_every_language(code: str, write: Callable[..., Path]) -> None:
    path = write(EVERYTHING.replace("title: All", f"title: All\n    language: {code}"))
    script = write_learn_script(read_routine(path))
    assert script.title not in {"All", "All, to learn" if code != "en" else ""}
    assert len(script.texts()) > 20


def test_nothing_of_the_bundled_exercises_is_left_out() -> None:
    routine = read_routine(REPOSITORY / "routines" / "spinal-mobility.yaml")
    said = set(write_learn_script(routine).texts())
    for exercise in routine.exercises:
        assert {one.say for one in (*exercise.setup, *exercise.tips)} <= said
        assert {exercise.feel, exercise.caution, exercise.exit, exercise.why} - {None} <= said


def test_a_track_to_learn_from_is_built_and_measured(
    run: Callable[..., Ran], home: Path, write: Callable[..., Path]
) -> None:
    write(EVERYTHING)
    ran = run("build", "routine.yaml", "--learn", "--verify", "-q")
    assert (ran.code, ran.err) == (0, "")
    assert (home / "routine-learn.mp3").exists()
    ran = run("build", "routine.yaml", "--learn", "--cues", "brief")
    assert (ran.code, ran.err.splitlines()[0]) == (
        2, "--learn tells everything and takes the time it takes.",
    )  # fmt: skip
