"""What one cannot follow with closed eyes is warned of."""

from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Ran
from stretchaudio import read_routine
from stretchaudio.script.by_ear import lint_by_ear

Write = Callable[..., Path]


def _warnings(write: Write, keys: str) -> list[str]:
    path = write(f"title: Closed eyes\nexercises:\n  - {{name: Reach, hold: 20s, {keys}}}\n")
    return [warning.message for warning in lint_by_ear(read_routine(path))]


@pytest.mark.parametrize(
    ("sentence", "advice"),
    [
        ("Hold your arms like this.", "say how it is done"),
        ("Bend as shown in the picture.", "say how it is done"),
        ("Look at your hands.", "nobody looks"),
        ("Circle your arms clockwise.", "there is no clock"),
        ("Reach over with your right.", "name the limb"),
        ("Lift the left one.", "name the limb"),
        ("Bend, then turn, then reach.", "several actions"),
        (
            "Stand tall with both of your feet right below your hips and your arms up.",
            "15 words are too many",
        ),
    ],
)
def test_a_sentence_for_the_eye_is_warned_of(write: Write, sentence: str, advice: str) -> None:
    (warning,) = _warnings(write, f'setup: ["{sentence}"]')
    assert advice in warning
    assert sentence in warning


@pytest.mark.parametrize(
    "sentence",
    ["Look up to the ceiling.", "Turn to the right.", "Lift your right arm.", "Sit, then breathe."],
)
def test_what_can_be_followed_is_not_warned_of(write: Write, sentence: str) -> None:
    assert _warnings(write, f'setup: ["{sentence}"]') == []


def test_a_tip_that_is_never_heard_is_warned_of(write: Write) -> None:
    path = write("""
        title: Tips
        exercises:
          - {name: Short, hold: 5s, tips: [Breathe out.]}
          - {name: Long, hold: 20s, tips: [Breathe in.]}
    """)
    (warning,) = lint_by_ear(read_routine(path))
    assert warning.message.startswith("'Short' never has time for the tip 'Breathe out.'")
    assert str(warning.mark).endswith("routine.yaml:4:5")


def test_check_shows_what_is_said_on_the_other_side(run: Callable[..., Ran], write: Write) -> None:
    write("""
        title: Sides
        exercises:
          - {name: Lunge, hold: 20s, sides: each, setup: [All right. Right foot ahead.]}
    """)
    ran = run("check", "routine.yaml", "--mirror")
    assert ran.code == 0
    assert "Lunge: All right. Right foot ahead. → All right. Left foot ahead.\n" in ran.out
    assert "→" not in run("check", "routine.yaml").out
