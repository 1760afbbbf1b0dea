"""Sessions composed from the library."""

import sys
from dataclasses import replace
from itertools import pairwise, product

import pytest

from conftest import REPOSITORY
from stretchaudio import UsageError
from stretchaudio.routine.compose import Composition, compose
from stretchaudio.routine.compose.candidates import suited
from stretchaudio.routine.compose.explain import cost_text, reasons
from stretchaudio.routine.compose.wishes import Wishes, read_wishes
from stretchaudio.routine.duration import exercise_ms
from stretchaudio.routine.library import read_exercises
from stretchaudio.routine.lint import lint
from stretchaudio.routine.model import FLOOR, Stage
from stretchaudio.script.by_ear import lint_by_ear
from stretchaudio.script.write import track_ms

sys.path.insert(0, str(REPOSITORY / "benchmarks"))
from composing import WISHES

LIBRARY = read_exercises()


def _compose(minutes: float = 15, *, seed: int = 1, previous=(), **wishes) -> Composition:
    return compose(
        Wishes(minutes=minutes, **wishes),
        seed=seed,
        length_ms=track_ms,
        previous=previous,
        exercises=LIBRARY,
    )


def _ids(composed: Composition) -> list[str]:
    return [one.id for one in composed.routine.exercises]


@pytest.mark.parametrize(("name", "minutes"), [*product(WISHES, (5, 15, 30))])
def test_a_session_is_one_to_sign(name: str, minutes: int) -> None:
    """A seed each of what the benchmark composes a year of."""
    composed = _compose(minutes, seed=minutes, **WISHES[name])
    routine, wishes = composed.routine, composed.pricer.wishes
    assert [*lint(routine), *lint_by_ear(routine)] == []
    assert track_ms(routine) == pytest.approx(wishes.target_ms, rel=0.02)
    assert len(set(_ids(composed))) == len(composed.chosen)
    stages = [list(Stage).index(one.stage) for one in composed.chosen]
    assert stages == sorted(stages)
    assert set(stages) == set(range(len(Stage)))
    for before, after in pairwise(routine.exercises):
        assert not (before.position in FLOOR and after.position == "standing")
    if wishes.focus:
        main = [one for one in composed.chosen if one.stage in {Stage.MOBILITY, Stage.HOLDS}]
        wished_ms = sum(one.usual_ms for one in main if one.is_wished)
        assert wished_ms >= 0.4 * sum(one.usual_ms for one in main)
    allowed = {one.id for one in suited(LIBRARY, wishes)}
    assert set(_ids(composed)) <= allowed


def test_a_seed_gives_one_session_and_another_seed_another() -> None:
    first, again, other = (_compose(seed=seed) for seed in (3, 3, 4))
    assert first.routine.text == again.routine.text
    assert _ids(first) != _ids(other)


def test_sessions_in_a_row_share_hardly_a_pair() -> None:
    before: list[list[str]] = []
    for seed in range(4):
        ids = _ids(_compose(seed=seed, previous=before, focus=("lower back",)))
        if before:
            assert len(set(pairwise(ids)) & set(pairwise(before[0]))) <= 1
        before.insert(0, ids)


def test_the_one_seed_differs_from_the_session_before() -> None:
    first = _ids(_compose())
    second = _ids(_compose(previous=[first]))
    assert len(set(first) & set(second)) < len(first) / 2


def test_liked_exercises_are_in_it_and_unwanted_ones_are_not() -> None:
    ids = set(_ids(_compose(like=("hip-lift", "cat-cow"), never=("light-cardio",))))
    assert {"hip-lift", "cat-cow"} <= ids
    unloved = tuple(_ids(_compose()))[:3]
    assert not set(unloved) & set(_ids(_compose(never=unloved)))


def test_avoided_parts_are_neither_worked_nor_loaded_nor_warned_of() -> None:
    wishes = Wishes(minutes=15, avoid=("neck", "knees", "wrist"))
    left = {one.id for one in suited(LIBRARY, wishes)}
    assert "hip-lift" in left
    worked, loads, warned = "side-neck-stretch", "cat-cow", "piriformis-stretch"
    assert not left & {worked, loads, warned}


def test_nothing_at_hand_means_no_mat_and_no_wall() -> None:
    left = suited(LIBRARY, Wishes(minutes=15, equipment=frozenset()))
    assert {one.place for one in left} == {"standing", "seated"}
    assert "standing-calf" not in {one.id for one in left}
    with_wall = suited(LIBRARY, Wishes(minutes=15, equipment=frozenset({"wall"})))
    assert "standing-calf" in {one.id for one in with_wall}


