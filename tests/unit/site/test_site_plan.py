"""What a page shows from moment to moment is what the windows of the track hold."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sessions import plan
from stretchaudio import Options, read_routine
from stretchaudio.language import Verbosity
from stretchaudio.script.verbosity import CueFilter
from stretchaudio.site.plan import session_plan

SILENT = Options(cue_filter=CueFilter(cues=Verbosity.CHIMES))
"""Nothing has to be spoken to know the windows."""


@pytest.fixture
def planned(write: Callable[..., Path]) -> Callable[[str], list[dict[str, Any]]]:
    def planned(exercises: str, language: str = "en") -> list[dict[str, Any]]:
        text = f"title: x\nlanguage: {language}\nexercises: [{exercises}]\n"
        routine = read_routine(write(text))
        manifest = plan(routine, SILENT, measured=False).manifest
        return list(session_plan(manifest, routine)["stages"])

    return planned


def test_what_comes_next_is_work_rest_or_the_next_exercise(
    planned: Callable[[str], list[dict[str, Any]]],
) -> None:
    stages = planned("{name: Hips, hold: 30s, sets: 2}, {name: Legs, reps: 10}")
    assert [(one["kind"], one["about"], one["next"]) for one in stages] == [
        ("transition", "", "Hold, 30 seconds"),
        ("hold", "Set 1 of 2", "Rest, 8 seconds"),
        ("rest", "", "Hold, 30 seconds"),
        ("hold", "Set 2 of 2", "Legs"),
        ("transition", "", "10 reps"),
        ("rep", "", "the end"),
    ]
    assert (stages[-1]["count"], stages[-1]["every"]) == (10, 3)


def test_sides_that_alternate_are_told_for_each_rep(
    planned: Callable[[str], list[dict[str, Any]]],
) -> None:
    stages = planned("{name: Arms, reps: 4, sides: alternate}")
    assert stages[-1]["sides"] == ["right side", "left side"] * 2


def test_a_breath_has_its_own_phases(planned: Callable[[str], list[dict[str, Any]]]) -> None:
    work = "{breaths: 2, inhale: 3s, exhale: 5s}"
    assert planned(f"{{name: Belly, work: [{work}]}}")[-1]["breath"] == [[0, "in"], [3, "out"]]


def test_words_are_in_the_language_of_the_session(planned: Callable[..., Any]) -> None:
    stages = planned("{name: Hüfte, hold: 30s, sets: 2}", language="de")
    assert stages[1]["about"] == "Durchgang 1 von 2"
    assert stages[1]["next"] == "Pause, 8 Sekunden"
