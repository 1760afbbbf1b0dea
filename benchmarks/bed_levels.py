"""How bed and voice lie to each other, measured on decoded tracks.

The file is decoded by ffmpeg. What was said is known exactly and is taken away from it; what is
left is held against the bed as it would be if nothing ducked it. So the bed's gain is what both
have in common, and what the encoder adds to words, which they mask, is not taken for bed.
"""

import io
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from stretchaudio import Options, read_routine
from stretchaudio.audio.beds import GENERATED_BEDS
from stretchaudio.audio.clip import KEPT_MS
from stretchaudio.audio.dsp import frame_energy
from stretchaudio.audio.loudness import db_to_gain, energy_to_lufs, lufs_to_energy
from stretchaudio.audio.mp3.frames import MIX
from stretchaudio.language import Verbosity
from stretchaudio.mix import synth
from stretchaudio.mix.ducking import Ducking
from stretchaudio.mix.mixer import MixMeasurement
from stretchaudio.mix.model import ChimeSound, Plan
from stretchaudio.mix.render import open_bed
from stretchaudio.script.verbosity import CueFilter
from stretchaudio.session.build import Session, plan_session, write_track
from stretchaudio.session.options import resolved
from stretchaudio.session.tracks import MixedTrack

TOP = Path(__file__).parent.parent
ROUTINES = ("back-basics", "spinal-mobility")
STEP = 4 * MIX.samples
"""Samples (96 ms) over which the bed's gain is measured."""
STEP_S = STEP / MIX.sample_rate_hz
LOW_HZ = 2_000
OPEN_DB = -2.0
AFTER_S, BEFORE_S = 3.0, 1.5
"""The parts of a pause in which the bed comes back and goes down."""


