"""The helper of sessions with music or chimes: makes clips, measures music, mixes and encodes blocks."""

import io
import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import soundfile

from stretchaudio.audio.clip import DryClipRequest
from stretchaudio.audio.dsp import frame_energy, true_peak
from stretchaudio.audio.mp3.encode import MIX_EFFORT, MIX_QUALITY, encode
from stretchaudio.audio.mp3.frames import MIX
from stretchaudio.audio.mp3.info_frame import info_frame
from stretchaudio.audio.mp3.link import Piece, StreamMeter
from stretchaudio.mix.model import Block, EncodedBlock, MusicInfoRequest, RunRequest
from stretchaudio.mix.music import facts_of
from stretchaudio.mix.plan import AFTER_FRAMES, AROUND_FRAMES
from stretchaudio.mix.render import limit, render
from stretchaudio.speech.worker import answer
from stretchaudio.util.workers import serve

_LOUD = 10 ** (-5 / 20)
"""Where true peaks stay below this, what the encoder adds cannot reach -1 dBTP, and nothing is decoded to see."""


def make_run(blocks: Sequence[Block], clips: Mapping[str, bytes]) -> list[EncodedBlock]:
    """Mix blocks that follow each other, and encode them in one go; one by one they would come out the same.

    Args:
        blocks: What is heard when.
        clips: The FLAC file of each clip that is heard, by its hash.

    Raises:
        FileError: If music cannot be read.
    """
    before, last = blocks[0].before, len(blocks) - 1
    mixes = [
        render(
            block, clips, before=before if at == 0 else 0, after=AFTER_FRAMES if at == last else 0
        )
        for at, block in enumerate(blocks)
    ]
    limited, gain = _joined(mixes, blocks[0].level.ceiling_db)
    encoded = encode(pcm_of(limited).tobytes(), MIX, quality=MIX_QUALITY, effort=MIX_EFFORT)[
        before:
    ]
    ends = list(accumulate((block.frames for block in blocks), initial=0))
    heard = _heard(encoded) if true_peak(limited) > _LOUD else limited[before * MIX.samples :]
    peaks_db = [
        20 * math.log10(true_peak(heard[low * MIX.samples : high * MIX.samples]))
        for low, high in pairwise(ends)
    ]
    energy = frame_energy(limited)[before:]
    acted = (gain < 1).reshape(-1, MIX.samples).any(axis=1)[before:]
    return [
        EncodedBlock(
            frames=high - low,
            mp3=b"".join(encoded[low:high]),
            energy=array("f", energy[low:high].tolist()),
            true_peak_dbtp=peak_db,
            limited=int(acted[low:high].sum()),
        )
        for (low, high), peak_db in zip(pairwise(ends), peaks_db, strict=True)
    ]


def _joined(mixes: Iterable[Any], ceiling_db: float) -> tuple[Any, Any]:
    """The limited sound of all, and the limiter's gain at each sample."""
    inner = slice(AROUND_FRAMES * MIX.samples, -AROUND_FRAMES * MIX.samples)
    limited = [limit(mix, ceiling_db) for mix in mixes]
    return np.concatenate([sound[inner] for sound, _ in limited]), np.concatenate(
        [gain[inner] for _, gain in limited]
    )


def pcm_of(samples: Any) -> Any:
    """Samples in 16 bits, interleaved as the encoder takes them."""
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype("<i2")


def _heard(frames: list[bytes]) -> Any:
    """What a player makes of frames."""
    piece = Piece(frames=len(frames), data=b"".join(frames))
    meter = StreamMeter()
    meter.add(piece)
    samples, _ = soundfile.read(
        io.BytesIO(info_frame(MIX, meter.facts(MIX)) + piece.data), dtype="float32", always_2d=True
    )
    return samples


def _handle(request: object) -> object:
    match request:
        case RunRequest():
            return make_run(request.blocks, request.clips)
        case MusicInfoRequest():
            return facts_of(request.path)
        case DryClipRequest():
            return answer(request)
    raise TypeError(type(request).__name__)


if __name__ == "__main__":
    serve(_handle)
