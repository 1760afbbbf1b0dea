"""A handout has every exercise with its dose."""

from pathlib import Path


def test_a_cue_sheet_has_every_exercise_with_its_dose_and_cautions(sidecars: Path) -> None:
    sheet = (sidecars / "back-basics.html").read_text()
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
