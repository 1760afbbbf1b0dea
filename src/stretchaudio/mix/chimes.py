"""Where chimes are struck: on the edges of windows."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from stretchaudio.mix.model import Chime, ChimeKind
from stretchaudio.script.model import WindowKind
from stretchaudio.script.steps import HALFWAY_MS
from stretchaudio.script.timeline import PlacedWindow

_LASTING = {WindowKind.HOLD, WindowKind.TIME}
_COUNTED = {WindowKind.REP, WindowKind.BREATH}


def chimes_of(windows: Sequence[PlacedWindow], *, halfway: bool = True) -> tuple[Chime, ...]:
    """The chimes of a track, in order.

    Work is struck when it begins and when it ends, a change of side when there is time to move, a long hold at its half.

    Args:
        windows: All windows, in order.
        halfway: Whether halves are struck.
    """
    struck: dict[int, Chime] = {}
    for before, window, after in zip_longest((None, *windows[:-1]), windows, windows[1:]):
        if window is not None:
            for chime in _of_window(before, window, after, halfway=halfway):
                other = struck.get(chime.at_ms)
                if (
                    other is None or other.kind is ChimeKind.END
                ):  # what begins is struck, not what ends with it
                    struck[chime.at_ms] = chime
    return tuple(sorted(struck.values(), key=lambda chime: chime.at_ms))


def _of_window(
    before: PlacedWindow | None, placed: PlacedWindow, after: PlacedWindow | None, *, halfway: bool
) -> Iterator[Chime]:
    window, start_ms = placed.window, placed.start_ms
    end_ms = start_ms + window.length_ms
    if window.kind is WindowKind.SWITCH:
        yield Chime(kind=ChimeKind.SIDE, at_ms=start_ms)
    if window.kind in _LASTING or (window.kind in _COUNTED and not _goes_on(before, placed)):
        yield Chime(kind=ChimeKind.START, at_ms=start_ms)
    if halfway and window.kind in _LASTING and window.length_ms >= HALFWAY_MS:
        yield Chime(kind=ChimeKind.HALFWAY, at_ms=start_ms + window.length_ms // 2)
    if window.kind in _LASTING or (window.kind in _COUNTED and not _goes_on(placed, after)):
        yield Chime(kind=ChimeKind.END, at_ms=end_ms)


def _goes_on(one: PlacedWindow | None, other: PlacedWindow | None) -> bool:
    """Whether a rep or breath follows another without anything in between."""
    if one is None or other is None:
        return False
    touches = one.start_ms + one.window.length_ms == other.start_ms
    return touches and one.window.kind is other.window.kind and (other.window.rep or 1) > 1
