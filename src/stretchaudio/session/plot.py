"""Draw a track to check it by eye: waveform, windows, cues, chimes and the level of the bed."""

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
from stretchaudio.mix.bed_gain import breath_envelope, duck_envelope
from stretchaudio.mix.ducking import depth_db
from stretchaudio.mix.sources import refuse_music
from stretchaudio.routine.model import Routine
from stretchaudio.script.model import WindowKind
from stretchaudio.session.build import Session, plan_session, write_track
from stretchaudio.session.options import Settings
from stretchaudio.session.tracks import MixedTrack
from stretchaudio.track.manifest import Manifest
from stretchaudio.util.atomic import atomic_write, check_writable
from stretchaudio.util.progress import Progress
from stretchaudio.util.templates import render_template
from stretchaudio.util.units import format_clock

TEMPLATES = Path(__file__).parent.parent / "track" / "templates"
WIDTH = 1200
"""The width of a row, in the units of the picture."""
ROW_S = 60
MOST_ROWS = 40
"""The most rows of a picture; a longer track gets longer rows."""
WAVE_HEIGHT = 56
# One point every two units keeps the picture of an hour below 500 kB.
POINTS_A_ROW = 600
NAME_PX, LABEL_PX = 11, 9
"""Sizes of letters: of exercises, and of cues and windows."""
LANES = 3
"""Lines below a row for words; a cue that has no room there is drawn without its words."""
_LETTER_EM, _WIDE_LETTER_EM = 0.62, 1.0
"""The widest letters are on average, in the widest of the usual fonts."""
_GAP = 8
"""The space between two labels of one line."""
_LABEL_LETTERS = 34
_BED_DB = (-30.0, 6.0)
"""The levels of the bed at the bottom and the top of a row."""
_BED_STEP_FRAMES = 25
"""The bed's level is drawn at each 0.6 s."""
COLOURS = {
    WindowKind.HOLD: "#2a9d8f",
    WindowKind.TIME: "#4f9da6",
    WindowKind.REP: "#8ab17d",
    WindowKind.BREATH: "#7fb7c9",
    WindowKind.MOVE: "#b5a642",
    WindowKind.REST: "#e9c46a",
    WindowKind.SWITCH: "#f4a261",
    WindowKind.TRANSITION: "#c4c4c4",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Some words and their place in the picture."""

    x: float
    """The left end of the words."""
    lane: int
    """Their line, from 0."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A part of the track, drawn as one row.

    SVG paths begin at the row's left end, in the middle of its waveform.
    """

    ticks: tuple[tuple[float, str], ...]
    """Places at which the time is written, and the time."""
    windows: tuple[tuple[str, str], ...]
    """A colour and a path for all windows of a kind."""
    wave: str
    """The path of the upper half of the outline; the lower half mirrors it."""
    bed: str
    """The path of the bed's level; empty when there is no bed."""
    cues: str
    """The path of a line under all cues."""
    chimes: tuple[float, ...]
    """Places at which bells are struck."""
    names: tuple[Label, ...]
    """The exercises."""
    labels: tuple[Label, ...]
    """The words of cues."""


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
        UsageError: If the picture's name does not end in .svg.
        StretchaudioError: Any error of a build.
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
        write_track(session, track, settings)
        wave = _outline(track, session.manifest.duration_s)
    picture = draw(session.manifest, wave, list(_bed_points(session)))
    with atomic_write(output) as file:
        file.write(picture.encode())
    return output


def draw(manifest: Manifest, wave: _Wave, bed: Sequence[tuple[float, float]]) -> str:
    """Draw a track as SVG text.

    Args:
        manifest: The manifest of the track.
        wave: Its outline.
        bed: The bed's gain in dB at some times in seconds, in order; empty without a bed.
    """
    row_s = _row_s(manifest.duration_s)
    spans = pairwise(row * row_s for row in range(math.ceil(manifest.duration_s / row_s) + 1))
    return render_template(
        TEMPLATES / "plot.svg.j2",
        manifest=manifest,
        rows=[_row(manifest, wave, bed, span_s) for span_s in spans],
        kinds=[
            (kind, colour)
            for kind, colour in COLOURS.items()
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
    """Decode a track, and take the loudest sample at each point."""
    import numpy as np
    import soundfile

    from stretchaudio.audio.dsp import loudest_channel
    from stretchaudio.mix.music import silence_stderr

    with silence_stderr(), soundfile.SoundFile(track) as file:
        samples = max(1, round(_row_s(duration_s) / POINTS_A_ROW * file.samplerate))
        rows = file.blocks(blocksize=samples * POINTS_A_ROW, dtype="float32", always_2d=True)
        loudest = (loudest_channel(row) for row in rows if len(row))
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

    cues = [one for one in manifest.cues if start_s <= one.start_s < end_s]
    exercises = [one for one in manifest.chapters if one.start_s < end_s and one.end_s > start_s]
    boxes = dict.fromkeys(COLOURS, "")
    for one in manifest.windows:
        window_end_s = one.start_s + one.length_s
        if one.start_s < end_s and window_end_s > start_s:
            boxes[WindowKind(one.kind)] += _box(x(one.start_s), x(window_end_s))
    every_s = 10 * max(1, round((end_s - start_s) / 60))
    seconds = range(int(start_s), int(end_s), every_s)
    struck_s = (one.at_s for one in manifest.chimes if start_s <= one.at_s < end_s)
    return Row(
        ticks=tuple((x(second), format_clock(second)) for second in seconds),
        windows=tuple((COLOURS[kind], path) for kind, path in boxes.items()),
        wave=_wave_path(wave, span_s),
        bed=_bed_path(bed, (start_s, min(end_s, manifest.duration_s)), scale),
        cues="".join(f"M{x(one.start_s):.1f} 0H{x(one.end_s):.1f}" for one in cues),
        chimes=tuple(round(x(at_s), 1) for at_s in struck_s),
        names=tuple(_placed(((x(one.start_s), one.title) for one in exercises), NAME_PX, 1)),
        labels=tuple(_placed(((x(one.start_s), one.text) for one in cues), LABEL_PX, LANES)),
    )


def _box(left: float, right: float) -> str:
    half = WAVE_HEIGHT / 2
    return f"M{left:.1f} {-half:g}H{right:.1f}V{half:g}H{left:.1f}z"


def _placed(labels: Iterable[tuple[float, str]], size_px: float, lanes: int) -> Iterator[Label]:
    """Give labels a line each so that none lies on another; those without room are left out.

    Args:
        labels: Left end and words of each, in order.
        size_px: The size of its letters.
        lanes: The number of lines.
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
    """Estimate how wide some words are, rather too wide than too narrow."""
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
    """Interpolate a curve; before its first point and after its last, the gain is theirs."""
    after = min(bisect_left(bed, time_s, key=lambda point: point[0]), len(bed) - 1)
    (begin_s, begin_db), (end_s, end_db) = bed[max(after - 1, 0)], bed[after]
    part = (time_s - begin_s) / (end_s - begin_s) if end_s > begin_s else 1.0
    return begin_db + (end_db - begin_db) * min(max(part, 0.0), 1.0)


def _height(level_db: float) -> float:
    low, high = _BED_DB
    return WAVE_HEIGHT * (0.5 - (min(max(level_db, low), high) - low) / (high - low))


def _bed_points(session: Session) -> Iterator[tuple[float, float]]:
    """Compute the planned gain of the bed over time in dB, as if it were as loud everywhere."""
    if not isinstance(session.track, MixedTrack):
        return
    plan = session.track.plan
    if not plan.segments:
        return
    lufs = max(segment.source.level_lufs for segment in plan.segments)
    depths_db = [depth_db(lufs, voice.lufs, plan.mix.duck) for voice in plan.voices]
    ducked_db = duck_envelope(plan.voices, depths_db, plan.mix.duck, 0, plan.frames + 1)
    swell = breath_envelope(plan.breaths)
    for frame in range(0, plan.frames + 1, _BED_STEP_FRAMES):
        at_ms = frame * FRAME_MS
        yield at_ms / 1000, ducked_db[frame] + (_level_db(swell, at_ms) if swell else 0.0)
