"""Weeks of sessions from one file: what is planned, how much it is, what one would question."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import vobject

from stretchaudio.errors import RoutineError
from stretchaudio.programme.calendar import programme_calendar
from stretchaudio.programme.dose import doubts, week_doses
from stretchaudio.programme.library import read_programme
from stretchaudio.programme.model import WEEKDAYS, Programme, day_of
from stretchaudio.programme.plan import Week, plan, sessions_of
from stretchaudio.programme.playlist import playlist

MINE = """
    title: Mine
    exercises:
      - name: Fold
        focus: [legs]
        hold: 20-40s
        sets: 2
        sides: each
      - name: Roll
        focus: [shoulders]
        reps: 10
      - name: Hang
        focus: [legs, whole body]
        work:
          - {repeat: 3, work: [{hold: 10s}, {move: 2s}]}
"""
PROGRAMME = """
    title: Two phases
    focus: [legs]
    at: 07:30
    remind: 10m
    phases:
      - title: Begin
        weeks: 3
        level: beginner
        hold: +10s a week
        days:
          mon: mine.yaml
          thu: [mine.yaml, {routine: mine.yaml, skip: hang}]
      - title: Easy
        weeks: 1
        easy: true
      - title: More
        weeks: 1
        level: advanced
        days: {sunday: mine.yaml}
"""


@pytest.fixture
def programme(write: Callable[..., Path]) -> Programme:
    write(MINE, "mine.yaml")
    return read_programme(str(write(PROGRAMME, "weeks.yaml")))


def _days(weeks: tuple[Week, ...]) -> list[list[str]]:
    return [
        [f"{WEEKDAYS[slot.weekday][:3]} {slot.session.id}" for slot in week.slots] for week in weeks
    ]


def test_each_session_is_made_once_and_holds_grow_no_further_than_prescribed(
    programme: Programme,
) -> None:
    weeks = plan(programme)
    first = ["mon week-01-mine", "thu week-01-mine", "thu week-01-mine-2"]
    third = ["mon week-03-mine", "thu week-03-mine", "thu week-03-mine-2"]
    assert [len(one) for one in _days(weeks)] == [3, 3, 3, 3, 1]
    assert _days(weeks)[0] == _days(weeks)[3] == first, "an easy week is at the low ends again"
    assert _days(weeks)[2] == third
    folds = [week.slots[0].session.done.exercises[0].work[0] for week in weeks]
    lengths_ms = [fold.duration.at(week.slots[0].session.level.fraction)
                  for fold, week in zip(folds, weeks, strict=True)]  # fmt: skip
    assert lengths_ms == [20_000, 30_000, 40_000, 20_000, 40_000]
    assert len(sessions_of(weeks)) == 7


def test_the_dose_of_a_part_is_what_one_side_is_held(programme: Programme) -> None:
    first, *_, last = week_doses(plan(programme))
    fold_s, hang_s = 2 * 20, 3 * 10
    assert first.stretched_ms == {"legs": (3 * fold_s + 2 * hang_s) * 1000}
    moves_s, rolls_s = 3 * 2, 10 * 3
    whole_s = 2 * fold_s + hang_s + moves_s + rolls_s
    assert first.worked_ms == (3 * whole_s - hang_s - moves_s) * 1000
    assert first.tracks_ms > first.worked_ms
    assert last.stretched_ms == {"legs": (2 * 40 + hang_s) * 1000}


def test_what_one_would_question_is_named(programme: Programme, write: Callable[..., Path]) -> None:
    found = list(doubts(programme, plan(programme)))
    assert found == [
        "Week 2 asks for 30% more than any week before; 20% at the most is usual.",
        "Week 3 asks for 23% more than any week before; 20% at the most is usual.",
        "Week 5 holds the legs in a stretch for 1.8 minutes; 2 at the least do good.",
    ]
    exercises = "".join(f"  - {{name: Fold {n}, focus: [legs], hold: 60s}}\n" for n in "abcdefg")
    write(f"title: Much\nexercises:\n{exercises}", "much.yaml")
    days = "".join(f"      {day}: much.yaml\n" for day in WEEKDAYS)
    text = f"title: All\nfocus: [legs]\nphases:\n  - title: One\n    weeks: 1\n    days:\n{days}"
    programme = read_programme(str(write(text, "all.yaml")))
    assert list(doubts(programme, plan(programme))) == [
        "Week 1 has no day of rest; one or two a week are usual.",
        "Much (week 1) has 7 exercises besides warm-up and cool-down; 6 are kept up more easily.",
        "Week 1 holds the legs in a stretch for 49.0 minutes; gains level off at about 10.",
    ]


def test_composed_sessions_differ_from_day_to_day_and_never_between_runs(
    write: Callable[..., Path],
) -> None:
    text = """
        title: Composed
        phases:
          - title: One
            weeks: 1
            days: {tue: {compose: 5 neck}, fri: {compose: {minutes: 5, focus: neck}}}
          - {title: Easy, weeks: 1, easy: true, days: {tue: {compose: 9 neck}}}
    """
    programme = read_programme(str(write(text, "composed.yaml")))
    weeks = plan(programme)
    tuesday, friday, easy = (one.routine for one in sessions_of(weeks))
    assert tuesday.exercises != friday.exercises
    assert easy.id == "neck-6-minutes"
    again = plan(programme, first_weekday=3)
    assert _days(again)[0] == [_days(weeks)[0][1], _days(weeks)[0][0]], "weeks from Thursday"
    assert {one.routine.text for one in sessions_of(again)} == {
        one.routine.text for one in sessions_of(weeks)
    }


def test_a_calendar_has_an_event_and_a_reminder_for_each_session(programme: Programme) -> None:
    start = date(2027, 3, 24)  # a Wednesday, four days before clocks change in Berlin
    weeks = plan(programme, first_weekday=start.weekday())
    data = programme_calendar(
        programme,
        weeks,
        start=start,
        zone=ZoneInfo("Europe/Berlin"),
        base_url="https://example.org/s/",
    )
    assert data == programme_calendar(
        programme, weeks, start=start, zone=ZoneInfo("Europe/Berlin"),
        base_url="https://example.org/s/",
    )  # fmt: skip
    read = vobject.readOne(data.decode())
    events = read.vevent_list
    assert len(events) == 13
    first, second, third = events[:3]
    assert first.dtstart.value.isoformat() == "2027-03-25T07:30:00+01:00"
    assert second.dtstart.value == first.dtend.value, "two sessions of a day follow each other"
    assert third.dtstart.value.isoformat() == "2027-03-29T07:30:00+02:00"
    assert first.valarm.trigger.value.total_seconds() == -600
    assert first.url.value == "https://example.org/s/sessions/week-01-mine/"
    assert "week 1." in first.description.value
    assert "Fold: 2 sets of 20 s hold, each side" in first.description.value
    assert len({one.uid.value for one in events}) == len(events)
    floating = vobject.readOne(programme_calendar(programme, weeks, start=start).decode())
    assert floating.vevent_list[0].dtstart.value.tzinfo is None


def test_days_of_a_week_follow_its_first_day() -> None:
    wednesday = date(2027, 1, 6)
    assert day_of(wednesday, 1, 2) == wednesday
    assert day_of(wednesday, 1, 1) == date(2027, 1, 12)
    assert day_of(wednesday, 2, 2) == date(2027, 1, 13)


def test_a_playlist_has_the_tracks_by_day(programme: Programme) -> None:
    weeks = plan(programme)
    lengths_s = {one.id: 100.4 for one in sessions_of(weeks)}
    lines = playlist(weeks, lengths_s).splitlines()
    assert lines[:3] == ["#EXTM3U", "#EXTINF:100,Week 1, Monday: Mine", "week-01-mine.mp3"]
    assert len(lines) == 1 + 2 * 13


BAD = """
    title: Bad
    start: tomorrow
    at: 25:00
    phases:
      - title: One
        weeks: 0
        level: expert
        hold: 5s
        easy: yes
        days:
          funday: mine.yaml
      - title: Two
        weeks: 1
        days:
          mon: {compose: lower back}
          tue: {compose: 15 neck, shoulders}
          wed: {rutine: x}
          thu: []