def main() -> None:
    """Measure each routine under each bed, and music with a quiet half.

    Routines and beds can be named as arguments.
    """
    named = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        song = str(_uneven_song(folder / "uneven.flac"))
        beds = [song if bed == "music" else bed for bed in named if bed not in ROUTINES]
        beds = beds or [*GENERATED_BEDS, song]
        for routine in [name for name in ROUTINES if name in named] or ROUTINES:
            print(f"{routine}:")
            for bed in beds:
                print(f"  {_measure(routine, folder, bed=bed)}", flush=True)
            print(f"  {_measure(routine, folder, bed=beds[0], duck=Ducking(over_lu=20.0))}")
            print(f"  {_bells(routine, folder)}", flush=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """What ffmpeg's `ebur128` measures of a file."""

    integrated_lufs: float
    true_peak_dbtp: float
    momentary_lufs: float
    """The highest."""

    def __str__(self) -> str:
        """Give all three."""
        return (
            f"{self.integrated_lufs:.1f} LUFS, {self.true_peak_dbtp:.1f} dBTP, "
            f"momentary {self.momentary_lufs:.1f}"
        )


def loudness_of(path: Path) -> Loudness:
    """Have ffmpeg measure a file."""
    command = ("ffmpeg", "-nostats", "-hide_banner", "-i", path, "-af", "ebur128=peak=true")
    said = subprocess.run(
        [*command, "-f", "null", "-"], capture_output=True, text=True, check=True
    ).stderr
    integrated = re.findall(r"I:\s+(-?[\d.]+) LUFS", said)[-1]
    peak = re.findall(r"Peak:\s+(-?[\d.]+) dBFS", said)[-1]
    momentary = max(map(float, re.findall(r" M:\s*(-?[\d.]+)", said)))
    return Loudness(
        integrated_lufs=float(integrated), true_peak_dbtp=float(peak), momentary_lufs=momentary
    )


def decoded(path: Path) -> np.ndarray:
    """Decode a mix by ffmpeg: stereo at 48 kHz."""
    command = ("ffmpeg", "-v", "error", "-i", path, "-f", "s16le", "-")
    done = subprocess.run(command, capture_output=True, check=True)
    return np.frombuffer(done.stdout, "<i2").reshape(-1, 2).astype(np.float32) / 32768


def _measure(routine: str, folder: Path, **options: object) -> str:
    session, path = _built(routine, folder, **options)
    plan, gain = _plan(session), _mix(session).level.gain_db
    heard = decoded(path)
    rest = heard - _voice(session, plan, gain)[: len(heard)]
    gains, energy = _bed(rest, plan, gain)
    gains_db = 20 * np.log10(np.maximum(gains, 1e-3))
    gains_db = gains_db[round(3.5 / STEP_S) : -round(8 / STEP_S)]  # without its fades
    over = [
        voice.lufs + gain - _lufs(energy, voice.start_ms / 1000, voice.end_ms / 1000)
        for voice in plan.voices
    ]
    lengths = [voice.end_ms - voice.start_ms for voice in plan.voices]
    powers = [lufs_to_energy(voice.lufs) for voice in plan.voices]
    voice_lufs = energy_to_lufs(float(np.average(powers, weights=lengths))) + gain
    pauses = [
        _lufs(energy, start, end)
        for start, end in _pauses(plan)
        if end - start > 2 and end < plan.frames * 0.024 - 8
    ]
    openings = list(_openings(gains_db))
    paced = sum(_is_paced(session, opening) for opening in openings)
    minutes = len(rest) / MIX.sample_rate_hz / 60
    slopes = (gains_db[2:] - gains_db[:-2]) / (2 * STEP_S)
    spread = np.percentile(over, [0, 5, 50, 95])
    shortest = min((end - start for start, end in openings), default=0.0)
    return (
        f"{Path(str(options['bed'])).stem}: voice over bed "
        + "/".join(f"{one:.1f}" for one in spread)
        + f" LU (least, 5 %, median, 95 %); bed below the voice in pauses "
        f"{voice_lufs - np.median(pauses):.1f} LU; {len(openings) / minutes:.2f} openings a minute,"
        f" shortest {shortest:.1f} s, {paced} in paced windows; slopes {slopes.min():.0f} and "
        f"{slopes.max():+.0f} dB/s; {loudness_of(path)}; {path.stat().st_size / 1e6 / minutes:.2f} "
        "MB a minute"
    )


def _bells(routine: str, folder: Path) -> str:
    cues = CueFilter(cues=Verbosity.CHIMES)
    _, path = _built(routine, folder, cue_filter=cues, chimes=ChimeSound.SOFT)
    return f"bells alone: {loudness_of(path)}"


def _built(routine: str, folder: Path, **options: object) -> tuple[Session, Path]:
    path = folder / "track.mp3"
    with resolved(Options(voice="espeak", **options)) as settings:
        session = plan_session(read_routine(routine), settings)
        write_track(session, path, settings)
    return session, path


def _mix(session: Session) -> MixMeasurement:
    if not isinstance(session.track, MixedTrack) or session.track.measured is None:
        raise TypeError("this session is not mixed")
    return session.track.measured


def _plan(session: Session) -> Plan:
    if not isinstance(session.track, MixedTrack):
        raise TypeError("this session is not mixed")
    return session.track.plan


def _voice(session: Session, plan: Plan, gain_db: float) -> np.ndarray:
    """All words and bells where they are, as the mix has them."""
    out = np.zeros((plan.frames * MIX.samples, 2), np.float32)
    flacs = {key: clip.sound for key, clip in session.speech.by_key().items()}
    for voice in plan.voices:
        samples, rate_hz = soundfile.read(io.BytesIO(flacs[voice.clip]))
        sound = soxr.resample(samples, rate_hz, MIX.sample_rate_hz, quality="VHQ")
        start = (voice.start_ms - KEPT_MS) * 48
        out[start : start + len(sound)] += sound[:, None]
    return out * np.float32(db_to_gain(gain_db))


def _bed(rest: np.ndarray, plan: Plan, gain_db: float) -> tuple[np.ndarray, np.ndarray]:
    """The bed's gain in each step, and the energy of each of its frames as it is heard."""
    products, squares, energies = [], [], []
    for start in range(0, len(rest) - STEP, STEP * 500):
        part = rest[start : start + STEP * 500]
        part = part[: len(part) // STEP * STEP]
        whole = open_bed(plan.segments, start, len(part)) * np.float32(db_to_gain(gain_db))
        heard, made = _low(part), _low(whole)
        products.append((heard * made).reshape(-1, STEP * 2).sum(axis=1))
        squares.append((made**2).reshape(-1, STEP * 2).sum(axis=1))
        energies.append(frame_energy(whole, MIX))
    gains = np.concatenate(products) / np.maximum(np.concatenate(squares), 1e-9)
    # Where a bed is soft, what the encoder adds makes single steps uncertain.
    around = np.lib.stride_tricks.sliding_window_view(np.pad(gains, 4, mode="edge"), 9)
    gains = np.median(around, axis=1)
    energy = np.concatenate(energies)
    return gains, energy * gains.repeat(4)[: len(energy)] ** 2


def _low(sound: np.ndarray) -> np.ndarray:
    """What is below 2 kHz: above, encoders keep how loud noise is, and not its waveform."""
    spectrum = np.fft.rfft(sound, axis=0)
    spectrum[round(LOW_HZ * len(sound) / MIX.sample_rate_hz) :] = 0
    return np.fft.irfft(spectrum, len(sound), axis=0)


def _lufs(energy: np.ndarray, start_s: float, end_s: float) -> float:
    first, last = int(start_s / 0.024), int(np.ceil(end_s / 0.024))
    return energy_to_lufs(float(energy[first:last].mean()))


def _pauses(plan: Plan) -> Iterator[tuple[float, float]]:
    """The parts of long pauses in which the bed is open."""
    gap_s = plan.mix.duck.gap_ms / 1000
    for one, other in zip(plan.voices, plan.voices[1:], strict=False):
        start_s, end_s = one.end_ms / 1000, other.start_ms / 1000
        if end_s - start_s >= gap_s and not getattr(other, "stays_down", False):
            yield start_s + AFTER_S, end_s - BEFORE_S


def _openings(gains_db: np.ndarray) -> Iterator[tuple[float, float]]:
    """When the bed is up; under a voice it is down by 3 dB at the least."""
    edges = np.diff(np.concatenate([[False], gains_db > OPEN_DB, [False]]).astype(np.int8))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    for start, end in zip(starts, ends, strict=True):
        if start and end < len(gains_db):  # those at the track's ends are its fades
            yield 3.5 + start * STEP_S, 3.5 + end * STEP_S


def _is_paced(session: Session, opening: tuple[float, float]) -> bool:
    """Whether the bed comes back among reps or breaths."""
    middle_s = sum(opening) / 2
    return any(
        window.start_s <= middle_s <= window.start_s + window.length_s
        for window in session.manifest.windows
        if window.kind in {"rep", "breath"}
    )


def _uneven_song(path: Path) -> Path:
    """Four minutes of calm music whose second half is 10 LU softer than its first."""
    samples = 240 * MIX.sample_rate_hz
    sound = synth.render_segment("drone", 5, 0, samples) + 0.3 * synth.render_segment(
        "rain", 5, 0, samples
    )
    sound[samples // 2 :] *= np.float32(db_to_gain(-10.0))
    soundfile.write(path, sound, MIX.sample_rate_hz)
    return path


if __name__ == "__main__":
    main()
