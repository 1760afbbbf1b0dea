"""Make clips, measure music, and mix and encode blocks, in a helper process."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import accumulate, pairwise

import numpy as np

from stretchaudio.audio.clip import DryClipRequest, frames_to_ms
from stretchaudio.audio.dsp import frame_energy, limiter_peak, mean_channel, to_pcm, to_pcm_24
from stretchaudio.audio.loudness import db_to_gain, gain_to_db
from stretchaudio.audio.mp3.decode import decode_frames
from stretchaudio.audio.mp3.encode import MIX_EFFORT, MIX_QUALITY, encode_stream
from stretchaudio.audio.mp3.frames import MIX, packed
from stretchaudio.audio.signs import encode_signs, mean_by_ms
from stretchaudio.audio.types import Curve, Stereo
from stretchaudio.mix.model import (
    Block,
    EncodedBlock,
    MusicInfoRequest,
    RunRequest,
    Stem,
    StemsRequest,
)
from stretchaudio.mix.music import measure_music
from stretchaudio.mix.plan import AFTER_FRAMES, AROUND_FRAMES
from stretchaudio.mix.render import limit, render, render_stems
from stretchaudio.speech.worker import answer
from stretchaudio.util.workers import serve

_LOUD = db_to_gain(-5)
"""True peaks above which encoded frames are decoded to be measured."""
# Where peaks stay below it, what the encoder adds cannot reach -1 dBTP.


def make_run(blocks: Sequence[Block], clips: Mapping[str, bytes]) -> list[EncodedBlock]:
    """Mix blocks that follow each other, and encode them in one go.

    One by one they would come out the same.

    Args:
        blocks: What is heard when.
        clips: The FLAC file of each clip that is heard, by its key.

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
    limited, gain = _limited(mixes, blocks[0].level.ceiling_db)
    pcm = to_pcm(limited).tobytes()
    frames = encode_stream(pcm, MIX, quality=MIX_QUALITY, effort=MIX_EFFORT)
    heard = limited
    if limiter_peak(limited) > _LOUD:
        heard = decode_frames(frames, MIX, "float32")
    energy = frame_energy(limited, MIX)
    means = mean_by_ms(mean_channel(limited), MIX.sample_rate_hz)
    acted = gain.reshape(-1, MIX.samples).min(axis=1) < 1
    runs = list(pairwise(accumulate((block.frames for block in blocks), initial=before)))
    return [
        EncodedBlock(
            frames=high - low,
            mp3=mp3,
            energy=array("f", energy[low:high].tolist()),
            true_peak_dbtp=gain_to_db(limiter_peak(heard[low * MIX.samples : high * MIX.samples])),
            limited=int(acted[low:high].sum()),
            signs=encode_signs(means[frames_to_ms(low) : frames_to_ms(high)]),
        )
        for (low, high), mp3 in zip(runs, packed(frames, MIX, runs), strict=True)
    ]


def make_stems(block: Block, clips: Mapping[str, bytes]) -> Mapping[Stem, bytes]:
    """Make the parts of a block, each with the gain that the limiter has for all of them.

    Args:
        block: What is heard when.
        clips: The FLAC file of each clip that is heard, by its key.

    Returns:
        Samples of 24 bits in the upper part of 32, for each part.

    Raises:
        FileError: If music cannot be read.
    """
    stems = render_stems(block, clips)
    _, gain = limit(reduce(np.add, stems.values()), block.level.ceiling_db)
    return {
        stem: to_pcm_24((sound * gain[:, None])[_INNER]).tobytes() for stem, sound in stems.items()
    }


_INNER = slice(AROUND_FRAMES * MIX.samples, -AROUND_FRAMES * MIX.samples)
"""The samples of a block, without those that only the limiter looks at."""


def _limited(mixes: Iterable[Stereo], ceiling_db: float) -> tuple[Stereo, Curve]:
    """Limit each mix and join them; also return the limiter's gain at each sample."""
    limited = [limit(mix, ceiling_db) for mix in mixes]
    sound = np.concatenate([sound[_INNER] for sound, _ in limited])
    return sound, np.concatenate([gain[_INNER] for _, gain in limited])


def _handle(request: object) -> object:
    match request:
        case RunRequest():
            return make_run(request.blocks, request.clips)
        case StemsRequest():
            return make_stems(request.block, request.clips)
        case MusicInfoRequest():
            return measure_music(request.path)
        case DryClipRequest():
            return answer(request)
    raise TypeError(type(request).__name__)


if __name__ == "__main__":
    serve(_handle)
