"""Decode a finished track piece by piece and measure it; memory grows by two bytes a millisecond.

The decoder gets only the track's own frames, neither tags, which it would hold in memory, nor
anything behind the frames. The length that a file claims is not believed.
"""

import io
import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import soundfile

from stretchaudio.audio.clip import FRAME_MS
from stretchaudio.audio.dsp import (
    k_weighted,
    loudest_channel,
    mean_channel,
    sample_peak,
    true_peak,
    weighted_frame_energy,
)
from stretchaudio.audio.loudness import gain_to_db, gated_lufs
from stretchaudio.audio.mp3.frames import HEADER_BYTES, MIX, VOICE, WIDE, FrameFormat, count
from stretchaudio.audio.mp3.info_frame import read_sum, sum_of
from stretchaudio.audio.signs import decode_signs, mean_by_ms
from stretchaudio.errors import FileError
from stretchaudio.mix.music import silence_stderr
from stretchaudio.track.manifest import SIGNS_LETTERS
from stretchaudio.track.reader import refuse_no_track, syncsafe_int

LONGEST_S = 13 * 3600
SPARE_S = 60
"""A track that is longer than it should be by more than this is not measured."""
POWERS = np.concatenate([10 ** ((6 - np.arange(255) / 2) / 10), [0.0]])
"""Mean squares by the codes of levels, half a decibel apart, full scale being 1; the last is 0."""
# Whole frames, so that each is measured where it stands.
_PIECE_S = 6
# The filters have to have heard this much before a piece.
_BEFORE_S = 0.25
_NEAR = 0.6
_EDGE_SAMPLES = 128
"""Samples of a piece whose true peaks are left to the piece beside it."""
_FULL_SCALE = 0.9999
_CLIPPED_SAMPLES = 3
"""Samples at full scale in a row that are a clipped peak."""
_ID3_HEADER_BYTES = 10
_TAGS_BEHIND = (b"TAG", b"APETAGEX", b"LYRICSBEGIN")
"""The first bytes of tags that other programs write behind the sound."""
_MOST_MARK_BYTES = 16
_MONO = 0xC0
"""The least value of the last byte of a header of mono."""
_FILE_PIECE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """The measurements of a track."""

    sample_rate_hz: int
    channels: int
    duration_s: float
    """The time a gapless player plays."""
    frames_s: float
    """The length of its frames; infinite when something else than a tag comes behind them."""
    is_as_written: bool | None
    """Whether its frames are those that its Info frame was written for; None if that is unknown."""
    loudness_lufs: float
    """BS.1770 integrated loudness."""
    true_peak_dbtp: float
    clipped: int
    """How many times the sound is cut off at full scale."""
    frames: Any
    """K-weighted mean square of each MP3 frame, summed over the channels, shape (frames,)."""
    against: Any
    """Mean square of what is heard on the other side of zero than it was made, of each frame.

    The track differs by as much at the least; zeros where its manifest has no signs.
    """
    energy: Any
    """K-weighted mean square of each millisecond of the mean of its channels.

    As codes of `POWERS`, uint8, shape (ms,).
    """
    peaks: Any
    """Square of the highest sample of each millisecond, as codes of `POWERS`, likewise."""


def analyze(
    path: Path, *, expected_s: float = LONGEST_S - SPARE_S, signs: Sequence[str] = ()
) -> Analysis | None:
    """Decode a track and measure it.

    Args:
        path: The file.
        expected_s: The length it should have.
        signs: On which side of zero it should be, as its manifest has it.

    Returns:
        None when it is more than a minute longer than it should be: then it is not decoded.

    Raises:
        FileError: If it cannot be read or decoded, or is longer than any track.
    """
    try:
        refuse_no_track(path)
        with path.open("rb") as file:
            found = _find(file, path, min(expected_s + SPARE_S, LONGEST_S))
            return _measured(file, found, path, signs) if found else None
    except OSError as error:
        raise FileError.from_os_error(error, f"read {path}") from None
    except soundfile.SoundFileError as error:
        cause = str(getattr(error, "error_string", error)).strip(" .")
        # libsndfile says of junk that it does not exist.
        why = "there is no sound in it" if "not exist" in cause else cause
        raise FileError(f"{path} cannot be decoded: {why}.") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stream:
    """The place of a track's frames in its file."""

    form: FrameFormat
    start: int
    """The offset of the first frame, in bytes."""
    size: int
    """The size of all frames, in bytes."""
    frames: int
    """Their number."""
    length_s: float
    """The length of all frames; infinite when something else than a tag comes behind them."""
    is_as_written: bool | None
    """As in `Analysis`."""


