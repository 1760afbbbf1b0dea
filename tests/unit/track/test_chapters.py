"""Chapters fill a track, and are named as they are spoken."""

import json
import os
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from mutagen.id3 import ID3

from conftest import Built
from tag_readers import eyed3


def _chapters(path: Path) -> list[dict[str, Any]]:
    command = ["ffprobe", "-v", "error", "-show_chapters", "-of", "json", path]
    if not _has("ffprobe"):
        pytest.skip("ffprobe is not installed")
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["chapters"]


def _has(program: str) -> bool:
    from shutil import which

    assert which(program) or "STRETCHAUDIO_TEST_ALL" not in os.environ, f"{program} is missing"
    return which(program) is not None


def test_chapters_fill_the_track_without_overlapping(back_basics: Built) -> None:
    chapters = [
        (float(one["start_time"]), float(one["end_time"])) for one in _chapters(back_basics.path)
    ]
    assert chapters[0][0] == 0
    assert chapters[-1][1] == pytest.approx(back_basics.manifest["duration_s"], abs=0.001)
    assert all(end == start for (_, end), (start, _) in pairwise(chapters))


def test_chapters_are_titled_as_spoken_with_sets_and_sides_where_there_are_several(
    sided: Built,
) -> None:
    titles = [one["tags"]["title"] for one in _chapters(sided.path)]
    sides = [f"Knee to chest: {side} side, set {n}" for side in ("Right", "Left") for n in (1, 2)]
    assert titles == [*sides, "Side reach", "Stand tall"]


def test_a_set_begins_where_it_is_counted_in(sided: Built) -> None:
    chapters = {one["tags"]["title"]: float(one["start_time"]) for one in _chapters(sided.path)}
    cues = {cue["start_s"]: cue["text"] for cue in sided.manifest["cues"]}
    assert cues[chapters["Knee to chest: Right side, set 2"]] == "In 3"
    assert cues[chapters["Knee to chest: Left side, set 1"]] == "And the other side, left side."


def test_tables_of_contents_gather_sets_and_sides_by_exercise(sided: Built) -> None:
    tag = eyed3.load(sided.path).tag
    tables = {toc.element_id: toc for toc in tag.table_of_contents}
    top = next(toc for toc in tables.values() if toc.toplevel)
    assert [(child in tables) for child in top.child_ids] == [True, False, False]
    inner = tables[top.child_ids[0]]
    assert ID3(sided.path)[f"CTOC:{top.child_ids[0].decode()}"].sub_frames["TIT2"].text == [
        "Knee to chest"
    ]
    assert set(inner.child_ids) < {chapter.element_id for chapter in tag.chapters}


def test_a_long_session_has_tables_of_tables(
    build: Callable[..., Built], write: Callable[..., Path]
) -> None:
    one = "{name: Nod, transition: 0.1s, work: [{move: 0.1s}]}"
    built = build(
        write(f"title: Many\nsections:\n  - rounds: 60\n    exercises: [{', '.join([one] * 5)}]\n")
    )
    tables = {toc.element_id: toc.child_element_ids for toc in ID3(built.path).getall("CTOC")}
    assert [len(tables[name]) for name in tables["toc"]] == [255, 45]
    assert len(_chapters(built.path)) == 300


def test_chapters_are_written_as_podcast_apps_read_them(sidecars: Path) -> None:
    found = json.loads((sidecars / "back-basics.chapters.json").read_text())
    assert found["version"] == "1.2.0"
    assert found["chapters"][0]["startTime"] == 0
    in_the_tag = [
        (float(one["start_time"]), one["tags"]["title"])
        for one in _chapters(sidecars / "back-basics.mp3")
    ]
    assert [(one["startTime"], one["title"]) for one in found["chapters"]] == in_the_tag
