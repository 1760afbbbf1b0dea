"""Clips: trimmed, levelled, encoded."""

import io
import wave
from collections.abc import Callable
from contextlib import closing

import numpy as np
import pytest
import soundfile

from listening import Listener
from sessions import choose_voice, open_engine
from stretchaudio import VoiceError
from stretchaudio.audio.clip import (
    FRAME_MS,
    RELEASE_MS,
    EncodedClip,
    pack_clip,
    pack_tone,
    unpack_clip,
    unpack_tone,
)
from stretchaudio.audio.mp3.frames import VOICE, WIDE, FrameFormat, split
from stretchaudio.language import language
from stretchaudio.speech import leveling
from stretchaudio.speech import worker as make

ENGLISH = language("en")


@pytest.fixture(scope="module")
def speak() -> "Callable[[str], bytes]":
    engine = open_engine(choose_voice("espeak", ENGLISH), jobs=1)
    with closing(engine):
        yield engine.speak


def _wav(samples: np.ndarray, rate_hz: int = 22_050) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format="WAV", subtype="FLOAT")
    return file.getvalue()


@pytest.mark.parametrize(
    "text",
    ["1", "Rest.", "Hold for 30 seconds.", "Stand tall with your feet under your shoulders."],
)
@pytest.mark.parametrize("room_tone_db", [-66.0, None])
def test_a_clip_begins_with_its_first_sound_and_ends_with_its_last(
    speak: Callable[[str], bytes], text: str, room_tone_db: float | None
) -> None:
    clip = make.make_clip(speak(text), room_tone_db)
    listener = Listener(make._heard(split(clip.sound, VOICE)))
    assert abs(listener.onset_s(0.024, reach_s=0.1) - 0.024) < 0.003
    assert (
        abs(listener.end_s(0.024 + clip.length_ms / 1000) - 0.024 - clip.length_ms / 1000) < 0.003
    )
    assert clip.length_ms <= (clip.frames - 3) * FRAME_MS < clip.length_ms + FRAME_MS
    assert clip.true_peak_dbtp <= -1.0
    assert len(clip.energy) == clip.frames


