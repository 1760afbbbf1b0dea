"""Find what was said in a long recording: its pieces between pauses, and how they sound."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from stretchaudio.audio import ffmpeg
from stretchaudio.errors import FileError, UsageError

Samples = NDArray[np.float32]
"""Mono samples."""
Features = NDArray[np.float32]
"""A row of cepstral coefficients for each frame of a sound."""
LONGEST_S = 4 * 3600
PAUSE_S = 0.45
"""A pause that is as long as this may stand between two sentences."""
SHORTEST_S = 0.06
"""What is shorter is a click."""
EDGE_S = 0.12
"""What is kept of the quiet around a piece."""
_FRAME_S = 0.01
_ABOVE_FLOOR_DB, _BELOW_LOUD_DB = 12.0, 35.0
"""Speech is so far above the noise of the room, and not further below the loudest tenth."""
_RATE_HZ = 16_000
_WINDOW, _HOP, _BANDS = 512, 320, 26
_COEFFICIENTS = 8
"""Of 60 sentences that a woman's voice says, 32 were nearest to their own of seven with 13."""
# With 8 and their slopes it were 53: the higher ones carry the pitch.
_SLOPE_WEIGHT = 1.5


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of sound between two pauses."""

    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        """How long it lasts."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class Take:
    """A recording of many sentences."""

    samples: Samples
    rate_hz: int

    def cut(self, piece: Piece, margin_s: float = 0.0) -> Samples:
        """Return the samples of a piece, and of some quiet around it."""
        start = max(0, round((piece.start_s - margin_s) * self.rate_hz))
        return self.samples[start : round((piece.end_s + margin_s) * self.rate_hz)]


def read_take(path: Path) -> Take:
    """Read a recording; ffmpeg reads what libsndfile cannot.

    Raises:
        FileError: If it cannot be read as sound.
        UsageError: If it is far too long.
    """
    if not path.is_file():
        raise FileError(f"There is no recording {path}.")
    if path.suffix.lower() not in ffmpeg.ENDINGS:
        return _decoded(path, path)
    with TemporaryDirectory() as folder:
        target = Path(folder) / "take.flac"
        ffmpeg.convert(path, target, channels=1, most_s=LONGEST_S + 1)
        return _decoded(target, path)


def _decoded(path: Path, named: Path) -> Take:
    try:
        if soundfile.info(str(path)).duration > LONGEST_S:
            raise UsageError(f"{named} lasts longer than {LONGEST_S // 3600} hours.")
        samples, rate_hz = soundfile.read(str(path), dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, RuntimeError):
        raise FileError(f"{named} cannot be read as sound.") from None
    return Take(samples.mean(axis=1), rate_hz)


