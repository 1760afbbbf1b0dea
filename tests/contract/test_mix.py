"""Music and chimes with the voice.

What is planned, what is heard on the finished file, and blocks that are exact.
"""

import io
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

import sessions
from conftest import DATA, Built, Ran
from listening import MIX_RATE_HZ, available, decode_mix, lag_s, loudness, true_peak_dbtp
from stretchaudio import Options, read_routine
from stretchaudio.audio.beds import GENERATED_BEDS
from stretchaudio.audio.clip import LEAD_FRAMES
from stretchaudio.audio.dsp import frame_energy, limiter_peak, to_pcm
from stretchaudio.audio.loudness import energy_to_lufs, gain_to_db
from stretchaudio.audio.mp3.encode import MIX_EFFORT, MIX_QUALITY, encode
from stretchaudio.audio.mp3.frames import MIX, independent, split
from stretchaudio.cache import Cache, CacheArea
from stretchaudio.config import CHIMES
from stretchaudio.language import Verbosity
from stretchaudio.mix import synth
from stretchaudio.mix.bed_gain import (
    SWELL_DB,
    breath_envelope,
    duck_envelope,
    ducked_ms,
)
from stretchaudio.mix.ducking import Ducking, depth_db
from stretchaudio.mix.mixer import Mixer
from stretchaudio.mix.model import (
    CHIME_LEVEL_LUFS,
    Block,
    Breath,
    ChimeKind,
    ChimeSound,
    MixCue,
    Plan,
)
from stretchaudio.mix.plan import (
    AFTER_FRAMES,
    AROUND_FRAMES,
    BEFORE_FRAMES,
    CROSSFADE_MS,
    FADE_OUT_MS,
    blocks_of,
)
from stretchaudio.mix.render import bed, limit, open_bed, render
from stretchaudio.mix.synth.bells import chime_sound
from stretchaudio.mix.worker import make_run
from stretchaudio.script.preview import Preview
from stretchaudio.script.verbosity import CueFilter
from stretchaudio.session.build import Session
from stretchaudio.session.tracks import MixedTrack, VoiceTrack
from stretchaudio.util.progress import Progress

STRETCH = DATA / "stretch.yaml"
SECTIONS = DATA / "section-beds.yaml"
"""Brown noise, another brown noise, and none."""
SECOND = MIX_RATE_HZ
RNG = np.random.default_rng(7)


@pytest.fixture
def plan(home: Path) -> Callable[..., Session]:
    """A session that has been spoken and planned, but not mixed."""

    def plan(routine: Path = STRETCH, **options: object) -> Session:
        return sessions.plan(read_routine(routine), Options(**options), measured=False)

    return plan


def _plan_of(session: Session) -> Plan:
    assert isinstance(session.track, MixedTrack)
    return session.track.plan


def _flacs(session: Session) -> dict[str, bytes]:
    return {key: clip.sound for key, clip in session.speech.by_key().items()}


# The block encoder


def _speech() -> np.ndarray:
    """Half a minute that sounds like speech to an encoder.

    Voiced syllables with pauses, over a room tone.
    """
    times = np.arange(36 * SECOND) / SECOND
    voiced = sum(np.sin(2 * np.pi * 110 * harmonic * times) / harmonic for harmonic in range(1, 24))
    syllables = np.clip(np.sin(2 * np.pi * 3.1 * times), 0, 1) * (
        np.sin(2 * np.pi * 0.13 * times) > -0.3
    )
    return np.repeat((0.2 * voiced * syllables)[:, None], 2, axis=1) + 5e-4 * RNG.normal(
        size=(len(times), 2)
    )


def _transients() -> np.ndarray:
    """Clicks at the edges of blocks of 100 frames, one of each a sample before and one after."""
    out = 0.01 * RNG.normal(size=(36 * SECOND, 2))
    for frame in range(100, 1_400, 100):
        out[frame * MIX.samples - 1 : frame * MIX.samples + 40] += 0.8 * RNG.normal(size=(41, 2))
    return out


CONTENTS = {
    **{
        name: lambda name=name: synth.render_segment(name, 0, 0, 36 * SECOND) * 2
        for name in GENERATED_BEDS
    },
    "speech": _speech,
    "transients at the edges": _transients,
    "silence": lambda: np.zeros((36 * SECOND, 2)),
}


def _in_one_go(pcm: np.ndarray) -> list[bytes]:
    return encode(pcm.tobytes(), MIX, quality=MIX_QUALITY, effort=MIX_EFFORT)


def _in_blocks(
    pcm: np.ndarray, frames: int, size: int, heard_before: int = BEFORE_FRAMES
) -> list[bytes]:
    out = []
    for start in range(0, frames, size):
        before = min(start, heard_before)
        kept = min(size, frames - start)
        around = pcm[(start - before) * MIX.samples : (start + kept + AFTER_FRAMES) * MIX.samples]
        out += _in_one_go(around)[before : before + kept]
    return out


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("size", [100, 400])
def test_blocks_are_byte_for_byte_what_encoding_in_one_go_gives(content: str, size: int) -> None:
    pcm = to_pcm(CONTENTS[content]())
    frames = len(pcm) // MIX.samples - AFTER_FRAMES
    assert _in_blocks(pcm, frames, size) == _in_one_go(pcm)[:frames]


