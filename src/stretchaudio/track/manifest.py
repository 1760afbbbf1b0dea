"""Write the manifest of a track, which stands beside it and travels inside it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from stretchaudio.audio.clip import FRAME_MS
from stretchaudio.audio.envelope import encode_envelope
from stretchaudio.mix.model import OFF, Chime
from stretchaudio.script.timeline import (
    DroppedCue,
    PlacedChapter,
    PlacedCue,
    PlacedWindow,
    Timeline,
)

FORMAT = "stretchaudio-manifest/1"
MINUTE_FRAMES = 60_000 // FRAME_MS
SIGNS_LETTERS = FRAME_MS // 6
"""The letters of a frame in `signs`: a bit a millisecond, six bits a letter."""
# Cues stand on frames of 24 ms, windows at exact times; and times are rounded.
HALF_FRAME_S = 0.0125
"""How far apart a cue and a window may stand that meet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterEntry:
    """An exercise with its time in the track."""

    title: str
    start_s: float
    end_s: float
    dose: str = ""
    """How much of it is done, as `show` words it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowEntry:
    """A part of the track whose length the routine fixes."""

    kind: str
    """One of `WindowKind`."""
    start_s: float
    length_s: float
    exercise: str
    side: str | None
    set: int | None
    rep: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CueEntry:
    """Spoken words; start and end are those of the sound."""

    kind: str
    """One of `CueKind`."""
    text: str
    start_s: float
    end_s: float
    exercise: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedEntry:
    """A cue that had no room in its window."""

    kind: str = ""
    """One of `CueKind`; empty in tracks that do not tell."""
    text: str
    reason: str
    exercise: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChimeEntry:
    """A bell, which is struck at the edge of a window."""

    kind: str
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The content of a track. Times are in seconds from the first sample a gapless player plays."""

    format: str = FORMAT
    title: str
    language: str
    voice: str
    """`engine:name`, or none; several, with commas, in a track that compares voices."""
    level: str
    """How the doses were chosen; empty where there are none."""
    minutes: float | None = None
    """The length in minutes to which the doses were fitted; None where they were not."""
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
    """The music or noise under the voice, or off."""
    chimes: tuple[ChimeEntry, ...]
    envelopes: Mapping[str, str] = field(default_factory=dict)
    """The loudness of each text from frame to frame, in the form of `audio/envelope.py`."""
    trace: tuple[str, ...] = ()
    """The loudness of a mix from frame to frame, in the same form, a minute in each text.

    Empty for a voice alone, where nothing is to be heard between cues.
    """
    signs: tuple[str, ...] = ()
    """On which side of zero a mix is in each millisecond, likewise, as `audio/signs.py` has it."""

    @property
    def level_text(self) -> str:
        """The level in words: "intermediate level", "fitted to 10 min"; empty without doses."""
        if self.minutes is not None:
            return f"fitted to {self.minutes:g} min"
        return f"{self.level} level" if self.level else ""

    def to_json(self, *, indent: int | None = None) -> str:
        """Write the manifest as JSON text."""
        separators = None if indent else (",", ":")
        return json.dumps(
            self, default=_shallow, ensure_ascii=False, indent=indent, separators=separators
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """The measurements of a track that its manifest tells."""

    sample_rate_hz: int
    integrated_lufs: float
    true_peak_dbtp: float
    trace: str = ""
    """The loudness of a mix from frame to frame."""
    signs: str = ""
    """On which side of zero a mix is in each millisecond."""


def build_manifest(
    timeline: Timeline,
    sound: Sound,
    *,
    title: str,
    language: str,
    voice: str,
    level: str,
    minutes: float | None = None,
    bed: str = OFF,
    chimes: Iterable[Chime] = (),
    energies: Mapping[str, Sequence[float]],
) -> Manifest:
    """Put a timeline and the measurements of its track into a manifest.

    Args:
        timeline: The place of everything in the track.
        sound: The measurements.
        title: The session's title.
        language: The language of its words.
        voice: The voice that speaks.
        level: How the doses were chosen.
        minutes: The length to which they were fitted, if they were.
        bed: The music or noise under the voice.
        chimes: The bells.
        energies: The K-weighted mean square of each frame of every text that is spoken.
    """
    return Manifest(
        title=title,
        language=language,
        voice=voice,
        level=level,
        minutes=minutes,
        duration_s=_seconds(timeline.frames),
        sample_rate_hz=sound.sample_rate_hz,
        integrated_lufs=round(sound.integrated_lufs, 2),
        true_peak_dbtp=round(sound.true_peak_dbtp, 2),
        chapters=tuple(map(_chapter_entry, timeline.chapters)),
        windows=tuple(map(_window_entry, timeline.windows)),
        cues=tuple(map(_cue_entry, timeline.cues)),
        dropped=tuple(map(_dropped_entry, timeline.dropped)),
        bed=bed,
        chimes=tuple(
            ChimeEntry(kind=chime.kind.value, at_s=chime.at_ms / 1000) for chime in chimes
        ),
        envelopes={
            text: encode_envelope(energies[text])
            for text in dict.fromkeys(placed.cue.text for placed in timeline.cues)
        },
        trace=tuple(_minutes(sound.trace[: timeline.frames], 1)),
        signs=tuple(_minutes(sound.signs[: timeline.frames * SIGNS_LETTERS], SIGNS_LETTERS)),
    )


def _minutes(text: str, letters: int) -> Iterator[str]:
    """Cut a text that has some letters for each frame."""
    for at in range(0, len(text), MINUTE_FRAMES * letters):
        yield text[at : at + MINUTE_FRAMES * letters]


def _chapter_entry(placed: PlacedChapter) -> ChapterEntry:
    return ChapterEntry(
        title=placed.title,
        start_s=_seconds(placed.start_frame),
        end_s=_seconds(placed.end_frame),
        dose=placed.dose,
    )


def _window_entry(placed: PlacedWindow) -> WindowEntry:
    window = placed.window
    return WindowEntry(
        kind=window.kind.value,
        start_s=placed.start_ms / 1000,
        length_s=window.length_ms / 1000,
        exercise=window.exercise,
        side=window.side,
        set=window.set,
        rep=window.rep,
    )


def _cue_entry(placed: PlacedCue) -> CueEntry:
    return CueEntry(
        kind=placed.cue.kind.value,
        text=placed.cue.text,
        start_s=_seconds(placed.start_frame),
        end_s=(placed.start_frame * FRAME_MS + placed.length_ms) / 1000,
        exercise=placed.exercise,
    )


def _dropped_entry(dropped: DroppedCue) -> DroppedEntry:
    return DroppedEntry(
        kind=dropped.cue.kind.value,
        text=dropped.cue.text,
        reason=dropped.reason,
        exercise=dropped.exercise,
    )


def _shallow(entry: Any) -> dict[str, Any]:
    """Turn one entry at a time into a dict for JSON.

    A copy of the whole manifest would double the memory of a long session.
    """
    return {field.name: getattr(entry, field.name) for field in fields(entry)}


def _seconds(frames: int) -> float:
    return frames * FRAME_MS / 1000
