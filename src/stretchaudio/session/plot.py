"""Draw a track for checking by eye: its waveform with windows, cues, chimes and the level of the bed."""

import math
import tempfile
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from stretchaudio.audio.clip import FRAME_MS
from stretchaudio.errors import FileError, UsageError
from stretchaudio.mix.ducking import breath_envelope, duck_envelope
from stretchaudio.mix.sources import refuse_music
from stretchaudio.routine.model import Routine
from stretchaudio.session.build import Session, plan_session, write_track
from stretchaudio.session.options import Settings
from stretchaudio.session.tracks import MixedTrack
from stretchaudio.track.manifest import ChapterEntry, Manifest
from stretchaudio.util.atomic import atomic_write, check_writable
from stretchaudio.util.progress import Progress
from stretchaudio.util.templates import render_template
from stretchaudio.util.units import format_clock

TEMPLATES = Path(__file__).parent.parent / "track" / "templates"
WIDTH = 1200
"""Of a row, in the units of the picture."""
ROW_S = 60
MOST_ROWS = 40
"""A longer track gets longer rows."""
WAVE_HEIGHT = 56
POINTS_A_ROW = 600
"""One every two units, which keeps the picture of an hour below 500 kB."""
NAME_PX, LABEL_PX = 11, 9
"""Sizes of letters: of exercises, and of cues and windows."""
LANES = 3
"""Lines below a row for what is said; a cue that has no room there is drawn without its words."""
_LETTER_EM, _WIDE_LETTER_EM = 0.62, 1.0
"""What letters take at the most on average, in the widest of the usual fonts."""
_GAP = 8
"""Between two labels of one line."""
_LABEL_LETTERS = 34
_BED_DB = (-30.0, 6.0)
"""What the bottom and the top of a row stand for."""
KINDS = {
    "hold": "#2a9d8f",
    "time": "#4f9da6",
    "rep": "#8ab17d",
    "breath": "#7fb7c9",
    "move": "#b5a642",
    "rest": "#e9c46a",
    "switch": "#f4a261",
    "transition": "#c4c4c4",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Some words in the picture."""

    x: float
    """Where they begin."""
    lane: int
    """Their line, from 0."""
    text: str
    """The words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A part of the track; paths are those of SVG, from the row's left end and the middle of its waveform."""

    ticks: tuple[tuple[float, str], ...]
    """Where the time is written, and the time."""
    windows: tuple[tuple[str, str], ...]
    """By colour, one path for all windows of a kind."""
    wave: str
    """The upper half of the outline; the lower half mirrors it."""
    bed: str
    """How far the bed is down; empty when there is none."""
    cues: str
    """From where to where something is said."""
    chimes: tuple[float, ...]
    """Where bells are struck."""
    names: tuple[Label, ...]
    """The exercises."""
    labels: tuple[Label, ...]
    """What is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wave:
    """The loudest sample at each point of the picture, full scale being 1."""

    seconds_a_point: float
    peaks: Sequence[float]


def plot_session(
    routine: Routine, output: Path, settings: Settings, *, progress: Progress | None = None
) -> Path:
    """Build a track and draw it.

    Args:
        routine: From `read_routine`.
        output: The picture, an SVG.
        settings: As for a build.
        progress: Kept up to date while speech is made.

    Raises:
        UsageError: If the picture's name is not that of an SVG.
        StretchaudioError: What building a track raises.
    """
    if output.suffix.lower() != ".svg":
        raise UsageError(
            f"A picture is an SVG, and {output} is not the name of one.",
            hint="Let the name end in .svg.",
        )
    check_writable(output)
    refuse_music(settings.mix.bed, [output])
    session = plan_session(routine, settings, progress)
    with tempfile.TemporaryDirectory() as folder:
        track = Path(folder) / "track.mp3"
        write_track(session, track, settings.cache)
        wave = _outline(track, session.manifest.duration_s)
    picture = draw(session.manifest, wave, list(_bed_points(session)))
    with atomic_write(output) as file:
        file.write(picture.encode())
    return output


def draw(manifest: Manifest, wave: _Wave, bed: Sequence[tuple[float, float]]) -> str:
    """Draw a track as SVG text.

    Args:
        manifest: What it holds.
        wave: Its outline.
        bed: The bed's gain in dB at some times in seconds, in order; none when there is no bed.
    """
    row_s = _row_s(manifest.duration_s)
    spans = pairwise(row * row_s for row in range(math.ceil(manifest.duration_s / row_s) + 1))
    return render_template(
        TEMPLATES / "plot.svg.j2",
        manifest=manifest,
        rows=[_row(manifest, wave, bed, span_s) for span_s in spans],
        kinds=[
            (kind, colour)
            for kind, colour in KINDS.items()
            if any(one.kind == kind for one in manifest.windows)
        ],
        has_bed=bool(bed),
        width=WIDTH,
        wave_height=WAVE_HEIGHT,
        lanes=LANES,
        name_px=NAME_PX,
        label_px=LABEL_PX,
    )


def _row_s(duration_s: float) -> float:
    return max(ROW_S, math.ceil(duration_s / MOST_ROWS / 10) * 10)


def _outline(track: Path, duration_s: float) -> _Wave:
    """Decode a track, and take what is loudest at each point."""
    import numpy as np
    import soundfile

    from stretchaudio.mix.music import silence_stderr

    with silence_stderr(), soundfile.SoundFile(track) as file:
        samples = max(1, round(_row_s(duration_s) / POINTS_A_ROW * file.samplerate))
        rows = file.blocks(blocksize=samples * POINTS_A_ROW, dtype="float32", always_2d=True)
        loudest = (np.abs(row).max(axis=1) for row in rows if len(row))
        peaks = [
            peak
            for row in loudest
            for peak in np.maximum.reduceat(row, range(0, len(row), samples)).tolist()
        ]
        if not peaks:
            raise FileError("The track that was built cannot be read.")
        return _Wave(seconds_a_point=samples / file.samplerate, peaks=peaks)


def _row(
    manifest: Manifest, wave: _Wave, bed: Sequence[tuple[float, float]], span_s: tuple[float, float]
) -> Row:
    start_s, end_s = span_s
    scale = WIDTH / (end_s - start_s)

    def x(time_s: float) -> float:
        return (min(max(time_s, start_s), end_s) - start_s) * scale

    windows = [
        one
        for one in manifest.windows
        if one.start_s < end_s and one.start_s + one.length_s > start_s
    ]
    cues = [one for one in manifest.cues if start_s <= one.start_s < end_s]
    every_s = 10 * max(1, round((end_s - start_s) / 60))
    return Row(
        ticks=tuple(
            (x(time_s), format_clock(time_s)) for time_s in range(int(start_s), int(end_s), every_s)
        ),
        windows=tuple(
            (
                colour,
                "".join(
                    _box(x(one.start_s), x(one.start_s + one.length_s))
                    for one in windows
                    if one.kind == kind
                ),
            )
            for kind, colour in KINDS.items()
        ),
        wave=_wave_path(wave, span_s),
        bed=_bed_path(bed, (start_s, min(end_s, manifest.duration_s)), scale),
        cues="".join(f"M{x(one.start_s):.1f} 0H{x(one.end_s):.1f}" for one in cues),
        chimes=tuple(
            round(x(one.at_s), 1) for one in manifest.chimes if start_s <= one.at_s < end_s
        ),
        names=tuple(
            _placed(((x(one.start_s), one.title) for one in _begun(manifest, span_s)), NAME_PX, 1)
        ),
        labels=tuple(_placed(((x(one.start_s), one.text) for one in cues), LABEL_PX, LANES)),
    )


def _begun(manifest: Manifest, span_s: tuple[float, float]) -> list[ChapterEntry]:
    """The exercises of a row, the one that goes on from the row before included."""
    return [one for one in manifest.chapters if one.start_s < span_s[1] and one.end_s > span_s[0]]


def _box(left: float, right: float) -> str:
    half = WAVE_HEIGHT / 2
    return f"M{left:.1f} {-half:g}H{right:.1f}V{half:g}H{left:.1f}z"


def _placed(labels: Iterable[tuple[float, str]], size_px: float, lanes: int) -> Iterator[Label]:
    """Give labels a line each so that none lies on another; those without room are left out.

    Args:
        labels: Where each begins and what it says, in order.
        size_px: The size of its letters.
        lanes: How many lines there are.
    """
    ends = [-math.inf] * lanes
    for x, whole in labels:
        text = whole if len(whole) <= _LABEL_LETTERS else f"{whole[: _LABEL_LETTERS - 1].rstrip()}…"
        width = _width(text, size_px)
        left = max(0.0, min(x, WIDTH - width))
        lane = next((lane for lane, end in enumerate(ends) if end + _GAP <= left), None)
        if lane is not None:
            ends[lane] = left + width
            yield Label(x=round(left, 1), lane=lane, text=text)


def _width(text: str, size_px: float) -> float:
    """About how wide some words are, rather too wide than too narrow."""
    return size_px * sum(map(_letter_em, text))


def _letter_em(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.2
    return _WIDE_LETTER_EM if letter.isupper() or letter in "mw…" else _LETTER_EM


def _wave_path(wave: _Wave, span_s: tuple[float, float]) -> str:
    first, last = (round(second / wave.seconds_a_point) for second in span_s)
    peaks = [round(peak * WAVE_HEIGHT / 2) for peak in wave.peaks[first:last]]
    step = WIDTH / POINTS_A_ROW
    # Relative steps with whole numbers: a quarter of the size that coordinates take.
    steps = "".join(f"l{step:g} {one - after}" for one, after in pairwise(peaks))
    return f"M0 0v{-peaks[0]}{steps}V0z" if peaks else ""


def _bed_path(bed: Sequence[tuple[float, float]], span_s: tuple[float, float], scale: float) -> str:
    if not bed:
        return ""
    start_s, end_s = span_s
    inside = [point for point in bed if start_s < point[0] < end_s]
    points = [(start_s, _level_db(bed, start_s)), *inside, (end_s, _level_db(bed, end_s))]
    return "M" + "L".join(
        f"{(time_s - start_s) * scale:.1f} {_height(level_db):.1f}" for time_s, level_db in points
    )


def _level_db(bed: Sequence[tuple[float, float]], time_s: float) -> float:
    """The gain between the points of a curve; before the first and after the last that of those."""
    after = min(bisect_left(bed, time_s, key=lambda point: point[0]), len(bed) - 1)
    (begin_s, begin_db), (end_s, end_db) = bed[max(after - 1, 0)], bed[after]
    part = (time_s - begin_s) / (end_s - begin_s) if end_s > begin_s else 1.0
    return begin_db + (end_db - begin_db) * min(max(part, 0.0), 1.0)


def _height(level_db: float) -> float:
    low, high = _BED_DB
    return WAVE_HEIGHT * (0.5 - (min(max(level_db, low), high) - low) / (high - low))


def _bed_points(session: Session) -> Iterator[tuple[float, float]]:
    """The bed's gain over time in dB as it was planned; where music is loud it goes further down."""
    if not isinstance(session.track, MixedTrack):
        return
    plan = session.track.plan
    if not plan.segments:
        return
    curves = (
        duck_envelope(plan.voices, plan.mix.duck, [0.0] * len(plan.voices)),
        breath_envelope(plan.breaths),
    )
    for at_ms in sorted(
        {0, plan.frames * FRAME_MS, *(at for corners in curves for at, _ in corners)}
    ):
        yield at_ms / 1000, sum(_level_db(corners, at_ms) for corners in curves if corners)
