"""A handout has every exercise with its dose."""

from pathlib import Path

from conftest import Built
from stretchaudio.track.handout import handout_rows
from stretchaudio.track.reader import read_embedded
from stretchaudio.util.units import format_clock


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


def test_every_exercise_begins_when_show_says_so(sided: Built) -> None:
    manifest = read_embedded(sided.path).manifest
    starts = [format_clock(chapter.start_s) for chapter in manifest.chapters]
    assert starts[0] != "0:00"
    assert [row.start_text for row in handout_rows(manifest)] == starts
