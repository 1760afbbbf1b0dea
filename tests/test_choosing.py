"""One routine, many sessions: how long, how much is said, which exercises, which side, what pace."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from conftest import DATA, REPOSITORY, Ran
from routines import routine_texts
from sessions import settings_of
from stretchaudio import Level, Options, Routine, RoutineError, UsageError, read_routine
from stretchaudio.language import SPOKEN_VERBOSITIES, Verbosity
from stretchaudio.routine.duration import windows_ms
from stretchaudio.routine.fit import at_fraction, closest, open_ranges, pin
from stretchaudio.routine.parse import parse_routine
from stretchaudio.script.model import CueKind, Script, Window
from stretchaudio.script.verbosity import CueFilter
from stretchaudio.script.write import write_script
from stretchaudio.session.options import adjusted

BACK_BASICS = REPOSITORY / "routines" / "back-basics.yaml"
Run = Callable[..., Ran]


def _windows(script: Script) -> list[Any]:
    return [
        (item.kind, item.length_ms, item.side, item.set, item.rep)
        for item in script.items
        if isinstance(item, Window)
    ]


def _texts(script: Script, *kinds: CueKind) -> list[str]:
    return [cue.text for cue in script.cues() if cue.kind in kinds]


@pytest.mark.parametrize("name", ["holds", "reps", "steps"])
def test_windows_are_the_same_however_much_is_said(name: str) -> None:
    routine = read_routine(DATA / "scripts" / f"{name}.yaml")
    full, brief, minimal, chimes = (
        write_script(routine, cue_filter=CueFilter(cues=cues)) for cues in Verbosity
    )
    assert _windows(full) == _windows(brief) == _windows(minimal) == _windows(chimes)
    assert (
        len(list(full.cues()))
        > len(list(brief.cues()))
        > len(list(minimal.cues()))
        > len(list(chimes.cues()))
        == 0
    )


def test_brief_names_and_counts_and_minimal_says_only_what_one_needs() -> None:
    routine = read_routine(DATA / "scripts" / "holds.yaml")
    brief = {
        cue.kind for cue in write_script(routine, cue_filter=CueFilter(cues=Verbosity.BRIEF)).cues()
    }
    minimal = {
        cue.kind
        for cue in write_script(routine, cue_filter=CueFilter(cues=Verbosity.MINIMAL)).cues()
    }
    assert {CueKind.NAME, CueKind.COUNTDOWN} <= brief
    assert not {CueKind.SETUP, CueKind.TIP, CueKind.HALFWAY} & brief
    assert minimal == {
        CueKind.NAME,
        CueKind.CAUTION,
        CueKind.SIDE,
        CueKind.START,
        CueKind.RELEASE,
        CueKind.OUTRO,
    }


@pytest.mark.parametrize(
    ("switch", "kind"),
    [
        ("counts", CueKind.COUNT),
        ("halfway", CueKind.HALFWAY),
        ("countdown", CueKind.COUNTDOWN),
        ("tips", CueKind.TIP),
    ],
)
def test_each_kind_can_be_switched_off_by_itself(switch: str, kind: CueKind) -> None:
    routine = read_routine(
        DATA / "scripts" / ("reps.yaml" if kind is CueKind.COUNT else "holds.yaml")
    )
    usual, without = (
        write_script(routine),
        write_script(routine, cue_filter=CueFilter(**{switch: False})),
    )
    assert _texts(usual, kind)
    assert not _texts(without, kind)
    assert _windows(usual) == _windows(without)
    others = [other for other in CueKind if other is not kind]
    assert _texts(usual, *others) == _texts(without, *others)


def test_the_caution_is_always_said() -> None:
    routine = read_routine(DATA / "scripts" / "holds.yaml")
    for cues in SPOKEN_VERBOSITIES:
        assert "Stop if it hurts." in _texts(
            write_script(routine, cue_filter=CueFilter(cues=cues)), CueKind.CAUTION
        )


def test_the_left_side_can_begin_and_the_words_follow(write: Callable[..., Path]) -> None:
    path = write("""
        title: Sides
        exercises:
          - name: Lunge
            setup: [Step your right foot forward., "Left arm up, all the way upright."]
            hold: 10s
            sides: each
          - {name: Circles, reps: 2, sides: [clockwise, counterclockwise], setup: [With your right arm.]}
    """)
    script = write_script(read_routine(path), cue_filter=CueFilter(left_first=True))
    assert [
        item.side for item in script.items if isinstance(item, Window) and item.kind == "hold"
    ] == ["left", "right"]
    assert "Left side first." in _texts(script, CueKind.NAME)
    assert _texts(script, CueKind.SIDE)[0] == "Switch sides. Right side."
    assert _texts(script, CueKind.SETUP) == [
        "Step your left foot forward.", "Right arm up, all the way upright.", "With your right arm.",
    ]  # fmt: skip


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
    import json

    windows = json.loads(ran.out)["windows"]
    for kind, length_s in {"transition": 10, "rest": 12, "switch": 9}.items():
        assert {window["length_s"] for window in windows if window["kind"] == kind} == {length_s}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--level", "beginner", "--minutes", "10"], "--level and --minutes exclude each other."),
        (["--transition", "soon"], "'soon' is not a length of time"),
        (["--rounds", "many"], "'many' is not a number of rounds."),
        (["--only", "nothing-like-it"], "There is no exercise 'nothing-like-it' in Back basics."),
        (["--minutes", "3"], "Back basics cannot be fitted to 3 minutes: it can last from 9:"),
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


def test_a_session_is_fitted_to_minutes(run: Run, home: Path) -> None:
    ran = run("build", BACK_BASICS, "--minutes", "10", "--manifest", "back-basics.json")
    assert ran.code == 0, ran.err
    assert "fitted to 10 min" in ran.out
    assert json.loads((home / "back-basics.json").read_text())["minutes"] == 10
    from mutagen.mp3 import MP3

    assert MP3(home / "back-basics.mp3").info.length == pytest.approx(600, rel=0.02)


def _parse(text: str) -> Routine:
    """What is drawn follows the format, but for a few sessions of more than 12 hours."""
    try:
        return parse_routine(text, file="random.yaml", library={}, languages=["en"])
    except RoutineError as error:
        assume("12 hours" not in str(error))
        raise


@settings(max_examples=60, deadline=None)
@given(text=routine_texts, part=st.floats(0, 1))
def test_fitting_comes_as_near_as_a_common_fraction_and_stays_in_range(
    text: str, part: float
) -> None:
    routine = _parse(text)
    shortest, longest = (windows_ms(at_fraction(routine, end), 0) for end in (0, 1))
    target_ms = round(shortest + part * (longest - shortest))
    fitted = closest(routine, target_ms, lambda candidate: windows_ms(candidate, 0))
    assert not open_ranges(fitted)
    assert shortest <= windows_ms(fitted, 0) <= longest
    by_fractions = [
        abs(windows_ms(at_fraction(routine, step / 50), 0) - target_ms) for step in range(51)
    ]
    below = [abs(gap) for gap in by_fractions]
    assert abs(windows_ms(fitted, 0) - target_ms) <= max(below)


@given(text=routine_texts)
@settings(max_examples=60, deadline=None)
def test_narrowing_takes_one_value_for_every_range(text: str) -> None:
    routine = _parse(text)
    free = open_ranges(routine)
    narrowed = pin(routine, tuple(one.range.high for one in free))
    assert not open_ranges(narrowed)
    assert windows_ms(narrowed, 0) == windows_ms(routine, 1)
    assert len({windows_ms(narrowed, level.fraction) for level in Level}) == 1
