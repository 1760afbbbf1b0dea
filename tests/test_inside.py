"""What travels inside a track and beside it, read back by programs that are not ours."""

import io
import json
import os
import re
import subprocess
import textwrap
import warnings
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from mutagen.id3 import GEOB, ID3, Encoding
from mutagen.mp3 import MP3
from PIL import Image

from conftest import REPOSITORY, Built, Ran
from sessions import build_session, plan
from stretchaudio import FileError, read_routine
from stretchaudio.track.captions import _rows, lyrics, lyrics_text
from stretchaudio.track.manifest import Manifest
from stretchaudio.track.reader import read_embedded

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # both use what Python 3.12 and 3.13 warn of
    import eyed3
    import pysrt
    import webvtt

HOSTILE = {
    "markup": "<script>alert(1)</script> & <b>bold</b> --> {\\an8}",
    "quotes": "\"&' [00:01.00] ; Title",
    "right-to-left": "تمارين الظهر",
    "long": "Back " * 80 + "end",
}
SIDED = """
    title: Sided
    licence: CC BY 4.0
    source: The clinic's own sheet
    exercises:
      - name: Knee to chest
        setup: [Lie down.]
        hold: 10s
        sets: 2
        sides: each
      - name: Side reach
        reps: 4
        sides: alternate
      - name: Stand tall
        hold: 12s
"""


@pytest.fixture
def back_basics(build: Callable[..., Built]) -> Built:
    return build(REPOSITORY / "routines" / "back-basics.yaml")


@pytest.fixture
def sided(build: Callable[..., Built], write: Callable[..., Path]) -> Built:
    return build(write(SIDED))


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


def test_a_set_begins_with_the_words_that_start_it(sided: Built) -> None:
    chapters = {one["tags"]["title"]: float(one["start_time"]) for one in _chapters(sided.path)}
    cues = {cue["start_s"]: cue["text"] for cue in sided.manifest["cues"]}
    assert cues[chapters["Knee to chest: Right side, set 2"]] == "Last set."
    assert cues[chapters["Knee to chest: Left side, set 1"]] == "Switch sides. Left side."


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


def test_the_tag_is_complete_and_others_read_it(sided: Built) -> None:
    loaded = eyed3.load(sided.path)
    tag = loaded.tag
    assert tag.version == (2, 3, 0)
    assert (tag.title, tag.artist, tag.album, tag.genre.name) == (
        "Sided",
        "stretchaudio",
        "Stretching sessions",
        "Fitness",
    )
    texts = {frame.description: frame.text for frame in tag.user_text_frames}
    assert texts == {"LICENSE": "CC BY 4.0", "SOURCE": "The clinic's own sheet"}
    assert re.fullmatch(r"\d{4} CC BY 4.0", tag.copyright)
    assert tag.lyrics[0].text.splitlines()[0] == "Welcome to Sided."
    assert MP3(sided.path).tags["TLAN"].text == ["eng"]
    assert abs(loaded.info.time_secs - sided.manifest["duration_s"]) < 0.1


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
    assert "1! … 4!" in lines
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
        if not cue["text"].isdigit()
    ]
    assert [(text.strip(), at / 1000) for text, at in frame.text] == spoken


def test_the_cover_is_a_small_square_jpeg_that_shows_the_session(
    build: Callable[..., Built], write: Callable[..., Path]
) -> None:
    covers = []
    for routine in (REPOSITORY / "routines" / "desk-break.yaml", write(SIDED)):
        built = build(routine)
        data = next(iter(eyed3.load(built.path).tag.images)).image_data
        assert len(data) <= 150_000
        picture = Image.open(io.BytesIO(data))
        assert (picture.format, picture.size) == ("JPEG", (1400, 1400))
        assert len(picture.getcolors(1 << 24)) > 100
        covers.append(data)
    assert covers[0] != covers[1]


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
def test_any_title_is_kept_as_text(
    build: Callable[..., Built], write: Callable[..., Path], title: str
) -> None:
    file = write("title: x\nexercises: [{name: x, hold: 1s}]\n")
    quoted = json.dumps(title, ensure_ascii=False)
    file.write_text(
        f"title: {quoted}\nphrases: {{welcome: Welcome., goodbye: Bye.}}\nexercises: [{{name: Hip, hold: 1s}}]\n"
    )
    built = build(file)
    assert eyed3.load(built.path).tag.title == title
    assert len(next(iter(eyed3.load(built.path).tag.images)).image_data) <= 150_000


