"""Generate beds and chimes.

Beds are endless sounds of which any segment can be made by itself. Noise is drawn from a texture of
twenty seconds, in grains whose places in it are drawn anew each time, so that no loop is heard.
Everything follows from a seed and the time, and nothing from what was made before. Bowls are struck
where the plan says, over a drone.
"""

from collections.abc import Callable

import numpy as np

from stretchaudio.audio.beds import BOWLS
from stretchaudio.audio.loudness import db_to_gain
from stretchaudio.audio.types import Stereo
from stretchaudio.mix.model import ROOM_TONE
from stretchaudio.mix.synth.drone import drone
from stretchaudio.mix.synth.noises import brown_noise, room_tone
from stretchaudio.mix.synth.rain import rain
from stretchaudio.mix.synth.stream import stream
from stretchaudio.mix.synth.waves import waves

BEDS: dict[str, tuple[Callable[[int, int, int], Stereo], float]] = {
    "rain": (rain, -32.4),
    "waves": (waves, -25.2),
    "stream": (stream, -21.2),
    "brown-noise": (brown_noise, -24.5),
    "drone": (drone, -22.2),
    BOWLS: (drone, -22.2),
    ROOM_TONE: (room_tone, 0.0),
}
"""The maker of each bed, and the gain in dB that brings it to `GENERATED_LUFS`."""
# Room tone is brought to an RMS of full scale.


def render_segment(name: str, seed: int, start: int, samples: int) -> Stereo:
    """Make some of a bed's sound.

    Args:
        name: One of `BEDS`.
        seed: Which of its variants.
        start: The first sample at 48 kHz.
        samples: How many.

    Returns:
        Stereo at 48 kHz, float32.
    """
    make, gain_db = BEDS[name]
    sound = make(seed, start, samples).astype(np.float32, copy=False)
    sound *= np.float32(db_to_gain(gain_db))
    return sound
