"""A timeline and its clips to the bytes of a track."""

from collections.abc import Iterator
from typing import IO

from stretchaudio.clip import LEAD_FRAMES
from stretchaudio.mp3.frames import VOICE
from stretchaudio.mp3.header import info_bytes, info_frame
from stretchaudio.mp3.link import Piece, StreamMeter, ToneLoop, link
from stretchaudio.speech.speak import Speech
from stretchaudio.timeline import Timeline
from stretchaudio.track.loudness import integrated_lufs
from stretchaudio.track.manifest import Sound


def measure(timeline: Timeline, speech: Speech) -> Sound:
    """A track's loudness and true peak, from what was measured on its clips when they were encoded."""
    clips = [(cue.start_frame - LEAD_FRAMES, speech.clips[cue.cue.text].energy) for cue in timeline.cues]
    return Sound(
        sample_rate_hz=VOICE.sample_rate_hz,
        integrated_lufs=integrated_lufs(clips, speech.tone.energy, timeline.frames),
        true_peak_dbtp=max(speech.clips[cue.cue.text].true_peak_dbtp for cue in timeline.cues),
    )


def write_stream(file: IO[bytes], timeline: Timeline, speech: Speech) -> None:
    """Write a track's frames, the Info frame first.

    Args:
        file: Open at the place where the frames begin; it can seek.
        timeline: Where the cues are.
        speech: Their clips.
    """
    start = file.tell()
    meter = StreamMeter()
    file.write(bytes(info_bytes(VOICE)))
    for piece in _pieces(timeline, speech):
        meter.add(piece)
        file.write(piece.data)
    file.seek(start)
    file.write(info_frame(VOICE, meter.facts(VOICE)))


def _pieces(timeline: Timeline, speech: Speech) -> Iterator[Piece]:
    clips = (speech.clips[cue.cue.text] for cue in timeline.cues)
    starts = (cue.start_frame - LEAD_FRAMES for cue in timeline.cues)
    pieces = (Piece(frames=clip.frames, data=clip.mp3) for clip in clips)
    return link(pieces, starts, ToneLoop(speech.tone.frames), frames=timeline.frames)
