"""Durations, counts and ranges."""

import pytest

from stretchaudio.routine.values import (
    BadValueError,
    Range,
    count_range,
    duration_ms,
    duration_range_ms,
)
from stretchaudio.util.units import format_count, format_size


@pytest.mark.parametrize(
    ("text", "length_ms"),
    [
        ("30s", 30_000),
        ("5m", 300_000),
        ("1m30s", 90_000),
        ("1:30", 90_000),
        ("45", 45_000),
        ("1.5s", 1_500),
        ("0.1", 100),
        ("60m", 3_600_000),
    ],
)
def test_durations_are_read_in_every_form(text: str, length_ms: int) -> None:
    assert duration_ms(text) == length_ms


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s",
        "m",
        "-5s",
        "0",
        "0s",
        "5h",
        "1:60",
        "1:5",
        "30 s",
        "1e3",
        "nan",
        "inf",
        "3m5",
        "\u0663\u0660s",
        "60m1s",
        "1.0001s",
    ],
)
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(BadValueError):
        duration_ms(text)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("15-30s", 15_000, 30_000), ("5-10m", 300_000, 600_000),
     ("30s", 30_000, 30_000), ("45s-2m", 45_000, 120_000),
     ("1:00-1:30", 60_000, 90_000), ("15 - 30s", 15_000, 30_000),
     ("15–30s", 15_000, 30_000), ("10-20", 10_000, 20_000)],
)  # fmt: skip
def test_a_range_takes_its_unit_from_the_end(text: str, low: int, high: int) -> None:
    assert duration_range_ms(text) == Range(low=low, high=high)


@pytest.mark.parametrize("text", ["30-15s", "10-", "-10", "1-2-3", "a-b"])
def test_other_ranges_are_refused(text: str) -> None:
    with pytest.raises(BadValueError):
        duration_range_ms(text)
    with pytest.raises(BadValueError):
        count_range(text.removesuffix("s"), most=1000)


def test_levels_take_the_low_end_the_middle_and_the_high_end() -> None:
    holds = duration_range_ms("15-30s")
    assert [holds.at(fraction, step=1000) for fraction in (0, 0.5, 1)] == [15_000, 23_000, 30_000]
    sets = count_range("2-3", most=100)
    assert [sets.at(fraction) for fraction in (0, 0.5, 1)] == [2, 3, 3]


def test_a_length_without_freedom_is_kept_to_the_millisecond() -> None:
    assert duration_range_ms("10.5s").at(0.5, step=1000) == 10_500


def test_rounding_never_leaves_the_range() -> None:
    assert duration_range_ms("10.2-10.4s").at(0.5, step=1000) == 10_200


@pytest.mark.parametrize(
    ("size_bytes", "text"), [(0, "0 kB"), (999_400, "999 kB"), (1_000_000, "1.0 MB")]
)
def test_a_size_is_shown_in_kilobytes_or_megabytes(size_bytes: int, text: str) -> None:
    assert format_size(size_bytes) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 cues"), (1, "1 cue"), ("1", "1 cue"), ("10-15", "10-15 cues")]
)
def test_a_count_has_its_noun_in_the_right_form(number: int | str, text: str) -> None:
    assert format_count(number, "cue") == text
