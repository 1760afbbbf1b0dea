"""A figure in words, in every language, from its angles."""

import pytest

from stretchaudio.figure.describe import describe, details, position
from stretchaudio.figure.library import read_figures
from stretchaudio.figure.pose import Pose, mirrored
from stretchaudio.language import language, languages
from stretchaudio.routine.folders import bundled_folder
from stretchaudio.routine.library import read_exercises

FIGURES = read_figures(bundled_folder() / "figures")


def said(name: str, code: str = "en", *, left: bool = False) -> str:
    figure = FIGURES[name].mirrored() if left else FIGURES[name]
    words = language(code).page
    poses = [frame.pose for frame in figure.frames]
    return describe(poses, words["figure"], words["positions"])


def test_a_figure_is_told_by_what_is_bent_raised_or_turned() -> None:
    assert said("back-stretch") == "Standing, back rounded, arms straight ahead"
    assert said("neck-tilt") == "Standing, chin down; chin up"
    assert said("dynamic-side-reach") == "Standing, leaning left, right arm overhead"
    assert said("dynamic-side-reach", left=True) == "Standing, leaning right, left arm overhead"
    assert said("knee-to-chest", "de") == "In Rückenlage, rechtes Knie gehoben"
    assert said("seated-side-bend", "es", left=True).startswith("En posición sentada, inclinación")


@pytest.fixture(scope="module")
def keys() -> dict[bool, list[list[str]]]:
    """What is said of each pose of the library, as it is drawn and mirrored."""
    poses = [frame.pose for figure in FIGURES.values() for frame in figure.frames]
    return {
        left: [list(details(mirrored(pose) if left else pose)) for pose in poses]
        for left in (False, True)
    }


@pytest.mark.parametrize("code", languages())
def test_every_language_has_words_for_every_figure(
    code: str, keys: dict[bool, list[list[str]]]
) -> None:
    words, english = (language(one).page["figure"] for one in (code, "en"))
    used = {key for told in (*keys[False], *keys[True]) for key in told}
    assert used <= words.keys() == english.keys()
    assert len(set(words.values())) == len(words)
    assert code == "en" or not set(words.values()) & set(english.values())


def test_the_position_is_that_of_the_exercise() -> None:
    """Where one may kneel or stand for a lunge, or comes up from all fours, both are right."""
    for exercise in read_exercises():
        pose = FIGURES[exercise.id].frames[0].pose
        if exercise.id not in {"hip-flexor-lunge", "a-frame-to-squat"}:
            assert position(pose) == exercise.position, exercise.id


def test_the_other_side_is_told_with_the_other_word(keys: dict[bool, list[list[str]]]) -> None:
    for ours, theirs in zip(keys[False], keys[True], strict=True):
        assert sorted(map(_swapped, theirs)) == sorted(ours)


def _swapped(text: str) -> str:
    other = {"right": "left", "left": "right"}
    return " ".join(other.get(word, word) for word in text.split())


def test_a_plain_pose_has_a_position_alone() -> None:
    assert list(details(Pose(ground=("right foot", "left foot")))) == []