def test_the_routine_and_the_manifest_come_back_out(
    run: Callable[..., Ran], back_basics: Built, home: Path
) -> None:
    original = (
        (REPOSITORY / "routines" / "back-basics.yaml").read_text().partition("\n")[2]
    )  # without where its schema was
    assert run("extract", back_basics.path).out == original
    assert (
        run("extract", back_basics.path, "--yaml", "again.yaml", "--manifest", "again.json").code
        == 0
    )
    assert (home / "again.yaml").read_text() == original
    assert json.loads((home / "again.json").read_text()) == back_basics.manifest


def test_what_was_extracted_builds_the_same_track(
    run: Callable[..., Ran], back_basics: Built, home: Path
) -> None:
    first = back_basics.path.read_bytes()
    run("extract", back_basics.path, "--yaml", "track.yaml")
    assert run("build", "track.yaml", "-q", "-o", "again.mp3").code == 0
    assert (home / "again.mp3").read_bytes() == first


def test_exercises_that_only_the_author_has_travel_with_the_routine(
    run: Callable[..., Ran], write: Callable[..., Path], home: Path
) -> None:
    (home / "exercises").mkdir()
    own = "my-twist: {name: My twist, setup: [Turn slowly.], hold: 20-40s, sides: each}\n"
    (home / "exercises" / "own.yaml").write_text(own)
    write("title: Mine\nexercises: [{use: my-twist, sets: 2}, {use: cat-cow}]\n", "mine.yaml")
    run("build", "mine.yaml", "-q", "-o", "mine.mp3")
    run("extract", "mine.mp3", "--yaml", "theirs.yaml")
    (home / "exercises" / "own.yaml").unlink()
    assert run("build", "theirs.yaml", "-q", "-o", "theirs.mp3").code == 0
    first, again = (read_embedded(home / name).manifest for name in ("mine.mp3", "theirs.mp3"))
    assert first == again


class Tampering:
    """Tracks that are not what they were; each is told and nothing is written."""

    @staticmethod
    def manifest(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
        tags = ID3(path)
        frame = tags["GEOB:stretchaudio-manifest/1"]
        data = json.loads(frame.data)
        changed = change(data)
        frame.data = json.dumps(data if changed is None else changed).encode()
        tags.save(v2_version=3)

    @staticmethod
    def bytes(path: Path, change: Callable[[bytes], bytes]) -> None:
        path.write_bytes(change(path.read_bytes()))


LIES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "no object": (lambda _: ["nothing"], "damaged"),
    "a number that is none": (
        lambda data: data.update(duration_s=float("nan")),
        "NaN or infinity",
    ),
    "an endless track": (lambda data: data.update(duration_s=1e9), "no track has that length"),
    "a text for a number": (lambda data: data["cues"][0].update(start_s="soon"), "damaged"),
    "a window before the start": (
        lambda data: data["windows"][0].update(start_s=-5.0),
        "do not lie within the track",
    ),
    "a window behind the end": (
        lambda data: data["windows"][-1].update(length_s=9000.0),
        "do not lie within the track",
    ),
    "cues at once": (
        lambda data: data["cues"][3].update(start_s=data["cues"][1]["start_s"]),
        "cues overlap",
    ),
    "an unknown kind": (lambda data: data["windows"][0].update(kind="../../etc"), "unknown kind"),
    "another format": (
        lambda data: data.update(format="stretchaudio-manifest/9"),
        "its format is not",
    ),
    "more cues than there is time": (
        lambda data: data.update(cues=data["cues"][:1] * 90_000),
        "more cues than there is time for",
    ),
    "a text without end": (
        lambda data: data["cues"][0].update(text="a" * 5_000),
        "too long to be spoken",
    ),
    "a shape without end": (
        lambda data: data["envelopes"].update(x="!" * 2_000_000),
        "too long to be spoken",
    ),
    "a bell before the start": (
        lambda data: data.update(chimes=[{"kind": "start", "at_s": -1.0}]),
        "chimes do not lie within",
    ),
    "a level that is none": (
        lambda data: data.update(integrated_lufs=1e308),
        "no sound has that level",
    ),
    "control characters": (
        lambda data: data["chapters"][0].update(title="x\x1b[2J"),
        "control characters",
    ),
    "an unknown language": (lambda data: data.update(language="../en"), "its language is unknown"),
}