def test_quiet_around_speech_is_trimmed() -> None:
    rate = 24_000
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    tone *= np.minimum(1, np.minimum(np.arange(rate), np.arange(rate)[::-1]) / 480)
    padded = np.concatenate([np.zeros(rate), tone, np.zeros(rate // 2)])
    _, length_ms = leveling.trim_and_level(leveling.decode(_wav(padded, rate)))
    assert abs(length_ms - 1000) <= 5


@pytest.mark.parametrize("level", [0.001, 0.01, 0.1, 0.9])
def test_clips_have_one_loudness_whatever_the_voice_gives(level: float) -> None:
    rng = np.random.default_rng(3)
    noise = rng.standard_normal(48_000)
    noise *= level / np.max(np.abs(noise))
    speech, _ = leveling.trim_and_level(leveling.decode(_wav(noise, 24_000)))
    samples = np.array(speech.get_array_of_samples()) / 32768
    import pyloudnorm

    assert abs(pyloudnorm.Meter(24_000).integrated_loudness(samples) - leveling.CLIP_LUFS) < 0.5


def test_edges_are_faded() -> None:
    """What is kept of the quiet around speech goes up from nothing, and down to nothing."""
    rate = 24_000
    hum = 0.002 * np.sign(np.sin(2 * np.pi * 1000 * np.arange(2 * rate) / rate))
    hum[rate // 2 : rate] += 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate // 2) / rate)
    speech, _ = leveling.trim_and_level(leveling.decode(_wav(hum, rate)))
    samples = np.abs(np.array(speech.get_array_of_samples()).astype(int))
    kept = slice(round(0.006 * rate), round(0.009 * rate))
    assert samples[kept].mean() > 4 * samples[:24].mean()
    assert samples[::-1][kept].mean() > 4 * samples[::-1][:24].mean()


def _spoken(rate: int = 24_000) -> np.ndarray:
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    return tone * np.minimum(1, np.minimum(np.arange(rate), np.arange(rate)[::-1]) / 480)


def _db(samples: np.ndarray) -> float:
    return 20 * np.log10(np.sqrt(np.mean(samples**2)) + 1e-9)


def test_a_breath_after_the_last_sound_is_faded_and_not_cut() -> None:
    rng = np.random.default_rng(4)
    breath = np.concatenate([np.zeros(24_000), 0.0015 * rng.standard_normal(12_000)])
    spoken = np.pad(_spoken(), (0, 12_000))
    silent, breathing = (
        leveling.trim_and_level(leveling.decode(_wav(sound, 24_000)))
        for sound in (spoken, spoken + breath)
    )
    assert abs(silent[1] - breathing[1]) <= 2
    left = [
        np.array(speech.get_array_of_samples())[(10 + length_ms) * 24 :] / 32768
        for speech, length_ms in (silent, breathing)
    ]
    assert len(left[1]) == pytest.approx(RELEASE_MS * 24, abs=48)
    assert _db(left[1][120:480]) > _db(left[0][120:480]) + 6
    assert _db(left[1][-120:]) < _db(left[1][120:480]) - 11


def test_the_noise_of_a_room_is_no_part_of_speech() -> None:
    rng = np.random.default_rng(5)
    padded = np.pad(_spoken(), 24_000) + 0.009 * rng.standard_normal(72_000)
    _, length_ms = leveling.trim_and_level(leveling.decode(_wav(padded, 24_000)))
    assert abs(length_ms - 1000) < 60


def test_rumble_is_taken_away() -> None:
    times = np.arange(48_000) / 24_000
    hum = 0.2 * np.sin(2 * np.pi * 25 * times)
    speech, _ = leveling.trim_and_level(
        leveling.decode(_wav(np.pad(_spoken(), 12_000) + hum, 24_000))
    )
    part = np.array(speech.get_array_of_samples())[2_400:21_600] * np.hanning(19_200)
    spectrum = np.abs(np.fft.rfft(part))
    hertz = np.fft.rfftfreq(19_200, 1 / 24_000)
    low, tone = spectrum[hertz < 40].max(), spectrum[(hertz > 400) & (hertz < 480)].max()
    assert 20 * np.log10(low / tone) < 20 * np.log10(0.2 / 0.3) - 11


def test_counts_are_softer_by_as_much_as_is_asked(speak: Callable[[str], bytes]) -> None:
    usual, soft = (make.make_dry_clip(speak("Seven"), "", softer) for softer in (0.0, 2.5))
    ratio_db = 10 * np.log10(max(soft.energy) / max(usual.energy))
    assert ratio_db == pytest.approx(-2.5, abs=0.1)


@pytest.mark.parametrize("sound", [b"", b"<html>log in to the network</html>", b"ID3" + bytes(50)])
def test_what_is_no_sound_is_refused(sound: bytes) -> None:
    with pytest.raises(VoiceError, match="not sound"):
        leveling.decode(sound)


def test_silence_is_refused() -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(22_050)
        wav.writeframes(bytes(44_100))
    with pytest.raises(VoiceError, match="silence"):
        make.make_clip(file.getvalue(), None)


@pytest.mark.parametrize(("form", "frame_bytes"), [(VOICE, 24), (WIDE, 96)])
def test_room_tone_is_as_low_as_asked_and_costs_no_more_than_silence(
    form: FrameFormat, frame_bytes: int
) -> None:
    tone, silence = make.make_tone(-66.0, form), make.make_tone(None, form)
    sizes = [{len(frame) for frame in one.frames} for one in (tone, silence)]
    assert sizes == [{frame_bytes}, {frame_bytes}]
    heard = make._heard(list(tone.frames), form)
    assert abs(20 * np.log10(np.sqrt(np.mean(heard[2400:-2400] ** 2))) + 66) < 1
    assert np.max(np.abs(make._heard(list(silence.frames), form))) == 0


@pytest.mark.parametrize("form", [VOICE, WIDE])
def test_room_tone_joins_itself_without_a_click(form: FrameFormat) -> None:
    tone = make.make_tone(-66.0, form)
    heard = make._heard(list(tone.frames[-20:] + tone.frames[:22]), form)
    steps = np.abs(np.diff(heard))
    seam = slice(20 * form.samples - 1500, 20 * form.samples + 1500)
    assert steps[seam].max() <= 1.5 * np.percentile(steps, 99.9)


def test_clips_and_tone_survive_the_cache(speak: Callable[[str], bytes]) -> None:
    clip = make.make_clip(speak("Rest."), -66.0)
    assert unpack_clip(EncodedClip, clip.key, pack_clip(clip)) == clip
    tone = make.make_tone(-66.0)
    assert unpack_tone(pack_tone(tone)) == tone