@pytest.mark.parametrize("size", [100, 400])
def test_blocks_are_the_same_after_long_digital_silence_too(size: int) -> None:
    """LAME's threshold of hearing sinks in silence.

    It has to have settled within what a block hears of the time before.
    """
    sound = synth.render_segment("drone", 0, 0, 20 * SECOND)
    pcm = to_pcm(
        np.concatenate(
            [sound, np.zeros((20 * SECOND, 2)), 0.01 * sound, np.zeros((5 * SECOND, 2)), sound]
        )
    )
    frames = len(pcm) // MIX.samples - AFTER_FRAMES
    assert _in_blocks(pcm, frames, size) == _in_one_go(pcm)[:frames]


def test_too_little_heard_before_a_block_would_be_noticed() -> None:
    pcm = to_pcm(_speech())
    frames = len(pcm) // MIX.samples - AFTER_FRAMES
    assert _in_blocks(pcm, frames, 100, heard_before=2) != _in_one_go(pcm)[:frames]


@pytest.mark.parametrize("name", ["rain", "bowls", "off", "of sections"])
def test_a_track_of_blocks_is_byte_for_byte_the_track_in_one_go(
    name: str, plan: Callable[..., Session]
) -> None:
    """Voice, bed, chimes, ducking and fades: made in runs of blocks, and as one block."""
    of_sections = name == "of sections"
    routine, bed_name = (SECTIONS, None) if of_sections else (STRETCH, name)
    part = Preview(length_ms=None if of_sections else 60_000)
    session = plan(routine, bed=bed_name, chimes=ChimeSound.SOFT, preview=part)
    clips = _flacs(session)
    blocks = list(blocks_of(_plan_of(session)))
    cut = [
        make.mp3 for run in (blocks[:1], blocks[1:4], blocks[4:]) for make in make_run(run, clips)
    ]
    assert len(blocks) > 5
    whole = make_run([_as_one(_plan_of(session), blocks[0])], clips)[0].mp3
    # But for how frames lie in the room that those before them left, which begins with each block.
    joined, whole = (independent(split(mp3, MIX), MIX) for mp3 in (b"".join(cut), whole))
    assert joined == whole


def _as_one(plan: Plan, first: Block) -> Block:
    return replace(
        first,
        frames=plan.frames,
        before=0,
        voices=plan.voices,
        segments=plan.segments,
        breaths=plan.breaths,
        chimes=plan.chimes,
        strokes=plan.strokes,
    )


# Beds made by the program


@pytest.mark.parametrize("name", GENERATED_BEDS)
def test_any_stretch_of_a_bed_is_the_same_however_it_is_cut(name: str) -> None:
    whole = synth.render_segment(name, 3, -5 * SECOND, 40 * SECOND)
    parts = [
        synth.render_segment(name, 3, start * SECOND, 7 * SECOND) for start in range(-5, 28, 7)
    ]
    assert np.array_equal(whole[: 35 * SECOND], np.concatenate(parts))
    assert not np.array_equal(whole, synth.render_segment(name, 4, -5 * SECOND, 40 * SECOND))


@pytest.mark.parametrize("name", ["rain", "waves", "brown-noise"])
def test_no_loop_is_heard_in_half_an_hour(name: str) -> None:
    """Two seconds are found again nowhere else."""
    rate = 4_000
    excerpt = _thin(synth.render_segment(name, 0, 60 * SECOND, 2 * SECOND), rate)
    for minute in range(2, 30, 9):
        later = _thin(synth.render_segment(name, 0, minute * 60 * SECOND, 60 * SECOND), rate)
        size = 1 << 18
        products = np.fft.irfft(
            np.fft.rfft(later, size) * np.conj(np.fft.rfft(excerpt, size)), size
        )
        sums = np.cumsum(np.concatenate([[0.0], later**2]))
        energy = sums[len(excerpt) :] - sums[: -len(excerpt)]
        likeness = np.abs(products[: len(energy)]) / np.sqrt(energy * np.sum(excerpt**2))
        assert likeness.max() < 0.75


def _thin(stereo: np.ndarray, rate_hz: int) -> np.ndarray:
    return soxr.resample(stereo.mean(axis=1).astype(np.float64), MIX_RATE_HZ, rate_hz)


# Beds of sections


def test_sections_have_beds_of_their_own_which_cross_without_a_step(
    plan: Callable[..., Session],
) -> None:
    session = plan(SECTIONS)
    segments = _plan_of(session).segments
    assert [(one.source.name, one.source.seed) for one in segments] == [
        ("brown-noise", 0),
        ("brown-noise", 2),
        ("room-tone", 0),
    ]
    starts = [chapter.start_frame - LEAD_FRAMES for chapter in session.timeline.chapters]
    assert [one.start_frame for one in segments] == [0, *starts[1:]]
    assert [one.end_frame for one in segments[:2]] == starts[1:]
    assert [(one.fade_in_ms, one.fade_out_ms) for one in segments[1:]] == [
        (CROSSFADE_MS, CROSSFADE_MS),
        (CROSSFADE_MS, FADE_OUT_MS),
    ]
    second, third = (frame * MIX.samples for frame in starts[1:])
    heard = open_bed(segments, 0, third + 8 * SECOND)
    energy = frame_energy(heard, MIX)
    levels = [energy_to_lufs(float(energy[at : at + 17].mean())) for at in range(len(energy) - 17)]
    at, last = second // MIX.samples, third // MIX.samples
    inside, across = levels[at - 400 : at - 20], levels[at - 20 : at + 187]
    assert min(inside) - 1 < min(across) <= max(across) < max(inside) + 1
    fading = levels[last : last + 150]
    assert max(np.abs(np.diff(levels[last - 20 : last + 150]))) < 1.5, "no step into silence"
    assert fading[0] - fading[-1] > 15
    assert levels[last + 190] < -60