def _find(file: IO[bytes], path: Path, most_s: float) -> _Stream | None:
    """Find the frames of a track; None when they last longer than `most_s`."""
    header = file.read(_ID3_HEADER_BYTES)
    start = _ID3_HEADER_BYTES + syncsafe_int(header[6:]) if header.startswith(b"ID3") else 0
    most = round(most_s * 1000 / FRAME_MS) + 1
    for form in (VOICE, MIX):
        frames, end = _count(file, start, form, most=most)
        if frames >= most:
            return None
        if frames:
            file.seek(end)
            behind = file.read(_MOST_MARK_BYTES)
            whole_s = (frames - 1) * FRAME_MS / 1000  # the first is the Info frame
            strange = behind and not behind.startswith(_TAGS_BEHIND)
            file.seek(start + HEADER_BYTES - 1)
            is_wide = form is MIX and file.read(1)[0] >= _MONO
            there = WIDE if is_wide else form
            return _Stream(
                form=there,
                start=start,
                size=end - start,
                frames=frames,
                length_s=math.inf if strange else whole_s,
                is_as_written=_is_as_written(_Window(file, start, end - start), there),
            )
    raise FileError(
        f"{path} cannot be decoded: there is no sound in it as tracks have it, at 24 or 48 kHz."
    )


def _is_as_written(window: "_Window", form: FrameFormat) -> bool | None:
    """Compare frames with the sum in the first of them; None when there is none."""
    piece = window.read(_FILE_PIECE_BYTES)
    _, size = count(piece, form, most=1)
    told = read_sum(piece[:size], form)
    if told is None:
        return None
    crc = sum_of(piece[size:])
    size = len(piece)
    while piece := window.read(_FILE_PIECE_BYTES):
        crc, size = sum_of(piece, crc), size + len(piece)
    return told == (size, crc)


def _count(file: IO[bytes], start: int, form: FrameFormat, *, most: int) -> tuple[int, int]:
    """Count the frames from an offset on; return their number and the offset of their end."""
    frames, at = 0, start
    while frames < most:
        file.seek(at)
        # By pieces: a map of the file would count as memory of ours.
        found, size = count(file.read(_FILE_PIECE_BYTES), form, most=most - frames)
        if not found:
            break
        frames, at = frames + found, at + size
    return frames, at


def _measured(file: IO[bytes], stream: _Stream, path: Path, signs: Sequence[str]) -> Analysis:
    with silence_stderr(), soundfile.SoundFile(_Window(file, stream.start, stream.size)) as sound:
        if FrameFormat(sample_rate_hz=sound.samplerate, channels=sound.channels) != stream.form:
            raise FileError(
                f"{path} has {sound.samplerate} Hz and {sound.channels} channels; no track has."
            )
        meter = _Meter(stream, signs)
        # Not in blocks(): that believes what the file says of its length.
        while len(
            piece := sound.read(_PIECE_S * sound.samplerate, dtype="float32", always_2d=True)
        ):
            meter.add(piece)
        return meter.heard()


