"""The usual way to make such a track.

Pydub, cue after cue, hold after cue, then export through ffmpeg.
"""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

from stretchaudio.audio.clip import RELEASE_FRAMES
from stretchaudio.audio.mp3.frames import VOICE
from stretchaudio.audio.mp3.info_frame import info_frame
from stretchaudio.audio.mp3.link import Piece, StreamMeter
from stretchaudio.session.build import Session

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pydub import AudioSegment


def segments(session: Session) -> dict[str, AudioSegment]:
    """Our clips, decoded for pydub."""
    return {
        text: _segment(clip.sound, clip.frames + RELEASE_FRAMES)
        for text, clip in session.speech.clips.items()
    }


def _segment(mp3: bytes, frames: int) -> AudioSegment:
    meter = StreamMeter()
    meter.add(Piece(frames=frames, data=mp3))
    return AudioSegment.from_file(
        io.BytesIO(info_frame(VOICE, meter.info(VOICE)) + mp3), format="mp3"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Naive:
    """What gluing gives."""

    worst_s: float
    """How much longer the worst window is than the routine says."""
    drift_s: float
    """How much longer all windows together are."""


def naive_windows(session: Session, clips: dict[str, AudioSegment]) -> Naive:
    """List the windows when speech inside a hold is followed by the whole hold's silence."""
    errors = []
    for placed in session.timeline.windows:
        track = AudioSegment.empty()
        for timed in placed.window.cues:
            track += clips[timed.cue.text]
        track += AudioSegment.silent(placed.window.length_ms, frame_rate=VOICE.sample_rate_hz)
        errors.append(len(track) / 1000 - placed.window.length_ms / 1000)
    return Naive(worst_s=max(errors), drift_s=sum(errors))


def glue(session: Session, clips: dict[str, AudioSegment], path: Path) -> None:
    """Join the same cues at the same places with `+=`, and export."""
    track = AudioSegment.empty()
    for cue in session.timeline.cues:
        start_ms = cue.start_frame * 24
        track += AudioSegment.silent(max(0, start_ms - len(track)), frame_rate=VOICE.sample_rate_hz)
        track += clips[cue.cue.text]
    track += AudioSegment.silent(
        max(0, session.timeline.duration_ms - len(track)), frame_rate=VOICE.sample_rate_hz
    )
    track.export(path, format="mp3")
