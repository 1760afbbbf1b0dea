"""The timing contract, on timelines of random routines with random lengths of speech."""

import itertools
import random
from dataclasses import dataclass

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from routines import routine_texts
from stretchaudio import Level, RoutineError
from stretchaudio.audio.clip import FRAME_MS, LEAD_FRAMES, clip_frames
from stretchaudio.routine.duration import windows_ms
from stretchaudio.routine.model import Routine
from stretchaudio.routine.parse import parse_routine
from stretchaudio.script.model import (
    PRIORITY,
    Cue,
    CueKind,
    Say,
    Script,
    TimedCue,
    Window,
    WindowKind,
)
from stretchaudio.script.timeline import Timeline, lay_out
from stretchaudio.script.write import write_script

HALF_FRAME_MS = FRAME_MS / 2


@dataclass(frozen=True)
class FakeClip:
    length_ms: int
    key: str = ""

    @property
    def frames(self) -> int:
        return clip_frames(self.length_ms)


def _parse(text: str) -> Routine:
    return parse_routine(text, file="random.yaml", library={}, languages=["en"])


def _parse_or_pass(text: str) -> Routine:
    """What is drawn follows the format, but for a few sessions of more than 12 hours."""
    try:
        return _parse(text)
    except RoutineError as error:
        assume("12 hours" not in str(error))
        raise


def _clips(script: Script, seed: int) -> dict[str, FakeClip]:
    rng = random.Random(seed)
    return {text: FakeClip(rng.randint(120, 400 + 70 * len(text))) for text in script.texts()}


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=routine_texts, level=st.sampled_from(Level), seed=st.integers(0, 1000))
def test_every_timeline_keeps_the_contract(text: str, level: Level, seed: int) -> None:
    routine = _parse_or_pass(text)
    script = write_script(routine, level)
    timeline = lay_out(script, _clips(script, seed))
    _windows_last_what_the_routine_says(routine, level, timeline)
    _cues_never_overlap(timeline, _clips(script, seed))
    _windows_begin_where_speech_ends(script, timeline)
    _counts_land_on_their_reps(timeline)
    _countdowns_end_a_second_before_the_window(timeline)
    _no_cue_is_lost(script, timeline)
    _chapters_follow_each_other(timeline)


def _windows_last_what_the_routine_says(routine: Routine, level: Level, timeline: Timeline) -> None:
    work_ms = sum(
        placed.window.length_ms
        for placed in timeline.windows
        if placed.window.kind is not WindowKind.TRANSITION
    )
    transitions_ms = sum(
        section.rounds * exercise.transition_ms
        for section in routine.sections
        for exercise in section.exercises
    )
    assert work_ms == windows_ms(routine, level.fraction) - transitions_ms
    for one, other in itertools.pairwise(timeline.windows):
        assert other.start_ms >= one.start_ms + one.window.length_ms


def _cues_never_overlap(timeline: Timeline, clips: dict[str, FakeClip]) -> None:
    """Not even the frames in which a decoder's delay is still to come."""
    free = 0
    for placed in timeline.cues:
        assert placed.start_frame - LEAD_FRAMES >= free
        free = placed.start_frame - LEAD_FRAMES + clips[placed.cue.text].frames
    assert free <= timeline.frames


def _windows_begin_where_speech_ends(script: Script, timeline: Timeline) -> None:
    """A start cue ends exactly where its window begins.

    The cue after a window begins within half a frame of its end.
    """
    items = [item for item in script.items if isinstance(item, (Say, Window))]
    windows = iter(timeline.windows)
    starts = [placed.start_frame * FRAME_MS for placed in timeline.cues]
    ends = {placed.start_frame * FRAME_MS + placed.length_ms for placed in timeline.cues}
    for before, item, after in zip([None, *items], items, [*items[1:], None], strict=False):
        if not isinstance(item, Window):
            continue
        placed = next(windows)
        if isinstance(before, Say) and item.pause_ms == 0:
            assert placed.start_ms in ends
        if isinstance(after, Say) and after.pause_ms == 0:
            end_ms = placed.start_ms + item.length_ms
            assert min(abs(start - end_ms) for start in starts) <= HALF_FRAME_MS


def _counts_land_on_their_reps(timeline: Timeline) -> None:
    reps = {placed.start_ms for placed in timeline.windows if placed.window.kind is WindowKind.REP}
    for placed in timeline.cues:
        if placed.cue.kind is CueKind.COUNT:
            assert (
                min(abs(placed.start_frame * FRAME_MS - start) for start in reps) <= HALF_FRAME_MS
            )


