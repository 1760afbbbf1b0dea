"""A tag is complete, and other programs read it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from mutagen.id3 import ID3
from mutagen.mp3 import MP3

from conftest import Built
from stretchaudio.errors import UsageError
from stretchaudio.track.reader import read_embedded
from tag_readers import eyed3

HOSTILE = {
    "markup": "<script>alert(1)</script> & <b>bold</b> --> {\\an8}",
    "quotes": "\"&' [00:01.00] ; Title",
    "right-to-left": "تمارين الظهر",
    "long": "Back " * 80 + "end",
}


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
    assert tag.lyrics[0].text.splitlines()[0] == "Sided. About 2 minutes."
    assert MP3(sided.path).tags["TLAN"].text == ["eng"]
    assert abs(loaded.info.time_secs - sided.manifest["duration_s"]) < 0.1


def test_artist_and_album_can_be_set(
    build: Callable[..., Built], write: Callable[..., Path]
) -> None:
    routine = write("title: x\nexercises: [{name: x, hold: 1s}]\n")
    tag = eyed3.load(build(routine, artist="Physio am Park", album="Rücken").path).tag
    assert (tag.artist, tag.album) == ("Physio am Park", "Rücken")
    with pytest.raises(UsageError, match="cannot be the artist"):
        build(routine, artist=" ")


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
def test_any_title_is_kept_as_text(
    build: Callable[..., Built], write: Callable[..., Path], title: str
) -> None:
    file = write("title: x\nexercises: [{name: x, hold: 1s}]\n")
    quoted = json.dumps(title, ensure_ascii=False)
    file.write_text(
        f"title: {quoted}\nphrases: {{welcome: Welcome., goodbye: Bye.}}\nexercises: [{{name: "
        f"Hip, hold: 1s}}]\n"
    )
    built = build(file)
    assert eyed3.load(built.path).tag.title == title
    assert len(next(iter(eyed3.load(built.path).tag.images)).image_data) <= 150_000


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
