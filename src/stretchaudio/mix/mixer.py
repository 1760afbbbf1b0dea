"""Get the blocks of a mix: from the cache, or else mixed and encoded, one on each core."""

import json
import math
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from stretchaudio.audio.clip import DryClip
from stretchaudio.audio.envelope import encode_envelope
from stretchaudio.audio.loudness import ABSOLUTE_GATE_LUFS, MAX_TRUE_PEAK_DBTP, gated_lufs
from stretchaudio.audio.mp3.encode import MIX_EFFORT, MIX_QUALITY
from stretchaudio.audio.mp3.frames import MIX
from stretchaudio.audio.mp3.link import EXTRA_FRAMES, Piece
from stretchaudio.cache import Cache, CacheArea, key_of
from stretchaudio.errors import FileError
from stretchaudio.mix.model import (
    BedSegment,
    Block,
    EncodedBlock,
    MixGain,
    Plan,
    RunRequest,
    Stem,
    StemsRequest,
    pack_block,
    unpack_block,
)
from stretchaudio.mix.plan import blocks_of, expected_lufs
from stretchaudio.util.progress import Progress
from stretchaudio.util.threads import Threads
from stretchaudio.util.versions import version
from stretchaudio.util.workers import Workers

MIX_FORMAT = 9
"""Raised whenever a change of the program changes how mixes sound, or what is measured of them."""
TARGET_LUFS = -16.0
_NEAR_LU = 0.9
"""A mix that is expected to be this near to the target is left as it is."""
# Otherwise a changed sentence would change all blocks.
_TOLERANCE_LU = 0.9
"""A mix that is further off is made again; files measure up to 0.08 LU below what is known here."""
_BED_BENEATH_DB = 0.2
"""The gain of peaks of speech by the bed beneath them."""
_LIMITED_DB = 0.75
"""The highest peaks may be so far above the limiter's ceiling, for the sake of loudness."""
_STEP_DB = 1.0
"""Large steps: a changed sentence hardly ever changes the gain, and with it all blocks."""
MOST_GAIN_DB = 12.0
_TRIES = 4
_MARGIN_DB = 0.2
MOST_BYTES = 2_000_000_000
"""The size that all blocks in the cache may have: some thirty hours."""
_STEM_BYTES = 4
"""The size of a sample of a stem."""
LONGEST_RUN = 3
"""The most blocks that are made in one go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MixMeasurement:
    """The loudness and the peaks of a mix."""

    integrated_lufs: float
    """BS.1770 integrated loudness; -70, the gate of the measure, when all is quieter."""
    true_peak_dbtp: float
    """The highest true peak."""
    limited: float
    """The part of the frames in which the limiter acted, 0 to 1."""
    trace: str
    """Its loudness from frame to frame, in the form of `audio/envelope.py`."""
    signs: str
    """On which side of zero it is in each millisecond, in the form of `audio/signs.py`."""
    level: MixGain
    """The gain and the ceiling it was made with."""


_MEASURED = ("integrated_lufs", "true_peak_dbtp", "limited", "trace", "signs")


class Mixer:
    """Makes the blocks of one plan.

    Args:
        plan: What is heard when.
        clips: The clips, by key.
        cache: Where blocks are kept.
        workers: The helpers that make them.
        jobs: How many runs of them to make at once.
    """

    def __init__(
        self, plan: Plan, clips: Mapping[str, DryClip], *, cache: Cache, workers: Workers, jobs: int
    ) -> None:
        self.plan = plan
        self.clips = clips
        self._peak_db = max(
            (clip.true_peak_dbtp for clip in clips.values()), default=MixGain().ceiling_db
        )
        self._cache = cache
        self._workers = workers
        self._jobs = jobs
        self._libraries = [
            f"{name} {version(name)}" for name in ("lameenc", "numpy", "soundfile", "soxr")
        ]

    def measure(self, progress: Progress) -> MixMeasurement:
        """Make all blocks that are missing, and settle gain and ceiling.

        Raises:
            FileError: If music or the cache cannot be read or written, or the peaks cannot be kept
                below -1 dBTP.
        """
        mix = self._make_all(self._expected_gain(), progress)
        if self.plan.voices:
            peak_db = self._peak_db + _BED_BENEATH_DB + mix.level.gain_db
            level = _raised(mix.level, mix.integrated_lufs, peak_db, near_lu=_TOLERANCE_LU)
            if level != mix.level:
                mix = self._make_all(level, progress)
        for _ in range(_TRIES):
            excess_db = mix.true_peak_dbtp - MAX_TRUE_PEAK_DBTP
            if excess_db <= 0:
                return mix
            lower_db = mix.level.ceiling_db - excess_db - _MARGIN_DB
            mix = self._make_all(replace(mix.level, ceiling_db=round(lower_db, 1)), progress)
        raise FileError(
            f"The peaks of the mix cannot be kept below {MAX_TRUE_PEAK_DBTP:g} dBTP.",
            hint="Choose a lower --bed-level.",
        )

    def pieces(self, level: MixGain) -> Iterator[Piece]:
        """Yield the track's frames, block by block."""
        for block in blocks_of(self.plan, level):
            encoded = self._get(self._key(block), block)
            yield Piece(frames=encoded.frames, data=encoded.mp3)

    def stems(self, level: MixGain, take: Callable[[Mapping[Stem, bytes]], None]) -> None:
        """Render the parts of the mix by themselves, as long as the track.

        Args:
            level: The gain and ceiling of the mix.
            take: Called with samples of every part, as `make_stems` gives them, in order.

        Raises:
            FileError: If music cannot be read any more.
        """
        left = (self.plan.frames - EXTRA_FRAMES) * MIX.samples * MIX.channels * _STEM_BYTES
        blocks = blocks_of(self.plan, level)
        with Threads(self._workers.close) as threads:
            for stems in threads.in_order(self._make_stems, blocks, at_once=self._jobs):
                take({stem: samples[:left] for stem, samples in stems.items()})
                left -= min(left, len(stems[Stem.VOICE]))

    def _expected_gain(self) -> MixGain:
        """Choose a gain before anything is mixed."""
        level = MixGain()
        if not self.plan.voices:
            return level  # bells, a bed and room tone stay as loud as they were asked for
        expected = expected_lufs(self.plan, {key: clip.energy for key, clip in self.clips.items()})
        return _raised(level, expected, self._peak_db + _BED_BENEATH_DB, near_lu=_NEAR_LU)

    def _make_all(self, level: MixGain, progress: Progress) -> MixMeasurement:
        """Make every block that is not in the cache, and measure all of them."""
        keyed = [(self._key(block), block) for block in blocks_of(self.plan, level)]
        summary = key_of("measurement of a mix", [key for key, _ in keyed])
        missing = {key for key, _ in keyed if not self._cache.touch(CacheArea.BLOCKS, key)}
        known = self._cache.get(CacheArea.BLOCKS, summary)
        if known is not None and not missing:
            return MixMeasurement(**json.loads(known), level=level)
        progress.blocks = progress.mixed + len(missing)
        progress.changed()
        with Threads(self._workers.close) as threads:
            runs = self._runs(keyed, missing)
            for _, encoded in threads.each(self._make, runs, at_once=self._jobs):
                progress.mixed += len(encoded.result())
                progress.changed()
        mix = self._measured(keyed, level)
        self._cache.trim(CacheArea.BLOCKS, MOST_BYTES)
        packed = json.dumps({name: getattr(mix, name) for name in _MEASURED}).encode()
        self._cache.put(CacheArea.BLOCKS, summary, packed)
        return mix

    def _measured(self, keyed: Iterable[tuple[str, Block]], level: MixGain) -> MixMeasurement:
        energies = array("f")
        peak_db, limited = -math.inf, 0
        signs: list[str] = []
        for key, block in keyed:
            encoded = self._get(key, block)
            energies += encoded.energy
            peak_db = max(peak_db, encoded.true_peak_dbtp)
            limited += encoded.limited
            signs.append(encoded.signs)
        return MixMeasurement(
            integrated_lufs=max(ABSOLUTE_GATE_LUFS, gated_lufs(energies)),
            true_peak_dbtp=peak_db,
            limited=limited / len(energies),
            trace=encode_envelope(energies),
            signs="".join(signs),
            level=level,
        )

    def _runs(
        self, keyed: Iterable[tuple[str, Block]], missing: Collection[str]
    ) -> Iterator[Mapping[str, Block]]:
        """Yield the missing blocks in runs that follow each other.

        They share what they read, and what is encoded around them.
        """
        longest = max(1, min(LONGEST_RUN, len(missing) // (2 * self._jobs)))
        left = set(missing)
        run: dict[str, Block] = {}
        for key, block in keyed:
            if run and (key not in left or len(run) == longest):
                yield run
                run = {}
            if key in left:
                left.remove(key)
                run[key] = block
        if run:
            yield run

    def _get(self, key: str, block: Block) -> EncodedBlock:
        data = self._cache.get(CacheArea.BLOCKS, key)
        return self._make({key: block})[0] if data is None else unpack_block(data)

    def _make(self, run: Mapping[str, Block]) -> list[EncodedBlock]:
        blocks = tuple(run.values())
        request = RunRequest(blocks=blocks, clips=self._sounds(*blocks))
        encoded: list[EncodedBlock] = self._workers.call(request)
        for key, block in zip(run, encoded, strict=True):
            self._cache.put(CacheArea.BLOCKS, key, pack_block(block))
        return encoded

    def _make_stems(self, block: Block) -> Mapping[Stem, bytes]:
        stems: Mapping[Stem, bytes] = self._workers.call(
            StemsRequest(block=block, clips=self._sounds(block))
        )
        return stems

    def _sounds(self, *blocks: Block) -> Mapping[str, bytes]:
        """Take the sound of each clip that is heard in some blocks, by its key."""
        heard = {voice.clip for block in blocks for voice in block.voices}
        return {key: self.clips[key].sound for key in heard}

    def _key(self, block: Block) -> str:
        """Make a block's cache key of all that is heard in it, without names of files and words."""
        heard = replace(
            block,
            voices=tuple(replace(voice, text="") for voice in block.voices),
            segments=tuple(map(_without_names, block.segments)),
        )
        return key_of(MIX_FORMAT, self._libraries, MIX_QUALITY, MIX_EFFORT, repr(heard))


def _without_names(segment: BedSegment) -> BedSegment:
    """Leave out of music what is not heard: its digest tells it from other music."""
    if not segment.source.path:
        return segment
    return replace(segment, source=replace(segment.source, name="", path="", length_ms=0))


def _raised(level: MixGain, lufs: float, peak_db: float, *, near_lu: float) -> MixGain:
    """Bring a mix near to the target, but hardly so far up that the limiter would have to work."""
    missing_lu = TARGET_LUFS - lufs
    if abs(missing_lu) <= near_lu:
        return level
    steps = math.ceil((abs(missing_lu) - near_lu) / _STEP_DB)
    if missing_lu < 0:
        return replace(level, gain_db=level.gain_db - steps * _STEP_DB)
    room_db = min(level.ceiling_db + _LIMITED_DB - peak_db, MOST_GAIN_DB - level.gain_db)
    steps = max(0, min(steps, math.floor(room_db / _STEP_DB)))
    return replace(level, gain_db=level.gain_db + steps * _STEP_DB)
