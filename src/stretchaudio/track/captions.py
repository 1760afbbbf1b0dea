"""Write what can be read along: a transcript in lines, and captions as WebVTT, SRT and LRC."""

import html
import textwrap
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import groupby, islice
from operator import itemgetter

from stretchaudio.language import language
from stretchaudio.script.model import COUNTED, CueKind
from stretchaudio.track.manifest import HALF_FRAME_S, CueEntry, Manifest, WindowEntry
from stretchaudio.util.units import (
    format_duration,
    format_lrc_timestamp,
    format_srt_timestamp,
    format_vtt_timestamp,
)

WIDTH = 42
"""Characters of a caption's row."""
LINES = 2
"""Rows of a caption."""
LINGER_S = 1.0
"""How long words can still be read after they have been heard, if nothing else comes."""
# A name that flashes up cannot be read.
LEAST_S = 2.0
"""How long the name of a window is shown at least between two cues; otherwise it is left out."""
_FEW_COUNTS = 3
"""As many counts are written out; of more, the first and the last."""
_LEAD_IN_S = 3.0
"""How long before its exercise a lead-in begins, at the most."""
# Players take these for styling, and SRT has no way to escape them.
_SRT_MARKS = str.maketrans({"<": "\u2039", ">": "\u203a", "{": "(", "}": ")"})


class LineKind(StrEnum):
    """The origin of a line."""

    CUE = "cue"
    """Spoken words."""
    WINDOW = "window"
    """The name of the window that runs meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A text to be read for some time."""

    start_s: float
    end_s: float
    text: str
    kind: LineKind


def transcript(manifest: Manifest) -> tuple[Line, ...]:
    """List the words and windows of a track in order; no two lines at once.

    A cue can be read until the next one begins or a little after it ended. Then the window that
    runs is named, with its length the first time. A rep or a breath is named by its count.
    """
    lines: list[Line] = []
    named: set[float] = set()
    starts = [cue.start_s for cue in manifest.cues] or [manifest.duration_s]
    _name_windows(manifest, (0.0, starts[0]), lines, named)
    for cue, next_s in zip(manifest.cues, [*starts[1:], manifest.duration_s], strict=False):
        shown_s = min(next_s, cue.end_s + LINGER_S)
        if shown_s > cue.start_s:
            kind = LineKind.CUE
            lines.append(Line(start_s=cue.start_s, end_s=shown_s, text=cue.text, kind=kind))
        _name_windows(manifest, (shown_s, next_s), lines, named)
        if lines and next_s - lines[-1].end_s < LEAST_S:
            lines[-1] = replace(lines[-1], end_s=next_s)
    return tuple(lines)


def _name_windows(
    manifest: Manifest, span_s: tuple[float, float], lines: list[Line], named: set[float]
) -> None:
    """Add the names of the windows that run between two cues.

    Args:
        manifest: The manifest of the track.
        span_s: Start and end of the time between the cues.
        lines: The transcript, to which the names are added.
        named: The start of each window that has been named before; added to.
    """
    start_s, end_s = span_s
    windows = manifest.windows
    first = bisect_left(windows, start_s, key=lambda one: one.start_s + one.length_s)
    for window in islice(windows, first, None):
        if window.start_s >= end_s:
            return
        low_s, high_s = max(start_s, window.start_s), min(end_s, window.start_s + window.length_s)
        if window.kind in COUNTED and lines and lines[-1].start_s >= window.start_s - HALF_FRAME_S:
            lines[-1] = replace(lines[-1], end_s=max(lines[-1].end_s, high_s))
        elif high_s - low_s >= LEAST_S:
            text = window_name(window, manifest.language, with_length=window.start_s not in named)
            named.add(window.start_s)
            lines.append(Line(start_s=low_s, end_s=high_s, text=text, kind=LineKind.WINDOW))


def window_name(window: WindowEntry, code: str, *, with_length: bool = True) -> str:
    """Name a window as a screen shows it: "Hold, 30 s".

    Args:
        window: Of any kind.
        code: The language.
        with_length: False leaves its length out: "Hold".
    """
    shown = language(code).shown[window.kind]
    if not with_length:
        shown = shown.removesuffix(", {duration}")
    return shown.format(n=window.rep, duration=format_duration(window.length_s))


def captions(manifest: Manifest) -> tuple[Line, ...]:
    """Cut the transcript into pieces that fit a screen: two rows of 42 characters at the most.

    Each piece is shown as long as its share of the words.
    """
    return tuple(piece for line in transcript(manifest) for piece in _pieces(line))