def _countdowns_end_a_second_before_the_window(timeline: Timeline) -> None:
    ends = [placed.start_ms + placed.window.length_ms for placed in timeline.windows]
    for placed in timeline.cues:
        if placed.cue.kind is CueKind.COUNTDOWN:
            wanted = int(placed.cue.text) * 1000
            assert (
                min(abs(end - placed.start_frame * FRAME_MS - wanted) for end in ends)
                <= HALF_FRAME_MS
            )


def _no_cue_is_lost(script: Script, timeline: Timeline) -> None:
    heard = sorted(
        [placed.cue.text for placed in timeline.cues]
        + [dropped.cue.text for dropped in timeline.dropped]
    )
    assert heard == sorted(cue.text for cue in script.cues())
    assert all(dropped.cue.kind in PRIORITY and dropped.reason for dropped in timeline.dropped)


def _chapters_follow_each_other(timeline: Timeline) -> None:
    for one, other in itertools.pairwise(timeline.chapters):
        assert one.start_frame < one.end_frame == other.start_frame


def test_a_hundred_reps_do_not_drift() -> None:
    script = write_script(_parse("title: Drift\nexercises: [{name: Reps, reps: 100, tempo: 1.7s}]"))
    timeline = lay_out(script, {text: FakeClip(401) for text in script.texts()})
    counts = [
        placed.start_frame * FRAME_MS
        for placed in timeline.cues
        if placed.cue.kind is CueKind.COUNT
    ]
    first = next(placed.start_ms for placed in timeline.windows if placed.window.rep == 1)
    assert len(counts) == 99  # the first rep has no number: it is the zero of a count
    assert all(
        abs(start - (first + 1700 * rep)) <= HALF_FRAME_MS for rep, start in enumerate(counts, 1)
    )


def _window(length_ms: int, *cues: TimedCue) -> Window:
    return Window(
        kind=WindowKind.HOLD,
        length_ms=length_ms,
        exercise="Hold",
        side=None,
        set=1,
        rep=None,
        pause_ms=0,
        cues=cues,
    )


def _timed(kind: CueKind, at_ms: int, *, follows: bool = False) -> TimedCue:
    return TimedCue(cue=Cue(kind=kind, text=f"{kind} {at_ms}"), at_ms=at_ms, follows=follows)


def _placed(window: Window, lengths_ms: dict[str, int]) -> tuple[list[str], dict[str, str]]:
    """What is heard, and what was dropped with its reason."""
    release = Say(cue=Cue(kind=CueKind.RELEASE, text="release"), exercise="Hold", pause_ms=0)
    script = Script(title="Drop", language="en", level="intermediate", items=(window, release))
    clips = {text: FakeClip(lengths_ms.get(text.split()[0], 300)) for text in script.texts()}
    timeline = lay_out(script, clips)
    return [placed.cue.text for placed in timeline.cues], {
        dropped.cue.text: dropped.reason for dropped in timeline.dropped
    }


def test_a_tip_gives_way_to_what_matters_more() -> None:
    tip, half = _timed(CueKind.TIP, 4000), _timed(CueKind.HALFWAY, 5000)
    heard, dropped = _placed(_window(10_000, tip, half), {"tip": 2000})
    assert heard == ["halfway 5000", "release"]
    assert dropped == {"tip 4000": "no room before the halfway"}


def test_halfway_gives_way_to_the_countdown() -> None:
    half, count = _timed(CueKind.HALFWAY, 5000), _timed(CueKind.COUNTDOWN, 5500)
    heard, dropped = _placed(_window(11_000, half, count), {"halfway": 900})
    assert heard == ["countdown 5500", "release"]
    assert dropped == {"halfway 5000": "no room before the countdown"}


def test_a_side_keeps_its_place_before_a_count() -> None:
    count, side = _timed(CueKind.COUNT, 1000), _timed(CueKind.SIDE, 1200)
    heard, dropped = _placed(_window(5000, count, side), {})
    assert heard == ["side 1200", "release"]
    assert "count 1000" in dropped


def test_a_cue_that_would_outlast_its_window_is_dropped_not_cut() -> None:
    heard, dropped = _placed(_window(3000, _timed(CueKind.TIP, 1000)), {"tip": 1950})
    assert heard == ["release"]
    assert dropped == {"tip 1000": "no room before the end of the window"}
    heard, dropped = _placed(_window(3000, _timed(CueKind.TIP, 1000)), {"tip": 1880})
    assert (heard, dropped) == (["tip 1000", "release"], {})


def test_words_that_follow_a_count_come_right_behind_it_or_not_at_all() -> None:
    count, words = _timed(CueKind.COUNT, 0), _timed(CueKind.START, 150, follows=True)
    window = _window(3000, count, words)
    assert _placed(window, {"count": 400, "start": 600}) == (
        ["count 0", "start 150", "release"],
        {},
    )
    _, dropped = _placed(window, {"count": 2990, "start": 100})
    assert dropped["start 150"] == "what it follows was dropped"
