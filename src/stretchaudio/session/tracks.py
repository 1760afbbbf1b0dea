"""Make the two kinds of track: a voice alone, which is linked, and a voice in a mix."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from stretchaudio.audio.clip import LEAD_FRAMES, RELEASE_FRAMES, EncodedClip, Tone
from stretchaudio.audio.loudness import integrated_lufs
from stretchaudio.audio.mp3.frames import MIX, VOICE, FrameFormat, count, voice_format
from stretchaudio.audio.mp3.link import EXTRA_FRAMES, Piece, ToneLoop, link
from stretchaudio.mix.mixer import Mixer, MixMeasurement
from stretchaudio.mix.model import Chime, MixGain, Plan, Stem
from stretchaudio.script.timeline import Timeline
from stretchaudio.track.manifest import Sound
from stretchaudio.util.progress import Progress

NO_PEAK_DBTP = -70.0
"""The true peak of a track in which nobody speaks."""


class SessionTrack(Protocol):
    """A session's sound: measured, then given as frames."""

    @property
    def format(self) -> FrameFormat:
        """The format of its frames."""

    @property
    def chimes(self) -> Sequence[Chime]:
        """Its bells."""

    def measure(self, progress: Progress) -> Sound:
        """Make what is missing, and measure loudness and peaks.

        Raises:
            FileError: If music or the cache cannot be read or written.
        """

    def energies(self) -> Mapping[str, Sequence[float]]:
        """Tell how loud each clip is in the track: the mean square of each frame, by key."""

    def frames(self) -> Iterator[Piece]:
        """Give the track's frames, in order; `measure` comes first."""

    @property
    def stems(self) -> Sequence[Stem]:
        """The parts that it has."""

    def render_stems(self, take: Callable[[Mapping[Stem, bytes]], None]) -> None:
        """Render its parts by themselves, as long as the track; `measure` comes first.

        Args:
            take: Called with samples of the parts, interleaved and in 32 bits, in order.

        Raises:
            FileError: If music cannot be read any more.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceTrack:
    """A voice alone, in mono at 24 kHz, or at 48 where its clips are."""

    timeline: Timeline
    """Where the cues are."""
    clips: Mapping[str, EncodedClip]
    """Their clips, by key."""
    tone: Tone
    """What is heard between them."""
    format: FrameFormat = VOICE
    """The format of its frames."""
    chimes: Sequence[Chime] = ()
    """It has no bells."""

    def measure(self, progress: Progress) -> Sound:
        """Put together what was measured on the clips when they were encoded."""
        del progress
        cues = self.timeline.cues
        placed = [(cue.start_frame - LEAD_FRAMES, self.clips[cue.clip].energy) for cue in cues]
        peaks = (self.clips[cue.clip].true_peak_dbtp for cue in cues)
        return Sound(
            sample_rate_hz=self.format.sample_rate_hz,
            integrated_lufs=integrated_lufs(placed, self.tone.energy, self.timeline.frames),
            true_peak_dbtp=max(peaks, default=NO_PEAK_DBTP),
        )

    def energies(self) -> Mapping[str, Sequence[float]]:
        """Tell how loud each clip is."""
        return {key: clip.energy for key, clip in self.clips.items()}

    def frames(self) -> Iterator[Piece]:
        """Link the clips, with room tone between them."""
        starts = [cue.start_frame - LEAD_FRAMES for cue in self.timeline.cues]
        ends = [*starts[1:], self.timeline.frames + EXTRA_FRAMES]
        pieces = (
            _at_most(self.clips[cue.clip], end - start, self.format)
            for cue, start, end in zip(self.timeline.cues, starts, ends, strict=False)
        )
        return link(pieces, starts, ToneLoop(self.tone.frames), frames=self.timeline.frames)

    @property
    def stems(self) -> Sequence[Stem]:
        """Its voice, in room tone."""
        return (Stem.VOICE,)

    def render_stems(self, take: Callable[[Mapping[Stem, bytes]], None]) -> None:
        """Decode the track: its clips were encoded one by one, and there is no other whole."""
        from stretchaudio.audio.mp3.decode import pcm_of

        for samples in pcm_of(self.frames(), self.format):
            take({Stem.VOICE: samples})


def clips_format(clips: Iterable[EncodedClip]) -> FrameFormat:
    """Return the format that all of some clips have."""
    return voice_format(max((clip.sample_rate_hz for clip in clips), default=0))


def _at_most(clip: EncodedClip, frames: int, form: FrameFormat) -> Piece:
    """Leave out of a clip's release what would lie under the next clip."""
    if frames >= clip.frames + RELEASE_FRAMES:
        return Piece(frames=clip.frames + RELEASE_FRAMES, data=clip.sound)
    kept, size = count(clip.sound, form, most=frames)
    return Piece(frames=kept, data=clip.sound[:size])


class MixedTrack:
    """A voice with music or chimes, at 48 kHz stereo.

    Args:
        mixer: What mixes and encodes it.
    """

    format = MIX

    def __init__(self, mixer: Mixer) -> None:
        self._mixer = mixer
        self.measured: MixMeasurement | None = None
        """What was measured of it; None before."""

    @property
    def plan(self) -> Plan:
        """What is heard when."""
        return self._mixer.plan

    @property
    def chimes(self) -> Sequence[Chime]:
        """Its bells."""
        return self.plan.chimes

    def measure(self, progress: Progress) -> Sound:
        """Make all blocks that are missing, and settle the gain."""
        self.measured = self._mixer.measure(progress)
        return Sound(
            sample_rate_hz=MIX.sample_rate_hz,
            integrated_lufs=self.measured.integrated_lufs,
            true_peak_dbtp=self.measured.true_peak_dbtp,
            trace=self.measured.trace,
            signs=self.measured.signs,
        )

    def energies(self) -> Mapping[str, Sequence[float]]:
        """Tell how loud each clip is, with the gain of the whole mix."""
        factor = 10 ** (self.measured.level.gain_db / 10) if self.measured else 1.0
        clips = self._mixer.clips
        return {key: [energy * factor for energy in clip.energy] for key, clip in clips.items()}

    def frames(self) -> Iterator[Piece]:
        """Give the encoded blocks."""
        return self._mixer.pieces(self._level)

    @property
    def stems(self) -> Sequence[Stem]:
        """Those in which there is something to hear."""
        heard = {
            Stem.VOICE: self.plan.voices,
            Stem.BED: self.plan.segments,
            Stem.CHIMES: self.plan.chimes,
        }
        return tuple(stem for stem, parts in heard.items() if parts)

    def render_stems(self, take: Callable[[Mapping[Stem, bytes]], None]) -> None:
        """Render what the mix is made of."""
        self._mixer.stems(self._level, take)

    @property
    def _level(self) -> MixGain:
        if self.measured is None:
            raise ValueError("a mix is measured before it is taken")
        return self.measured.level


def unmeasured(track: SessionTrack) -> Sound:
    """Stand in for what was not measured of a track."""
    rate_hz = track.format.sample_rate_hz
    return Sound(sample_rate_hz=rate_hz, integrated_lufs=math.nan, true_peak_dbtp=math.nan)
