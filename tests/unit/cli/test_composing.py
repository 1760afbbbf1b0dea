"""Composing on the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Ran
from stretchaudio.routine.compose.history import history_file

Run = Callable[..., Ran]


def test_a_session_is_composed_checked_and_composed_anew(run: Run, home: Path) -> None:
    six = ("compose", "--minutes", "6", "--seed", "7")
    ran = run(*six, "--focus", "Hips,legs", "-o", "today.yaml")
    assert ran.code == 0, ran.err
    assert ran.out.startswith("today.yaml: Hips and legs, 6 minutes: ")
    assert ran.out.endswith("seed 7. Build it with: stretchaudio build today.yaml\n")
    checked = run("check", "today.yaml").out
    assert "warning" not in checked
    assert checked.startswith("today.yaml: fine. Hips and legs, 6 minutes")
    first = (home / "today.yaml").read_text()
    again = run(*six, "--focus", "hips", "--focus", "legs")
    assert again.out == first
    assert run(*six, "--previous", "today.yaml", "-o", "today.yaml").code == 0
    assert (home / "today.yaml").read_text() != first


def test_only_what_was_composed_is_replaced(run: Run, home: Path) -> None:
    (home / "mine.yaml").write_text("title: Mine\n")
    ran = run("compose", "--minutes", "6", "-o", "mine.yaml")
    assert (ran.code, "and it was not composed" in ran.err) == (4, True)
    assert (home / "mine.yaml").read_text() == "title: Mine\n"
    assert run("compose", "--minutes", "6", "-o", "mine.txt").code == 2


def test_history_is_kept_only_when_asked_and_makes_sessions_differ(run: Run, home: Path) -> None:
    compose = ("compose", "--minutes", "6", "--seed", "3")
    plain = run(*compose).out
    assert not history_file().exists()
    assert run(*compose, "--history").out == plain
    assert run(*compose, "--history").out != plain
    assert len(json.loads(history_file().read_text())) == 2
    history_file().write_text("{")
    ran = run(*compose, "--history")
    assert (ran.code, ran.out) == (4, "")
    assert "HINT: Delete it; only --history needs it." in ran.err


def test_reasons_go_beside_the_routine(run: Run) -> None:
    ran = run("compose", "--minutes", "6", "--seed", "3", "--explain")
    assert ran.out.startswith("# Composed with stretchaudio compose, seed 3.")
    assert "Why" in ran.err.splitlines()[0]
    assert ran.err.splitlines()[-1].startswith("Cost ")


def test_a_session_is_composed_and_built_in_one_go(run: Run, home: Path) -> None:
    ran = run("build", "--compose", "5 neck, shoulders", "--seed", "2", "--dry-run")
    assert ran.code == 0, ran.err
    assert "neck-and-shoulders-5-minutes.mp3 would be made" in ran.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "There is nothing to build."),
        (("back-basics", "--seed", "1"), "--seed goes with --compose."),
        (("--compose", "15", "--language", "de"), "--language does not go with --compose."),
        (("--compose", "back"), "does not begin with a number of minutes"),
    ],
)
def test_a_build_of_nothing_is_refused(run: Run, arguments: tuple[str, ...], message: str) -> None:
    ran = run("build", *arguments)
    assert (ran.code, message in ran.err) == (2, True), ran.err
