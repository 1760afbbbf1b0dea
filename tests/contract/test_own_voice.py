"""A voice of one's own in one take: the page to read from, and what is cut from a recording."""

import io
import re
import shutil
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from conftest import DATA, Ran
from sessions import choose_voice, open_engine
from stretchaudio import FileError
from stretchaudio.language import language, languages
from stretchaudio.session.recording import Sentence, read_recording_script, recording_script
from stretchaudio.speech.take import Piece, Take, distance, features, find_pieces
from stretchaudio.speech.take_alignment import Evidence, align, last_takes

SHORT = DATA / "short.yaml"
RATE_HZ = 24_000


def _spoken(texts: list[str]) -> dict[str, np.ndarray]:
    """Sentences in another voice than the one that they are compared with."""
    voice = choose_voice("espeak:en-gb-x-rp+f3", language("en"))
    with closing(open_engine(voice, jobs=1)) as engine:
        return {text: _decoded(engine.speak(text)) for text in texts}


def _decoded(sound: bytes) -> np.ndarray:
    samples, rate_hz = soundfile.read(io.BytesIO(sound), dtype="float32")
    return soxr.resample(samples, rate_hz, RATE_HZ)


def _take(sounds: list[np.ndarray]) -> np.ndarray:
    rng = np.random.default_rng(1)
    pause = np.zeros(round(1.2 * RATE_HZ), np.float32)
    joined = np.concatenate([pause, *(part for sound in sounds for part in (sound, pause))])
    return joined + rng.standard_normal(len(joined)).astype(np.float32) * 0.0005


