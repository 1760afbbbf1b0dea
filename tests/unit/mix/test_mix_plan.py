"""What is planned around words: strokes on bowls, softer bells, a bed that is level."""

from array import array
from itertools import pairwise

import pytest

from stretchaudio.audio.clip import FRAME_MS, LEAD_FRAMES, DryClip, ms_to_frames
from stretchaudio.mix.chimes import WORDS_OVER_LU, behind_words
from stretchaudio.mix.model import (
    BedSegment,
    BedSource,
    Chime,
    ChimeKind,
    ChimeSound,
    Mix,
    MixCue,
    MusicInfo,
    Plan,
)
from stretchaudio.mix.plan import CROSSFADE_MS, LOOK_BACK_FRAMES, plan_mix
from stretchaudio.mix.sources import MOST_RIDE_DB, _ride_db
from stretchaudio.mix.strokes import LEAST_RING_MS, strokes_of
from stretchaudio.script.model import Cue, CueKind
from stretchaudio.script.timeline import PlacedChapter, PlacedCue, Timeline


def _cue(start_ms: int, end_ms: int, lufs: float = -14.5) -> MixCue:
    return MixCue(text="", clip="", start_ms=start_ms, end_ms=end_ms, lufs=lufs)


def _bed(name: str) -> list[BedSegment]:
    source = BedSource(name=name, level_lufs=-23.0)
    return [
        BedSegment(
            source=source,
            position_ms=at * 1_000,
            start_frame=at,
            fade_in_ms=0,
            end_frame=at + 2_500,
            fade_out_ms=0,
        )
        for at in (0, 2_500)
    ]


def test_bowls_are_struck_in_silence_and_ring_alone() -> None:
    cues = [_cue(1_000, 4_000), _cue(8_000, 9_000), _cue(40_000, 41_000), _cue(90_000, 91_000)]
    strokes = strokes_of(_bed("bowls"), cues, 120_000)
    assert len(strokes) > 4
    assert len({(one.seed, one.number) for one in strokes}) == len(strokes)
    for stroke in strokes:
        assert not any(cue.start_ms <= stroke.at_ms <= cue.end_ms for cue in cues)
        after = [cue.start_ms - stroke.at_ms for cue in cues if cue.start_ms > stroke.at_ms]
        assert min(after) >= LEAST_RING_MS
    assert strokes_of(_bed("drone"), cues, 120_000) == ()
    assert len(strokes_of(_bed("bowls"), [], 120_000)) > 4


@pytest.mark.parametrize(
    ("start_ms", "lufs", "softer"),
    [(10_000, -14.5, 5.5), (10_000, -17.0, 8.0), (10_500, -14.5, 2.8), (13_000, -14.5, 0.0)],
)
def test_bells_are_softer_by_what_is_heard_of_them_under_words(
    start_ms: int, lufs: float, softer: float
) -> None:
    mix = Mix(chimes=ChimeSound.SOFT, chime_level_lufs=-18.0)
    bell = Chime(kind=ChimeKind.START, at_ms=10_000)
    words = _cue(start_ms, start_ms + 1_000, lufs)
    before = _cue(1_000, 9_000)
    (heard,) = behind_words([bell], [before, words], mix, 60_000)
    assert heard.softer_db == pytest.approx(softer, abs=0.1)
    assert WORDS_OVER_LU == 9.0


def test_words_that_are_being_said_count_too() -> None:
    bell = Chime(kind=ChimeKind.END, at_ms=10_000)
    mix = Mix(chimes=ChimeSound.BRIGHT)
    assert next(behind_words([bell], [_cue(8_000, 11_000)], mix, 60_000)).softer_db > 5


def test_music_is_levelled_slowly_and_by_so_much_at_the_most() -> None:
    levels = [*((at, -20.0) for at in range(5_000, 60_000, 10_000)), (65_000, -24.0)]
    levels += [(at, -32.0) for at in range(75_000, 120_000, 10_000)] + [(125_000, -60.0)]
    info = MusicInfo(
        digest="",
        length_ms=130_000,
        damaged=False,
        lufs=-21.0,
        peak_db=-3.0,
        levels=tuple(levels),
    )
    gains = _ride_db(info)
    assert len(gains) == 14
    assert gains[2] == -1.0
    assert gains[9] == MOST_RIDE_DB
    assert gains[-1] == 0.0  # a pause stays one
    assert max(map(abs, gains)) <= MOST_RIDE_DB


def _plan(source: BedSource, later: int) -> Plan:
    """Some 15 minutes with a bed, in which the second sentence is longer by so many frames."""
    cues = [
        PlacedCue(
            cue=Cue(kind=CueKind.START if at % 13 == 9 else CueKind.COUNT, text=""),
            clip="clip",
            exercise=None,
            start_frame=125 + at * 120 + (later if at > 1 else 0),
            length_ms=500 + at * 7_919 % 97 * 20,
        )
        for at in range(320)
    ]
    chapters = [
        PlacedChapter(title="", dose="", start_frame=cue.start_frame, end_frame=cue.start_frame + 1)
        for cue in cues[::30]
    ]
    timeline = Timeline(
        frames=cues[-1].start_frame + 900,
        cues=tuple(cues),
        windows=(),
        chapters=tuple(chapters),
        dropped=(),
    )
    energy = array("f", [0.01])
    clip = DryClip(
        key="clip", sound=b"", frames=40, length_ms=900, energy=energy, true_peak_dbtp=-3.5
    )
    beds = {source.name: (source,)}
    mix = Mix(bed=source.name)
    return plan_mix(timeline, {"clip": clip}, mix, beds, windows=(), halfway=False)


@pytest.mark.parametrize("later", [-29, 17, 80, 250])
@pytest.mark.parametrize("length_ms", [0, 150_000])
def test_behind_a_longer_sentence_the_bed_is_as_it_was(length_ms: int, later: int) -> None:
    """From one of the next places on at which it begins afresh."""
    source = BedSource(name="rain", length_ms=length_ms)
    before, after = (
        [(one.start_frame - frames, one.position_ms) for one in _plan(source, frames).segments]
        for frames in (0, later)
    )
    assert len(before) > 5
    assert set(before[3:]) <= set(after)


def test_music_begins_again_with_the_longest_words_within_reach() -> None:
    plan = _plan(BedSource(name="song.wav", length_ms=150_000), 0)
    words_ms = {
        voice.start_ms // FRAME_MS - LEAD_FRAMES: voice.end_ms - voice.start_ms
        for voice in plan.voices
    }
    for one, other in pairwise(plan.segments):
        latest = one.start_frame + ms_to_frames(150_000) - ms_to_frames(CROSSFADE_MS)
        near = [ms for at, ms in words_ms.items() if latest - LOOK_BACK_FRAMES <= at <= latest]
        assert words_ms[other.start_frame] == max(near)
