"""A manifest to what can be read along: a transcript in lines, and captions as WebVTT, SRT and LRC."""

import html
import textwrap
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice

from stretchaudio.language import language
from stretchaudio.script.model import COUNTED
from stretchaudio.track.manifest import HALF_FRAME_S, CueEntry, Manifest, WindowEntry
from stretchaudio.util.units import format_duration

WIDTH = 42
LINES = 2
LINGER_S = 1.0
"""How long words can still be read after they have been heard, if nothing else comes."""
LEAST_S = 2.0
"""What is shown between cues, a window's name, stays at least that long or is left out; words stay until what comes next."""
_FEW = 3
_SRT_MARKS = str.maketrans({"<": "\u2039", ">": "\u203a", "{": "(", "}": ")"})
"""Players take these for styling, and SRT has no way to escape them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is to be read for some time."""

    start_s: float
    end_s: float
    text: str
    kind: str
    """`cue` for what is heard, `window` for what is done meanwhile."""


def transcript(manifest: Manifest) -> tuple[Line, ...]:
    """What is said and done, in order; no two lines at once.

    A cue can be read until the next one begins or a little after it ended; then the window that runs is named, with its length
    the first time. A rep or a breath is named by its count.
    """
    lines: list[Line] = []
    named: set[float] = set()
    starts = [cue.start_s for cue in manifest.cues] or [manifest.duration_s]
    _name_windows(manifest, (0.0, starts[0]), lines, named)
    for cue, next_s in zip(manifest.cues, [*starts[1:], manifest.duration_s], strict=False):
        shown_s = min(next_s, cue.end_s + LINGER_S)
        if shown_s > cue.start_s:
            lines.append(Line(start_s=cue.start_s, end_s=shown_s, text=cue.text, kind="cue"))
        _name_windows(manifest, (shown_s, next_s), lines, named)
        if lines and next_s - lines[-1].end_s < LEAST_S:
            lines[-1] = replace(lines[-1], end_s=next_s)
    return tuple(lines)


def _name_windows(
    manifest: Manifest, span_s: tuple[float, float], lines: list[Line], named: set[float]
) -> None:
    """Add the names of the windows that run between two cues.

    Args:
        manifest: What the track holds.
        span_s: Where nothing is said.
        lines: Where they are added.
        named: When the windows begin that have been named before.
    """
    start_s, end_s = span_s
    windows = manifest.windows
    first = bisect_left(windows, start_s, key=lambda one: one.start_s + one.length_s)
    for window in islice(windows, first, None):
        low_s, high_s = max(start_s, window.start_s), min(end_s, window.start_s + window.length_s)
        if window.start_s >= end_s:
            return
        if window.kind in COUNTED and lines and lines[-1].start_s >= window.start_s - HALF_FRAME_S:
            lines[-1] = replace(lines[-1], end_s=max(lines[-1].end_s, high_s))
        elif high_s - low_s >= LEAST_S:
            text = window_name(window, manifest.language, with_length=window.start_s not in named)
            named.add(window.start_s)
            lines.append(Line(start_s=low_s, end_s=high_s, text=text, kind="window"))


def window_name(window: WindowEntry, code: str, *, with_length: bool = True) -> str:
    """What a screen calls a window: "Hold, 30 s".

    Args:
        window: Of any kind.
        code: The language.
        with_length: Whether to tell its length; "Hold" otherwise.
    """
    shown = language(code).shown[window.kind]
    if not with_length:
        shown = shown.removesuffix(", {duration}")
    return shown.format(n=window.rep, duration=format_duration(window.length_s))


def captions(manifest: Manifest) -> tuple[Line, ...]:
    """The transcript in pieces that fit a screen: at most two lines of 42 characters, each as long as its share of the words."""
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


def _rows(text: str) -> list[str]:
    """A text in as few lines as it needs, of about the same length."""
    rows = textwrap.wrap(text, WIDTH) or [""]
    longest_word = max(map(len, text.split()), default=0)
    for width in range(
        WIDTH - 1, longest_word - 1, -1
    ):  # a word is cut only where it does not fit at all
        narrower = textwrap.wrap(text, width)
        if len(narrower) > len(rows):
            break
        rows = narrower
    return rows


def webvtt(manifest: Manifest) -> str:
    """Captions as WebVTT."""
    blocks = [
        f"{_clock(line.start_s, '.')} --> {_clock(line.end_s, '.')}\n{html.escape(line.text, quote=False)}\n"
        for line in captions(manifest)
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def srt(manifest: Manifest) -> str:
    """Captions as SubRip."""
    return "\n".join(
        f"{number}\n{_clock(line.start_s, ',')} --> {_clock(line.end_s, ',')}\n{line.text.translate(_SRT_MARKS)}\n"
        for number, line in enumerate(captions(manifest), 1)
    )


def lrc(manifest: Manifest) -> str:
    """The transcript as LRC, which music players show as lyrics; a line without words ends the one before."""
    found = [
        f"[ti:{_one_line(manifest.title)}]",
        f"[la:{manifest.language}]",
        f"[length:{_minutes(manifest.duration_s)}]",
    ]
    shown_s = 0.0
    for line in transcript(manifest):
        if line.start_s - shown_s >= LEAST_S:
            found.append(f"[{_minutes(shown_s)}]")
        found.append(f"[{_minutes(line.start_s)}]{_one_line(line.text)}")
        shown_s = line.end_s
    return "\n".join([*found, ""])


def _one_line(text: str) -> str:
    """Text that a player cannot take for a time or a tag."""
    return " ".join(text.split()).replace("[", "(").replace("]", ")")


def _clock(seconds: float, point: str) -> str:
    total_ms = round(seconds * 1000)
    minutes, rest_ms = divmod(total_ms, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest_ms // 1000:02}{point}{rest_ms % 1000:03}"


def _minutes(seconds: float) -> str:
    hundredths = round(seconds * 100)
    return f"{hundredths // 6000:02}:{hundredths // 100 % 60:02}.{hundredths % 100:02}"


def lyrics(manifest: Manifest) -> Sequence[CueEntry]:
    """What a player shows line by line: all cues that are words, without counts."""
    return [cue for cue in manifest.cues if not cue.text.isdigit()]


def lyrics_text(manifest: Manifest) -> str:
    """All that is heard as one text: a paragraph for each exercise, counts in short as "1 … 10"."""
    lines: list[str] = []
    exercise: str | None = None
    for counted, group in groupby(manifest.cues, key=lambda cue: cue.text.isdigit()):
        cues = list(group)
        if counted:
            span = (
                " ".join(cue.text for cue in cues)
                if len(cues) <= _FEW
                else f"{cues[0].text} … {cues[-1].text}"
            )
            goes_on = bool(lines) and lines[-1][-1:].isdigit()  # "In 3", "2", "1"
            lines[-1:] = [f"{lines[-1]} {span}"] if goes_on else [*lines[-1:], span]
            continue
        for cue in cues:
            lines += ["", cue.text] if lines and cue.exercise != exercise else [cue.text]
            exercise = cue.exercise
    return "\n".join(lines)


FORMATS: Mapping[str, Callable[[Manifest], str]] = {"vtt": webvtt, "srt": srt, "lrc": lrc}
"""How captions can be written, by the ending of the file."""