"""
NOT_THERE = """
    title: Bad
    phases:
      - title: None
        weeks: 103
      - title: Two
        weeks: 2
        days:
          mon: nothing-there
          tue: {compose: {minutes: 3}}
          wed: {routine: mine.yaml, compose: 5 hips}
"""


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (
            BAD,
            [
                "3:8: 'tomorrow' cannot be read: write 2027-01-04",
                "4:5: '25:00' cannot be read: write 07:30",
                "7:12: 0 is out of range",
                "8:12: 'expert' is not one of the words for this",
                "9:11: '5s' does not say how much longer: write +5s a week",
                "10:11: 'yes' is neither true nor false",
                "12:7: 'funday' is not a day of the week",
                "16:22: 'lower back' does not begin with a number of minutes",
                "17:31: 'shoulders' is not a key that can be used here.",
                "18:13: 'rutine' is not a key that can be used here. Perhaps you meant routine?",
                "19:12: the list is empty",
            ],
        ),
        (
            NOT_THERE,
            [
                "3:1: these are 105 weeks; the limit is 104",
                "4:5: the first phase says which days have sessions",
                "9:12: there is no routine 'nothing-there'",
                "10:12: a session of 3 minutes cannot be composed",
                "11:12: a session is either a routine or composed",
            ],
        ),
    ],
)
def test_every_problem_has_its_place(
    write: Callable[..., Path], text: str, problems: list[str]
) -> None:
    write(MINE, "mine.yaml")
    path = write(text, "bad.yaml")
    with pytest.raises(RoutineError) as raised:
        read_programme(str(path))
    found = [str(one).removeprefix(f"{path}:") for one in raised.value.problems]
    assert len(found) == len(problems)
    assert all(one.startswith(start) for one, start in zip(found, problems, strict=True)), found


def test_what_a_routine_does_not_have_is_told_at_its_entry(write: Callable[..., Path]) -> None:
    write(MINE, "mine.yaml")
    days = "{mon: {routine: mine.yaml, skip: nose}}"
    text = f"title: Bad\nphases:\n  - title: One\n    weeks: 1\n    days: {days}\n"
    path = write(text, "bad.yaml")
    with pytest.raises(RoutineError, match=r"bad.yaml:5:17: There is no exercise 'nose'"):
        plan(read_programme(str(path)))
