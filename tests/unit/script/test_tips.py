"""Each line comes where it helps."""

from dataclasses import replace

import pytest

from conftest import REPOSITORY
from stretchaudio import read_routine
from stretchaudio.routine.model import Exercise, Tip, TipTime
from stretchaudio.script.tips import Moment, TipQueue

USUAL = Moment(side=0, set_=1, sets=2, room_ms=10_000)


@pytest.fixture
def exercise() -> Exercise:
    return read_routine(REPOSITORY / "routines" / "desk-break.yaml").exercises[0]


def _queue(exercise: Exercise, *tips: Tip, lines: tuple[str, ...] = ()) -> TipQueue:
    def turned(text: str) -> str:
        return text.replace("right", "left")

    return TipQueue(replace(exercise, tips=tips), lines, turned)


def test_safety_comes_first_and_on_both_sides(exercise: Exercise) -> None:
    safe = Tip(say="Mind your right knee.", when=TipTime.SAFETY)
    queue = _queue(exercise, Tip(say="Breathe."), safe, lines=("Feel it in your hip.",))
    said = [queue.take(USUAL) for _ in range(4)]
    assert said == ["Mind your right knee.", "Feel it in your hip.", "Breathe.", ""]
    assert queue.take(replace(USUAL, side=1)) == "Mind your left knee."
    assert queue.take(replace(USUAL, side=1)) == ""


def test_a_tip_for_the_first_set_and_one_for_the_last(exercise: Exercise) -> None:
    first, late = Tip(say="Stand.", when=TipTime.FIRST), Tip(say="Sink.", when=TipTime.LATE)
    queue = _queue(exercise, late, first)
    assert [queue.take(USUAL), queue.take(USUAL)] == ["Stand.", ""]
    assert queue.take(replace(USUAL, set_=2)) == "Sink."


def test_from_the_third_set_on_nothing_new_is_said(exercise: Exercise) -> None:
    queue = _queue(exercise, Tip(say="Breathe."))
    assert queue.take(replace(USUAL, set_=3, sets=3)) == ""


def test_a_line_without_room_waits_for_its_moment(exercise: Exercise) -> None:
    queue = _queue(exercise, Tip(say="Breathe out as you round, and in as you open."))
    assert queue.take(replace(USUAL, room_ms=1_000)) == ""
    assert queue.take(USUAL) != ""


def test_a_line_may_come_again_late_in_a_long_window(exercise: Exercise) -> None:
    queue = _queue(exercise, Tip(say="Breathe."))
    long = replace(USUAL, is_long=True)
    late = replace(long, is_late=True)
    assert [queue.take(one) for one in (long, long, late, late)] == ["Breathe.", "", "Breathe.", ""]
