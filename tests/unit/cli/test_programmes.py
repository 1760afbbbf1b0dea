"""The commands of `programme`."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conftest import Ran
from stretchaudio.cli import programme as command
from stretchaudio.session.batch import _pools

Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Build here: processes take seconds to start."""
    monkeypatch.setattr(command, "open_executor_of", lambda *_: lambda: ThreadPoolExecutor(1))
    yield
    _pools().close()
    _pools.cache_clear()


SHORT = """
    title: Short
    exercises:
      - {name: Fold, focus: [legs], hold: 5-7s}
"""
WEEKS = """
    title: Weeks
    summary: To try it.
    focus: [legs]
    source: The clinic's own sheet
    phases:
      - {title: Begin, weeks: 2, level: beginner, hold: +1s a week, days: {mon: short.yaml}}
"""


@pytest.fixture
def weeks(write: Callable[..., Path]) -> Path:
    write(SHORT, "short.yaml")
    return write(WEEKS, "weeks.yaml")


def test_programmes_are_listed_by_name(run: Run, weeks: Path) -> None:
    weeks.parent.joinpath("programmes").mkdir()
    weeks.rename(weeks.parent / "programmes" / "mine.yaml")
    weeks.with_name("short.yaml").rename(weeks.parent / "programmes" / "short.yaml")
    ran = run("programme")
    assert ran.code == 1, "short.yaml is no programme"
    listed = [line.split()[:2] for line in ran.out.splitlines()[1:]]
    assert ["mine", "2"] in listed
    assert ["stiff-back", "12"] in listed
    listed = json.loads(run("programme", "--json").out)
    assert [one["weeks"] for one in listed if one["name"] == "stiff-back"] == [12]
    assert "short.yaml:2:1: 'phases' is missing; add it" in ran.err
    assert run("programme", "show", "mien").err.startswith(
        "There is no programme 'mien'. Perhaps you meant mine?"
    )


def test_show_tells_the_days_the_dose_and_its_doubts(run: Run, weeks: Path) -> None:
    ran = run("programme", "show", weeks, "--start", "2027-01-06")
    assert ran.code == 0, ran.err
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert "2 13 Jan Short Begin" in lines
    assert "1 0.4 0.1 0.1" in lines
    assert any(line.startswith("warning: Week 1 holds the legs") for line in lines)
    assert lines[-1] == "Sources: The clinic's own sheet"
    found = json.loads(run("programme", "show", weeks, "--start", "2027-01-06", "--json").out)
    assert found["weeks"][1]["sessions"][0]["date"] == "2027-01-18"
    assert found["weeks"][0]["stretched_ms"] == {"legs": 5000}
    assert found["doubts"][0].startswith("Week 1 holds the legs")
    checked = run("check", weeks)
    assert checked.code == 0
    assert checked.out.endswith("fine. Weeks, 2 weeks, 2 different sessions.\n")


def test_a_programme_is_built_once_for_each_session(run: Run, home: Path, weeks: Path) -> None:
    ran = run("programme", "build", weeks, "-o", "out", "--cues", "brief", "--jobs", "1")
    assert ran.code == 0, ran.err
    assert (
        ran.out
        == f"out: 2 tracks for 2 sessions; {Path('out/programme.m3u8')} has them in order.\n"
    )
    folder = home / "out"
    assert sorted(one.name for one in folder.glob("*.mp3")) == [
        "week-01-short.mp3", "week-02-short.mp3",
    ]  # fmt: skip
    lines = (folder / "results.jsonl").read_text().splitlines()
    first, second = (json.loads(line)["duration_s"] for line in lines)
    assert second - first == pytest.approx(1, abs=0.05), "the hold is a second longer"
    assert (folder / "programme.m3u8").read_text().splitlines()[2] == "week-01-short.mp3"


def test_what_fails_is_told_and_there_is_no_playlist(run: Run, home: Path, weeks: Path) -> None:
    ran = run("programme", "build", weeks, "-o", "out", "--voice", "nobody", "--jobs", "1")
    assert ran.code == 1
    assert "week-01-short: There is no voice engine 'nobody'" in ran.err
    assert not (home / "out" / "programme.m3u8").exists()


def test_a_calendar_needs_a_first_day_and_a_zone_that_is_there(
    run: Run, home: Path, weeks: Path
) -> None:
    calendar = ("programme", "calendar", weeks, "-o", "x.ics")
    ran = run(*calendar)
    assert (ran.code, ran.err.splitlines()[0]) == (2, "Nothing says when the programme begins.")
    ran = run(*calendar, "--start", "2027-01-06", "--zone", "Mars")
    assert (ran.code, ran.err.splitlines()[0]) == (2, "There is no time zone 'Mars'.")
    assert not (home / "x.ics").exists()
    ran = run(*calendar, "--start", "2027-01-06", "--at", "18:00", "--remind", "1m")
    assert ran.out == "x.ics: 2 sessions from 06 January 2027 to 18 January 2027.\n"
    text = (home / "x.ics").read_text()
    assert "DTSTART:20270111T180000" in text
    assert "TRIGGER:-PT1M" in text
