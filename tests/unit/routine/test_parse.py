"""Reading routine files.

What follows the format is read, and everything else gets an error with its place.
"""

import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import DATA
from stretchaudio import FileError, RoutineError, read_routine
from stretchaudio.routine.folders import bundled_folder
from stretchaudio.routine.library import Library
from stretchaudio.routine.model import (
    Breaths,
    Hold,
    Move,
    Repeat,
    Reps,
    SideOrder,
    Sides,
    Time,
    Tip,
)
from stretchaudio.routine.parse import parse_routine
from stretchaudio.routine.values import Range
from stretchaudio.util import located_yaml as yamltree

BROKEN = sorted((DATA / "broken").glob("*.yaml"))


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_file_gets_all_its_errors_with_line_and_column(path: Path) -> None:
    with pytest.raises(RoutineError) as caught:
        read_routine(path)
    assert str(caught.value) == path.with_suffix(".txt").read_text().strip().replace(
        "{file}", str(path)
    )


def test_every_defect_has_its_message() -> None:
    assert len(BROKEN) > 30
    assert {path.stem for path in BROKEN} == {path.stem for path in (DATA / "broken").glob("*.txt")}


def test_a_large_file_is_not_even_read(write: Callable[..., Path]) -> None:
    path = write("title: Large\n" + "# filling\n" * 210_000)
    with pytest.raises(
        RoutineError, match=r":1:1: the file is 2\.0 MiB; a routine has at most 1 MiB"
    ):
        read_routine(path)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("title: Large\n" + "# filling\n" * 210_000, "2.0"),
        ("title: Hindi\n" + "# \N{DEVANAGARI LETTER KA}\n" * 210_000, "1.2"),
    ],
)
def test_a_large_text_is_refused_wherever_it_comes_from(text: str, size: str) -> None:
    with pytest.raises(RoutineError) as caught:
        parse_routine(text, file="given.yaml", library={}, languages=["en"])
    assert (
        str(caught.value) == f"given.yaml:1:1: the file is {size} MiB; a routine has at most 1 MiB"
    )


def test_a_text_far_too_large_is_refused_at_once() -> None:
    text = "a" * 200_000_000
    tracemalloc.start()
    started = time.perf_counter()
    with pytest.raises(RoutineError, match=r"given.yaml:1:1: the file is 190\.7 MiB"):
        yamltree.parse(text, "given.yaml")
    assert time.perf_counter() - started < 0.5
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_bytes_are_no_text() -> None:
    with pytest.raises(RoutineError, match=r"^a\.yaml:1:1: this is not text; decode its bytes"):
        parse_routine(b"title: A", file="a.yaml", library={}, languages=["en"])  # type: ignore[arg-type]


def test_a_folder_is_not_a_routine(home: Path) -> None:
    (home / "folder.yaml").mkdir()
    with pytest.raises(FileError, match="is a folder"):
        read_routine("folder.yaml")


@pytest.mark.parametrize("name", ["missing.yaml", "../../x", "no/such/file.yml", "/nowhere/at-all"])
def test_a_path_where_nothing_is_says_so(name: str) -> None:
    with pytest.raises(FileError, match=f"There is no routine file {name}"):
        read_routine(name)


def test_scalars_are_read_as_they_were_written(write: Callable[..., Path]) -> None:
    path = write("""
        title: No
        exercises:
          - {name: 1:30, hold: 1:30}
          - {name: Yes, reps: 010}
    """)
    routine = read_routine(path)
    first, second = routine.sections[0].exercises
    assert routine.title == "No"
    assert (first.name, second.name) == ("1:30", "Yes")
    assert first.work == (
        Hold(duration=Range(low=90_000, high=90_000), say=None, release=None, name=None),
    )
    assert second.work == (Reps(count=Range(low=10, high=10), tempo_ms=3000, phases=()),)


