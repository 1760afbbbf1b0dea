"""Kokoro: real loading and synthesis with files that the test makes, and its download."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from conftest import DATA, Built, Ran
from sessions import choose_voice, open_engine
from stretchaudio import UsageError, VoiceError
from stretchaudio.language import language
from stretchaudio.speech.engine import Engine, Prosody
from stretchaudio.speech.engines import download, kokoro
from stretchaudio.speech.leveling import decode
from tiny_kokoro import write_files

pytest.importorskip("kokoro_onnx")
ENGLISH = language("en")
TEXTS = ("Reach up as high as you can.", "Rest.", "And breathe out.")


@pytest.fixture
def files(home: Path) -> Path:
    return write_files(kokoro.folder())


def _open(voice: str = "kokoro", jobs: int = 1, **prosody: float) -> Engine:
    return open_engine(choose_voice(voice, ENGLISH, Prosody(**prosody)), jobs=jobs)


def test_a_session_is_spoken_by_it_and_a_text_always_gives_the_same_bytes(
    files: Path, build: Callable[..., Built]
) -> None:
    """Though the model draws random numbers: whatever was said before, in whichever helper."""
    built = build(DATA / "scripts" / "reps.yaml", voice="auto")
    assert built.manifest["voice"] == "kokoro:af_heart"
    assert built.manifest["cues"]
    with closing(_open()) as first:
        said = [first.speak(text) for text in TEXTS]
        assert first.speak(TEXTS[0]) == said[0]
    with closing(_open()) as second:
        assert [second.speak(text) for text in reversed(TEXTS)] == said[::-1]


def test_voices_and_paces_are_heard(files: Path) -> None:
    with closing(_open()) as usual, closing(_open("kokoro:af_bella", speed=1.25)) as other:
        sounds = [decode(engine.speak(TEXTS[0])) for engine in (usual, other)]
    assert len(sounds[1]) == pytest.approx(len(sounds[0]) / 1.25, rel=0.05)
    assert np.std(sounds[1]) == pytest.approx(np.std(sounds[0]) * 0.2 / 0.3, rel=0.05)


def test_a_voice_is_named_by_what_is_in_the_file(files: Path, run: Callable[..., Ran]) -> None:
    assert choose_voice("kokoro", language("es")).name == "ef_dora"
    with pytest.raises(UsageError, match=r"no voice 'af_hart'\. Perhaps you meant af_heart"):
        choose_voice("kokoro:af_hart", ENGLISH)
    with pytest.raises(UsageError, match="has no voice of its own for the language 'de'"):
        choose_voice("kokoro", language("de"))
    listed = run("voices", "--engine", "kokoro").out
    assert "kokoro:bm_george  en-gb     Apache-2.0  120.6 MB  yes" in listed
    assert "jf_alpha" not in listed, "nothing here is in Japanese"


def test_as_many_helpers_as_memory_holds(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, expected in ((100, 1), (3, 1), (2 * kokoro.HELPER_BYTES, 2)):
        monkeypatch.setattr(
            kokoro.os, "sysconf", lambda name, free=free: 1 if "SIZE" in name else free
        )
        with closing(_open(jobs=8)) as engine:
            assert engine.at_once == expected


def test_without_its_files_it_says_how_to_get_them(home: Path, run: Callable[..., Ran]) -> None:
    with pytest.raises(VoiceError, match="with: stretchaudio voices download kokoro"):
        choose_voice("kokoro", ENGLISH)
    listed = run("voices", "--engine", "kokoro", "--language", "hi").out
    assert "kokoro:hf_alpha  hi        Apache-2.0  120.6 MB  no" in listed


def test_broken_files_are_an_error(files: Path) -> None:
    files.write_bytes(b"not a model")
    with closing(_open()) as engine, pytest.raises(VoiceError, match="cannot be loaded"):
        engine.speak("Reach up.")
    (kokoro.folder() / kokoro.VOICES_FILE.name).write_bytes(b"no archive")
    with pytest.raises(VoiceError, match="voices download kokoro"):
        choose_voice("kokoro", ENGLISH)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A mirror of files that are small; the engine is told their sizes and hashes."""
    folder = tmp_path / "mirror"
    write_files(folder)

    def as_served(file: Any) -> Any:
        data = (folder / file.name).read_bytes()
        return replace(file, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest())

    monkeypatch.setattr(kokoro, "VOICES_FILE", as_served(kokoro.VOICES_FILE))
    monkeypatch.setattr(kokoro, "MODELS", {"kokoro": as_served(kokoro.MODELS["kokoro"])})
    handler = partial(_Quiet, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        monkeypatch.setenv("STRETCHAUDIO_KOKORO", f"http://127.0.0.1:{server.server_address[1]}")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr(download, "LONGEST_WAIT_S", 0.1)
        yield folder
        server.shutdown()


def test_it_is_downloaded_whole_or_not_at_all(source: Path, run: Callable[..., Ran]) -> None:
    model = source / kokoro.MODELS["kokoro"].name
    good = model.read_bytes()
    model.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    refused = run("voices", "download", "kokoro")
    assert refused.code == 3
    assert "is not what it should be (another size or hash)" in refused.err
    with pytest.raises(VoiceError, match="voices download kokoro"):
        choose_voice("kokoro", ENGLISH)
    model.write_bytes(good)
    done = run("voices", "download", "kokoro")
    assert done.code == 0
    assert "Licence: Apache-2.0" in done.out
    assert "Done. Use it with --voice kokoro." in done.out
    assert choose_voice("kokoro", ENGLISH).name == "af_heart"
    assert {path.name for path in kokoro.folder().iterdir()} == {
        kokoro.VOICES_FILE.name,
        model.name,
    }