def _pieces(line: Line) -> Iterator[Line]:
    rows = _rows(" ".join(line.text.split()))
    texts = ["\n".join(rows[at : at + LINES]) for at in range(0, len(rows), LINES)]
    total, start_s, read = sum(map(len, texts)) or 1, line.start_s, 0
    for text in texts:
        read += len(text)
        end_s = round(line.start_s + (line.end_s - line.start_s) * read / total, 3)
        if text and end_s > start_s:
            yield Line(start_s=start_s, end_s=end_s, text=text, kind=line.kind)
        start_s = end_s


@lru_cache(maxsize=4_096)
def _rows(text: str) -> Sequence[str]:
    """Break a text into as few rows as it needs, of about the same length."""
    if len(text) <= WIDTH:
        return [text]
    rows = textwrap.wrap(text, WIDTH)
    longest_word = max(map(len, text.split()), default=0)
    # A word is cut only where it does not fit at all.
    for width in range(WIDTH - 1, longest_word - 1, -1):
        narrower = textwrap.wrap(text, width)
        if len(narrower) > len(rows):
            break
        rows = narrower
    return rows


def webvtt(manifest: Manifest) -> str:
    """Write captions as WebVTT."""
    blocks = ["WEBVTT\n"]
    for line in captions(manifest):
        start, end = format_vtt_timestamp(line.start_s), format_vtt_timestamp(line.end_s)
        blocks.append(f"{start} --> {end}\n{html.escape(line.text, quote=False)}\n")
    return "\n".join(blocks)


def srt(manifest: Manifest) -> str:
    """Write captions as SubRip."""
    blocks = []
    for number, line in enumerate(captions(manifest), 1):
        start, end = format_srt_timestamp(line.start_s), format_srt_timestamp(line.end_s)
        blocks.append(f"{number}\n{start} --> {end}\n{line.text.translate(_SRT_MARKS)}\n")
    return "\n".join(blocks)


def lrc(manifest: Manifest) -> str:
    """Write the transcript as LRC, which music players show as lyrics.

    A line without words ends the one before it.
    """
    rows = [
        f"[ti:{_one_line(manifest.title)}]",
        f"[la:{manifest.language}]",
        f"[length:{format_lrc_timestamp(manifest.duration_s)}]",
    ]
    shown_s = 0.0
    for line in transcript(manifest):
        if line.start_s - shown_s >= LEAST_S:
            rows.append(f"[{format_lrc_timestamp(shown_s)}]")
        rows.append(f"[{format_lrc_timestamp(line.start_s)}]{_one_line(line.text)}")
        shown_s = line.end_s
    return "\n".join([*rows, ""])


def _one_line(text: str) -> str:
    """Write a text so that no player takes a part of it for a time or a tag."""
    return " ".join(text.split()).replace("[", "(").replace("]", ")")


def lyrics(manifest: Manifest) -> Sequence[CueEntry]:
    """Choose the cues that a player shows line by line: words, no counts."""
    return [cue for is_count, cue in _told_apart(manifest.cues) if not is_count]


def lyrics_text(manifest: Manifest) -> str:
    """Write all cues as one text: a paragraph for each exercise, counts in short as "1 … 10"."""
    lines: list[str] = []
    last: CueEntry | None = None
    for are_counts, group in groupby(_told_apart(manifest.cues), key=itemgetter(0)):
        cues = [cue for _, cue in group]
        if are_counts:
            # The counts of a lead-in stand behind its words: "In 3 2 1".
            if last is not None and last.kind == CueKind.LEAD_IN:
                lines[-1] += f" {_counts(cues)}"
            else:
                lines.append(_counts(cues))
            continue
        for cue in cues:
            if lines and cue.exercise != (last.exercise if last else None):
                lines.append("")
            lines.append(cue.text)
            last = cue
    return "\n".join(lines)


def _counts(cues: Sequence[CueEntry]) -> str:
    if len(cues) <= _FEW_COUNTS:
        return " ".join(cue.text for cue in cues)
    return f"{cues[0].text} … {cues[-1].text}"


def _told_apart(cues: Sequence[CueEntry]) -> Iterator[tuple[bool, CueEntry]]:
    """Pair each cue with True if it is a count, False if it is words.

    A lead-in begins with words, "In 3"; its other seconds are counts.
    """
    begun_s = -_LEAD_IN_S
    for cue in cues:
        if cue.kind != CueKind.LEAD_IN:
            yield cue.kind in {CueKind.COUNT, CueKind.COUNTDOWN}, cue
            continue
        goes_on = cue.start_s - begun_s < _LEAD_IN_S
        if not goes_on:
            begun_s = cue.start_s
        yield goes_on, cue


CAPTION_WRITERS: Mapping[str, Callable[[Manifest], str]] = {"vtt": webvtt, "srt": srt, "lrc": lrc}
"""Writers of captions, by the ending of the file; `sidecar_path` gives it the track's name."""
