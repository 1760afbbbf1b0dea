"""What commands print for machines."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import Ran

Run = Callable[..., Ran]
ODD = """
    title: Odd
    exercises:
      - {name: Left fold, hold: 2s}
"""


def _json(ran: Ran) -> Any:
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_routines_are_listed(run: Run, home: Path, write: Callable[..., Path]) -> None:
    (home / "routines").mkdir()
    write(ODD, "routines/odd.yaml")
    (one,) = (one for one in _json(run("list", "--json")) if one["name"] == "odd")
    assert one["file"] == str(Path("routines/odd.yaml"))
    assert one["exercises"] == ["left-fold"]
    assert one["minutes"].keys() == {"beginner", "intermediate", "advanced"}
    assert _json(run("list", "--max-minutes", "0.1", "--json")) == []


def test_a_plan_is_shown(run: Run, write: Callable[..., Path]) -> None:
    shown = _json(run("show", write(ODD), "--json"))
    (exercise,) = shown["exercises"]
    assert (exercise["id"], exercise["dose"]) == ("left-fold", "2 s hold")
    assert 0 < exercise["start_s"] < exercise["end_s"] <= shown["duration_s"]
    assert shown["voice"].startswith("espeak:")


def test_exercises_are_listed_and_shown(run: Run) -> None:
    every = _json(run("exercises", "--json"))
    one = _json(run("exercises", "cat-cow", "--json"))
    assert one in every
    assert one["position"] == "all fours"
    assert one["setup"][0]["say"]
    assert "mark" not in one


def test_voices_are_listed(run: Run) -> None:
    found = _json(run("voices", "--offline", "--json"))
    assert found["auto"].startswith(("espeak:", "flite:", "pico:"))
    assert {"engine": "espeak", "needs": "", "online": False}.items() <= next(
        one for one in found["engines"] if one["engine"] == "espeak"
    ).items()
    voices = _json(run("voices", "--engine", "espeak", "--json"))["voices"]
    assert "en-us" in {one["name"] for one in voices}


def test_problems_and_warnings_are_listed_with_their_places(
    run: Run, write: Callable[..., Path]
) -> None:
    path = write(ODD)
    first, *_ = _json(run("check", path, "--json"))
    assert (first["kind"], first["line"], first["column"]) == ("warning", 4, 5)
    ran = run("check", write("title: Bad\nexercises: []\n", "bad.yaml"), "nothing", "--json")
    assert ran.code == 1
    found = json.loads(ran.out)
    assert [one["kind"] for one in found] == ["problem", "problem"]
    assert (found[0]["line"], found[1]["file"]) == (2, "nothing")


@pytest.mark.parametrize("damage", [False, True])
def test_what_was_measured_is_listed(
    run: Run, home: Path, write: Callable[..., Path], *, damage: bool
) -> None:
    assert run("build", write(ODD), "-q").code == 0
    track = home / "routine.mp3"
    if damage:
        track.write_bytes(track.read_bytes()[:-2_000])
    ran = run("verify", "routine.mp3", "--json")
    (measured,) = json.loads(ran.out)
    assert measured["track"] == "routine.mp3"
    assert all(check["ok"] for check in measured["checks"]) is not damage
    assert (ran.code, "failed verification" in ran.err) == (int(damage), damage)