def test_who_lies_is_not_told_to_lie_down() -> None:
    composed = _compose(10, seed=5, focus=("lower back",), positions=frozenset({"supine"}))
    said = [one.setup[0].say for one in composed.routine.exercises]
    assert said[0].startswith("Lie on your back")
    assert not any(text.startswith("Lie ") for text in said[1:])
    assert composed.routine.exercises[-1].exit


@pytest.mark.parametrize(
    ("wishes", "message", "hint"),
    [
        ({"minutes": 3}, "A session of 3 minutes cannot", "Ask for 4 to 60 minutes."),
        ({"focus": ("lowr back",)}, "Perhaps you meant lower back?", "They are for belly"),
        ({"avoid": ("moon",)}, "No exercise says anything of 'moon'.", "knees or wrists"),
        ({"positions": frozenset({"flying"})}, "No exercise is done 'flying'.", "all fours"),
        (
            {"like": ("hip-lft",)},
            "no exercise 'hip-lft' for --like. Perhaps you meant hip-lift?",
            "all",
        ),
        (
            {"like": ("hip-lift",), "positions": frozenset({"seated"})},
            r"'hip-lift' cannot be in this session \(--position leaves out",
            "Leave out --like",
        ),
        (
            {"minutes": 60, "positions": frozenset({"prone"})},
            "Nothing is left for the",
            "leave out --position",
        ),
        (
            {"minutes": 60, "positions": frozenset({"supine"})},
            r"they last \d+:\d\d at most",
            "leave out --position",
        ),
    ],
)
def test_wishes_that_cannot_be_had_are_refused_with_the_reason(
    wishes: dict, message: str, hint: str
) -> None:
    with pytest.raises(UsageError, match=message) as refused:
        _compose(**{"minutes": 15} | wishes)
    assert hint in refused.value.hint


@pytest.mark.parametrize(
    ("text", "minutes", "focus"),
    [
        ("15 lower back", 15, ("lower back",)),
        ("7.5 min Neck, shoulders", 7.5, ("neck", "shoulders")),
        ("20", 20, ()),
    ],
)
def test_wishes_in_a_few_words(text: str, minutes: float, focus: tuple[str, ...]) -> None:
    assert read_wishes(text) == Wishes(minutes=minutes, focus=focus)


def test_wishes_begin_with_minutes() -> None:
    with pytest.raises(UsageError, match="'lower back' does not begin with a number of minutes"):
        read_wishes("lower back")


def test_each_choice_has_its_reason_and_the_cost_its_terms() -> None:
    composed = _compose(focus=("hips",), like=("hip-lift",), previous=[["hip-lift", "cat-cow"]])
    told = {one.id: reason for one, reason in reasons(composed)}
    assert list(told) == _ids(composed)
    assert told["hip-lift"] == "you like it"
    assert any("hips" in reason for reason in told.values())
    assert sum(reason.endswith("not in the session before") for reason in told.values()) >= 5
    assert cost_text(composed.cost).startswith(f"Cost {composed.cost.total:.2f}: length ")


def test_each_fault_costs_more_than_none() -> None:
    composed = _compose(focus=("lower back",))
    pricer, chosen, cost = composed.pricer, composed.chosen, composed.cost
    without_cool_down = pricer.price(chosen[:-1])
    assert without_cool_down.stages > cost.stages + 4
    assert pricer.price(chosen[:3]).length > cost.length
    floor = tuple(one for one in suited(LIBRARY, pricer.wishes) if one.id == "cat-cow")
    assert pricer.price(floor + chosen).changes > cost.changes + 3
    holds_first = (*(one for one in suited(LIBRARY, pricer.wishes) if one.is_deep), *chosen)
    assert pricer.price(holds_first).cold > cost.cold == 0
    again = replace(pricer, previous=[_ids(composed)])
    assert again.price(chosen).again > 2


def test_amounts_stay_within_what_was_prescribed() -> None:
    """But for fewer sets and breaths, and less walking."""
    prescribed = {one.id: one for one in LIBRARY}
    for exercise in _compose(30, seed=9).routine.exercises:
        whole = prescribed[exercise.id]
        assert exercise.sets.high <= whole.sets.high
        same_sets = replace(whole, sets=exercise.sets)
        assert exercise_ms(exercise, 1.0) <= exercise_ms(same_sets, 1.0)
