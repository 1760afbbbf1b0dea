"""Picks from a range are numbers that people say."""

import pytest

from stretchaudio import Level
from stretchaudio.routine.duration import hold_ms, rep_count
from stretchaudio.routine.model import Breaths, Time
from stretchaudio.routine.values import count_range, duration_range_ms


@pytest.mark.parametrize(
    ("prescribed", "seconds"),
    [
        ("15-30s", (15, 25, 30)),
        ("30-45s", (30, 40, 45)),
        ("5-10s", (5, 10, 10)),
        ("45s-2m", (45, 90, 120)),
        ("2-5m", (120, 210, 300)),
        ("5-10m", (300, 480, 600)),
        ("7-8s", (7, 8, 8)),
        ("61-62s", (61, 62, 62)),
        ("10.5s", (10.5, 10.5, 10.5)),
        ("23s", (23, 23, 23)),
    ],
)
def test_lengths_are_round(prescribed: str, seconds: tuple[float, ...]) -> None:
    step = Time(duration=duration_range_ms(prescribed), say=None)
    assert tuple(hold_ms(step, level.fraction) / 1000 for level in Level) == seconds


@pytest.mark.parametrize(
    ("prescribed", "both", "alternating"),
    [
        ("10-15", (10, 12, 14), (10, 12, 14)),
        ("5-8", (5, 6, 8), (6, 6, 8)),
        ("5-7", (5, 6, 7), (6, 6, 6)),
        ("11-13", (12, 12, 12), (12, 12, 12)),
        ("13", (13, 13, 13), (14, 14, 14)),
    ],
)
def test_counts_are_even_within_their_range(
    prescribed: str, both: tuple[int, ...], alternating: tuple[int, ...]
) -> None:
    step = Breaths(count=count_range(prescribed, most=1000), inhale_ms=1, exhale_ms=1)
    assert tuple(rep_count(step, level.fraction) for level in Level) == both
    found = tuple(rep_count(step, level.fraction, alternating=True) for level in Level)
    assert found == alternating
