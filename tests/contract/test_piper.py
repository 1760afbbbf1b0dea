"""Piper: real synthesis with a voice that the test makes, and downloads whole or not at all."""

import hashlib
import http.server
import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from conftest import DATA, Built, Ran
from sessions import choose_voice, open_engine
from stretchaudio import UsageError, VoiceError
from stretchaudio.language import language
from stretchaudio.speech.engine import Prosody
from stretchaudio.speech.engines import download, piper
from stretchaudio.speech.engines.piper_download import find_offer
from stretchaudio.speech.leveling import decode
from tiny_piper import write_voice

ENGLISH = language("en")
NAME = "en_US-tiny-low"


@pytest.fixture
def voice(home: Path) -> Path:
    return write_voice(piper.folder())


def test_a_session_is_spoken_by_a_downloaded_voice(
    voice: Path, build: Callable[..., Built]
) -> None:
    built = build(DATA / "scripts" / "reps.yaml", voice="auto")
    assert built.manifest["voice"] == f"piper:{NAME}"
    assert built.manifest["cues"]


def _seconds(speed: float = 1.0) -> float:
    with closing(
        open_engine(choose_voice("piper", ENGLISH, Prosody(speed=speed)), jobs=1)
    ) as engine:
        return len(decode(engine.speak("Reach up as high as you can."))) / 24_000


def test_speed_changes_how_long_it_speaks(voice: Path) -> None:
    assert _seconds(1.25) < _seconds() < _seconds(0.8)


def test_a_voice_is_named_by_its_file(voice: Path) -> None:
    assert choose_voice(f"piper:{NAME}", ENGLISH).name == NAME
    with pytest.raises(
        UsageError, match=r"'en_US-tiny-lo' is not here\. Perhaps you meant en_US-tiny-low"
    ):
        choose_voice("piper:en_US-tiny-lo", ENGLISH)
    with pytest.raises(UsageError, match=r"'\.\./x' is not here"):
        choose_voice("piper:../x", ENGLISH)
    with pytest.raises(UsageError, match="has no voice of its own for the language 'de'"):
        choose_voice("piper", language("de"))


def test_one_of_several_speakers_is_named_by_number(home: Path) -> None:
    write_voice(piper.folder(), "en_US-many-low", speakers=3)
    assert choose_voice("piper:en_US-many-low#2", ENGLISH).name == "en_US-many-low#2"
    with pytest.raises(UsageError, match="has no speaker '3'"):
        choose_voice("piper:en_US-many-low#3", ENGLISH)


def test_without_a_voice_it_says_how_to_get_one(home: Path) -> None:
    with pytest.raises(VoiceError, match="Download a voice, such as: stretchaudio voices download"):
        choose_voice("piper", ENGLISH)


def test_a_broken_model_is_an_error(voice: Path) -> None:
    voice.write_bytes(b"not a model")
    with (
        closing(open_engine(choose_voice("piper", ENGLISH), jobs=1)) as engine,
        pytest.raises(VoiceError, match="cannot be loaded"),
    ):
        engine.speak("Reach up.")


