"""What is planned around words: strokes on bowls, softer bells, a bed that is level."""

import pytest

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
)
from stretchaudio.mix.sources import MOST_RIDE_DB, _ride_db
from stretchaudio.mix.strokes import LEAST_RING_MS, strokes_of


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