def test_a_bed_that_is_asked_for_is_that_of_all_sections(
    run: Callable[..., Ran], plan: Callable[..., Session]
) -> None:
    ran = run("build", SECTIONS, "--dry-run")
    assert ", bed brown-noise, brown-noise:2." in ran.out
    assert ", bed waves." in run("build", SECTIONS, "--dry-run", "--bed", "waves").out
    assert ", bed " not in run("build", SECTIONS, "--dry-run", "--bed", "off").out
    assert plan(SECTIONS).manifest.bed == "brown-noise, brown-noise:2"
    assert isinstance(plan(SECTIONS, bed="off").track, VoiceTrack)


def test_a_section_may_have_music_of_the_routines_folder(
    run: Callable[..., Ran], plan: Callable[..., Session], write: Callable[..., Path], home: Path
) -> None:
    (home / "music").mkdir()
    song = home / "music" / "calm.wav"
    soundfile.write(song, synth.render_segment("drone", 0, 0, 12 * SECOND), SECOND)
    text = SECTIONS.read_text().replace("bed: brown-noise:2", "bed: music/calm.wav")
    routine = write(text)
    segments = _plan_of(plan(routine)).segments
    names = list(dict.fromkeys(one.source.name for one in segments))
    assert names == ["brown-noise", "calm.wav", "room-tone"]
    assert next(one for one in segments if one.source.path).source.path == str(song)
    assert "bed brown-noise, calm.wav." in run("build", routine, "--dry-run").out
    song.unlink()
    missing = run("build", routine)
    assert missing.code == 1
    assert "routine.yaml:" in missing.err
    assert "there is no music file 'music/calm.wav' in the routine's folder" in missing.err


def test_a_section_that_says_nothing_has_the_bed_of_the_config_file(
    plan: Callable[..., Session], tmp_path: Path, write: Callable[..., Path]
) -> None:
    folder = tmp_path / "home" / "stretchaudio"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text("bed: drone\n")
    routine = write(SECTIONS.read_text().replace("    bed: brown-noise\n", ""))
    names = [segment.source.name for segment in _plan_of(plan(routine)).segments]
    assert names == ["drone", "brown-noise", "room-tone"]


# Ducking


def _cue(start_ms: int, end_ms: int) -> MixCue:
    return MixCue(text="", clip="", start_ms=start_ms, end_ms=end_ms, lufs=-15.0)


