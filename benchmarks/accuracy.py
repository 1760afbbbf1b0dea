"""How exact a track is, measured on the decoded MP3: windows, onsets, level, size; beside the usual way of gluing."""

import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np

from rival import naive_windows, segments

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from listening import Listener, available, decode, heard_windows, loudness, onset_errors_s, true_peak_dbtp
from stretchaudio import Options, read_routine
from stretchaudio.session import plan_session, write_track

TOP = Path(__file__).parent.parent
ROUTINES = (TOP / "routines" / "back-basics.yaml", TOP / "tests" / "data" / "torture.yaml")


def main() -> None:
    """Measure each routine with each decoder at hand."""
    for routine in ROUTINES:
        session = plan_session(read_routine(routine), Options(voice="espeak"))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "track.mp3"
            size_bytes = write_track(session, path)
            minutes = session.manifest.duration_s / 60
            print(f"{routine.stem}: {minutes:.1f} min, {size_bytes / 1000 / minutes:.0f} kB a minute")
            for decoder in ("libsndfile", "ffmpeg", "mpg123"):
                if available(decoder):
                    _measure(asdict(session.manifest), decode(path, decoder), decoder)
        naive = naive_windows(session, segments(session))
        print(f"  glued with pydub: worst window {naive.worst_s:+.2f} s, all windows together {naive.drift_s:+.1f} s")


def _measure(manifest: dict, samples: np.ndarray, decoder: str) -> None:
    listener = Listener(samples)
    windows = heard_windows(manifest, listener)
    errors_ms = [window.error_s * 1000 for window in windows]
    onsets_ms = np.array(onset_errors_s(manifest, listener)) * 1000
    tenth = max(1, len(onsets_ms) // 10)
    drift_ms = onsets_ms[-tenth:].mean() - onsets_ms[:tenth].mean()
    heard = f"{len(windows)} of {len(manifest['windows'])} windows heard: {min(errors_ms):+.1f} to {max(errors_ms):+.1f} ms"
    onsets = f"{len(onsets_ms)} onsets: {onsets_ms.min():+.1f} to {onsets_ms.max():+.1f} ms, drift {drift_ms:+.2f} ms"
    level = f"{loudness(samples):.1f} LUFS, {true_peak_dbtp(samples):.1f} dBTP"
    print(f"  {decoder:10}  {heard}; {onsets}; {level}")


if __name__ == "__main__":
    main()