def test_the_contract_file_is_read_whole(write: Callable[..., Path]) -> None:
    write(
        "dynamic-twist: {name: Dynamic twist, position: standing, reps: 10-15, sides: alternate}",
        "library.yaml",
    )
    Path("exercises").mkdir()
    Path("library.yaml").rename("exercises/library.yaml")
    path = write("""
        title: Back basics
        summary: Ten gentle minutes for a stiff back.
        language: en
        focus: [upper back, lower back]
        equipment: [mat]
        source: Title or file the prescription comes from
        pace:
          transition: 6s
          rest: 8s
          switch: 5s
          tempo: 3s
        intro: [A sentence spoken first., Another one.]
        outro: [A sentence spoken last.]
        sections:
          - title: Warm-up
            rounds: 2
            exercises:
              - use: dynamic-twist
                reps: 10
              - name: Upper back stretch
                position: standing
                setup:
                  - Stand tall with your feet under your shoulders.
                  - Lace your fingers and turn the palms away.
                hold: 15-30s
                sets: 2-3
    """)
    routine = read_routine(path)
    twist, stretch = routine.sections[0].exercises
    assert routine.sections[0].rounds == 2
    assert twist.name == "Dynamic twist"
    assert twist.sides == Sides(order=SideOrder.ALTERNATE, labels=None)
    assert twist.work == (Reps(count=Range(low=10, high=10), tempo_ms=3000, phases=()),)
    assert stretch.sets == Range(low=2, high=3)
    assert (stretch.transition_ms, stretch.rest_ms, stretch.switch_ms) == (6000, 8000, 5000)


def test_every_work_step_is_read(write: Callable[..., Path]) -> None:
    path = write("""
        title: Steps
        exercises:
          - name: All of them
            tempo: 2s
            sides: [in, out]
            work:
              - {hold: 10-20s, say: And hold., release: Let go., name: Low}
              - {reps: 5}
              - {reps: 5, tempo: 4s}
              - {breaths: 3-5, inhale: 3s}
              - {time: 1m}
              - {move: 4s, say: Walk.}
              - repeat: 2
                work: [{hold: 5s}]
    """)
    exercise = read_routine(path).sections[0].exercises[0]
    five = Range(low=5, high=5)
    assert exercise.sides == Sides(order=SideOrder.EACH, labels=("in", "out"))
    assert exercise.work == (
        Hold(
            duration=Range(low=10_000, high=20_000), say="And hold.", release="Let go.", name="Low"
        ),
        Reps(count=five, tempo_ms=2000, phases=()),
        Reps(count=five, tempo_ms=4000, phases=()),
        Breaths(count=Range(low=3, high=5), inhale_ms=3000, exhale_ms=6000),
        Time(duration=Range(low=60_000, high=60_000), say=None),
        Move(length_ms=4000, say="Walk."),
        Repeat(
            count=Range(low=2, high=2),
            work=(Hold(duration=Range(low=5000, high=5000), say=None, release=None, name=None),),
        ),
    )


def test_pace_is_overridden_by_the_exercise(write: Callable[..., Path]) -> None:
    path = write("""
        title: Pace
        pace: {transition: 9s, tempo: 2s}
        exercises:
          - {name: Usual, reps: 5}
          - {name: Own, reps: 5, transition: 4s, rest: 1s, switch: 2s, tempo: 5s}
    """)
    usual, own = read_routine(path).sections[0].exercises
    assert (usual.transition_ms, usual.rest_ms, usual.switch_ms) == (9000, 8000, 6000)
    assert (own.transition_ms, own.rest_ms, own.switch_ms) == (4000, 1000, 2000)
    assert [step.tempo_ms for step in (*usual.work, *own.work) if isinstance(step, Reps)] == [
        2000,
        5000,
    ]


def test_phases_set_the_length_of_a_rep(write: Callable[..., Path]) -> None:
    path = write("""
        title: Phases
        exercises:
          - name: Reach
            work: [{reps: 5, phases: [{say: Up, for: 1.5s}, {say: and down, for: 2.5s}]}]
    """)
    (step,) = read_routine(path).sections[0].exercises[0].work
    assert isinstance(step, Reps)
    assert step.tempo_ms == 4000


def test_using_an_exercise_keeps_its_keys_and_takes_other_work(write: Callable[..., Path]) -> None:
    Path("exercises").mkdir()
    Path("exercises/own.yaml").write_text(
        "wave:\n  name: Wave\n  tips: [Breathe.]\n  work: [{reps: 5}, {hold: 10s}]\n"
    )
    path = write("""
        title: Use
        exercises:
          - use: wave
          - {use: wave, name: Big wave, hold: 20s}
    """)
    as_it_is, changed = read_routine(path).sections[0].exercises
    assert (as_it_is.name, len(as_it_is.work)) == ("Wave", 2)
    assert (changed.name, changed.tips, len(changed.work)) == (
        "Big wave",
        (Tip(say="Breathe."),),
        1,
    )


def test_an_error_in_a_library_file_names_that_file(write: Callable[..., Path]) -> None:
    Path("exercises").mkdir()
    Path("exercises/own.yaml").write_text("wave:\n  name: Wave\n  hold: 0s\n")
    path = write("title: Use\nexercises: [{use: wave}]")
    with pytest.raises(RoutineError, match=r"exercises/own\.yaml:3:9: '0s' is too short"):
        read_routine(path)


