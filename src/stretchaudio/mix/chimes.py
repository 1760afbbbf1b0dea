"""Place chimes on the edges of windows."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from stretchaudio.mix.model import Chime, ChimeKind, ChimeSound, Mix, MixCue
from stretchaudio.script.model import COUNTED, WindowKind
from stretchaudio.script.timeline import PlacedWindow

HALFWAY_MS = 20_000
"""The half of windows of this length or more is struck."""
WORDS_OVER_LU = 9.0
"""Words are so far above what is left of a bell when they are spoken."""
_SOFTEST_DB = 12.0
_FADING_DB_A_S = {ChimeSound.SOFT: 5.4, ChimeSound.BRIGHT: 9.7}
"""How quickly the loudest partial of a bell fades."""
_LASTING = {WindowKind.HOLD, WindowKind.TIME}


def chimes_of(windows: Sequence[PlacedWindow], *, halfway: bool = True) -> tuple[Chime, ...]:
    """List the chimes of a track, in order.

    Work is struck when it begins and when it ends, a change of side when there is time to move, a
    long hold at its half.

    Args:
        windows: All windows, in order.
        halfway: Whether halves are struck.
    """
    struck: dict[int, Chime] = {}
    for before, window, after in zip_longest((None, *windows[:-1]), windows, windows[1:]):
        if window is None:
            continue
        for chime in _of_window(before, window, after, halfway=halfway):
            other = struck.get(chime.at_ms)
            # What begins is struck, not what ends with it.
            if other is None or other.kind is ChimeKind.END:
                struck[chime.at_ms] = chime
    return tuple(sorted(struck.values(), key=lambda chime: chime.at_ms))


def behind_words(
    chimes: Iterable[Chime], voices: Sequence[MixCue], mix: Mix, end_ms: int
) -> Iterator[Chime]:
    """Soften each chime by as much as the first words that it is heard with ask for.

    Args:
        chimes: All chimes.
        voices: All cues, in order.
        mix: What was asked for.
        end_ms: The end of the track; later chimes are left out.
    """
    ends_ms = [voice.end_ms for voice in voices]
    for chime in chimes:
        if chime.at_ms >= end_ms:
            continue
        spoken = bisect_right(ends_ms, chime.at_ms)
        if spoken == len(voices):
            yield chime
            continue
        words = voices[spoken]
        elapsed_s = max(0, words.start_ms - chime.at_ms) / 1000
        left_lufs = mix.chime_level_lufs - _FADING_DB_A_S[mix.chimes] * elapsed_s
        softer_db = left_lufs - (words.lufs - WORDS_OVER_LU)
        yield replace(chime, softer_db=round(min(max(softer_db, 0.0), _SOFTEST_DB), 1))


def _of_window(
    before: PlacedWindow | None, placed: PlacedWindow, after: PlacedWindow | None, *, halfway: bool
) -> Iterator[Chime]:
    window, start_ms = placed.window, placed.start_ms
    lasts, counted = window.kind in _LASTING, window.kind in COUNTED
    if window.kind is WindowKind.SWITCH:
        yield Chime(kind=ChimeKind.SIDE, at_ms=start_ms)
    if lasts or (counted and not _goes_on(before, placed)):
        yield Chime(kind=ChimeKind.START, at_ms=start_ms)
    if halfway and lasts and window.length_ms >= HALFWAY_MS:
        yield Chime(kind=ChimeKind.HALFWAY, at_ms=start_ms + window.length_ms // 2)
    if lasts or (counted and not _goes_on(placed, after)):
        yield Chime(kind=ChimeKind.END, at_ms=start_ms + window.length_ms)


def _goes_on(one: PlacedWindow | None, other: PlacedWindow | None) -> bool:
    """Tell whether a rep or breath follows another without anything in between."""
    if one is None or other is None:
        return False
    touches = one.start_ms + one.window.length_ms == other.start_ms
    return touches and one.window.kind is other.window.kind and (other.window.rep or 1) > 1
