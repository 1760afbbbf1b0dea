"""Measure a listener's own music, and read any segment of it as samples.

Files are read in chunks that begin at whole seconds, each with a second on either side for the
resampler. So a segment has the same samples whichever way a file is read, and memory does not grow
with its length.
"""

import contextlib
import hashlib
import os
from array import array
from collections.abc import Iterator
from functools import lru_cache
from itertools import takewhile
from pathlib import Path

import numpy as np
import soundfile
import soxr

from stretchaudio.audio.clip import ceil_div
from stretchaudio.audio.dsp import frame_energy, sample_peak
from stretchaudio.audio.loudness import energy_to_lufs, gain_to_db, gated_lufs
from stretchaudio.audio.mp3.frames import MIX
from stretchaudio.audio.types import Signal, Stereo
from stretchaudio.errors import FileError
from stretchaudio.mix.model import OTHER, MusicInfo

CHUNK_S = 10
LEAST_S = 10
"""Shorter music would hardly be more than its crossfades."""
_MEASURED_CHUNKS = 60
"""So many are enough to level a piece; ten minutes are measured whole."""
_MEASURED_FRAMES = CHUNK_S * MIX.sample_rate_hz // MIX.samples
_CHUNKS_KEPT = 4
_SILENT_LUFS = -60.0
_HALF_POWER = 0.7071
_DOWNMIX = {
    3: ((1, 0, _HALF_POWER), (0, 1, _HALF_POWER)),
    4: ((1, 0, _HALF_POWER, 0), (0, 1, 0, _HALF_POWER)),
    5: ((1, 0, _HALF_POWER, _HALF_POWER, 0), (0, 1, _HALF_POWER, 0, _HALF_POWER)),
    6: ((1, 0, _HALF_POWER, 0, _HALF_POWER, 0), (0, 1, _HALF_POWER, 0, 0, _HALF_POWER)),
}
"""The weights of more than two channels in two, by their number (ITU-R BS.775-3, no LFE)."""
# Channels are in the usual order of files.


def measure_music(path: str) -> MusicInfo | None:
    """Measure the music of a file.

    Returns:
        None when it is of a format that cannot be read here.

    Raises:
        FileError: If it is too short or silent.
    """
    try:
        with Path(path).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FileError.from_os_error(error, f"read {path}") from None
    try:
        claimed_s, length_s = _length_s(path)
    except (soundfile.SoundFileError, RuntimeError):
        return None
    if length_s < LEAST_S:
        has = "nothing that can be played" if length_s < 1 else f"only {length_s:.0f} s"
        raise FileError(
            f"{path} contains {has}; a bed needs at least {LEAST_S} s of music.", hint=OTHER
        )
    energies, levels, peak = array("d"), [], 0.0
    for start in _measured_chunks(length_s):
        samples = read_segment(path, start, _MEASURED_FRAMES * MIX.samples)
        energy = frame_energy(samples, MIX)
        energies.extend(energy.tolist())
        middle_ms = start * 1000 // MIX.sample_rate_hz + CHUNK_S * 500
        levels.append((middle_ms, round(energy_to_lufs(float(energy.mean())), 1)))
        peak = max(peak, sample_peak(samples))
    lufs = gated_lufs(energies)
    if lufs < _SILENT_LUFS:
        raise FileError(f"{path} is silent.", hint=OTHER)
    return MusicInfo(
        digest=digest,
        length_ms=int(length_s * 1000),
        damaged=length_s < claimed_s - 1,
        lufs=lufs,
        peak_db=gain_to_db(peak),
        levels=tuple(levels),
    )


def read_segment(path: str, start: int, samples: int) -> Stereo:
    """Read some of a file's sound.

    Args:
        path: The file.
        start: The first sample at 48 kHz.
        samples: How many; silence follows where the file ends.

    Returns:
        Stereo at 48 kHz, float32.

    Raises:
        FileError: If it cannot be read.
    """
    try:
        return _segment(path, start, samples)
    except (OSError, soundfile.SoundFileError, RuntimeError) as error:
        cause = str(getattr(error, "error_string", error)).strip(" .")
        raise FileError(f"{path} cannot be read any more ({cause}).") from None


