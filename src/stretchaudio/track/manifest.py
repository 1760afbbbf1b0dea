"""What was built: the manifest that is written beside a track and travels inside it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from stretchaudio.audio.clip import FRAME_MS
from stretchaudio.mix.model import OFF, Chime
from stretchaudio.script.timeline import Timeline
from stretchaudio.track.envelope import encode_envelope

FORMAT = "stretchaudio-manifest/1"
HALF_FRAME_S = 0.0125
"""Cues stand on frames of 24 ms, windows at exact times: so far are they apart where they meet, and a little for rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterEntry:
    """An exercise."""

    title: str
    start_s: float
    end_s: float
    dose: str = ""
    """How much of it is done, as `show` words it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowEntry:
    """A stretch of the track whose length the routine fixes."""

    kind: str
    start_s: float
    length_s: float
    exercise: str
    side: str | None
    set: int | None
    rep: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CueEntry:
    """Something spoken; its start and end are those of the sound."""

    kind: str
    text: str
    start_s: float
    end_s: float
    exercise: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedEntry:
    """A cue that had no room in its window."""

    text: str
    reason: str
    exercise: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChimeEntry:
    """A bell; it is struck at the edge of a window."""

    kind: str
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a track holds. Times are in seconds from the first sample a gapless player plays."""

    format: str = FORMAT
    title: str
    language: str
    voice: str
    """`engine:name`, or none; with commas between those of a track that compares voices."""
    level: str
    """How the doses were chosen; empty where there are none."""
    duration_s: float
    sample_rate_hz: int
    integrated_lufs: float
    """BS.1770 integrated loudness of the track."""
    true_peak_dbtp: float
    """The highest true peak in the track."""
    chapters: tuple[ChapterEntry, ...]
    windows: tuple[WindowEntry, ...]
    cues: tuple[CueEntry, ...]
    dropped: tuple[DroppedEntry, ...]
    bed: str
    """What is played under the voice, or off."""
    chimes: tuple[ChimeEntry, ...]
    envelopes: Mapping[str, str] = field(default_factory=dict)
    """How loud each text is from frame to frame, in the form of `track/envelope.py`."""

    @property
    def level_text(self) -> str:
        """The level in words: "intermediate level", "fitted to 10 min"; empty where doses have none."""
        return (
            self.level
            if not self.level or self.level.startswith("fitted")
            else f"{self.level} level"
        )

    def to_json(self, *, indent: int | None = None) -> str:
        """The manifest as JSON text."""
        separators = None if indent else (",", ":")
        return json.dumps(
            self, default=_shallow, ensure_ascii=False, indent=indent, separators=separators
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What was measured of a track."""

    sample_rate_hz: int
    integrated_lufs: float
    true_peak_dbtp: float


def build_manifest(
    timeline: Timeline,
    sound: Sound,
    *,
    title: str,
    language: str,
    voice: str,
    level: str,
    bed: str = OFF,
    chimes: Iterable[Chime] = (),
    energies: Mapping[str, Sequence[float]],
) -> Manifest:
    """Put a timeline and what was measured into a manifest.

    Args:
        timeline: Where everything is.
        sound: What was measured of the track.
        title: The session's.
        language: The language of its words.
        voice: Who speaks.
        level: How the doses were chosen.
        bed: What is played under the voice.
        chimes: The bells.
        energies: The K-weighted mean square of each frame of every text that is spoken.
    """
    return Manifest(
        title=title,
        language=language,
        voice=voice,
        level=level,
        duration_s=_seconds(timeline.frames),
        sample_rate_hz=sound.sample_rate_hz,
        integrated_lufs=round(sound.integrated_lufs, 2),
        true_peak_dbtp=round(sound.true_peak_dbtp, 2),
        chapters=tuple(
            ChapterEntry(
                title=chapter.title,
                start_s=_seconds(chapter.start_frame),
                end_s=_seconds(chapter.end_frame),
                dose=chapter.dose,
            )
            for chapter in timeline.chapters
        ),
        windows=tuple(
            WindowEntry(
                kind=placed.window.kind.value,
                start_s=placed.start_ms / 1000,
                length_s=placed.window.length_ms / 1000,
                exercise=placed.window.exercise,
                side=placed.window.side,
                set=placed.window.set,
                rep=placed.window.rep,
            )
            for placed in timeline.windows
        ),
        cues=tuple(
            CueEntry(
                kind=placed.cue.kind.value,
                text=placed.cue.text,
                start_s=_seconds(placed.start_frame),
                end_s=(placed.start_frame * FRAME_MS + placed.length_ms) / 1000,
                exercise=placed.exercise,
            )
            for placed in timeline.cues
        ),
        dropped=tuple(
            DroppedEntry(text=dropped.cue.text, reason=dropped.reason, exercise=dropped.exercise)
            for dropped in timeline.dropped
        ),
        bed=bed,
        chimes=tuple(
            ChimeEntry(kind=chime.kind.value, at_s=chime.at_ms / 1000) for chime in chimes
        ),
        envelopes={
            text: encode_envelope(energies[text])
            for text in dict.fromkeys(placed.cue.text for placed in timeline.cues)
        },
    )


def _shallow(entry: Any) -> dict[str, Any]:
    """One entry for JSON at a time; copying the whole manifest would double the memory of a long session."""
    return {field.name: getattr(entry, field.name) for field in fields(entry)}


def _seconds(frames: int) -> float:
    return frames * FRAME_MS / 1000
