"""The sides of zero of a sound, as text."""

import numpy as np

from stretchaudio.audio.signs import decode_signs, encode_signs, mean_by_ms


def test_texts_of_frames_can_be_joined_and_say_where_the_sound_is_below_zero() -> None:
    samples = np.random.default_rng(1).standard_normal(48 * 24 * 3)
    means = mean_by_ms(samples, 48_000)
    text = encode_signs(means)
    assert len(text) == 3 * 4
    assert encode_signs(means[:24]) + encode_signs(means[24:]) == text
    assert np.array_equal(decode_signs(text), samples.reshape(-1, 48).mean(axis=1) >= 0)


def test_the_last_millisecond_may_be_a_part_of_one() -> None:
    assert len(mean_by_ms(np.ones(25), 24_000)) == 2
