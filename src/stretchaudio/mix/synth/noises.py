"""Make even noises: brown noise, and the room tone of mixes."""

from functools import cache

from stretchaudio.audio.types import Stereo
from stretchaudio.mix.synth.grains import band_pass, grains, make_noise


def brown_noise(seed: int, start: int, samples: int) -> Stereo:
    """Let a deep, even rush sound."""
    return grains(_brown_texture, seed, start, samples)


def room_tone(seed: int, start: int, samples: int) -> Stereo:
    """Make the hum of a quiet room, at an RMS of full scale."""
    return grains(_tone_texture, seed, start, samples)


@cache
def _brown_texture() -> Stereo:
    return make_noise(
        43,
        lambda hertz: hertz**-1.0 * band_pass(hertz, 65, 4_000, order=6) * (hertz > 40),
        width=0.6,
    )


@cache
def _tone_texture() -> Stereo:
    return make_noise(44, lambda hertz: band_pass(hertz, 40, 300, order=8), width=0.3)
