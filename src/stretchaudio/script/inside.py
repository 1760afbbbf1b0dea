"""Write what is said inside a hold or a time: tips, how long is left, the countdown."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Protocol

from stretchaudio.script.builder import ScriptBuilder, timed
from stretchaudio.script.estimate import spoken_ms
from stretchaudio.script.model import CueKind, TimedCue

COUNTDOWN_MS = 10_000
"""Windows of this length or more end with a countdown."""
LONG_COUNTDOWN_MS = 20_000
"""From this length on it begins at 5, else at 3."""
HALFWAY_MS = 40_000
"""From this length on half is called; from 20 s on, the last ten seconds."""
TEN_MORE_MS = 10_000
LAST_MINUTE_MS, LAST_MINUTE_FROM_MS = 60_000, 105_000
"""The last minute is called in windows of the second length or more."""
TWO_MINUTES_MS, TWO_MINUTES_FROM_MS = 120_000, 240_000
MINUTE_MS = 60_000
FIRST_TIP_MS = 3_000
TIP_EVERY_MS, RARE_TIP_EVERY_MS = 9_000, 35_000
"""The time from tip to tip, in windows up to two minutes and in longer ones."""
LONG_WINDOW_MS = 120_000
"""In longer windows a tip may come again, and the time is told where there is none."""
LONG_QUIET_MS = 45_000
"""Where it would be quiet for longer, half minutes are told, too."""
AROUND_MS = 1_500
"""Quiet between a tip and what comes after it."""
LEAST_ROOM_MS = 1_500


class TakeLine(Protocol):
    """Takes a line that is not longer than some time; empty when there is none."""

    def __call__(self, room_ms: int, *, is_late: bool, is_long: bool) -> str:
        """Take the line."""


def cues_inside(
    builder: ScriptBuilder,
    length_ms: int,
    take_line: TakeLine,
    *,
    can_count: bool = True,
    can_tell: bool = True,
) -> Iterator[TimedCue]:
    """Write the cues inside a hold or a time.

    Args:
        builder: Has the words, and the choice of what is spoken.
        length_ms: The window's length.
        take_line: Takes a tip.
        can_count: Whether the last seconds may be counted.
        can_tell: Whether tips may be given.
    """
    marks = list(_marks(builder, length_ms)) if can_count else []
    countdown = _countdown(length_ms) if can_count else 0
    end_ms = length_ms - countdown * 1_000
    edges = [(0, 0), *((at_ms, spoken_ms(text)) for at_ms, _, text in marks), (end_ms, 0)]
    for (before_ms, said_ms), (after_ms, _) in pairwise(edges):
        free_ms = before_ms + (said_ms + AROUND_MS if before_ms else FIRST_TIP_MS)
        if can_tell and builder.cue_filter.speaks(CueKind.TIP):
            yield from _tips(builder, length_ms, (free_ms, after_ms - AROUND_MS), take_line)
        yield from (timed(kind, text, at_ms) for at_ms, kind, text in marks if at_ms == after_ms)
    for n in range(countdown, 0, -1):
        yield timed(CueKind.COUNTDOWN, builder.phrase("number", n=n), length_ms - n * 1_000)


def _countdown(length_ms: int) -> int:
    if length_ms < COUNTDOWN_MS:
        return 0
    return 5 if length_ms >= LONG_COUNTDOWN_MS else 3


def _marks(builder: ScriptBuilder, length_ms: int) -> Iterator[tuple[int, CueKind, str]]:
    """List what tells the time: when, and the words."""
    found: dict[int, str] = {}
    if length_ms >= HALFWAY_MS:
        found[length_ms // 2] = "halfway"
    elif length_ms >= 2 * TEN_MORE_MS:
        found[length_ms - TEN_MORE_MS] = "ten_more"
    if length_ms >= TWO_MINUTES_FROM_MS:
        found[length_ms - TWO_MINUTES_MS] = "two_minutes"
    if length_ms >= LAST_MINUTE_FROM_MS:
        found[length_ms - LAST_MINUTE_MS] = "last_minute"
    if builder.cue_filter.speaks(CueKind.HALFWAY):
        for at_ms, key in sorted(found.items()):
            yield at_ms, CueKind.HALFWAY, builder.phrase(key)


def _tips(
    builder: ScriptBuilder, length_ms: int, free_ms: tuple[int, int], take_line: TakeLine
) -> Iterator[TimedCue]:
    """Spread lines over a part of a window in which nothing else is said."""
    at_ms, end_ms = free_ms
    is_long = length_ms > LONG_WINDOW_MS
    every_ms = RARE_TIP_EVERY_MS if is_long else TIP_EVERY_MS
    while end_ms - at_ms >= LEAST_ROOM_MS:
        line = take_line(end_ms - at_ms, is_late=at_ms > length_ms / 2, is_long=is_long)
        if line:
            yield timed(CueKind.TIP, line, at_ms)
        elif is_long and builder.cue_filter.speaks(CueKind.HALFWAY):
            left_ms = _left_to_tell(length_ms, at_ms, end_ms)
            if not left_ms:
                return
            at_ms = length_ms - left_ms
            left = builder.language.duration(left_ms)
            yield timed(CueKind.HALFWAY, builder.phrase("to_go", duration=left), at_ms)
        at_ms += every_ms


def _left_to_tell(length_ms: int, at_ms: int, end_ms: int) -> int:
    """Find a time left that can be told before something else is said; 0 if there is none.

    Whole minutes, or half ones where it would be quiet for long without.
    """
    for unit_ms in (MINUTE_MS, MINUTE_MS // 2):
        left_ms = (length_ms - at_ms) // unit_ms * unit_ms
        if left_ms and length_ms - left_ms <= end_ms - LEAST_ROOM_MS:
            return left_ms
        if end_ms - at_ms < LONG_QUIET_MS:
            break
    return 0
