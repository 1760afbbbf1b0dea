"""Define a mix: as asked for, as planned over a track, and as one block of it."""

import json
from array import array
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum

from stretchaudio.audio.beds import NO_BED
from stretchaudio.audio.clip import pack_measured, unpack_measured
from stretchaudio.mix.ducking import Ducking

OFF = "off"
BED_LEVEL_LUFS = -23.0
"""The loudness of the bed where nobody speaks; the voice is 7 to 10 LU above that."""
CHIME_LEVEL_LUFS = -18.0
GENERATED_LUFS = -23.0
"""The loudness of each bed that the program makes, by itself."""
OTHER = "Choose other music, or --bed off; in a folder, take it out."
"""The hint for music that cannot be played."""
RIDE_MS = 10_000
"""Music is levelled by a gain that changes in straight lines from one such time to the next."""
ROOM_TONE = "room-tone"
"""The bed of a track that has chimes and no music."""


class ChimeSound(StrEnum):
    """The sounds that chimes can have."""

    OFF = "off"
    SOFT = "soft"
    """A low bell that lingers."""
    BRIGHT = "bright"
    """A small, clear bell."""


class ChimeKind(StrEnum):
    """The purposes of chimes."""

    START = "start"
    HALFWAY = "halfway"
    END = "end"
    SIDE = "side"