class _Server(http.server.ThreadingHTTPServer):
    """Serves files by path; `cut` closes the connection after some bytes, as often as it says."""

    files: dict[str, bytes]
    cut: list[int]
    ranges: list[str]
    honours_ranges = True
    too_far = False


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        data = self.server.files.get(self.path)
        if data is None:
            self.send_error(404)
            return
        asked = self.headers.get("Range", "")
        start = (
            int(asked.removeprefix("bytes=").removesuffix("-"))
            if asked and self.server.honours_ranges
            else 0
        )
        if asked:
            self.server.ranges.append(asked)
        if asked and self.server.too_far:
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        body = data[start:]
        if self.server.cut and self.path.endswith(".onnx"):
            body = body[: self.server.cut.pop(0)]
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Server]:
    made = write_voice(tmp_path / "source", NAME)
    folder = f"en/en_US/tiny/low/{NAME}"
    card = b"# Model card for tiny\n\n* License: CC0, https://example.org/cc0\n"
    files = {
        f"{folder}.onnx": made.read_bytes() + bytes(200_000),
        f"{folder}.onnx.json": (tmp_path / "source" / f"{NAME}.onnx.json").read_bytes(),
    }
    files["en/en_US/tiny/low/MODEL_CARD"] = card
    facts = {
        path: {
            "size_bytes": len(data),
            "md5_digest": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        }
        for path, data in files.items()
    }
    server = _Server(("127.0.0.1", 0), _Handler)
    server.files = {f"/{path}": data for path, data in files.items()} | {
        "/voices.json": json.dumps({NAME: {"files": facts}}).encode()
    }
    server.cut, server.ranges = [], []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("STRETCHAUDIO_PIPER_VOICES", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(download, "LONGEST_WAIT_S", 0.1)
    yield server
    server.shutdown()
    server.server_close()


def test_all_that_can_be_downloaded_is_listed_beside_what_is_here(
    source: _Server, voice: Path, run: Callable[..., Ran]
) -> None:
    write_voice(piper.folder(), "de_DE-own-low")
    listed = run("voices", "--engine", "piper").out
    assert re.search(r"piper:de_DE-own-low +de +yes", listed)
    assert re.search(rf"piper:{NAME} +en +\d+ kB +yes", listed)
    source.files.pop("/voices.json")
    assert "cannot be downloaded (status 404)" in run("voices", "--engine", "piper").out
    assert "de_DE-own-low" in run("voices", "--engine", "piper", "--offline").out


def _files() -> set[str]:
    return {path.name for path in piper.folder().iterdir()}


WHOLE = {f"{NAME}.onnx", f"{NAME}.onnx.json", f"{NAME}.MODEL_CARD"}


def test_a_download_shows_its_licence_and_is_there_whole(
    source: _Server, run: Callable[..., Ran]
) -> None:
    ran = run("voices", "download", NAME)
    assert ran.code == 0, ran.err
    assert "Licence: License: CC0, https://example.org/cc0" in ran.err
    assert f"--voice piper:{NAME}" in ran.out
    assert _files() == WHOLE
    assert piper.downloaded() == (NAME,)


def test_a_broken_download_goes_on_where_it_stopped(source: _Server) -> None:
    source.cut = [6 * 8192, 8 * 8192]
    list(download.fetch(find_offer(NAME)))
    assert source.ranges == [f"bytes={6 * 8192}-", f"bytes={14 * 8192}-"]
    assert _files() == WHOLE


def test_a_server_without_ranges_starts_over(source: _Server) -> None:
    source.cut, source.honours_ranges = [50_000], False
    list(download.fetch(find_offer(NAME)))
    assert _files() == WHOLE


def test_what_does_not_come_is_not_there_and_is_gone_on_with_the_next_time(source: _Server) -> None:
    source.cut = [8192] * 5
    with pytest.raises(VoiceError, match="cannot be downloaded") as caught:
        list(download.fetch(find_offer(NAME)))
    assert "40,960 of" in caught.value.hint
    assert piper.downloaded() == ()
    list(download.fetch(find_offer(NAME)))
    assert source.ranges[-1] == f"bytes={5 * 8192}-"
    assert _files() == WHOLE


@pytest.mark.parametrize(
    "change",
    [lambda data: data[:-1] + b"x", lambda data: data + b"x", lambda _: b"<html>log in</html>"],
)
def test_what_is_not_the_listed_file_is_refused(
    source: _Server, change: Callable[[bytes], bytes]
) -> None:
    path = f"/en/en_US/tiny/low/{NAME}.onnx"
    source.files[path] = change(source.files[path])
    with pytest.raises(VoiceError):
        list(download.fetch(find_offer(NAME)))
    assert piper.downloaded() == ()


def test_what_is_there_is_not_fetched_again(source: _Server) -> None:
    offer = find_offer(NAME)
    list(download.fetch(offer))
    source.files.clear()
    assert len(list(download.fetch(offer))) == 3


def test_two_downloads_at_once_do_not_write_into_one_file(source: _Server) -> None:
    offer = find_offer(NAME)
    source.cut = [8192] * 5
    with pytest.raises(VoiceError):
        list(download.fetch(offer))
    first, second = download._claim(offer.files[-1]), download._claim(offer.files[-1])
    assert first[1].is_file()
    assert not second[1].exists()
    assert first[1] != second[1]


def test_what_a_killed_download_left_is_gone_on_with(source: _Server) -> None:
    model = find_offer(NAME).files[-1]
    piper.folder().mkdir(parents=True)
    left = download._claim(model)[1]
    left.write_bytes(source.files[urlsplit(model.url).path][:8192])
    os.utime(left, (time.time() - 600,) * 2)
    list(download.fetch(find_offer(NAME)))
    assert source.ranges == ["bytes=8192-"]
    assert _files() == WHOLE


def test_a_part_of_another_file_is_begun_again(source: _Server) -> None:
    source.too_far = True
    source.cut = [8192] * 5
    with pytest.raises(VoiceError):
        list(download.fetch(find_offer(NAME)))
    source.cut = []
    list(download.fetch(find_offer(NAME)))
    assert _files() == WHOLE


def test_a_new_config_speaks_anew(voice: Path) -> None:
    before = open_engine(choose_voice("piper", ENGLISH), jobs=1).version
    path = voice.with_name(f"{NAME}.onnx.json")
    path.write_text(path.read_text().replace('"length_scale": 1.0', '"length_scale": 2.0'))
    assert open_engine(choose_voice("piper", ENGLISH), jobs=1).version != before


@pytest.mark.parametrize("config", ["[]", '{"num_speakers": null}', "{"])
def test_a_config_that_is_none_is_an_error(voice: Path, config: str) -> None:
    voice.with_name(f"{NAME}.onnx.json").write_text(config)
    with pytest.raises(UsageError, match="cannot be read"):
        choose_voice(f"piper:{NAME}", ENGLISH)


def test_a_broken_voice_that_nobody_asked_for_offers_another(
    voice: Path, run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STRETCHAUDIO_VOICE")
    voice.write_bytes(b"not a model")
    ran = run("build", DATA / "short.yaml", "--cache-dir", "cache")
    assert ran.code == 3
    assert "Or use --voice " in ran.err


def test_an_unknown_name_gets_suggestions(source: _Server) -> None:
    with pytest.raises(
        UsageError, match=r"no voice 'en_US-tiny-hi'\. Perhaps you meant en_US-tiny-low"
    ) as caught:
        find_offer("en_US-tiny-hi")
    assert caught.value.hint == f"There is {NAME}."


@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>", b"[]", b'{"en_US-tiny-low": {"files": {}}}', b'{"en_US-tiny-low": 1}'],
)
def test_a_list_that_is_none_is_refused(source: _Server, answer: bytes) -> None:
    source.files["/voices.json"] = answer
    with pytest.raises(VoiceError, match="list"):
        find_offer(NAME)


def test_no_file_goes_outside_the_folder_whatever_the_list_says(
    source: _Server, tmp_path: Path
) -> None:
    """Names are the voice's own; the list only says where each comes from."""
    listed = json.loads(source.files["/voices.json"])
    listed["../../evil"] = listed[NAME]
    source.files["/voices.json"] = json.dumps(listed).encode()
    with pytest.raises((VoiceError, UsageError)):
        list(download.fetch(find_offer("../../evil")))
    assert not list(tmp_path.rglob("*evil*"))
