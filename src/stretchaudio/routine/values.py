"""Read the small values of the format: durations, counts and ranges, from the text as written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

MS_PER_S = 1000
MAX_HOLD_MS = 3600 * MS_PER_S
# Nothing shorter can be coached; the limit also bounds how many windows a session can have.
MIN_LENGTH_MS = 100
MAX_REPS = 1000
MAX_SETS = 100
MAX_SESSION_MS = 12 * 3600 * MS_PER_S

_DURATION = re.compile(
    r"(?:(?P<m>\d+(?:\.\d+)?)m)?(?:(?P<s>\d+(?:\.\d+)?)s?)?"
    r"|(?P<clock_m>\d+):(?P<clock_s>[0-5]\d(?:\.\d+)?)",
    re.ASCII,
)
_UNIT = re.compile(r"[ms]$")
_DASH = re.compile(r"\s*[-–]\s*")
_HOW_TO_WRITE_IT = "write 30s, 5m, 1m30s, 1:30 or a number of seconds"


class BadValueError(ValueError):
    """A value that cannot be read; the text tells the user how to write it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The choice that a prescription leaves: of a count, or of a length in milliseconds."""

    low: int
    """The beginner level's value."""
    high: int
    """The advanced level's value; equal to `low` where there is no choice."""

    def at(self, fraction: float, *, step: int = 1) -> int:
        """Take the value at a fraction of the way from low to high.

        Args:
            fraction: 0 for the low end, 0.5 for the middle, 1 for the high end.
            step: The unit to which a value inside the range is rounded, halves upward.
        """
        if self.low == self.high:
            return self.low
        exact = self.low + Decimal(self.high - self.low) * Decimal(fraction)
        rounded = int((exact / step).quantize(Decimal(1), ROUND_HALF_UP)) * step
        return min(max(rounded, self.low), self.high)

    def round_at(self, fraction: float, *, steps: Sequence[int]) -> int:
        """Take a value that people say: a multiple of the largest step that the range holds.

        Args:
            fraction: As for `at`.
            steps: Units to try, the largest first; 1 comes last by itself.
        """
        for step in steps:
            inside = Range(low=-(-self.low // step) * step, high=self.high // step * step)
            if self.low < self.high and inside.low <= inside.high:
                value = self.at(fraction, step=step)
                return min(max(value, inside.low), inside.high)
        return self.at(fraction)


def duration_ms(text: str) -> int:
    """Read `30s`, `5m`, `1m30s`, `1:30` or a bare number of seconds.

    Returns:
        The length in milliseconds.

    Raises:
        BadValueError: If it is none of these, too short, too long, or finer than a millisecond.
    """
    if re.fullmatch(r"-\s*[\d.:]+\s*[ms]?", text):
        raise BadValueError(f"a length cannot be negative: {_HOW_TO_WRITE_IT}, without the minus")
    match = _DURATION.fullmatch(text)
    if not text or match is None or text[-1] not in "ms0123456789":
        raise BadValueError(f"'{text}' is not a length of time: {_HOW_TO_WRITE_IT}")
    if text[-1].isdigit() and match["m"]:
        raise BadValueError(f"'{text}' has no unit at its end: write {text}s")
    minutes = Decimal(match["m"] or match["clock_m"] or 0)
    exact = (minutes * 60 + Decimal(match["s"] or match["clock_s"] or 0)) * MS_PER_S
    length_ms = int(exact)
    if length_ms != exact:
        raise BadValueError(f"'{text}' is finer than a millisecond: write at most three decimals")
    if length_ms < MIN_LENGTH_MS:
        raise BadValueError(f"'{text}' is too short: a length is at least 0.1s")
    if length_ms > MAX_HOLD_MS:
        raise BadValueError(f"'{text}' is too long: a length is at most 1 hour (60m)")
    return length_ms


def duration_range_ms(text: str) -> Range:
    """Read a length or a range such as `15-30s`, in milliseconds.

    The unit may stand at the end only.
    """
    low, high = _ends(text)
    unit = _UNIT.search(high)
    if unit and low and not _UNIT.search(low) and ":" not in low:
        low += unit[0]
    return _range(text, duration_ms(low), duration_ms(high))


def count(text: str, *, most: int) -> int:
    """Read a whole number from 1 to `most`."""
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise BadValueError(f"'{text}' is not a count: write a whole number such as 10")
    number = int(text)
    if not 1 <= number <= most:
        raise BadValueError(f"{number} is out of range: write a number from 1 to {most:,}")
    return number


def count_range(text: str, *, most: int) -> Range:
    """Read a count or a range of counts such as `10-15`."""
    low, high = _ends(text)
    return _range(text, count(low, most=most), count(high, most=most))


def _ends(text: str) -> tuple[str, str]:
    parts = _DASH.split(text)
    if len(parts) == 2 and all(parts):
        return parts[0], parts[1]
    return text, text


def _range(text: str, low: int, high: int) -> Range:
    if low > high:
        start, end = _ends(text)
        turned = _flipped(start, end)
        raise BadValueError(
            f"the range '{text}' runs backwards: put the smaller number first ({turned})"
        )
    return Range(low=low, high=high)


def _flipped(start: str, end: str) -> str:
    unit = _UNIT.search(end)
    if unit and not _UNIT.search(start):
        return f"{end[: unit.start()]}-{start}{unit[0]}"
    return f"{end}-{start}"
