"""Samples of voices."""

from collections.abc import Callable
from pathlib import Path

from mutagen.id3 import ID3

from conftest import Ran
from listening import decode
from stretchaudio.session.samples import introduced
from stretchaudio.speech.engine import Voice
from stretchaudio.track.reader import read_embedded

RATE_HZ = 24_000


def test_try_writes_a_sample(run: Callable[..., Ran], home: Path) -> None:
    assert run("voices", "try", "espeak:en-us+f3", "Reach up.", "-o", "sample.mp3").code == 0
    assert 2 < len(decode(home / "sample.mp3")) / RATE_HZ < 4
    assert run("voices", "try", "espeak", "--language", "de").code == 0
    assert (home / "espeak-de+klatt4.mp3").is_file()
    assert run("voices", "try", "nosuch").code == 2
    assert run("voices", "try", "espeak", "-o", "sample.wav").code == 2
    assert run("voices", "try", "espeak", "...").code == 3


def test_compare_writes_one_file_with_every_voice(run: Callable[..., Ran], home: Path) -> None:
    ran = run(
        "voices", "compare", "espeak", "espeak:en-us+f3", "--text", "Reach up.", "-o", "both.mp3"
    )
    assert ran.code == 0
    assert ran.out.splitlines()[1].endswith("espeak:en-us+klatt4")
    assert ran.out.splitlines()[2].endswith("espeak:en-us+f3")
    assert 6 < len(decode(home / "both.mp3")) / RATE_HZ < 14
    assert run("voices", "compare", "--offline", "--text", "Reach up.").code == 0
    assert (home / "voices.mp3").is_file()


def test_samples_are_what_they_say_they_are(run: Callable[..., Ran], home: Path) -> None:
    assert run("voices", "try", "espeak:en-us+f3", "-o", "one.mp3").code == 0
    assert run("voices", "compare", "espeak", "espeak:en-us+f3", "-o", "both.mp3").code == 0
    assert (
        run(
            "voices", "compare", "espeak", "espeak:en-us+f3", "--text", "Up.", "-o", "short.mp3"
        ).code
        == 0
    )
    for name, heard, voices in (
        ("one", 1, "espeak:en-us+f3"),
        ("both", 2, "espeak:en-us+klatt4, espeak:en-us+f3"),
        ("short", 2, "espeak:en-us+klatt4, espeak:en-us+f3"),
    ):
        verified = run("verify", f"{name}.mp3")
        assert (verified.code, verified.err) == (0, ""), verified.out
        assert f"{heard} of {heard} heard" in verified.out
        manifest = read_embedded(home / f"{name}.mp3").manifest
        assert manifest.voice == voices
        assert set(manifest.envelopes) == {cue.text for cue in manifest.cues}
        (comment,) = ID3(home / f"{name}.mp3").getall("COMM")
        assert comment.text == [f"Voice {voices}"]


def test_voices_with_one_spoken_name_are_told_apart(run: Callable[..., Ran], home: Path) -> None:
    """What two voices say differs by a number where their names sound the same."""
    voices = [
        Voice(engine="recordings", name=name)
        for name in ("my-voice", "other", "my_voice", "my-voice")
    ]
    assert introduced(voices, "Up.") == (
        "recordings my voice. Up.",
        "recordings other. Up.",
        "recordings my voice, 2. Up.",
        "recordings my voice. Up.",
    )
