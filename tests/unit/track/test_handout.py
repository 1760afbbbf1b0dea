"""A handout is one page to print: what to do, how often, boxes, and when to stop."""

from dataclasses import replace
from pathlib import Path

from conftest import Built
from stretchaudio.track.handout import Person, handout, handout_rows
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
        "Stop and call if a pain is sharp",
    ):
        assert text in sheet
    assert "Nicely done." not in sheet
    assert "http" not in sheet  # it asks nothing of a network
    assert "Name:" not in sheet


def test_every_exercise_begins_when_show_says_so(sided: Built) -> None:
    manifest = read_embedded(sided.path).manifest
    starts = [format_clock(chapter.start_s) for chapter in manifest.chapters]
    assert starts[0] != "0:00"
    assert [row.start_text for row in handout_rows(manifest)] == starts


def test_paper_has_all_that_is_said_and_a_name_a_date_and_a_page_where_they_are_asked_for(
    sided: Built,
) -> None:
    manifest = read_embedded(sided.path).manifest
    long = tuple(
        replace(cue, text=f"{cue.text} {'Breathe well. ' * 300}") if cue.kind == "setup" else cue
        for cue in manifest.cues
    )
    said = [cue.text for cue in long if cue.kind == "setup"]
    rows = handout_rows(replace(manifest, cues=long))
    assert [one for row in rows for one in row.sentences] == said, "nothing is cut"
    assert 'class="handout size-0"' in handout(manifest)
    assert 'class="handout size-5"' in handout(replace(manifest, cues=long))
    person = Person(name="Anna <K.>", date="2026-05-03", page="https://example.org/s/k2/")
    sheet = handout(manifest, person=person)
    assert "Name: <b>Anna &lt;K.&gt;</b> Date: 2026-05-03" in sheet
    assert sheet.count('class="segno"') == 1
    assert 'class="segno"' not in handout(manifest)