def test_a_misspelt_use_gets_a_suggestion(write: Callable[..., Path]) -> None:
    Path("exercises").mkdir()
    Path("exercises/own.yaml").write_text("big-wave: {name: Wave, hold: 10s}\n")
    path = write("title: Use\nexercises: [{use: big-wav}]")
    with pytest.raises(
        RoutineError,
        match=r"routine.yaml:2:19: there is no exercise 'big-wav' in the library. "
        r"Perhaps you meant big-wave",
    ):
        read_routine(path)


def test_all_levels_of_the_widest_session_fit_in_twelve_hours(write: Callable[..., Path]) -> None:
    fits = "title: Long\nexercises: [{name: On, hold: 59m, sets: 1-12, rest: 1m, transition: 1s}]"
    assert read_routine(write(fits)).title == "Long"
    with pytest.raises(RoutineError, match="12 hours"):
        read_routine(write(fits.replace("1-12", "1-13")))


def test_anchors_and_aliases_may_be_used(write: Callable[..., Path]) -> None:
    path = write("title: Twice\nexercises:\n  - &twist {name: Twist, reps: 10}\n  - *twist\n")
    assert [exercise.name for exercise in read_routine(path).sections[0].exercises] == [
        "Twist",
        "Twist",
    ]


def test_a_byte_order_mark_is_no_hindrance(home: Path) -> None:
    path = home / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbftitle: Mark\nexercises: [{name: Twist, reps: 10}]\n")
    assert read_routine(path).title == "Mark"


def test_the_model_is_frozen(write: Callable[..., Path]) -> None:
    routine: Any = read_routine(write("title: Fixed\nexercises: [{name: Twist, reps: 10}]"))
    with pytest.raises(AttributeError):
        routine.title = "Changed"


def test_another_amount_of_a_librarys_only_step_keeps_its_words(write: Callable[..., Path]) -> None:
    Path("exercises").mkdir()
    Path("exercises/own.yaml").write_text(
        "wave:\n  name: Wave\n  work: [{hold: 10s, release: Come back.}]\n"
    )
    path = write("title: Use\nexercises: [{use: wave, hold: 20s}, {use: wave, reps: 5}]")
    longer, other = read_routine(path).sections[0].exercises
    assert longer.work == (
        Hold(duration=Range(low=20_000, high=20_000), say=None, release="Come back.", name=None),
    )
    assert isinstance(other.work[0], Reps)


@pytest.mark.parametrize("key", ["exercises", "sections"])
def test_a_key_with_nothing_under_it_is_an_error(write: Callable[..., Path], key: str) -> None:
    with pytest.raises(RoutineError, match=f"there is nothing under '{key}'"):
        read_routine(write(f"title: Empty\n{key}:\n"))


def test_a_routine_tells_which_exercises_of_the_library_it_uses(write: Callable[..., Path]) -> None:
    Path("exercises").mkdir()
    Path("exercises/own.yaml").write_text(
        "wave: {name: Wave, reps: 5}\nsway: {name: Sway, reps: 5}"
    )
    path = write("title: Use\nexercises: [{use: wave}, {use: cat-cow}, {name: Mine, hold: 5s}]")
    assert read_routine(path).uses == {"wave", "cat-cow"}


def test_only_an_exercise_in_other_words_than_the_programs_has_to_travel(home: Path) -> None:
    (home / "exercises").mkdir()
    bundled = (bundled_folder() / "exercises" / "spine.yaml").read_text()
    (home / "exercises" / "spine.yaml").write_text(bundled.replace("Side reach", "Reach", 1))
    (home / "exercises" / "own.yaml").write_text("wave: {name: Wave, reps: 5}")
    library = Library((home / "exercises", bundled_folder() / "exercises"))
    others = {name for name in library if not library.is_bundled(name)}
    assert others == {"wave", "dynamic-side-reach"}
    assert library.is_bundled("dynamic-twist")


def test_work_given_in_full_takes_the_place_of_a_repeat(write: Callable[..., Path]) -> None:
    work = "work: [{repeat: 2, work: [{hold: 10s}, {move: 3s}]}]"
    routine = read_routine(write(f"title: T\nexercises: [{{use: seated-calf-raise, {work}}}]\n"))
    (step,) = routine.exercises[0].work
    assert [type(inner).__name__ for inner in step.work] == ["Hold", "Move"]
