"""How exact a track is, measured on the decoded MP3.

Windows, onsets, level, size; beside the usual way of gluing.
"""

import io
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
import soundfile
import soxr

from rival import naive_windows, segments

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from listening import (
    MIX_RATE_HZ,
    Listener,
    available,
    decode,
    decode_mix,
    heard_windows,
    lag_s,
    loudness,
    onset_errors_s,
    true_peak_dbtp,
)
from stretchaudio import Options, read_routine
from stretchaudio.audio.clip import KEPT_MS
from stretchaudio.mix.model import ChimeSound
from stretchaudio.session.build import Session, plan_session, write_track
from stretchaudio.session.options import resolved

TOP = Path(__file__).parent.parent
ROUTINES = (TOP / "routines" / "back-basics.yaml", TOP / "tests" / "data" / "torture.yaml")


def main() -> None:
    """Measure each routine with each decoder at hand."""
    for routine in ROUTINES:
        with resolved(Options(voice="espeak")) as settings, tempfile.TemporaryDirectory() as folder:
            session = plan_session(read_routine(routine), settings)
            path = Path(folder) / "track.mp3"
            size_bytes = write_track(session, path, settings)
            minutes = session.manifest.duration_s / 60
            print(
                f"{routine.stem}: {minutes:.1f} min, {size_bytes / 1000 / minutes:.0f} kB a minute"
            )
            for decoder in ("libsndfile", "ffmpeg", "mpg123"):
                if available(decoder):
                    _measure(asdict(session.manifest), decode(path, decoder), decoder)
        _under_a_bed(routine, "rain")
        naive = naive_windows(session, segments(session))
        print(
            f"  glued with pydub: worst window {naive.worst_s:+.2f} s, all windows together "
            f"{naive.drift_s:+.1f} s"
        )


def _under_a_bed(routine: Path, bed: str) -> None:
    """Each cue is looked for by its own sound, and windows lie between cues that were found."""
    options = Options(voice="espeak", bed=bed, chimes=ChimeSound.SOFT)
    with resolved(options) as settings, tempfile.TemporaryDirectory() as folder:
        session = plan_session(read_routine(routine), settings)
        path = Path(folder) / "track.mp3"
        write_track(session, path, settings)
        heard = decode_mix(path)
    manifest = session.manifest
    mono = heard.mean(axis=1)
    late_s = {
        cue.start_s: lag_s(mono, _sound(session, cue.text), cue.start_s) for cue in manifest.cues
    }
    errors_ms = []
    for window in manifest.windows:
        opening = [cue for cue in manifest.cues if abs(cue.end_s - window.start_s) < 0.002]
        closing = [at for at in late_s if abs(at - window.start_s - window.length_s) < 0.0125]
        if opening and closing:
            length_s = (
                closing[0] + late_s[closing[0]] - opening[0].end_s - late_s[opening[0].start_s]
            )
            errors_ms.append((length_s - window.length_s) * 1000)
    onsets_ms = [late * 1000 for late in late_s.values()]
    found = (
        f"{len(errors_ms)} of {len(manifest.windows)} windows: {min(errors_ms):+.1f} to "
        f"{max(errors_ms):+.1f} ms"
    )
    onsets = f"{len(onsets_ms)} onsets: {min(onsets_ms):+.2f} to {max(onsets_ms):+.2f} ms"
    level = (
        f"{loudness(heard, MIX_RATE_HZ):.1f} LUFS, {true_peak_dbtp(heard, MIX_RATE_HZ):.1f} dBTP"
    )
    print(f"  under {bed} and chimes: {found}; {onsets}; {level}")


def _sound(session: Session, text: str) -> np.ndarray:
    samples, rate_hz = soundfile.read(io.BytesIO(session.speech.clips[text].sound))
    return soxr.resample(samples, rate_hz, MIX_RATE_HZ)[MIX_RATE_HZ * KEPT_MS // 1000 :]


def _measure(manifest: dict, samples: np.ndarray, decoder: str) -> None:
    listener = Listener(samples)
    windows = heard_windows(manifest, listener)
    errors_ms = [window.error_s * 1000 for window in windows]
    onsets_ms = np.array(onset_errors_s(manifest, listener)) * 1000
    tenth = max(1, len(onsets_ms) // 10)
    drift_ms = onsets_ms[-tenth:].mean() - onsets_ms[:tenth].mean()
    heard = (
        f"{len(windows)} of {len(manifest['windows'])} windows heard: {min(errors_ms):+.1f} to "
        f"{max(errors_ms):+.1f} ms"
    )
    onsets = (
        f"{len(onsets_ms)} onsets: {onsets_ms.min():+.1f} to {onsets_ms.max():+.1f} ms, drift "
        f"{drift_ms:+.2f} ms"
    )
    level = f"{loudness(samples):.1f} LUFS, {true_peak_dbtp(samples):.1f} dBTP"
    print(f"  {decoder:10}  {heard}; {onsets}; {level}")


if __name__ == "__main__":
    main()
