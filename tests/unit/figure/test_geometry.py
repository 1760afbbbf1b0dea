"""Outlines and rotations."""

import math

import pytest

from stretchaudio.figure.geometry import (
    Vector,
    distance,
    outline,
    product,
    rotation,
    times,
    transposed,
)

CIRCLES = [(0.0, 0.0, 3.0), (10.0, 2.0, 1.0), (4.0, 7.0, 2.0), (4.0, 2.0, 0.5)]


def test_an_outline_is_closed_and_touches_the_farthest_circle_in_every_direction() -> None:
    runs = outline(CIRCLES)
    assert math.isclose(sum(end - start for _, start, end in runs), math.tau)
    for circle, start, end in runs:
        for angle in (start, (start + end) / 2, end):
            reached = [
                x * math.cos(angle) + y * math.sin(angle) + r for x, y, r in (circle, *CIRCLES)
            ]
            assert reached[0] == pytest.approx(max(reached))
    assert CIRCLES[3] not in [circle for circle, _, _ in runs]  # it is inside


def test_a_circle_inside_another_leaves_that_one_alone() -> None:
    assert outline([(0, 0, 5), (1, 1, 1)]) == [((0, 0, 5), 0.0, math.tau)]


def test_a_rotation_keeps_lengths_and_can_be_turned_back() -> None:
    turn = product(rotation("x", 20), rotation("y", -35), rotation("z", 110))
    point: Vector = (1, 2, 3)
    assert distance((0, 0, 0), times(turn, point)) == pytest.approx(math.sqrt(14))
    assert times(transposed(turn), times(turn, point)) == pytest.approx(point)
