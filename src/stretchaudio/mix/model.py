"""What is mixed with the voice: as asked for, as planned over a track, and as one block of it."""

import json
from array import array
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum

from stretchaudio.audio.clip import pack_measured, unpack_measured

OFF = "off"
BED_LEVEL_LUFS = -16.0
CHIME_LEVEL_LUFS = -18.0
GENERATED_BEDS = ("rain", "waves", "brown-noise", "drone", "bowls")
"""Beds made by the program."""
GENERATED_LUFS = -23.0
"""How loud all of them are by themselves."""
OTHER = "Choose other music, or --bed off; in a folder, take it out."
"""What to do about music that cannot be played."""
ROOM_TONE = "room-tone"
"""The bed of a track that has chimes and no music."""


class ChimeSound(StrEnum):
    """What chimes sound like."""

    OFF = "off"
    SOFT = "soft"
    """A low bell that lingers."""
    BRIGHT = "bright"
    """A small, clear bell."""


class ChimeKind(StrEnum):
    """What a chime is for."""

    START = "start"
    HALFWAY = "halfway"
    END = "end"
    SIDE = "side"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ducking:
    """How the bed gives way to the voice."""

    depth_db: float = 12.0
    """How far it goes down; further where the music is loud."""
    attack_ms: int = 150
    """How long it takes to go down; it is down when the cue begins."""
    release_ms: int = 600
    """How long it takes to come back after the cue."""
    gap_ms: int = 3_000
    """It stays down between two cues that are nearer than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """What is heard beside the voice."""

    bed: str = OFF
    """The name of a bed made by the program, a music file, a folder of them, or off."""
    bed_level_lufs: float = BED_LEVEL_LUFS
    """How loud the bed is where nobody speaks."""
    duck: Ducking = field(default_factory=Ducking)
    """How it gives way to the voice."""
    breathe: bool = False
    """The bed swells and falls with the breath."""
    chimes: ChimeSound = ChimeSound.OFF
    """Bells at the edges of windows."""
    chime_level_lufs: float = CHIME_LEVEL_LUFS
    """How loud they are struck, as momentary loudness."""

    @property
    def is_silent(self) -> bool:
        """Whether nothing is heard beside the voice."""
        return self.bed == OFF and self.chimes is ChimeSound.OFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Something a bed is made of."""

    name: str
    """Of a bed made by the program, or the music's file name."""
    seed: int = 0
    """Which of its endless variants; for beds made by the program."""
    path: str = ""
    """The music file; empty for a bed made by the program."""
    digest: str = ""
    """The hash of the file's content."""
    length_ms: int = 0
    """How long it can be played; 0 for one that never ends."""
    gain_db: float = 0.0
    """What brings it to its level."""
    level_lufs: float = -70.0
    """How loud it then is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of the bed that comes from one place of one source."""

    source: Source
    """What is played."""
    position_ms: int
    """Where in the source it begins."""
    start_frame: int
    """Where in the track it begins, fading in."""
    fade_in_ms: int
    """How long it fades in."""
    end_frame: int
    """Where it begins to fade out."""
    fade_out_ms: int
    """How long it fades out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chime:
    """A bell at the edge of a window."""

    kind: ChimeKind
    """What it is for."""
    at_ms: int
    """When it is struck."""
    softer_db: float = 0.0
    """How much softer than usual, for the sake of words that are spoken at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breath:
    """A breath the bed swells with."""

    start_ms: int
    """When the inhale begins."""
    inhale_ms: int
    """How long it is."""
    exhale_ms: int
    """How long the exhale is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MixCue:
    """A cue in the mix."""

    text: str
    """Its words, by which its clip is found."""
    clip: str
    """The hash of its clip."""
    start_ms: int
    """When its first sound begins."""
    end_ms: int
    """When its last sound ends."""
    lufs: float
    """Its loudness in the mix, in both channels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A few seconds of the mix. All times and frames count from its first frame, so that it is the same wherever it stands."""

    frames: int
    """How many MP3 frames it gives."""
    before: int
    """Frames in front of it that the encoder has to have heard."""
    voices: tuple[MixCue, ...]
    """Cues that are heard in it, or duck the bed in it."""
    spans: tuple[Span, ...]
    """The bed."""
    breaths: tuple[Breath, ...]
    """Those that swell in it."""
    chimes: tuple[Chime, ...]
    """Those that are heard in it."""
    duck: Ducking
    """How the bed gives way."""
    chime_sound: ChimeSound
    """What the chimes sound like."""
    chime_level_lufs: float
    """How loud they are struck."""
    level: "MixGain"
    """The track's gain and ceiling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MixGain:
    """What all blocks of a track have in common."""

    gain_db: float = 0.0
    """The static gain."""
    ceiling_db: float = -2.0
    """The highest true peak that the limiter leaves; the encoder adds a decibel or so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The mix of a whole track."""

    frames: int
    """The track's length, with what encoder and decoder delay."""
    voices: tuple[MixCue, ...]
    """All cues, in order."""
    spans: tuple[Span, ...]
    """The bed, in order; a span begins where the one before it begins to fade out."""
    breaths: tuple[Breath, ...]
    """All breaths the bed swells with."""
    chimes: tuple[Chime, ...]
    """All chimes, in order."""
    mix: Mix
    """What was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicInfo:
    """What there is to know of a music file."""

    digest: str
    """SHA-256 of its content."""
    length_ms: int
    """How much of it can be played."""
    damaged: bool
    """Whether it promises more than that."""
    lufs: float
    """Its integrated loudness; of a long file, that of chunks spread evenly over it."""
    peak_db: float
    """The highest sample in them, in dBFS."""
    converted: bool = False
    """Whether ffmpeg had to convert it first."""

    def to_json(self, *, converted: bool) -> bytes:
        """The facts as JSON text."""
        return json.dumps(asdict(replace(self, converted=converted))).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "MusicInfo":
        """The facts that `to_json` wrote."""
        return cls(**json.loads(data))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """Blocks to be made that follow each other."""

    blocks: tuple[Block, ...]
    """What is heard when."""
    clips: Mapping[str, bytes]
    """The FLAC file of each clip that is heard, by its hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicInfoRequest:
    """Music to be measured."""

    path: str
    """The file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedBlock:
    """A block of a track, encoded."""

    frames: int
    """How many MP3 frames it has."""
    mp3: bytes
    """The frames."""
    energy: "array[float]"
    """K-weighted mean square of each frame, both channels summed (BS.1770), full scale being 1."""
    true_peak_dbtp: float
    """The highest true peak, measured on the decoded frames where they are loud."""
    limited: int
    """In how many frames the limiter acted."""


def pack_block(block: EncodedBlock) -> bytes:
    """A block as bytes, for the cache."""
    return pack_measured(
        block.energy,
        block.mp3,
        frames=block.frames,
        true_peak_dbtp=block.true_peak_dbtp,
        limited=block.limited,
    )


def unpack_block(data: bytes) -> EncodedBlock:
    """The block that was packed."""
    facts, energy, body = unpack_measured(data)
    return EncodedBlock(energy=energy, mp3=body, **facts)