class _Window(io.RawIOBase):
    """A part of a file, read as if it were a file.

    Args:
        file: An open file that can seek.
        start: The offset of the part, in bytes.
        size: Its length in bytes.
    """

    def __init__(self, file: IO[bytes], start: int, size: int) -> None:
        super().__init__()
        self._file, self._start, self._size, self._at = file, start, size, 0

    def readinto(self, buffer: Any) -> int:
        self._file.seek(self._start + self._at)
        data = self._file.read(max(0, min(len(buffer), self._size - self._at)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origins = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}
        self._at = max(0, origins[whence] + offset)
        return self._at

    def tell(self) -> int:
        return self._at


class _Meter:
    """Measures a track, piece after piece."""

    def __init__(self, stream: _Stream, signs: Sequence[str]) -> None:
        self.form = form = stream.form
        self.rate_hz = form.sample_rate_hz
        self.stream = stream
        self.channels = form.channels
        self.samples = 0
        self.ms = 0
        self.before = np.zeros((round(_BEFORE_S * self.rate_hz), self.channels), np.float32)
        # All at once: what grows is copied, and needs twice the memory while it is.
        self.energies, self.peaks = np.empty((2, stream.frames * FRAME_MS), np.uint8)
        self.frames = array("f")
        self.signs = "".join(signs)
        self.against = array("f")
        self.peak = 0.0
        self.clipped = 0

    def add(self, piece: Any) -> None:
        """Measure the next piece."""
        self.samples += len(piece)
        whole = np.concatenate([self.before, piece])
        first = len(self.before)
        weighted = k_weighted(whole, self.rate_hz)[first:]
        self.frames.extend(weighted_frame_energy(weighted, self.form).tolist())
        self.against.extend(self._against(mean_by_ms(mean_channel(piece), self.rate_hz)).tolist())
        loudest = loudest_channel(piece)
        energies = mean_by_ms(mean_channel(weighted) ** 2, self.rate_hz)
        new = slice(self.ms, self.ms + len(energies))
        self.energies[new] = codes(energies)
        self.peaks[new] = codes(self._by_ms(loudest).max(axis=1) ** 2)
        self.ms = new.stop
        if sample_peak(whole) > _NEAR * self.peak:
            self.peak = max(self.peak, true_peak(whole, edges=_EDGE_SAMPLES))
        self.clipped += _count_clipped(loudest)
        self.before = whole[-first:]

    def _against(self, means: Any) -> Any:
        """Measure what is on the other side of zero than it was made, in each frame."""
        first = self.ms // FRAME_MS * SIGNS_LETTERS
        made = decode_signs(self.signs[first : first + len(means) // FRAME_MS * SIGNS_LETTERS])
        there = means[: len(made)]
        powers = np.where((there >= 0) == made, 0.0, there**2)
        return powers.reshape(-1, FRAME_MS).mean(axis=1)

    def _by_ms(self, values: Any) -> Any:
        per_ms = self.rate_hz // 1000
        return np.pad(values, (0, -len(values) % per_ms)).reshape(-1, per_ms)

    def heard(self) -> Analysis:
        """Gather the measurements."""
        return Analysis(
            sample_rate_hz=self.rate_hz,
            channels=self.channels,
            duration_s=self.samples / self.rate_hz,
            frames_s=self.stream.length_s,
            is_as_written=self.stream.is_as_written,
            loudness_lufs=gated_lufs(self.frames),
            true_peak_dbtp=gain_to_db(self.peak),
            clipped=self.clipped,
            frames=np.frombuffer(self.frames, np.float32),
            against=np.frombuffer(self.against, np.float32),
            energy=self.energies[: self.ms],
            peaks=self.peaks[: self.ms],
        )


def codes(powers: Any) -> Any:
    """Convert mean squares to the nearest codes of `POWERS`, uint8; lower codes are louder."""
    with np.errstate(divide="ignore"):
        return np.clip(np.round(12 - 20 * np.log10(powers)), 0, len(POWERS) - 1).astype(np.uint8)


def _count_clipped(loudest: Any) -> int:
    """Count the runs of samples at full scale."""
    full = loudest >= _FULL_SCALE
    if not full.any():
        return 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], full, [False]]).astype(np.int8)))
    return int(np.count_nonzero(edges[1::2] - edges[::2] >= _CLIPPED_SAMPLES))