@pytest.mark.parametrize(("lie", "said"), LIES.values(), ids=LIES)
def test_a_manifest_that_makes_no_sense_is_refused(
    run: Callable[..., Ran], sided: Built, lie: Callable[[dict[str, Any]], Any], said: str
) -> None:
    Tampering.manifest(sided.path, lie)
    ran = run("extract", sided.path)
    assert (ran.code, ran.out) == (4, "")
    assert said in ran.err


def _with_compressed_manifest(data: bytes) -> bytes:
    """The manifest's frame says that it is compressed: what would unpack a bomb."""
    at = data.index(b"GEOB")
    return data[: at + 9] + bytes([data[at + 9] | 0x80]) + data[at + 10 :]


HOSTILE_TAGS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "nothing": (lambda _: b"", "is not a track"),
    "a text": (lambda _: b"title: Back basics\n" * 40, "is not a track"),
    "no tag": (lambda data: data[int.from_bytes(data[8:9]) :], "is not a track"),
    "a tag of a quarter gigabyte": (
        lambda data: data[:6] + b"\x7f\x7f\x7f\x7f" + data[10:],
        "not one that can be read",
    ),
    "a frame larger than the tag": (
        lambda data: data[:14] + b"\x7f\xff\xff\xff" + data[18:],
        "damaged",
    ),
    "cut off": (lambda data: data[: data.index(b"GEOB") + 400], "cut off"),
    "a compressed manifest": (_with_compressed_manifest, "carries no manifest"),
}


@pytest.mark.parametrize(("change", "said"), HOSTILE_TAGS.values(), ids=HOSTILE_TAGS)
def test_a_hostile_tag_is_refused(
    run: Callable[..., Ran], sided: Built, change: Callable[[bytes], bytes], said: str
) -> None:
    Tampering.bytes(sided.path, change)
    ran = run("extract", sided.path, "--yaml", "out.yaml")
    assert ran.code == 4
    assert said in ran.err
    assert not Path("out.yaml").exists()


def test_a_routine_with_control_characters_is_not_printed(
    run: Callable[..., Ran], sided: Built
) -> None:
    tags = ID3(sided.path)
    tags.add(
        GEOB(
            encoding=Encoding.UTF16,
            mime="application/yaml",
            filename="routine.yaml",
            desc="stretchaudio-routine/1",
            data=b"title: \x1b]0;owned\x07\n",
        )
    )
    tags.save(v2_version=3)
    ran = run("extract", sided.path)
    assert (ran.code, ran.out) == (1, "")
    assert "U+001B" in ran.err


def test_a_tag_rewritten_by_another_program_can_still_be_read(sided: Built) -> None:
    """In ID3v2.4, as most programs write it."""
    before = read_embedded(sided.path)
    ID3(sided.path).save(sided.path, v2_version=4)
    after = read_embedded(sided.path)
    assert (after.manifest, after.routine, after.cover) == (
        before.manifest,
        before.routine,
        before.cover,
    )


def test_nothing_is_written_over_the_track(run: Callable[..., Ran], sided: Built) -> None:
    data = sided.path.read_bytes()
    assert run("extract", sided.path, "--yaml", sided.path).code == 2
    assert run("extract", sided.path, "--yaml", "one.yaml", "--manifest", "one.yaml").code == 2
    assert sided.path.read_bytes() == data
    assert not Path("one.yaml").exists()


# What is written beside a track.


@pytest.fixture
def beside(run: Callable[..., Ran], home: Path) -> Path:
    routine = REPOSITORY / "routines" / "back-basics.yaml"
    ran = run(
        "build",
        routine,
        "-q",
        "--captions",
        "vtt,srt,lrc",
        "--chapters",
        "json",
        "--handout",
        "-m",
        "back-basics.json",
    )
    assert ran.code == 0, ran.err
    return home


def test_captions_never_overlap_and_fit_the_screen(beside: Path) -> None:
    seen = []
    for captions in (
        webvtt.read(beside / "back-basics.vtt"),
        webvtt.from_srt(beside / "back-basics.srt"),
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
    assert len(pysrt.open(beside / "back-basics.srt")) == len(seen[0])


def _ms(format_clock: str) -> int:
    hours, minutes, seconds = format_clock.split(":")
    return round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * 1000)


def test_captions_say_what_is_heard_when_it_is_heard_and_name_windows_between(beside: Path) -> None:
    manifest = json.loads((beside / "back-basics.json").read_text())
    captions = webvtt.read(beside / "back-basics.vtt")
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


