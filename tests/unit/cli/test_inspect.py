"""Commands that look at tracks."""

import json
import textwrap
from collections.abc import Callable
from pathlib import Path

from mutagen.id3 import GEOB, ID3, Encoding

from conftest import REPOSITORY, Built, Ran
from sessions import build_session
from stretchaudio import read_routine
from stretchaudio.track.reader import read_embedded


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


def test_nothing_is_written_over_the_track(run: Callable[..., Ran], sided: Built) -> None:
    data = sided.path.read_bytes()
    assert run("extract", sided.path, "--yaml", sided.path).code == 2
    assert run("extract", sided.path, "--yaml", "one.yaml", "--manifest", "one.yaml").code == 2
    assert sided.path.read_bytes() == data
    assert not Path("one.yaml").exists()


def test_what_is_in_a_track_is_printed_to_a_dash(
    run: Callable[..., Ran], back_basics: Built, home: Path
) -> None:
    routine = run("extract", back_basics.path).out
    assert run("extract", back_basics.path, "--yaml", "-").out == routine
    printed = run("extract", back_basics.path, "--manifest", "-").out
    assert json.loads(printed) == back_basics.manifest
    assert run("extract", back_basics.path, "--yaml", "-", "-m", "m.json").out == routine
    assert json.loads((home / "m.json").read_text()) == back_basics.manifest
    assert run("extract", back_basics.path, "--yaml", "-", "-m", "-").code == 2
    assert not Path("-").exists()


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
