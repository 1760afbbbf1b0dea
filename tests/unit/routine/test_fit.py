"""A session fitted to a length."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from conftest import REPOSITORY, Ran
from routines import routine_texts
from stretchaudio import Level, Routine, RoutineError
from stretchaudio.routine.duration import windows_ms
from stretchaudio.routine.fit import at_fraction, closest, open_ranges, pin
from stretchaudio.routine.parse import parse_routine

BACK_BASICS = REPOSITORY / "routines" / "back-basics.yaml"


Run = Callable[..., Ran]


def test_a_session_is_fitted_to_minutes(run: Run, home: Path) -> None:
    ran = run("build", BACK_BASICS, "--minutes", "12", "--manifest", "back-basics.json")
    assert ran.code == 0, ran.err
    assert "fitted to 12 min" in ran.out
    assert json.loads((home / "back-basics.json").read_text())["minutes"] == 12
    from mutagen.mp3 import MP3

    assert MP3(home / "back-basics.mp3").info.length == pytest.approx(720, rel=0.02)


def _parse(text: str) -> Routine:
    """What is drawn follows the format, but for a few sessions of more than 12 hours."""
    try:
        return parse_routine(text, file="random.yaml", library={}, languages=["en"])
    except RoutineError as error:
        assume("12 hours" not in str(error))
        raise


@settings(max_examples=60, deadline=None)
@given(text=routine_texts, part=st.floats(0, 1))
def test_fitting_comes_as_near_as_a_common_fraction_and_stays_in_range(
    text: str, part: float
) -> None:
    routine = _parse(text)
    shortest, longest = (windows_ms(at_fraction(routine, end), 0) for end in (0, 1))
    target_ms = round(shortest + part * (longest - shortest))
    fitted = closest(routine, target_ms, lambda candidate: windows_ms(candidate, 0))
    assert not open_ranges(fitted)
    assert shortest <= windows_ms(fitted, 0) <= longest
    by_fractions = [
        abs(windows_ms(at_fraction(routine, step / 50), 0) - target_ms) for step in range(51)
    ]
    below = [abs(gap) for gap in by_fractions]
    assert abs(windows_ms(fitted, 0) - target_ms) <= max(below)


@given(text=routine_texts)
@settings(max_examples=60, deadline=None)
def test_narrowing_takes_one_value_for_every_range(text: str) -> None:
    routine = _parse(text)
    free = open_ranges(routine)
    narrowed = pin(routine, tuple(one.range.high for one in free))
    assert not open_ranges(narrowed)
    assert windows_ms(narrowed, 0) == windows_ms(routine, 1)
    assert len({windows_ms(narrowed, level.fraction) for level in Level}) == 1