def _gains_db(
    cues: list[MixCue], depths_db: list[float], duck: Ducking, end_ms: int
) -> list[float]:
    return list(duck_envelope(cues, depths_db, duck, 0, end_ms // 24))


def test_the_bed_is_down_around_a_cue_and_takes_its_time() -> None:
    gains = _gains_db([_cue(4_992, 6_000)], [12.0], Ducking(), 9_600)
    assert gains[: 4_200 // 24] == [0.0] * (4_200 // 24)
    assert gains[4_848 // 24 : 6_144 // 24] == [-12.0] * 54
    assert max(gains[4_992 // 24 :]) == gains[8_000 // 24] == 0.0


@pytest.mark.parametrize("depths_db", [[3.0] * 5, [18.0, 3.0, 18.0, 3.0, 18.0]])
def test_the_bed_never_falls_or_rises_steeply(depths_db: list[float]) -> None:
    times = [3_000, 3_600, 15_600, 16_000, 17_000]
    cues = [
        replace(_cue(at, at + 300), stays_down=at - before < 8_000)
        for before, at in zip([-9_000, *times], times, strict=False)
    ]
    gains = np.array(_gains_db(cues, depths_db, Ducking(), 24_000))
    slopes = np.diff(gains) / 0.024
    assert slopes.min() >= -40
    assert slopes.max() <= 15
    assert gains.max() == 0
    for cue, depth in zip(cues, depths_db, strict=True):
        assert gains[cue.start_ms // 24 : cue.end_ms // 24].max() <= -depth + 1e-9


def test_it_stays_down_between_cues_that_belong_together() -> None:
    cues = [_cue(3_000, 4_000), replace(_cue(11_000, 12_000), stays_down=True)]
    between = _gains_db(cues, [9.0, 6.0], Ducking(), 14_000)[4_000 // 24 : 11_000 // 24]
    assert max(between) == -6.0
    far, near = (
        list(ducked_ms([cues[0], _cue(11_000, 12_000)], Ducking())),
        list(ducked_ms(cues, Ducking())),
    )
    assert far[0][1] < 7_000
    assert near[0][1] == 11_000


def test_a_cue_makes_no_difference_beyond_its_reach() -> None:
    cues = [_cue(4_000, 4_500), _cue(5_000, 5_200), _cue(12_000, 12_400)]
    depths = [18.0, 3.0, 9.0]
    whole = _gains_db(cues, depths, Ducking(), 20_000)
    for at, (start_ms, end_ms) in enumerate(ducked_ms(cues, Ducking())):
        others = cues[:at] + cues[at + 1 :], depths[:at] + depths[at + 1 :]
        without = _gains_db(*others, Ducking(), 20_000)
        changed = [frame * 24 for frame in range(len(whole)) if whole[frame] != without[frame]]
        assert all(start_ms <= at_ms <= end_ms for at_ms in changed)


def test_a_bed_goes_down_as_far_as_needed_and_no_further() -> None:
    assert depth_db(-23.0, -14.0, Ducking()) == pytest.approx(15 + Ducking().margin_lu - 9)
    assert depth_db(-40.0, -14.0, Ducking()) == 3.0
    assert depth_db(-10.0, -14.0, Ducking()) == 18.0
    assert depth_db(-10.0, -14.0, Ducking(over_lu=20.0)) > 24.0
    assert depth_db(-10.0, -14.0, Ducking(over_lu=0.0)) == 0.0


def test_the_bed_never_comes_back_among_reps_however_slow(
    plan: Callable[..., Session], write: Callable[..., Path]
) -> None:
    path = write("title: A\nexercises: [{name: B, reps: 3, tempo: 15s}, {name: C, hold: 40s}]\n")
    session = plan(path, bed="rain", cue_filter=CueFilter(tips=False, halfway=False))
    reps = [window for window in session.timeline.windows if window.window.rep]
    first_ms, end_ms = reps[0].start_ms, reps[-1].start_ms + 15_000
    far = [
        voice.stays_down
        for before, voice in pairwise(_plan_of(session).voices)
        if voice.start_ms - before.end_ms > Ducking().gap_ms
        and first_ms - 100 <= before.end_ms
        and voice.start_ms <= end_ms + 100
    ]
    assert far == [True, True, True]
    assert not all(voice.stays_down for voice in _plan_of(session).voices[1:])


def test_a_breath_swells_the_bed_up_to_the_end_of_the_inhale() -> None:
    breaths = [Breath(start_ms=at, inhale_ms=4_000, exhale_ms=6_000) for at in (2_000, 12_000)]
    assert breath_envelope(breaths) == [
        (1_000, 0.0), (2_000, -5.0), (6_000, 0.0), (12_000, -5.0),
        (12_000, -5.0), (16_000, 0.0), (22_000, -5.0), (23_000, 0.0)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def restless_music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Music that is twelve decibels louder in some places than in others."""
    path = tmp_path_factory.mktemp("music") / "restless.flac"
    sound = synth.render_segment("drone", 5, 0, 50 * SECOND) + synth.render_segment(
        "rain", 5, 0, 50 * SECOND
    )
    loud = np.where((np.arange(len(sound)) // (4 * SECOND)) % 2, 1.0, 0.25)
    soundfile.write(path, 0.5 * sound * loud[:, None], MIX_RATE_HZ)
    return path


@pytest.mark.parametrize("music", ["restless", "waves"])
@pytest.mark.parametrize("over_lu", [15.0, 20.0])
def test_speech_is_so_far_above_the_bed_while_it_speaks_and_hardly_further(
    music: str, over_lu: float, restless_music: Path, plan: Callable[..., Session]
) -> None:
    bed_name = str(restless_music) if music == "restless" else music
    session = plan(bed=bed_name, duck=Ducking(over_lu=over_lu))
    whole = _as_one(_plan_of(session), next(blocks_of(_plan_of(session))))
    behind = bed(whole, 0, whole.frames * MIX.samples)
    distances = [
        voice.lufs - _level(behind, voice.start_ms, voice.end_ms) for voice in whole.voices
    ]
    assert min(distances) >= over_lu
    assert np.median(distances) < over_lu + 5  # and the music is not lost


def _level(samples: np.ndarray, from_ms: int, to_ms: int) -> float:
    first, last = from_ms // 24 * MIX.samples, -(-to_ms // 24) * MIX.samples
    return energy_to_lufs(float(frame_energy(samples[first:last], MIX).mean()))


def test_the_bed_follows_the_breath(plan: Callable[..., Session]) -> None:
    """It is at its level between inhale and exhale, and quieter between two breaths."""
    plain, swelling = (plan(bed="brown-noise", breathe=breathe) for breathe in (False, True))
    breath = _plan_of(swelling).breaths[1]
    top_ms = breath.start_ms + breath.inhale_ms
    levels = []
    for session in (plain, swelling):
        whole = _as_one(_plan_of(session), next(blocks_of(_plan_of(session))))
        behind = bed(whole, 0, whole.frames * MIX.samples)
        levels.append([_level(behind, at, at + 96) for at in (top_ms - 96, breath.start_ms)])
    assert levels[1][0] - levels[0][0] == pytest.approx(0.0, abs=0.2)
    assert levels[1][1] - levels[0][1] == pytest.approx(-SWELL_DB, abs=0.5)  # ducking lets it


# The limiter


def test_the_limiter_leaves_what_is_below_the_ceiling_untouched() -> None:
    sound = 0.1 * RNG.normal(size=(20 * MIX.samples, 2)).astype(np.float32)
    limited, gain = limit(sound, -2.0)
    assert limited is sound
    assert gain.min() == 1


def test_the_limiter_keeps_true_peaks_below_the_ceiling_without_a_step() -> None:
    sound = 0.1 * RNG.normal(size=(60 * MIX.samples, 2))
    times = np.arange(2_000) / SECOND
    sound[30_000:32_000] += (
        1.5 * np.sin(2 * np.pi * 11_999 * times + 0.7)[:, None]
    )  # its peaks are between the samples
    limited, gain = limit(sound, -2.0)
    assert gain_to_db(limiter_peak(limited)) <= -1.95
    assert np.abs(np.diff(gain)).max() < 0.005
    assert gain[:28_000].min() == gain[34_000:].min() == 1


def test_the_limiter_does_the_same_wherever_a_block_begins() -> None:
    sound = 0.35 * RNG.normal(size=(60 * MIX.samples, 2))
    whole, _ = limit(sound, -2.0)
    part, _ = limit(sound[10 * MIX.samples :], -2.0)
    inner = AROUND_FRAMES * MIX.samples
    assert np.allclose(whole[10 * MIX.samples + inner :], part[inner:], atol=1e-9)


# What is heard on the finished file


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Built]:
    return {}


@pytest.fixture
def track(
    mixed: dict[str, Built], build: Callable[..., Built], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Built]:
    """A track with a bed and soft chimes, built once."""

    def track(name: str) -> Built:
        if name not in mixed:
            built = build(STRETCH, bed=name, chimes=ChimeSound.SOFT)
            path = tmp_path_factory.mktemp("tracks") / f"{name}.mp3"
            path.write_bytes(built.path.read_bytes())
            mixed[name] = Built(path=path, manifest=built.manifest)
        return mixed[name]

    return track


@pytest.mark.parametrize("name", GENERATED_BEDS)
def test_loudness_and_true_peak_of_the_decoded_file(
    name: str, track: Callable[[str], Built]
) -> None:
    built = track(name)
    heard = decode_mix(built.path)
    assert abs(loudness(heard, MIX_RATE_HZ) + 16) <= 1
    assert true_peak_dbtp(heard, MIX_RATE_HZ) <= -1
    assert loudness(heard, MIX_RATE_HZ) == pytest.approx(built.manifest["integrated_lufs"], abs=0.2)
    assert true_peak_dbtp(heard, MIX_RATE_HZ) == pytest.approx(
        built.manifest["true_peak_dbtp"], abs=0.5
    )
    assert len(heard) / MIX_RATE_HZ == pytest.approx(built.manifest["duration_s"], abs=1e-6)


@pytest.mark.parametrize("decoder", ["libsndfile", "ffmpeg"])
@pytest.mark.parametrize("name", ["rain", "bowls"])
def test_cues_windows_and_chimes_are_where_they_should_be_under_a_bed(
    name: str, decoder: str, track: Callable[[str], Built], plan: Callable[..., Session]
) -> None:
    if not available(decoder):
        pytest.skip(f"{decoder} is not installed")
    built, session = track(name), plan(bed=name, chimes=ChimeSound.SOFT)
    heard = np.array(decode_mix(built.path, decoder).mean(axis=1))
    lags = {
        cue["start_s"]: lag_s(heard, _voice(session, cue["text"]), cue["start_s"])
        for cue in built.manifest["cues"]
    }
    assert max(map(abs, lags.values())) < 0.001
    for window in built.manifest["windows"]:
        end_s = window["start_s"] + window["length_s"]
        closing = [at for at in lags if abs(at - end_s) < 0.0125]
        opening = [
            cue for cue in built.manifest["cues"] if abs(cue["end_s"] - window["start_s"]) < 0.002
        ]
        if closing and opening:
            length_s = (
                closing[0] + lags[closing[0]] - opening[0]["end_s"] - lags[opening[0]["start_s"]]
            )
            assert abs(length_s - window["length_s"]) <= 0.024
    for cue in built.manifest["cues"]:  # a bell under a word is softer than the word
        voice, first = _voice(session, cue["text"]), round(cue["start_s"] * SECOND)
        heard[first : first + len(voice)] -= voice
    bells = {
        chime["at_s"]: chime_sound(ChimeSound.SOFT, ChimeKind(chime["kind"]), -18.0)[
            : SECOND // 2, 0
        ]
        for chime in built.manifest["chimes"]
    }
    assert len(bells) > 8
    assert max(abs(lag_s(heard, bell, at_s, 0.05)) for at_s, bell in bells.items()) < 0.001


def _voice(session: Session, text: str) -> np.ndarray:
    samples, rate_hz = soundfile.read(io.BytesIO(session.speech.clips[text].sound))
    return soxr.resample(samples, rate_hz, MIX_RATE_HZ)[480:]


def test_the_ear_of_these_tests_hears_a_cue_that_is_late(
    track: Callable[[str], Built], plan: Callable[..., Session]
) -> None:
    built, session = track("rain"), plan(bed="rain", chimes=ChimeSound.SOFT)
    cue = built.manifest["cues"][3]
    heard = np.concatenate([np.zeros(round(0.04 * SECOND)), decode_mix(built.path).mean(axis=1)])
    assert lag_s(heard, _voice(session, cue["text"]), cue["start_s"]) == pytest.approx(
        0.04, abs=0.001
    )


def test_chimes_strike_starts_halves_ends_and_changes_of_side(
    track: Callable[[str], Built],
) -> None:
    manifest = track("rain").manifest
    kinds = [chime["kind"] for chime in manifest["chimes"]]
    assert kinds == [
        "start",
        "halfway",
        "end",
        "side",
        "start",
        "halfway",
        "end",
        "start",
        "end",
        "start",
        "end",
    ]
    holds = [window for window in manifest["windows"] if window["kind"] == "hold"]
    struck = [chime["at_s"] for chime in manifest["chimes"]]
    for hold in holds:
        for part in (0, 0.5, 1):
            assert (
                min(abs(hold["start_s"] + part * hold["length_s"] - at_s) for at_s in struck)
                < 0.001
            )


def test_the_bed_fades_in_and_out(track: Callable[[str], Built]) -> None:
    heard = decode_mix(track("brown-noise").path)
    loud = [
        20 * math.log10(np.sqrt(np.mean(heard[at : at + SECOND // 10] ** 2)) + 1e-9)
        for at in (0, SECOND, 2 * SECOND)
    ]
    assert loud[0] < loud[1] - 6 < loud[2] - 6
    assert 20 * math.log10(np.sqrt(np.mean(heard[-SECOND // 10 :] ** 2)) + 1e-9) < loud[2] - 20


def test_the_limiter_hardly_ever_acts(plan: Callable[..., Session], shared_cache: Path) -> None:
    session = plan(bed="rain")
    cache = Cache(shared_cache)
    mix = Mixer(
        _plan_of(session), session.speech.by_key(), cache=cache, workers=sessions.pools.mix, jobs=2
    ).measure(Progress())
    assert mix.limited < 0.02


def test_chimes_without_words_need_no_voice(
    run: Callable[..., Ran], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRETCHAUDIO_VOICE", "nobody")
    done = run("build", STRETCH, "--cues", "chimes", "-o", "bells.mp3")
    assert (done.code, done.err) == (0, "")
    assert "voice none" in done.out
    heard = decode_mix(home / "bells.mp3")
    energy = frame_energy(heard, MIX)
    momentary = np.convolve(energy, np.full(17, 1 / 17), mode="valid").max()
    assert energy_to_lufs(float(momentary)) == pytest.approx(CHIME_LEVEL_LUFS, abs=1.0)


def test_only_bells_tell_that_a_warning_is_not_said(
    run: Callable[..., Ran], write: Callable[..., Path]
) -> None:
    path = write("title: A\nexercises: [{name: B, hold: 10s, caution: Stop if it hurts.}]\n")
    assert (
        "what exercises warn of is not said"
        in run("build", path, "--cues", "chimes", "-o", "bells.mp3").err
    )


# What is made again, and what is not


def _made_again(routine: Path, **options: object) -> tuple[int, int]:
    """How many blocks were missing, and how many there are."""
    progress = Progress()
    session = sessions.plan(read_routine(routine), Options(**options), progress=progress)
    return progress.blocks, len(list(blocks_of(_plan_of(session))))


def _long(write: Callable[..., Path], sentence: str = "Stand tall.") -> Path:
    setups = [f"Sentence number {at}." for at in range(5)]
    setups[2] = sentence
    exercises = "\n".join(
        f"  - {{name: Stretch {at}, setup: ['{text}'], hold: 30s}}"
        for at, text in enumerate(setups)
    )
    return write(f"title: Long\nexercises:\n{exercises}\n", "long.yaml")


def test_a_changed_sentence_makes_the_blocks_of_its_exercise_again_and_no_others(
    write: Callable[..., Path], tmp_path: Path
) -> None:
    options = {
        "cache_dir": tmp_path / "cache",
        "bed": "brown-noise",
        "cue_filter": CueFilter(cues=Verbosity.FULL, countdown=False),
    }
    first, total = _made_again(_long(write), **options)
    assert first == total
    assert _made_again(_long(write), **options)[0] == 0
    again, total = _made_again(
        _long(write, "Stand as tall as you can, and look far ahead."), **options
    )
    assert 0 < again <= total / 5 + 3


def test_another_level_or_bed_is_another_mix(tmp_path: Path) -> None:
    short = {"preview": Preview(length_ms=10_000), "cache_dir": tmp_path / "cache"}
    _made_again(STRETCH, bed="rain", **short)
    for options in (
        {"bed": "rain:2"},
        {"bed": "rain", "bed_level_lufs": -18.0},
        {"bed": "rain", "duck": Ducking(over_lu=10.0)},
    ):
        again, total = _made_again(STRETCH, **options, **short)
        assert again >= total


def test_a_lost_or_damaged_block_is_made_again(
    run: Callable[..., Ran], home: Path, tmp_path: Path
) -> None:
    arguments = (
        "build",
        STRETCH,
        "--bed",
        "brown-noise",
        "--preview",
        "30s",
        "--cache-dir",
        tmp_path / "cache",
        "-o",
        "track.mp3",
    )
    assert run(*arguments).code == 0
    first = (home / "track.mp3").read_bytes()
    blocks = sorted(
        path for path in (tmp_path / "cache" / CacheArea.BLOCKS).rglob("*") if path.is_file()
    )
    blocks[0].unlink()
    blocks[1].write_bytes(b"nothing of the kind")
    assert run(*arguments).code == 0
    assert (home / "track.mp3").read_bytes() == first


def test_the_cache_of_blocks_is_trimmed_from_its_oldest_end(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for key in ("aa1", "bb2", "cc3"):
        cache.put(CacheArea.BLOCKS, key, bytes(1_000))
    for age, key in enumerate(("bb2", "cc3", "aa1")):
        os.utime(tmp_path / CacheArea.BLOCKS / key[:2] / key, (1e9 - age, 1e9 - age))
    assert cache.touch(CacheArea.BLOCKS, "aa1")
    cache.trim(CacheArea.BLOCKS, 2_500)
    assert [cache.get(CacheArea.BLOCKS, key) is not None for key in ("aa1", "bb2", "cc3")] == [
        True,
        True,
        False,
    ]


# Previews and pictures


def test_a_preview_holds_the_first_part_and_speaks_no_more(
    run: Callable[..., Ran], home: Path, tmp_path: Path
) -> None:
    cues = ("--cues", "minimal")  # a few words are spoken sooner
    arguments = ("build", "back-basics", *cues, "--cache-dir", tmp_path / "cache", "-m", "m.json")
    assert run(*arguments, "--preview", "20s").code == 0
    assert (home / "back-basics-preview.mp3").is_file()
    assert not (home / "back-basics.mp3").exists()
    preview = json.loads((home / "m.json").read_text())
    spoken = len(list((tmp_path / "cache" / CacheArea.SPEECH).rglob("*")))
    assert run(*arguments).code == 0
    whole = json.loads((home / "m.json").read_text())
    assert preview["cues"] == whole["cues"][: len(preview["cues"])]
    assert 20 <= preview["duration_s"] < 26
    assert all(
        window["start_s"] + window["length_s"] <= preview["duration_s"]
        for window in preview["windows"]
    )
    assert spoken < len(list((tmp_path / "cache" / CacheArea.SPEECH).rglob("*"))) / 2


def test_a_preview_of_one_exercise_says_what_the_whole_says_of_it(
    build: Callable[..., Built],
) -> None:
    whole = build("back-basics").manifest
    part = build("back-basics", preview=Preview(exercise="cat-cow")).manifest
    name = part["chapters"][0]["title"]
    assert [cue["text"] for cue in part["cues"]] == [
        cue["text"] for cue in whole["cues"] if cue["exercise"] == name
    ]
    assert [window["length_s"] for window in part["windows"]] == [
        window["length_s"] for window in whole["windows"] if window["exercise"] == name
    ]


def test_a_preview_of_an_exercise_that_is_not_there_says_which_are(run: Callable[..., Ran]) -> None:
    done = run("build", "back-basics", "--preview-exercise", "cat-caw")
    assert done.code == 2
    assert "There is no exercise 'cat-caw' in Back basics. Perhaps you meant cat-cow?" in done.err


# Options


def test_the_names_of_chimes_are_the_same_everywhere() -> None:
    assert tuple(ChimeSound) == CHIMES
    assert set(synth.BEDS) >= set(GENERATED_BEDS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--bed", "rian"),
            (
                "There is no bed 'rian', neither by that name nor as a file or folder. Perhaps you "
                "meant rain?"
            ),
        ),
        (("--bed", "rain", "--bed-level", "3"), "A bed level of 3 LUFS is out of range."),
        (("--bed", "rain", "--duck", "80"), "A voice 80 LU above the bed is out of range."),
        (("--bed", "rain", "--duck", "soft"), "'soft' is not a distance from voice to bed."),
        (("--bed", "rain", "--duck-attack", "9"), "--duck-attack of 9 s is out of range."),
        (("--cues", "chimes", "--chimes", "off"), "nothing would tell what to do"),
        (("--breathe",), "--breathe needs a bed that can swell."),
        (("--chimes", "soft", "--chime-level", "0"), "A chime level of 0 LUFS is out of range."),
        (("--preview", "soon"), "soon"),
    ],
)
def test_what_cannot_be_mixed_is_refused(
    arguments: tuple[str, ...], message: str, run: Callable[..., Ran], home: Path
) -> None:
    done = run("build", STRETCH, *arguments)
    assert done.code == 2
    assert message in done.err
    assert not list(home.glob("*.mp3"))


def test_a_bed_can_be_set_for_good(run: Callable[..., Ran], tmp_path: Path, home: Path) -> None:
    config = tmp_path / "home" / "stretchaudio" / "config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text("bed: rain\nbed_level: -20\nchimes: soft\n")
    assert ", bed rain," in run("build", STRETCH, "--preview", "6s").out
    assert ", bed" not in run("build", STRETCH, "--preview", "6s", "--bed", "off").out
    config.write_text("chimes: loud\n")
    done = run("build", STRETCH)
    assert done.code == 2
    assert "config.yaml:1:9: 'chimes': expected one of off, soft, bright" in done.err


def test_blocks_of_a_long_plan_are_found_by_their_times(plan: Callable[..., Session]) -> None:
    """What is heard in a block is in it, and the blocks follow each other."""
    wanted = _plan_of(plan(bed="rain", chimes=ChimeSound.SOFT))
    blocks = list(blocks_of(wanted))
    assert sum(block.frames for block in blocks) == wanted.frames
    at = 0
    for block in blocks:
        start_ms, end_ms = at * 24, (at + block.frames) * 24
        heard = [
            voice.text
            for voice in wanted.voices
            if voice.start_ms < end_ms and voice.end_ms > start_ms
        ]
        assert set(heard) <= {voice.text for voice in block.voices}
        at += block.frames


def test_neighbouring_blocks_hear_the_same_where_they_overlap(plan: Callable[..., Session]) -> None:
    session = plan(bed="waves", chimes=ChimeSound.BRIGHT, preview=Preview(length_ms=40_000))
    clips = _flacs(session)
    blocks = list(blocks_of(_plan_of(session)))
    edge = AROUND_FRAMES * MIX.samples
    for one, other in pairwise(blocks):
        end = render(one, clips, before=0, after=0)[-2 * edge :]
        start = render(other, clips, before=0, after=0)[: 2 * edge]
        assert np.array_equal(end, start)


# What a review and a listener found


def test_music_a_little_longer_than_its_crossfades_comes_to_an_end(
    plan: Callable[..., Session], tmp_path: Path
) -> None:
    for length_s in (10.2, 11.0, 13.5):
        path = tmp_path / f"short-{length_s}.wav"
        soundfile.write(path, synth.render_segment("drone", 0, 0, round(length_s * SECOND)), SECOND)
        segments = _plan_of(plan(bed=str(path))).segments
        starts = [segment.start_frame for segment in segments]
        assert starts == sorted(set(starts))
        assert all((other - one) * 24 + 4_000 <= length_s * 1000 for one, other in pairwise(starts))


@pytest.mark.parametrize("short_by_s", [1, 3, 5, 6, 9])
def test_music_that_nearly_reaches_the_end_goes_on_until_the_bed_has_faded(
    short_by_s: int, plan: Callable[..., Session], tmp_path: Path
) -> None:
    path = tmp_path / "song.wav"
    length_s = _plan_of(plan(bed="rain")).frames * 24 / 1000 - short_by_s
    soundfile.write(path, synth.render_segment("drone", 0, 0, round(length_s * 8_000)), 8_000)
    segments = _plan_of(plan(bed=str(path))).segments
    for segment in segments:
        sounding_ms = (segment.end_frame - segment.start_frame) * 24 + segment.fade_out_ms
        assert sounding_ms <= length_s * 1000


@pytest.mark.parametrize("bed_name", ["brown-noise", "waves"])
def test_speech_stays_above_a_bed_that_breathes(
    bed_name: str, plan: Callable[..., Session]
) -> None:
    session = plan(bed=bed_name, breathe=True)
    whole = _as_one(_plan_of(session), next(blocks_of(_plan_of(session))))
    behind = bed(whole, 0, whole.frames * MIX.samples)
    assert (
        min(voice.lufs - _level(behind, voice.start_ms, voice.end_ms) for voice in whole.voices)
        >= Ducking().over_lu
    )


def test_true_peaks_of_hard_music_are_kept_and_told_right(
    run: Callable[..., Ran], home: Path, tmp_path: Path
) -> None:
    """Drums gain a decibel and more in an encoder."""
    drums = np.zeros((30 * SECOND, 2))
    hit = RNG.normal(size=(4_000, 2)) * np.exp(-np.arange(4_000) / 600)[:, None]
    for at in range(0, len(drums) - 4_000, 12_000):
        drums[at : at + 4_000] += hit
    path = tmp_path / "drums.wav"
    soundfile.write(path, 0.9 * drums / np.abs(drums).max(), SECOND, subtype="FLOAT")
    assert (
        run(
            "build",
            STRETCH,
            "--bed",
            path,
            "--bed-level",
            "-12",
            "--preview",
            "20s",
            "-o",
            "t.mp3",
            "-m",
            "m.json",
        ).code
        == 0
    )
    heard = decode_mix(home / "t.mp3")
    assert true_peak_dbtp(heard, MIX_RATE_HZ) <= -0.95
    assert json.loads((home / "m.json").read_text())["true_peak_dbtp"] == pytest.approx(
        true_peak_dbtp(heard, MIX_RATE_HZ), abs=0.3
    )


def test_equal_blocks_are_made_once_and_in_their_own_surroundings(
    tmp_path: Path, plan: Callable[..., Session]
) -> None:
    """The same block at two places is not taken for the neighbour of what follows the other."""
    session = plan(bed="rain")
    cache = Cache(tmp_path / "cache")
    mixer = Mixer(
        _plan_of(session),
        session.speech.by_key(),
        cache=cache,
        workers=sessions.pools.mix,
        jobs=1,
    )
    blocks = [(f"key {at}", block) for at, block in enumerate(blocks_of(_plan_of(session)))][:6]
    order = [blocks[at] for at in (0, 1, 2, 1, 2, 3, 4, 5)]
    runs = [list(run) for run in mixer._runs(order, {key for key, _ in blocks})]
    assert [key for run in runs for key in run] == [key for key, _ in blocks]
    assert all(run != ["key 2", "key 3"] and "key 3" not in run[1:] for run in runs)


@pytest.mark.parametrize("arguments", [("--room-tone", "0"), ("--room-tone", "nan")])
def test_a_room_tone_out_of_range_is_refused_without_a_voice_too(
    arguments: tuple[str, str], run: Callable[..., Ran]
) -> None:
    done = run("build", STRETCH, "--cues", "chimes", *arguments)
    assert done.code == 2
    assert "is out of range" in done.err


def test_a_preview_has_the_chimes_of_a_hold_that_it_cuts_short(
    write: Callable[..., Path], run: Callable[..., Ran], home: Path
) -> None:
    path = write("title: A\nexercises: [{name: B, transition: 1s, hold: 5m}]\n")
    assert (
        run(
            "build", path, "--cues", "chimes", "--preview", "6s", "-o", "t.mp3", "-m", "m.json"
        ).code
        == 0
    )
    manifest = json.loads((home / "m.json").read_text())
    assert [chime["kind"] for chime in manifest["chimes"]] == ["start"]


def test_a_preview_of_nothing_is_refused(run: Callable[..., Ran]) -> None:
    done = run("build", STRETCH, "--preview", "0.2s")
    assert done.code == 2
    assert "A preview lasts 5 seconds at the least." in done.err


def test_a_preview_of_the_last_exercise_has_no_goodbye(build: Callable[..., Built]) -> None:
    part = build(STRETCH, preview=Preview(exercise="slow-breath")).manifest
    assert {cue["exercise"] for cue in part["cues"]} == {"Slow breath"}


@pytest.mark.parametrize("arguments", [("--bed", "nonsense"), ("--preview-exercise", "nope")])
def test_a_dry_run_finds_what_a_build_would_find(
    arguments: tuple[str, str], run: Callable[..., Ran]
) -> None:
    assert run("build", STRETCH, "-n", *arguments).code == 2


def test_a_dry_run_of_bells_asks_for_no_voice(
    run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRETCHAUDIO_VOICE", "nobody")
    done = run("build", STRETCH, "-n", "--cues", "chimes", "--bed", "rain")
    assert done.code == 0
    assert "voice none, bed rain" in done.out


def test_a_helper_whose_caller_is_gone_says_nothing() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "stretchaudio.speech.worker"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as helper:
        if helper.stdout:
            helper.stdout.close()
        said = helper.stderr.read() if helper.stderr else b"?"
    assert said == b""