def find_pieces(take: Take) -> list[Piece]:
    """Find what is said between pauses, by how loud it is against the room's noise."""
    length = round(take.rate_hz * _FRAME_S)
    frames = take.samples[: len(take.samples) // length * length].reshape(-1, length)
    if not len(frames):
        return []
    loud_db = 10 * np.log10(np.square(frames, dtype=np.float64).mean(axis=1) + 1e-10)
    floor_db, loudest_db = np.percentile(loud_db, [10, 90])
    threshold_db = max(floor_db + _ABOVE_FLOOR_DB, loudest_db - _BELOW_LOUD_DB)
    threshold_db = min(threshold_db, (floor_db + loudest_db) / 2 + _ABOVE_FLOOR_DB)
    heard = np.concatenate([[False], loud_db > threshold_db, [False]])
    edges = np.flatnonzero(np.diff(heard.astype(np.int8))) * _FRAME_S
    joined: list[Piece] = []
    for start_s, end_s in zip(edges[::2], edges[1::2], strict=True):
        if joined and start_s - joined[-1].end_s < PAUSE_S:
            joined[-1] = Piece(joined[-1].start_s, float(end_s))
        else:
            joined.append(Piece(float(start_s), float(end_s)))
    return [piece for piece in joined if piece.length_s >= SHORTEST_S]


def features(samples: Samples, rate_hz: int) -> Features:
    """Describe how something sounds, whoever says it: cepstra in deviations, and slopes."""
    mono = soxr.resample(samples, rate_hz, _RATE_HZ)
    mono = np.pad(mono, (0, max(0, 3 * _WINDOW - len(mono))))
    mono = np.append(mono[0], mono[1:] - 0.97 * mono[:-1])
    windows = np.lib.stride_tricks.sliding_window_view(mono, _WINDOW)[::_HOP]
    power = np.square(np.abs(np.fft.rfft(windows * np.hanning(_WINDOW))))
    bands_db = np.log(power @ _mel_bands() + 1e-7)
    cepstra = bands_db @ _cosines()
    spread = cepstra.std(axis=0) + 1e-3
    scaled = (cepstra - cepstra.mean(axis=0)) / spread
    slopes = _SLOPE_WEIGHT * np.gradient(scaled, axis=0)
    both: Features = np.concatenate([scaled, slopes], axis=1).astype(np.float32)
    return both


@cache
def _mel_bands() -> NDArray[np.float64]:
    """Triangles of equal width on the mel scale (O'Shaughnessy's), from 80 Hz to 7 kHz."""
    mel = np.linspace(2595 * np.log10(1 + 80 / 700), 2595 * np.log10(1 + 7000 / 700), _BANDS + 2)
    corners = 700 * (10 ** (mel / 2595) - 1)
    hertz = np.fft.rfftfreq(_WINDOW, 1 / _RATE_HZ)[:, None]
    rising = (hertz - corners[:-2]) / (corners[1:-1] - corners[:-2])
    falling = (corners[2:] - hertz) / (corners[2:] - corners[1:-1])
    triangles: NDArray[np.float64] = np.maximum(0, np.minimum(rising, falling))
    return triangles


@cache
def _cosines() -> NDArray[np.float64]:
    band = np.arange(_BANDS, dtype=np.float64)[:, None] + 0.5
    cosines: NDArray[np.float64] = np.cos(np.pi / _BANDS * band * np.arange(_COEFFICIENTS))
    return cosines


def distance(first: Features, second: Features) -> float:
    """Measure how differently two sounds go, whatever their tempo; see `distances`."""
    return distances(first, [second])[0]


def distances(one: Features, others: Sequence[Features]) -> list[float]:
    """Measure how differently a sound and others go, whatever their tempo.

    Returns:
        For each the mean distance along the best path of dynamic time warping, in standard
        deviations of a coefficient.
    """
    lengths = [len(other) for other in others]
    padded = np.stack([np.pad(other, ((0, max(lengths) - len(other)), (0, 0))) for other in others])
    squares = np.square(one).sum(axis=1)[:, None] + np.square(padded).sum(axis=2)[:, None]
    near = np.maximum(0, squares - 2 * (one @ padded.transpose(0, 2, 1))) / one.shape[1]
    rows, columns = len(one), max(lengths)
    previous = np.full((len(others), rows + 1), np.inf)
    before = previous.copy()
    before[:, 0] = 0.0
    found = np.empty(len(others))
    # By diagonals, each of which depends on the two before it only.
    flipped = near[:, :, ::-1]
    for diagonal in range(rows + columns - 1):
        low, high = max(0, diagonal - columns + 1), min(rows, diagonal + 1)
        steps = np.diagonal(flipped, columns - 1 - diagonal, axis1=1, axis2=2)
        now = np.full_like(previous, np.inf)
        along = np.minimum(previous[:, low:high], previous[:, low + 1 : high + 1]) + steps
        now[:, low + 1 : high + 1] = np.minimum(before[:, low:high] + 2 * steps, along)
        before, previous = previous, now
        for at, length in enumerate(lengths):
            if diagonal == rows + length - 2:
                found[at] = now[at, rows] / (rows + length)
    return [float(value) for value in np.sqrt(found)]


def groups(pieces: list[Piece], at: int, *, most: int, longest_gap_s: float) -> Iterator[Piece]:
    """Join a piece with none, one or more of those that follow it closely."""
    following = pieces[at : at + most]
    yield following[0]
    for before, after in pairwise(following):
        if after.start_s - before.end_s > longest_gap_s:
            return
        yield Piece(following[0].start_s, after.end_s)
