"""A timeline and its clips to the bytes of a track."""

import math
from collections.abc import Iterable, Iterator
from typing import IO

from stretchaudio.clip import LEAD_FRAMES
from stretchaudio.loudness import integrated_lufs
from stretchaudio.mix.blocks import MixFacts
from stretchaudio.mp3.frames import MIX, VOICE, FrameFormat
from stretchaudio.mp3.header import info_bytes, info_frame
from stretchaudio.mp3.link import Piece, StreamMeter, ToneLoop, link
from stretchaudio.speech.speak import Speech
from stretchaudio.timeline import Timeline
from stretchaudio.track.manifest import Sound


def measure(timeline: Timeline, speech: Speech) -> Sound:
    """A linked track's loudness and true peak, from what was measured on its clips when they were encoded."""
    if speech.tone is None:
        raise ValueError("these clips were made to be mixed")
    clips = [(cue.start_frame - LEAD_FRAMES, speech.clips[cue.cue.text].energy) for cue in timeline.cues]
    return Sound(
        sample_rate_hz=VOICE.sample_rate_hz,
        integrated_lufs=integrated_lufs(clips, speech.tone.energy, timeline.frames),
        true_peak_dbtp=max((speech.clips[cue.cue.text].true_peak_dbtp for cue in timeline.cues), default=-70.0),
    )


def sound_of(facts: MixFacts | None) -> Sound:
    """What was measured of a mix; not a number where nothing was mixed."""
    return Sound(
        sample_rate_hz=MIX.sample_rate_hz,
        integrated_lufs=facts.integrated_lufs if facts else math.nan,
        true_peak_dbtp=facts.true_peak_dbtp if facts else math.nan,
    )


def write_stream(file: IO[bytes], pieces: Iterable[Piece], form: FrameFormat) -> None:
    """Write a track's frames, the Info frame first.

    Args:
        file: Open at the place where the frames begin; it can seek.
        pieces: The frames, in order.
        form: Their format.
    """
    start = file.tell()
    meter = StreamMeter()
    file.write(bytes(info_bytes(form)))
    for piece in pieces:
        meter.add(piece)
        file.write(piece.data)
    file.seek(start)
    file.write(info_frame(form, meter.facts(form)))


def linked(timeline: Timeline, speech: Speech) -> Iterator[Piece]:
    """The frames of a track that holds a voice alone.

    Args:
        timeline: Where the cues are.
        speech: Their clips.
    """
    if speech.tone is None:
        raise ValueError("these clips were made to be mixed")
    clips = (speech.clips[cue.cue.text] for cue in timeline.cues)
    starts = (cue.start_frame - LEAD_FRAMES for cue in timeline.cues)
    pieces = (Piece(frames=clip.frames, data=clip.data) for clip in clips)
    return link(pieces, starts, ToneLoop(speech.tone.frames), frames=timeline.frames)
