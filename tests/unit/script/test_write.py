"""The script: what is said and which windows are kept, in the order of the format."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import DATA
from script_text import lines
from stretchaudio import Level, read_routine
from stretchaudio.language import language, languages
from stretchaudio.routine.duration import windows_ms
from stretchaudio.script.model import PRIORITY, CueKind, Say, Script, Window, WindowKind
from stretchaudio.script.pauses import ACT_MS, COUNT_IN_MS, DOWN_MS
from stretchaudio.script.verbosity import CueFilter
from stretchaudio.script.write import write_script

GOLDEN = sorted((DATA / "scripts").glob("*.txt"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_routine_gives_the_script_beside_it(path: Path) -> None:
    """The golden files are named ROUTINE.LEVEL.txt."""
    name, level = path.stem.split(".")
    script = write_script(read_routine(path.with_name(f"{name}.yaml")), Level(level))
    assert "\n".join(lines(script)) + "\n" == path.read_text(encoding="utf-8")


def test_every_routine_has_a_golden_script() -> None:
    assert {path.stem.split(".")[0] for path in GOLDEN} == {
        path.stem for path in (DATA / "scripts").glob("*.yaml")
    }


def _windows(script: Script) -> list[Window]:
    return [item for item in script.items if isinstance(item, Window)]


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("name", ["holds", "reps", "steps"])
def test_arithmetic_agrees_with_the_windows_written_out(name: str, level: Level) -> None:
    routine = read_routine(DATA / "scripts" / f"{name}.yaml")
    windows = _windows(write_script(routine, level))
    work = sum(window.length_ms for window in windows if window.kind is not WindowKind.TRANSITION)
    transitions = sum(
        section.rounds * exercise.transition_ms
        for section in routine.sections
        for exercise in section.exercises
    )
    assert work == windows_ms(routine, level.fraction) - transitions


def test_what_a_setup_waits_in_is_taken_out_of_the_transition(write: Callable[..., Path]) -> None:
    path = write("""
        title: Waits
        exercises:
          - {name: One, position: standing, setup: [Stand., Reach up.], transition: 10s, hold: 5s}
          - {name: Two, position: supine, setup: [Lie down., Rest.], transition: 10s, hold: 5s}
          - {name: Three, setup: [{say: Turn., wait: 2.5s}], transition: 2s, hold: 5s}
          - {name: Four, transition: 10s, hold: 5s}
    """)
    script = write_script(read_routine(path))
    lengths = [one.length_ms for one in _windows(script) if one.kind is WindowKind.TRANSITION]
    assert lengths == [7_000, COUNT_IN_MS, 2_000, 10_000]
    says = [item for item in script.items if isinstance(item, Say)]
    waits = {one.cue.text: two.pause_ms for one, two in itertools.pairwise(says)}
    assert [waits[text] for text in ("Stand.", "Reach up.", "Lie down.", "Rest.", "Turn.")] == [
        ACT_MS, ACT_MS, DOWN_MS, ACT_MS, 2_500
    ]  # fmt: skip


def test_alternating_sides_get_the_same(write: Callable[..., Path]) -> None:
    for reps in ("5", "7-8", "9-12"):
        path = write(f"title: Even\nexercises: [{{name: Reach, reps: {reps}, sides: alternate}}]")
        for level in Level:
            sides = [
                window.side
                for window in _windows(write_script(read_routine(path), level))
                if window.rep
            ]
            assert sides.count("right") == sides.count("left")
            assert all(one != other for one, other in itertools.pairwise(sides))


def test_alternatives_are_taken_in_turn(write: Callable[..., Path]) -> None:
    path = write("title: Turns\nexercises: [{name: Hold, hold: 5s, sets: 4}]")
    releases = [
        cue.text for cue in write_script(read_routine(path)).cues() if cue.kind is CueKind.RELEASE
    ]
    assert len(set(releases)) > 1
    assert all(one != other for one, other in itertools.pairwise(releases))


def test_every_cue_inside_a_window_has_a_priority() -> None:
    """Release and side before count and countdown before halfway before tip."""
    inside = [CueKind.RELEASE, CueKind.COUNT, CueKind.HALFWAY, CueKind.TIP]
    assert [PRIORITY[kind] for kind in inside] == sorted({PRIORITY[kind] for kind in inside})
    assert PRIORITY[CueKind.SIDE] == PRIORITY[CueKind.RELEASE]
    assert PRIORITY[CueKind.COUNTDOWN] == PRIORITY[CueKind.COUNT]
    for name in ("holds", "reps", "steps"):
        for window in _windows(write_script(read_routine(DATA / "scripts" / f"{name}.yaml"))):
            assert all(timed.cue.kind in PRIORITY for timed in window.cues)


@pytest.mark.parametrize(
    ("length_ms", "spoken"),
    [
        (1_000, "1 second"),
        (30_000, "30 seconds"),
        (1_500, "1.5 seconds"),
        (60_000, "a minute"),
        (61_000, "1 minute and 1 second"),
        (75_000, "75 seconds"),
        (105_000, "1 minute and 45 seconds"),
        (90_000, "a minute and a half"),
        (120_000, "2 minutes"),
        (150_000, "2 and a half minutes"),
        (3_600_000, "an hour"),
    ],
)
def test_lengths_are_said_as_people_say_them(length_ms: int, spoken: str) -> None:
    assert language("en").duration(length_ms) == spoken


def test_numbers_take_the_right_form() -> None:
    english = language("en")
    assert [english.amount(n, "rep") for n in (1, 2, 10)] == ["1 rep", "2 reps", "10 reps"]
    assert [english.amount(n, "set") for n in (1, 3)] == ["1 set", "3 sets"]


@pytest.mark.parametrize("code", languages())
def test_every_phrase_pack_is_complete(code: str) -> None:
    english, pack = language("en"), language(code)
    assert pack.code == code
    assert pack.phrases.keys() == english.phrases.keys()
    assert all(alternatives for forms in pack.phrases.values() for alternatives in forms.values())
    assert "espeak" in pack.voices


def test_a_later_round_names_the_side_again(write: Callable[..., Path]) -> None:
    path = write(
        "title: Rounds\nsections: [{rounds: 2, exercises: [{name: Reach, hold: 5s, sides: each, "
        "setup: [Reach up.]}]}]"
    )
    names = [
        cue.text
        for cue in write_script(read_routine(path)).cues()
        if cue.kind in {CueKind.NAME, CueKind.SETUP}
    ]
    assert names == [
        "Round 1 of 2.", "Let's begin with Reach.", "Reach up.", "Right side first.",
        "We stay for 5 seconds.", "Last round.", "Reach.", "Right side first.",
        "Keep this for 5 seconds.",
    ]  # fmt: skip


def test_a_name_with_a_stop_of_its_own_gets_no_second(write: Callable[..., Path]) -> None:
    path = write('title: "Ready?"\nexercises: [{name: Made in U.S.A., hold: 5s}]')
    texts = [cue.text for cue in write_script(read_routine(path)).cues()]
    assert "Ready? About 30 seconds." in texts
    assert "Let's begin with Made in U.S.A." in texts


def test_the_words_of_the_work_are_those_of_the_side_at_work(write: Callable[..., Path]) -> None:
    path = write("""
        title: Sides
        exercises:
          - name: Reach
            sides: each
            exit: Lower your right arm.
            work:
              - {hold: 20s, say: Right arm up., release: And your right arm down.}
    """)
    texts = [cue.text for cue in write_script(read_routine(path)).cues()]
    for right in ("Right arm up.", "And your right arm down."):
        left = right.replace("right", "left").replace("Right", "Left")
        assert texts.index(right) < texts.index(left)
        assert right not in texts[texts.index(left) :]
    assert "Lower your left arm." in texts  # the side that was done last
    assert "Lower your right arm." not in texts


def test_without_counts_a_tip_in_a_long_rep_is_heard_all_the_same(
    write: Callable[..., Path],
) -> None:
    path = write(
        "title: Quiet\nexercises: [{name: Squat, tips: [Breathe out.], "
        "work: [{reps: 10, tempo: 4-1-2-0}]}]"
    )
    script = write_script(read_routine(path), cue_filter=CueFilter(counts=False))
    (tip,) = [
        timed
        for window in _windows(script)
        for timed in window.cues
        if timed.cue.kind is CueKind.TIP
    ]
    assert not tip.follows
