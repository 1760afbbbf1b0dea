"""A handout has every exercise with its dose."""

from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import REPOSITORY, Ran


@pytest.fixture
def beside(run: Callable[..., Ran], home: Path) -> Path:
    routine = REPOSITORY / "routines" / "back-basics.yaml"
    ran = run(
        "build",
        routine,
        "-q",
        "--captions",
        "vtt,srt,lrc",
        "--chapters",
        "json",
        "--handout",
        "-m",
        "back-basics.json",
    )
    assert ran.code == 0, ran.err
    return home


def test_a_cue_sheet_has_every_exercise_with_its_dose_and_cautions(beside: Path) -> None:
    sheet = (beside / "back-basics.html").read_text()
    for text in (
        "Back basics",
        "Walking in place",
        "3 sets of 23 s hold",
        "15 s hold, each side",
        "14 reps, alternating sides",
        "Ease off if anything hurts.",
        "3:11",
    ):
        assert text in sheet
    assert "http" not in sheet  # it asks nothing of a network
