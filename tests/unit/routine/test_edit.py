"""A routine edited for one session."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import REPOSITORY, Ran
from sessions import settings_of
from stretchaudio import Options, Routine, UsageError, read_routine
from stretchaudio.session.options import adjusted

BACK_BASICS = REPOSITORY / "routines" / "back-basics.yaml"


Run = Callable[..., Ran]


def test_exercises_are_kept_or_left_out_by_id(run: Run) -> None:
    routine = read_routine(BACK_BASICS)
    ids = [exercise.id for exercise in routine.exercises]
    two = _adjusted(routine, Options(only=(ids[1], ids[3])))
    assert [exercise.id for exercise in two.exercises] == [
        ids[1],
        ids[3],
    ]
    rest = _adjusted(routine, Options(skip=(ids[0],)))
    assert [exercise.id for exercise in rest.exercises] == ids[1:]
    with pytest.raises(
        UsageError,
        match=r"no exercise 'back-strech' in Back basics\. Perhaps you meant back-stretch",
    ):
        _adjusted(routine, Options(only=("back-strech",)))
    with pytest.raises(UsageError, match="Nothing of Back basics would be left"):
        _adjusted(routine, Options(skip=tuple(ids)))


def _adjusted(routine: Routine, options: Options) -> Routine:
    with settings_of(options) as found:
        return adjusted(routine, found)


def test_sections_can_have_other_rounds() -> None:
    routine = read_routine(BACK_BASICS)
    assert [section.rounds for section in _adjusted(routine, Options(rounds={"": 2})).sections] == [
        2,
        2,
        2,
    ]
    assert [
        section.rounds for section in _adjusted(routine, Options(rounds={"warm-up": 3})).sections
    ] == [3, 1, 1]
    with pytest.raises(
        UsageError, match=r"no section 'Warmup' in Back basics\. Perhaps you meant warm-up"
    ):
        _adjusted(routine, Options(rounds={"Warmup": 3}))
    with pytest.raises(UsageError, match="0 rounds are out of range"):
        _adjusted(routine, Options(rounds={"": 0}))
    with pytest.raises(UsageError, match="12 hours"):
        _adjusted(routine, Options(rounds={"": 100}))


def test_the_pace_of_a_session_comes_before_that_of_the_routine(run: Run) -> None:
    ran = run(
        "script",
        BACK_BASICS,
        "--transition",
        "10s",
        "--rest",
        "12s",
        "--switch",
        "9s",
        "--tempo",
        "4s",
        "--json",
    )
    assert ran.code == 0, ran.err

    windows = json.loads(ran.out)["windows"]
    for kind, length_s in {"rest": 12, "switch": 9}.items():
        assert {window["length_s"] for window in windows if window["kind"] == kind} == {length_s}
    # What one has waited in during the set-up is taken out.
    transitions = [window["length_s"] for window in windows if window["kind"] == "transition"]
    assert 6 < max(transitions) <= 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--level", "beginner", "--minutes", "10"], "--level and --minutes exclude each other."),
        (["--transition", "soon"], "'soon' is not a length of time"),
        (["--rounds", "many"], "'many' is not a number of rounds."),
        (["--only", "nothing-like-it"], "There is no exercise 'nothing-like-it' in Back basics."),
        (["--minutes", "3"], "Back basics cannot be fitted to 3 minutes: it can last from 10:"),
        (["--minutes", "200"], "Back basics cannot be fitted to 200 minutes"),
    ],
)
def test_what_cannot_be_chosen_says_why(
    run: Run, home: Path, arguments: list[str], message: str
) -> None:
    ran = run("build", BACK_BASICS, *arguments)
    assert ran.code == 2
    assert message in ran.err
    assert not list(home.iterdir())
