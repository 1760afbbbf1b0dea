"""A handout has every exercise with its dose."""

from pathlib import Path


def test_a_cue_sheet_has_every_exercise_with_its_dose_and_cautions(sidecars: Path) -> None:
    sheet = (sidecars / "back-basics.html").read_text()
    for text in (
        "Back basics",
        "Walking in place",
        "3 sets of 25 s hold",
        "15 s hold, each side",
        "12 reps, alternating sides",
        "Stop if you feel pain.",
        "Draw your belly in lightly, to steady your lower back.",
    ):
        assert text in sheet
    assert "Nicely done." not in sheet
    assert "http" not in sheet  # it asks nothing of a network