def test_a_page_is_read_aloud_and_cut_into_a_voice(run: Callable[..., Ran], home: Path) -> None:
    """With a cough, a sentence that is said twice, and one that is not."""
    assert run("voices", "recording-list", SHORT, "-o", "script.html").code == 0
    page = read_recording_script(Path("script.html"))
    texts = [one.spoken for one in page.sentences]
    spoken = _spoken(texts)
    cough = np.random.default_rng(2).standard_normal(RATE_HZ // 4).astype(np.float32)
    left_out, twice = texts[5], texts[2]
    slower = soxr.resample(spoken[twice], RATE_HZ, RATE_HZ * 1.05)
    sounds = [spoken[text] for text in texts if text != left_out]
    sounds[2:3] = [spoken[twice], slower, cough * np.hanning(len(cough)) * 0.2]
    soundfile.write("take.flac", _take(sounds), RATE_HZ)
    ran = run("voices", "split", "take.flac", "script.html", "-o", "my-voice")
    assert ran.code == 0, ran.err
    assert f"Not found:\n  6. {left_out}\n" in ran.out
    found = {path.stem: path for path in Path("my-voice").rglob("*.flac")}
    assert len(found) == len(texts) - 1
    spoken[twice] = slower
    described = {text: features(sound, RATE_HZ) for text, sound in spoken.items()}
    for one in page.sentences:
        if one.spoken != left_out:
            heard = features(soundfile.read(found[one.stem], dtype="float32")[0], RATE_HZ)
            assert one.spoken == min(texts, key=lambda text: distance(heard, described[text]))
    missing = run("voices", "recording-list", SHORT, "--have", "my-voice").out
    assert left_out.rstrip(".") in missing
    again = run("build", SHORT, "--voice", "recordings:my-voice")
    assert again.code == 3
    assert "not recorded in my-voice" in again.err


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_a_phone_s_recording_is_read_with_ffmpeg(run: Callable[..., Ran], home: Path) -> None:
    listed = [Sentence(text="Rest.", spoken="Rest.", stem="rest-1a2b3c")]
    Path("script.html").write_text(recording_script(listed, "One", "en"), encoding="utf-8")
    soundfile.write("take.wav", _take([_spoken(["Rest."])["Rest."]]), RATE_HZ)
    subprocess.run(["ffmpeg", "-v", "error", "-i", "take.wav", "take.m4a"], check=True)
    assert run("voices", "split", "take.m4a", "script.html", "-o", "own").code == 0
    assert list(Path("own").rglob("rest-1a2b3c.flac"))


def test_nothing_is_written_when_something_is_wrong(run: Callable[..., Ran], home: Path) -> None:
    page = recording_script([Sentence(text="Rest.", spoken="Rest.", stem="rest")], "One", "en")
    Path("script.html").write_text(page, encoding="utf-8")
    Path("evil.html").write_text(page.replace('"rest"', '"../rest"'), encoding="utf-8")
    Path("take.wav").write_bytes(b"a diary")
    soundfile.write("quiet.wav", np.zeros(RATE_HZ), RATE_HZ)
    soundfile.write("good.wav", _take([_spoken(["Rest."])["Rest."]]), RATE_HZ)
    Path("own").mkdir()
    Path("own/rest.wav").write_bytes(b"an earlier one")
    for take, script, folder, message in (
        ("none.wav", "script.html", "new", "There is no recording none.wav"),
        ("take.wav", "script.html", "new", "take.wav cannot be read as sound"),
        ("quiet.wav", "script.html", "new", "Nothing is heard in this recording"),
        ("good.wav", "evil.html", "new", "evil.html is not a page of sentences to read"),
        ("good.wav", "good.wav", "new", "good.wav is not a page of sentences to read"),
        ("good.wav", "script.html", "own", "There is own/rest.wav already"),
    ):
        ran = run("voices", "split", take, script, "-o", folder)
        assert ran.code != 0
        assert message in ran.err
    assert not Path("new").exists()
    assert [path.name for path in Path("own").iterdir()] == ["rest.wav"]


@pytest.mark.parametrize("code", languages())
def test_the_page_is_in_the_language_of_the_routine(code: str) -> None:
    page = recording_script([Sentence(text="A & B", spoken="A and B", stem="a-and-b")], "T", code)
    assert f'<html lang="{code}" dir="' in page
    assert '<li data-file="a-and-b" data-spoken="A and B">A &amp; B</li>' in page
    assert language(code).page["record_how"] in page.replace("&#39;", "'")


def test_counts_come_last_and_what_is_recorded_is_left_out(
    run: Callable[..., Ran], home: Path
) -> None:
    routine = DATA / "scripts" / "reps.yaml"
    assert run("voices", "recording-list", routine, "-o", "script.html").code == 0
    listed = read_recording_script(Path("script.html")).sentences
    counts = [bool(re.fullmatch(r"\d+\.?", one.spoken)) for one in listed]
    assert any(counts)
    assert counts == sorted(counts)
    Path("own").mkdir()
    for one in listed[:-2]:
        (Path("own") / f"{one.stem}.wav").touch()
    table = run("voices", "recording-list", routine, "--have", "own").out
    assert len(table.splitlines()) == 3
    with pytest.raises(FileError, match="is not a page of sentences"):
        read_recording_script(routine)


def test_a_piece_that_could_be_either_of_two_sentences_is_doubtful() -> None:
    """Four sentences alike in all, three pieces: whichever was left out, nobody can tell."""
    pieces = [Piece(3.0 * at, 3.0 * at + 2) for at in range(3)]
    evidence = Evidence(
        apart=lambda *_: 0.9,
        expected_s=[2.0] * 4,
        likeness=lambda *_: 0.0,
        sameness=lambda *_: -5.0,
    )
    said = align(pieces, evidence)
    assert len(last_takes(said)) == 3
    assert not any(one.is_sure for one in said)
    apart = [Piece(0, 1), Piece(2, 3)]
    joined = Evidence(
        apart=lambda *_: 0.9, expected_s=[2.0], likeness=lambda *_: 5.0, sameness=lambda *_: -5.0
    )
    assert not any(one.is_sure for one in align(apart, joined)), "there is a second between them"
    strange = replace(joined, apart=lambda *_: 1.1)
    assert not any(one.is_sure for one in align(apart[:1], strange)), "it sounds like a noise"
    assert all(one.is_sure for one in align(apart[:1], replace(joined, expected_s=[1.0])))
    clear = Evidence(
        apart=lambda *_: 0.9,
        expected_s=[2.0] * 4,
        likeness=lambda piece, sentence: 5.0 if pieces.index(piece) + 1 == sentence else -5.0,
        sameness=lambda *_: -5.0,
    )
    assert [(one.sentence, one.is_sure) for one in align(pieces, clear)] == [
        (1, True),
        (2, True),
        (3, True),
    ]


def test_pieces_are_found_between_pauses_in_a_noisy_room() -> None:
    rng = np.random.default_rng(3)
    samples = rng.standard_normal(RATE_HZ * 6).astype(np.float32) * 0.003
    for start_s, end_s in ((1.0, 2.0), (2.2, 2.6), (4.0, 4.5)):
        part = slice(round(start_s * RATE_HZ), round(end_s * RATE_HZ))
        samples[part] += 0.2 * np.sin(np.arange(part.stop - part.start) / 9)
    found = find_pieces(Take(samples, RATE_HZ))
    assert [(round(one.start_s, 1), round(one.end_s, 1)) for one in found] == [
        (1.0, 2.6),
        (4.0, 4.5),
    ]