class Stem(StrEnum):
    """The parts of a track that can be had by themselves; together they are the track."""

    VOICE = "voice"
    BED = "bed"
    """With bowls; room tone where there is no music."""
    CHIMES = "chimes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """The bed and chimes that are heard beside the voice, as asked for."""

    bed: str = OFF
    """The name of a generated bed, a music file, a folder of them, or off."""
    section_beds: tuple[str | None, ...] = ()
    """What each section says of its bed, as in a routine; empty where that does not count."""
    bed_level_lufs: float = BED_LEVEL_LUFS
    """The loudness of the bed where nobody speaks."""
    duck: Ducking = field(default_factory=Ducking)
    """How it gives way to the voice."""
    breathe: bool = False
    """The bed swells and falls with the breath."""
    chimes: ChimeSound = ChimeSound.OFF
    """Bells at the edges of windows."""
    chime_level_lufs: float = CHIME_LEVEL_LUFS
    """Their momentary loudness."""

    @property
    def beds(self) -> tuple[str, ...]:
        """All that it has in place of a bed, in the order it is heard."""
        return tuple(dict.fromkeys(map(self.bed_of, self.section_beds or (None,))))

    @property
    def has_bed(self) -> bool:
        """Tell whether there is a bed somewhere."""
        return any(bed != OFF for bed in self.beds)

    @property
    def is_silent(self) -> bool:
        """Tell whether nothing is heard beside the voice."""
        return not self.has_bed and self.chimes is ChimeSound.OFF

    def bed_of(self, section_bed: str | None) -> str:
        """Choose the bed of a section: its own, if sections may have one, else that of all."""
        if not self.section_beds or section_bed is None:
            return self.bed
        return OFF if section_bed == NO_BED else section_bed


@dataclass(frozen=True, slots=True, kw_only=True)
class BedSource:
    """A generated bed, or a music file, that a bed is made of."""

    name: str
    """The name of a generated bed, or the music's file name."""
    seed: int = 0
    """Which of the endless variants of a generated bed."""
    path: str = ""
    """The music file; empty for a generated bed."""
    digest: str = ""
    """The hash of the file's content."""
    length_ms: int = 0
    """Its length as far as it can be played; 0 for one that never ends."""
    gain_db: float = 0.0
    """The gain that brings it to its level."""
    level_lufs: float = -70.0
    """Its loudness at that gain."""
    ride_db: tuple[float, ...] = ()
    """Further gains that level its soft and loud parts, one each `RIDE_MS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BedSegment:
    """A part of the bed that comes from one place of one source."""

    source: BedSource
    """The sound that is played."""
    position_ms: int
    """The position in the source at which it begins."""
    start_frame: int
    """The frame of the track at which it begins, fading in."""
    fade_in_ms: int
    """The length of that fade."""
    end_frame: int
    """The frame at which it begins to fade out."""
    fade_out_ms: int
    """The length of that fade."""
    ride_db: tuple[float, ...] = ()
    """Gains that level music, at each whole `RIDE_MS` of its source from `position_ms` on."""


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
class Stroke:
    """A stroke on a singing bowl."""

    at_ms: int
    """When it is struck."""
    seed: int
    """Which of the endless variants of bowls."""
    number: int
    """Which stroke of them."""
    level_lufs: float
    """Its momentary loudness where nobody speaks, or a little less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breath:
    """A breath the bed swells with."""

    start_ms: int
    """When the inhale begins."""
    inhale_ms: int
    """The length of the inhale."""
    exhale_ms: int
    """The length of the exhale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MixCue:
    """A cue in the mix."""

    text: str
    """Its words."""
    clip: str
    """The key of its clip."""
    start_ms: int
    """When its first sound begins."""
    end_ms: int
    """When its last sound ends."""
    lufs: float
    """Its loudness in the mix, in both channels."""
    stays_down: bool = False
    """The bed stays down between the cue before it and this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A few seconds of the mix.

    All times and frames count from its first frame, so that it is the same wherever it stands.
    """

    frames: int
    """Its length in MP3 frames."""
    before: int
    """Frames in front of it that the encoder has to have heard."""
    voices: tuple[MixCue, ...]
    """Cues that are heard in it, or duck the bed in it."""
    segments: tuple[BedSegment, ...]
    """The bed."""
    breaths: tuple[Breath, ...]
    """Breaths that the bed swells with in it."""
    chimes: tuple[Chime, ...]
    """Chimes that are heard in it."""
    strokes: tuple[Stroke, ...]
    """Strokes on bowls that are heard in it."""
    duck: Ducking
    """How the bed gives way."""
    chime_sound: ChimeSound
    """The sound of the chimes."""
    chime_level_lufs: float
    """Their momentary loudness."""
    level: "MixGain"
    """The track's gain and ceiling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MixGain:
    """The gain and ceiling that all blocks of a track have in common."""

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
    segments: tuple[BedSegment, ...]
    """The bed, in order; each begins where the one before it begins to fade out, or later."""
    breaths: tuple[Breath, ...]
    """All breaths the bed swells with."""
    chimes: tuple[Chime, ...]
    """All chimes, in order."""
    strokes: tuple[Stroke, ...]
    """All strokes on bowls, in order."""
    mix: Mix
    """The mix as asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicInfo:
    """The length and loudness of a music file."""

    digest: str
    """SHA-256 of its content."""
    length_ms: int
    """The length of what can be played."""
    damaged: bool
    """Whether the file claims to be longer than that."""
    lufs: float
    """Its integrated loudness; of a long file, that of chunks spread evenly over it."""
    peak_db: float
    """The highest sample in them, in dBFS."""
    levels: tuple[tuple[int, float], ...]
    """Times in ms, in the middle of each of them, and their loudness in LUFS."""
    converted: bool = False
    """Whether ffmpeg had to convert it first."""

    def to_json(self, *, converted: bool) -> bytes:
        """Pack into JSON text, for the cache."""
        return json.dumps(asdict(replace(self, converted=converted))).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "MusicInfo":
        """Restore what `to_json` packed."""
        values = json.loads(data)
        levels = tuple((at_ms, lufs) for at_ms, lufs in values.pop("levels"))
        return cls(**values, levels=levels)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """Asks for blocks that follow each other."""

    blocks: tuple[Block, ...]
    """What is heard when."""
    clips: Mapping[str, bytes]
    """The FLAC file of each clip that is heard, by its key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StemsRequest:
    """Asks for the stems of a block."""

    block: Block
    """What is heard when."""
    clips: Mapping[str, bytes]
    """The FLAC file of each clip that is heard, by its key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicInfoRequest:
    """Asks for music to be measured."""

    path: str
    """The file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedBlock:
    """A block of a track, encoded."""

    frames: int
    """Its length in MP3 frames."""
    mp3: bytes
    """The frames' bytes."""
    energy: "array[float]"
    """K-weighted mean square of each frame, both channels summed (BS.1770), full scale being 1."""
    true_peak_dbtp: float
    """The highest true peak, measured on the decoded frames where they are loud."""
    limited: int
    """The number of frames in which the limiter acted."""
    signs: str
    """On which side of zero it is in each millisecond, in the form of `audio/signs.py`."""


def pack_block(block: EncodedBlock) -> bytes:
    """Pack a block into bytes, for the cache."""
    return pack_measured(
        block.energy,
        block.mp3,
        frames=block.frames,
        true_peak_dbtp=block.true_peak_dbtp,
        limited=block.limited,
        signs=block.signs,
    )


def unpack_block(data: bytes) -> EncodedBlock:
    """Restore a packed block."""
    measured, energy, mp3 = unpack_measured(data)
    return EncodedBlock(energy=energy, mp3=mp3, **measured)
