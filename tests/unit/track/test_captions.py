"""Captions and lyrics say what is heard when it is heard."""

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from mutagen.id3 import ID3

from conftest import Built, Ran
from sessions import plan
from stretchaudio import read_routine
from stretchaudio.track.captions import _rows, lyrics, lyrics_text
from tag_readers import pysrt, webvtt

COUNTED = """
title: Counted
phrases: {number: "{n}!", lead_in: "{n}"}
exercises:
  - {name: Side reach, setup: [Reach up to level 2], reps: 4, transition: 4s}
"""


def test_counts_are_told_by_their_kind_whatever_their_words_are(write: Callable[..., Path]) -> None:
    """A coach's own words for numbers are counts; a sentence that ends in a number is none."""
    manifest = plan(read_routine(write(COUNTED))).manifest
    assert [cue.text for cue in lyrics(manifest) if "!" in cue.text] == []
    lines = lyrics_text(manifest).splitlines()
    assert "3 2! 1!" in lines
    assert "2! 3! 4!" in lines
    assert "Reach up to level 2" in lines


def test_dropped_counts_are_reported_together_whatever_their_words_are(
    run: Callable[..., Ran], write: Callable[..., Path]
) -> None:
    """Reps of half a second have no room for counts of several words."""
    exercises = "[{name: Nod, work: [{reps: 4, tempo: 0.5s}]}]"
    phrases = '{number: "This is number {n}"}'
    ran = run("build", write(f"title: Quick\nphrases: {phrases}\nexercises: {exercises}\n"))
    assert "  Nod: counts (no room" in ran.out
    assert "This is number" not in ran.out


def test_lyrics_are_synchronised_with_the_cues(back_basics: Built) -> None:
    frame = ID3(back_basics.path).getall("SYLT")[0]
    assert (frame.format, frame.type) == (2, 1)
    spoken = [
        (cue["text"], cue["start_s"])
        for cue in back_basics.manifest["cues"]
        if cue["kind"] not in {"count", "countdown"} and not cue["text"].isdigit()
    ]
    lines = [(text.strip(), at / 1000) for text, at in frame.text]
    assert [one for one in lines if not one[0].isdigit()] == spoken


def test_captions_never_overlap_and_fit_the_screen(sidecars: Path) -> None:
    seen = []
    for captions in (
        webvtt.read(sidecars / "back-basics.vtt"),
        webvtt.from_srt(sidecars / "back-basics.srt"),
    ):
        assert len(captions) > 100
        for caption in captions:
            assert caption.start_in_seconds <= caption.end_in_seconds
            assert len(caption.lines) <= 2
            assert max(map(len, caption.lines)) <= 42
        times = [(_ms(caption.start), _ms(caption.end)) for caption in captions]
        assert all(start < end for start, end in times)
        assert all(end <= start for (_, end), (start, _) in pairwise(times))
        seen.append([caption.text for caption in captions])
    assert seen[0] == seen[1]
    assert len(pysrt.open(sidecars / "back-basics.srt")) == len(seen[0])


def _ms(format_clock: str) -> int:
    hours, minutes, seconds = format_clock.split(":")
    return round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * 1000)


def test_captions_say_what_is_heard_when_it_is_heard_and_name_windows_between(
    sidecars: Path,
) -> None:
    manifest = json.loads((sidecars / "back-basics.json").read_text())
    captions = webvtt.read(sidecars / "back-basics.vtt")
    starts = {_ms(caption.start): caption.text for caption in captions}
    for cue in manifest["cues"]:
        assert starts[round(cue["start_s"] * 1000)].split("\n")[0] in cue["text"]
    hold = next(window for window in manifest["windows"] if window["kind"] == "hold")
    inside = [
        caption.text
        for caption in captions
        if hold["start_s"] * 1000 <= _ms(caption.start) < (hold["start_s"] + 20) * 1000
    ]
    assert f"Hold, {hold['length_s']:g} s" in inside


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "Roll softly through each foot, from toe to heel.",
            ["Roll softly through each", "foot, from toe to heel."],
        ),
        (
            "Jetzt die Oberschenkelrückseitendehnung im Sitzen.",
            ["Jetzt die Oberschenkelrückseitendehnung", "im Sitzen."],
        ),
        ("A" * 60, ["A" * 42, "A" * 18]),
        ("Halfway.", ["Halfway."]),
    ],
)
def test_lines_are_about_as_long_as_each_other_and_words_stay_whole(
    text: str, lines: list[str]
) -> None:
    assert _rows(text) == lines


def test_lyrics_files_have_a_time_on_every_line(sidecars: Path) -> None:
    lines = (sidecars / "back-basics.lrc").read_text().splitlines()
    assert lines[:2] == ["[ti:Back basics]", "[la:en]"]
    times = [re.fullmatch(r"\[(\d\d):(\d\d\.\d\d)\](.*)", line) for line in lines[3:]]
    assert all(times)
    seconds = [int(found[1]) * 60 + float(found[2]) for found in times if found]
    assert seconds == sorted(seconds)


def test_captions_speak_the_language_of_the_session(run: Callable[..., Ran], home: Path) -> None:
    run("build", "desk-break", "--language", "de", "-q", "-o", "pause.mp3", "--captions", "vtt")
    text = (home / "pause.vtt").read_text()
    assert "Halten, " in text
    assert "Schulter" in text
