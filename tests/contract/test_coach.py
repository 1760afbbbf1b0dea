"""Every bundled session can be followed with closed eyes: read from its manifest alone."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from conftest import REPOSITORY
from sessions import plan
from stretchaudio import Level, Options, read_routine
from stretchaudio.language import Verbosity
from stretchaudio.routine.library import read_exercises
from stretchaudio.script.verbosity import CueFilter
from stretchaudio.script.write import write_script
from stretchaudio.track.manifest import CueEntry, Manifest, WindowEntry

ROUTINES = sorted(
    path.stem for path in (REPOSITORY / "routines").glob("*.yaml") if "." not in path.stem
)
WORK = {"hold", "rep", "breath", "time"}
BLOCKS = {"rep", "breath"}
MOST_REPEATS = {"spinal-mobility": 23, "flexible-back": 35, "back-basics": 10}
"""Sentences heard again within a minute."""
MINUTES = {"desk-break": (5.0, 6.5), "back-basics": (10, 13), "daily-fifteen": (14, 17)}
MOST_TALK = {Verbosity.FULL: 0.5, Verbosity.BRIEF: 0.25, Verbosity.MINIMAL: 0.1}
pytestmark = pytest.mark.xdist_group("coach")
"""The manifests are read in several ways."""


@cache
def _session(name: str, level: Level, cues: Verbosity) -> Manifest:
    options = Options(level=level, cue_filter=CueFilter(cues=cues))
    return plan(read_routine(REPOSITORY / "routines" / f"{name}.yaml"), options).manifest


@pytest.fixture(params=ROUTINES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=Level)
def level(request: pytest.FixtureRequest) -> Level:
    return request.param


@pytest.fixture
def full(name: str, level: Level, home: Path) -> Manifest:
    return _session(name, level, Verbosity.FULL)


def _end_s(window: WindowEntry) -> float:
    return window.start_s + window.length_s


def _work(session: Manifest) -> list[WindowEntry]:
    return [one for one in session.windows if one.kind in WORK]


def _blocks(session: Manifest) -> Iterator[list[WindowEntry]]:
    """Reps or breaths that follow each other without anything between."""
    block: list[WindowEntry] = []
    for one in session.windows:
        goes_on = block and one.kind == block[-1].kind and (one.rep or 0) > (block[-1].rep or 0)
        if one.kind in BLOCKS and goes_on:
            block.append(one)
            continue
        if block:
            yield block
        block = [one] if one.kind in BLOCKS else []
    if block:
        yield block


def _heard_in(session: Manifest, start_s: float, end_s: float) -> list[CueEntry]:
    return [cue for cue in session.cues if start_s <= cue.start_s < end_s]


def _words(text: str) -> list[str]:
    return re.findall(r"[\w'\u2019-]+", text)


def test_work_begins_on_the_zero_of_the_count(full: Manifest) -> None:
    for window in full.windows:
        counted = [
            cue
            for cue in _heard_in(full, _end_s(window) - 3.5, _end_s(window))
            if cue.kind == "lead-in" and re.search(r"\d", cue.text)
        ]
        if window.kind in {"transition", "switch", "rest"} and counted:
            following = next(one for one in _work(full) if one.start_s >= _end_s(window) - 0.01)
            assert following.start_s - _end_s(window) <= 1.0, following


def test_there_is_time_to_do_what_a_setup_says(full: Manifest) -> None:
    for cue, after in pairwise(full.cues):
        if cue.kind == "setup":
            assert after.start_s - cue.end_s >= 1.2, cue


def test_no_minute_of_work_is_without_a_word(full: Manifest) -> None:
    for window in _work(full):
        cues = _heard_in(full, window.start_s, _end_s(window))
        ends = [window.start_s, *(cue.end_s for cue in cues)]
        starts = [*(cue.start_s for cue in cues), _end_s(window)]
        assert max(two - one for one, two in zip(ends, starts, strict=True)) <= 60, window


def test_first_movement_comes_within_half_a_minute(full: Manifest) -> None:
    assert _work(full)[0].start_s <= 30


def test_a_change_of_side_tells_more_than_its_name(full: Manifest) -> None:
    assert not [cue for cue in full.cues if cue.kind == "side" and len(_words(cue.text)) <= 4]


def test_numbers_are_those_that_people_say(full: Manifest) -> None:
    for cue in full.cues:
        for number in re.findall(r"\b(\d+) seconds", cue.text):
            assert int(number) <= 10 or int(number) % 5 == 0, cue
        for number in re.findall(r"\b(\d+) (?:reps?|breaths?)\b", cue.text):
            assert int(number) <= 10 or int(number) % 2 == 0, cue


def test_no_sentence_is_longer_than_fourteen_words(full: Manifest) -> None:
    assert not [cue for cue in full.cues if len(_words(cue.text)) > 14]


def test_little_is_heard_again_within_a_minute(name: str, full: Manifest) -> None:
    last_s: dict[str, float] = {}
    again = []
    for cue in full.cues:
        if cue.kind in {"breath", "lead-in"} or cue.text.strip(".").isdigit():
            continue
        if cue.start_s - last_s.get(cue.text, -60) < 60:
            again.append(cue.text)
        last_s[cue.text] = cue.start_s
    assert len(again) <= MOST_REPEATS.get(name, 35), again


@pytest.mark.parametrize("cues", MOST_TALK)
def test_every_block_ends_and_nothing_is_left_out(
    name: str, level: Level, cues: Verbosity, home: Path
) -> None:
    session = _session(name, level, cues)
    assert session.dropped == ()
    for block in _blocks(session):
        end_s = _end_s(block[-1])
        assert [cue for cue in _heard_in(session, end_s - 0.1, end_s + 3) if cue.kind == "release"]


@pytest.mark.parametrize("cues", MOST_TALK)
def test_talk_leaves_room(name: str, level: Level, cues: Verbosity, home: Path) -> None:
    session = _session(name, level, cues)
    talk_s = sum(cue.end_s - cue.start_s for cue in session.cues)
    assert talk_s <= MOST_TALK[cues] * session.duration_s


def test_reps_and_breaths_can_be_followed_with_few_words(
    name: str, level: Level, home: Path
) -> None:
    session = _session(name, level, Verbosity.MINIMAL)
    for block in _blocks(session):
        start_s, end_s = block[0].start_s, _end_s(block[-1])
        times = [start_s, *(cue.start_s for cue in _heard_in(session, start_s, end_s)), end_s]
        assert max(two - one for one, two in pairwise(times)) <= 15, block[0]


def test_windows_are_the_same_however_much_is_said(name: str, level: Level, home: Path) -> None:
    windows = [
        [
            (one.kind, one.length_s, one.exercise, one.side, one.set, one.rep)
            for one in _session(name, level, cues).windows
        ]
        for cues in MOST_TALK
    ]
    assert windows[0] == windows[1] == windows[2]


def test_a_session_ends_with_words_that_lead_out_of_it(full: Manifest) -> None:
    after = [cue for cue in full.cues if cue.start_s >= _end_s(_work(full)[-1]) - 0.1]
    assert {"release", "outro"} <= {cue.kind for cue in after}
    assert len([cue for cue in after if cue.kind in {"release", "outro"}]) >= 3


@pytest.mark.parametrize(("name", "minutes"), MINUTES.items())
def test_a_session_lasts_about_what_its_title_says(
    name: str, minutes: tuple[float, float], home: Path
) -> None:
    session = _session(name, Level.INTERMEDIATE, Verbosity.FULL)
    assert minutes[0] <= session.duration_s / 60 <= minutes[1]


def test_every_tip_of_the_library_is_heard_in_some_session(home: Path) -> None:
    said = {
        cue.text
        for name in ROUTINES
        for level in Level
        for cue in _session(name, level, Verbosity.FULL).cues
    }
    bundled = (read_routine(REPOSITORY / "routines" / f"{name}.yaml") for name in ROUTINES)
    used = {exercise.id for routine in bundled for exercise in routine.exercises}
    others = "".join(f"  - use: {one.id}\n" for one in read_exercises() if one.id not in used)
    (home / "others.yaml").write_text(f"title: Others\nexercises:\n{others}")
    for level in Level:
        said.update(write_script(read_routine("others.yaml"), level).texts())
    unheard = [
        (exercise.id, tip.say)
        for exercise in read_exercises()
        for tip in exercise.tips
        if tip.say not in said
    ]
    assert not unheard
