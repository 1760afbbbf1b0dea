"""A picture of a track for checking by eye: its waveform with windows, cues, chimes and the level of the bed."""

import math
import tempfile
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stretchaudio.clip import FRAME_MS
from stretchaudio.errors import FileError, UsageError
from stretchaudio.mix.bed import refuse_music
from stretchaudio.mix.duck import Corner, duck_corners, swell_corners
from stretchaudio.options import Options, mix_of
from stretchaudio.routine.model import Routine
from stretchaudio.session import Session, plan_session, write_track
from stretchaudio.speech.speak import Progress
from stretchaudio.track.manifest import Manifest
from stretchaudio.track.write import check_writable, whole_file

FORMATS = (".svg", ".png")
ROW_S = 60
MOST_ROWS = 40
"""A longer track gets longer rows."""
_POINTS_A_ROW = 1_500
_ROW_INCHES = 1.1
_LABEL_LETTERS = 26
_COLOURS = {
    "hold": "#2a9d8f",
    "time": "#2a9d8f",
    "rep": "#8ab17d",
    "breath": "#a8dadc",
    "move": "#b5c99a",
    "rest": "#e9c46a",
    "switch": "#f4a261",
    "transition": "#dddddd",
}
_BED_DB = (-30.0, 6.0)
"""What the bottom and the top of a row stand for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wave:
    """A track's outline."""

    seconds_a_point: float
    low: Any
    high: Any


def plot_session(routine: Routine, output: Path, options: Options, *, progress: Progress | None = None) -> Path:
    """Build a track and draw it.

    Args:
        routine: From `read_routine`.
        output: The picture, by its name an SVG or a PNG.
        options: As for `build_session`.
        progress: Kept up to date while speech is made.

    Raises:
        UsageError: If the picture's name is of neither kind, or the extra for it is not installed.
        StretchaudioError: What building a track raises.
    """
    if output.suffix.lower() not in FORMATS:
        raise UsageError(f"{output} is neither an SVG nor a PNG by its name.", tip="Let the name end in .svg or .png.")
    try:
        import matplotlib as mpl
    except ImportError:
        tip = "Install it with: pip install 'stretchaudio[plot]'"
        raise UsageError("Pictures need matplotlib, which is not installed.", tip=tip) from None
    check_writable(output)
    refuse_music(mix_of(options).bed, [output])
    mpl.use("Agg")
    session = plan_session(routine, options, progress=progress)
    with tempfile.TemporaryDirectory() as folder:
        track = Path(folder) / "track.mp3"
        write_track(session, track, options)
        wave = _outline(track, session.manifest.duration_s)
    with whole_file(output) as file:
        _draw(session, wave).savefig(file, format=output.suffix[1:].lower(), dpi=100)
    return output


def _row_s(duration_s: float) -> float:
    return max(ROW_S, math.ceil(duration_s / MOST_ROWS / 10) * 10)


def _outline(track: Path, duration_s: float) -> _Wave:
    """The lowest and highest sample at each point of the picture, as a player hears them."""
    import numpy as np
    import soundfile

    from stretchaudio.mix.music import hushed

    with hushed(), soundfile.SoundFile(track) as file:
        samples = max(1, round(_row_s(duration_s) / _POINTS_A_ROW * file.samplerate))
        blocks = file.blocks(blocksize=samples, dtype="float32", always_2d=True)
        ends = [(float(block.min()), float(block.max())) for block in blocks if len(block)]
        if not ends:
            raise FileError("The track that was built cannot be read.")
        low, high = np.array(ends).T
        return _Wave(seconds_a_point=samples / file.samplerate, low=low, high=high)


def _draw(session: Session, wave: _Wave) -> Any:
    from matplotlib.figure import Figure

    manifest = session.manifest
    row_s = _row_s(manifest.duration_s)
    rows = math.ceil(manifest.duration_s / row_s)
    figure = Figure(figsize=(16, 0.9 + _ROW_INCHES * rows), layout="constrained")
    title = f"{manifest.title}, voice {manifest.voice}, bed {manifest.bed}, {manifest.integrated_lufs:.1f} LUFS"
    figure.suptitle(title, parse_math=False)
    bed = list(_bed_points(session))
    for row, axes in enumerate(figure.subplots(rows, 1, squeeze=False)[:, 0]):
        _draw_row(axes, session.manifest, wave, (row * row_s, (row + 1) * row_s))
        if bed:
            axes.plot([at for at, _ in bed], [_height(level) for _, level in bed], color="#1d6fa5", lw=1)
    return figure


def _draw_row(axes: Any, manifest: Manifest, wave: _Wave, span_s: tuple[float, float]) -> None:
    start_s, end_s = span_s
    axes.set(xlim=(start_s, end_s), ylim=(-1, 1), yticks=[])
    axes.tick_params(labelsize=7)
    axes.xaxis.set_major_formatter(lambda seconds, _: f"{int(seconds) // 60}:{int(seconds) % 60:02}")
    for window in manifest.windows:
        if window.start_s < end_s and window.start_s + window.length_s > start_s:
            axes.axvspan(window.start_s, window.start_s + window.length_s, color=_COLOURS[window.kind], alpha=0.35, lw=0)
            axes.axvline(window.start_s, color=_COLOURS[window.kind], lw=0.8)
            if window.rep in {None, 1}:
                axes.text(window.start_s, 0.97, f" {window.kind}", fontsize=6, va="top", clip_on=True)
    first, last = (int(second / wave.seconds_a_point) for second in (start_s, end_s))
    times = [at * wave.seconds_a_point for at in range(first, min(last, len(wave.low)))]
    axes.fill_between(times, wave.low[first:last], wave.high[first:last], color="#264653", lw=0)
    for cue in manifest.cues:
        if start_s <= cue.start_s < end_s:
            label = cue.text if len(cue.text) <= _LABEL_LETTERS else cue.text[: _LABEL_LETTERS - 1] + "…"
            axes.plot([cue.start_s, cue.end_s], [-0.8, -0.8], color="#e76f51", lw=2, clip_on=True)
            axes.text(cue.start_s, -0.97, label, fontsize=5, color="#b5442a", clip_on=True, parse_math=False)
    for chime in manifest.chimes:
        if start_s <= chime.at_s < end_s:
            axes.plot([chime.at_s], [0.7], marker="v", color="#6a4c93", ms=5)


def _height(level_db: float) -> float:
    low, high = _BED_DB
    return 2 * (min(max(level_db, low), high) - low) / (high - low) - 1


def _bed_points(session: Session) -> Iterator[tuple[float, float]]:
    """The bed's gain over time in dB as it was planned; where music is loud it goes further down."""
    plan = session.plan
    if plan is None or not plan.spans:
        return
    curves = (duck_corners(plan.voices, plan.mix.duck, [0.0] * len(plan.voices)), swell_corners(plan.breaths))
    for at_ms in sorted({0, plan.frames * FRAME_MS, *(at for corners in curves for at, _ in corners)}):
        yield at_ms / 1000, sum(_at(corners, at_ms) for corners in curves)


def _at(corners: Sequence[Corner], at_ms: int) -> float:
    after = bisect_left(corners, (at_ms, -math.inf))
    if not 0 < after < len(corners):
        return 0.0
    (begin_ms, begin_db), (end_ms, end_db) = corners[after - 1], corners[after]
    return begin_db + (end_db - begin_db) * (at_ms - begin_ms) / max(1, end_ms - begin_ms)
