"""How much is said."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import DATA
from stretchaudio import read_routine
from stretchaudio.language import SPOKEN_VERBOSITIES, Verbosity
from stretchaudio.script.model import CueKind, Script, Window
from stretchaudio.script.verbosity import CueFilter
from stretchaudio.script.write import write_script


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
    # Where the time is not told, there is more room for tips.
    others = [other for other in CueKind if other not in {kind, CueKind.TIP}]
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
          - name: Circles
            reps: 2
            sides: [clockwise, counterclockwise]
            setup: [With your right arm.]
    """)
    script = write_script(read_routine(path), cue_filter=CueFilter(left_first=True))
    assert [
        item.side for item in script.items if isinstance(item, Window) and item.kind == "hold"
    ] == ["left", "right"]
    assert "Left side first." in _texts(script, CueKind.NAME)
    assert _texts(script, CueKind.SIDE)[:3] == [
        "And the other side, right side.",
        "Step your right foot forward.", "Left arm up, all the way upright.",
    ]  # fmt: skip
    assert _texts(script, CueKind.SETUP) == [
        "Step your left foot forward.", "Right arm up, all the way upright.",
        "With your right arm.",
    ]  # fmt: skip