def _segment(path: str, start: int, samples: int) -> Stereo:
    size = CHUNK_S * MIX.sample_rate_hz
    out = np.zeros((samples, 2), np.float32)
    for number in range(start // size, ceil_div(start + samples, size)):
        first = number * size
        low, high = max(start, first), min(start + samples, first + size)
        out[low - start : high - start] = _chunk(path, number)[low - first : high - first]
    return out


def _measured_chunks(length_s: float) -> Iterator[int]:
    """Yield the first samples of the chunks that a file is measured by, spread evenly over it."""
    whole = max(1, int(length_s) // CHUNK_S)
    chosen = min(whole, _MEASURED_CHUNKS)
    return (round(at * whole / chosen) * CHUNK_S * MIX.sample_rate_hz for at in range(chosen))


@lru_cache(maxsize=_CHUNKS_KEPT)
def _chunk(path: str, number: int) -> Stereo:
    rate = _open(path).samplerate
    lead_s = 1 if number > 0 else 0
    wanted = (lead_s + CHUNK_S + 1) * rate
    samples = _read(path, (number * CHUNK_S - lead_s) * rate, wanted)
    # Files of floats can hold anything.
    samples = np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0)
    stereo = _to_stereo(np.pad(samples, ((0, wanted - len(samples)), (0, 0))))
    if rate != MIX.sample_rate_hz:
        stereo = soxr.resample(stereo, rate, MIX.sample_rate_hz)
    start = lead_s * MIX.sample_rate_hz
    return stereo[start : start + CHUNK_S * MIX.sample_rate_hz]


def _read(path: str, start: int, wanted: int) -> Signal:
    """Read as much as there is; a damaged file may end before the length that it claims."""
    with silence_stderr():
        file = _open(path)
        try:
            file.seek(min(start, file.frames))
            samples: Signal = file.read(wanted, dtype="float32", always_2d=True)
            return samples  # noqa: TRY300 - it is what may fail
        except soundfile.SoundFileError:
            _open.cache_clear()  # a decoder that has failed once finds nothing any more
    seconds = (_second(path, at) for at in range(start, start + wanted, file.samplerate))
    readable = takewhile(lambda second: second is not None, seconds)
    return np.concatenate([np.zeros((0, file.channels), np.float32), *readable])[:wanted]


def _second(path: str, start: int) -> Signal | None:
    """Read a whole second from some sample on; None if that is not possible."""
    with silence_stderr():
        try:
            with soundfile.SoundFile(path) as file:
                file.seek(start)
                samples = file.read(file.samplerate, dtype="float32", always_2d=True)
                return samples if len(samples) == file.samplerate else None
        except soundfile.SoundFileError:
            return None


def _to_stereo(samples: Signal) -> Stereo:
    channels = samples.shape[1]
    if channels == 2:
        return samples
    if channels in _DOWNMIX:
        return samples @ np.array(_DOWNMIX[channels], np.float32).T
    mean: Signal = samples.mean(axis=1, keepdims=True)
    return np.repeat(mean, 2, axis=1)


def _length_s(path: str) -> tuple[float, float]:
    """Return how long a file claims to be, and how much of that can be read."""
    file = _open(path)
    rate, claimed_s = file.samplerate, file.frames / file.samplerate
    if claimed_s < 1 or _second(path, file.frames - rate) is not None:
        return claimed_s, claimed_s
    readable_s, damaged_s = 0, int(claimed_s) + 1
    while damaged_s - readable_s > 1:
        middle_s = (readable_s + damaged_s) // 2
        if _second(path, (middle_s - 1) * rate) is None:
            damaged_s = middle_s
        else:
            readable_s = middle_s
    return claimed_s, readable_s


@lru_cache(maxsize=8)
def _open(path: str) -> soundfile.SoundFile:
    with silence_stderr():
        return soundfile.SoundFile(path)


@contextlib.contextmanager
def silence_stderr() -> Iterator[None]:
    """Keep the decoders' own remarks on damaged files off the terminal."""
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