def test_lyrics_files_have_a_time_on_every_line(beside: Path) -> None:
    lines = (beside / "back-basics.lrc").read_text().splitlines()
    assert lines[:2] == ["[ti:Back basics]", "[la:en]"]
    times = [re.fullmatch(r"\[(\d\d):(\d\d\.\d\d)\](.*)", line) for line in lines[3:]]
    assert all(times)
    seconds = [int(found[1]) * 60 + float(found[2]) for found in times if found]
    assert seconds == sorted(seconds)


def test_chapters_are_written_as_podcast_apps_read_them(beside: Path) -> None:
    found = json.loads((beside / "back-basics.chapters.json").read_text())
    assert found["version"] == "1.2.0"
    assert found["chapters"][0]["startTime"] == 0
    in_the_tag = [
        (float(one["start_time"]), one["tags"]["title"])
        for one in _chapters(beside / "back-basics.mp3")
    ]
    assert [(one["startTime"], one["title"]) for one in found["chapters"]] == in_the_tag


def test_a_cue_sheet_has_every_exercise_with_its_dose_and_cautions(beside: Path) -> None:
    sheet = (beside / "back-basics.html").read_text()
    for text in (
        "Back basics",
        "Walking in place",
        "3 sets of 23 s hold",
        "15 s hold, each side",
        "14 reps, alternating sides",
        "Ease off if anything hurts.",
        "3:11",
    ):
        assert text in sheet
    assert "http" not in sheet  # it asks nothing of a network


def test_what_is_beside_a_hostile_title_is_text(run: Callable[..., Ran], home: Path) -> None:
    title = json.dumps(HOSTILE["markup"])
    phrases = "{welcome: '<i>Welcome</i> & hello {{b}} -->.', goodbye: Bye.}".replace("{{b}}", "")
    (home / "bad.yaml").write_text(
        f"title: {title}\nphrases: {phrases}\nexercises: [{{name: <b>Hip</b>, hold: 1s}}]\n"
    )
    ran = run("build", "bad.yaml", "-q", "--captions", "vtt,srt,lrc", "--handout")
    assert ran.code == 0, ran.err
    assert "<script>" not in (home / "bad.html").read_text()
    assert "&lt;i&gt;Welcome&lt;/i&gt; &amp; hello --&gt;." in (home / "bad.vtt").read_text()
    assert "<i>" not in (home / "bad.srt").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--captions", "vvt"), "Perhaps you meant vtt?"),
        (("--captions", ","), "No kind of captions"),
        (("--chapters", "xml"), "--chapters json"),
        (("--captions", "vtt", "-m", "back-basics.vtt"), ""),
    ],
)
def test_what_cannot_be_written_beside_a_track_is_told(
    run: Callable[..., Ran], arguments: tuple[str, ...], said: str
) -> None:
    ran = run("build", "back-basics", *arguments)
    if said:
        assert ran.code == 2
        assert said in ran.err
        assert not Path("back-basics.mp3").exists()


def test_captions_speak_the_language_of_the_session(run: Callable[..., Ran], home: Path) -> None:
    run("build", "desk-break", "--language", "de", "-q", "-o", "pause.mp3", "--captions", "vtt")
    text = (home / "pause.vtt").read_text()
    assert "Halten, " in text
    assert "Position einnehmen, " in text


def test_a_manifest_from_json_is_the_one_that_was_written(sided: Built) -> None:
    manifest = read_embedded(sided.path).manifest
    assert isinstance(manifest, Manifest)
    assert json.loads(manifest.to_json()) == sided.manifest


def test_reading_a_folder_or_nothing_says_so(home: Path) -> None:
    with pytest.raises(FileError):
        read_embedded(home)
    with pytest.raises(FileError):
        read_embedded(home / "nothing.mp3")


def test_a_standalone_routine_keeps_words_in_any_script(home: Path) -> None:
    (home / "exercises").mkdir()
    (home / "exercises" / "own.yaml").write_text(
        "drehung: {name: Drehung, setup: ['Ganz ruhig: übe.'], hold: 20s}\n"
    )
    (home / "own.yaml").write_text("title: Übung\nlanguage: de\nexercises: [{use: drehung}]\n")
    routine = read_routine("own.yaml")
    assert "Ganz ruhig: übe." in routine.text
    build_session(routine, home / "own.mp3")
    assert textwrap.dedent(read_embedded(home / "own.mp3").routine or "") == routine.text
