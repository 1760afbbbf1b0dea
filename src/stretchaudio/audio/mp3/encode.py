"""Encode PCM into independent MP3 frames."""

import lameenc

from stretchaudio.audio.mp3.frames import FrameFormat, independent, split

ENCODER_DELAY = 576
"""Samples by which LAME's first frame comes early."""
DECODER_DELAY = 529
"""Samples that every layer III decoder adds."""
SPEECH_QUALITY = 6
# Back-basics takes 215 kB a minute at 6, 247 at 5 and 289 at 4, with all that travels inside.
SILENCE_QUALITY = 9
MIX_QUALITY = 5
# At 6 blocks of speech are not what encoding in one go gives.
SPEECH_EFFORT = 2
MIX_EFFORT = 5
# 5 is as good as 2 to a tenth of a decibel in every band, a tenth faster and 2 % larger;
# 7 loses 3 dB.
_VBR_MTRH = 4


def encode(
    samples: bytes, form: FrameFormat, *, quality: int, effort: int = SPEECH_EFFORT
) -> list[bytes]:
    """Encode samples into frames that depend on nothing before them.

    Args:
        samples: Interleaved little-endian samples of 16 bits.
        form: Their rate and channels; also those of the frames.
        quality: LAME's VBR quality, 0 (best) to 9 (smallest).
        effort: LAME's algorithm, 0 (slowest) to 9.

    Returns:
        The frames, which need nothing from outside their list; the decoded samples of the first
        begin `ENCODER_DELAY + DECODER_DELAY` samples early.
    """
    return independent(encode_stream(samples, form, quality=quality, effort=effort), form)


def encode_stream(samples: bytes, form: FrameFormat, *, quality: int, effort: int) -> list[bytes]:
    """Encode samples as `encode` does, into the frames that LAME writes, which need each other."""
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_channels(form.channels)
    encoder.set_in_sample_rate(form.sample_rate_hz)
    encoder.set_out_sample_rate(form.sample_rate_hz)
    encoder.set_quality(effort)
    encoder.set_vbr(_VBR_MTRH)
    encoder.set_vbr_quality(quality)
    return split(bytes(encoder.encode(samples)) + bytes(encoder.flush()), form)
