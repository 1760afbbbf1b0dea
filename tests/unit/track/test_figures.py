"""A track's exercises are shown on the side they begin with, on pages and on paper."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sessions import plan
from stretchaudio import Options, Routine, read_routine
from stretchaudio.language import Verbosity
from stretchaudio.routine.library import bundled_exercises, inline_uses
from stretchaudio.routine.parse import parse_routine
from stretchaudio.script.verbosity import CueFilter
from stretchaudio.track.figures import shown_figures
from stretchaudio.track.handout import handout, handout_body
from stretchaudio.track.manifest import Manifest

SILENT = Options(cue_filter=CueFilter(cues=Verbosity.CHIMES))
"""Nothing has to be spoken to know the exercises."""
OWN = "{like: standing, view: front, right arm: {lift: 170, out: 90}, work: [right arm]}"


@pytest.fixture
def planned(write: Callable[..., Path]) -> tuple[Manifest, Routine]:
    exercises = (
        "[{use: pigeon-pose, hold: 9s}, {use: cat-cow, breaths: 2}, {name: Legs, hold: 9s}, "
        f"{{name: Reach, hold: 9s, sides: each, figure: {OWN}}}]"
    )
    routine = read_routine(write(f"title: x\nexercises: {exercises}\n"))
    return plan(routine, SILENT, measured=False).manifest, routine


def test_an_exercise_has_the_picture_of_the_side_it_begins_with(
    planned: tuple[Manifest, Routine],
) -> None:
    manifest, routine = planned
    shown = shown_figures(manifest, routine)
    assert {name: (one.name.partition("-")[0], one.is_left) for name, one in shown.items()} == {
        "Pigeon pose": ("pigeon", False),
        "Cat and cow": ("cat", False),
        "Reach": ("own", False),
    }
    other = {"right": "left", "left": "right"}
    windows = [replace(one, side=other.get(one.side or "")) for one in manifest.windows]
    left = shown_figures(replace(manifest, windows=tuple(windows)), routine)
    assert [left[name].is_left for name in shown] == [True, False, True]
    assert left["Reach"].picture != shown["Reach"].picture
    assert left["Cat and cow"] == shown["Cat and cow"]
    assert shown_figures(manifest, None) == {}


def test_a_track_that_names_no_library_carries_its_figures_too(
    planned: tuple[Manifest, Routine],
) -> None:
    manifest, routine = planned
    text = inline_uses(routine.text, file="x.yaml", library=bundled_exercises())
    read = parse_routine(text, file="x.yaml", library={}, languages=["en"])
    assert shown_figures(manifest, read) == shown_figures(manifest, routine)


def test_a_handout_has_the_pictures_in_it_or_names_their_files(
    planned: tuple[Manifest, Routine],
) -> None:
    page = handout(*planned)
    assert page.count('<span class="figure"><svg viewBox=') == 3
    body = handout_body(*planned, figures=dict.fromkeys(shown_figures(*planned), "f.svg"))
    assert body.count('<img src="f.svg" alt="">') == 3
