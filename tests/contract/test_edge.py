"""Edge's voices, with the real client and a stand-in for the service.

Whole answers or clear errors.
"""

import gc
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import edge_tts.communicate
import pytest

from conftest import DATA, Built
from fake_edge import FakeEdge
from fake_google import authority
from sessions import choose_voice, open_speaker
from stretchaudio import UsageError, VoiceError
from stretchaudio.cache import Cache
from stretchaudio.language import language
from stretchaudio.speech.engine import Prosody
from stretchaudio.speech.engines import online
from stretchaudio.speech.speaker import EncodingSpeaker

ENGLISH = language("en")
# aiohttp leaves the socket of a proxied connection to the garbage collector when the other side
# closed it first.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEdge]:
    monkeypatch.setattr(online, "READ_S", 1.5)
    monkeypatch.setattr(online, "LONGEST_WAIT_S", 0.3)
    authority().configure_trust(edge_tts.communicate._SSL_CTX)
    server = FakeEdge()
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, server.address)
    with closing(server):
        yield server
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()  # here, and not in the middle of another test


def _speaker(folder: Path, prosody: Prosody | None = None) -> EncodingSpeaker:
    return open_speaker("edge", ENGLISH, Cache(folder / "cache"), prosody)


def test_a_track_is_spoken_by_edge(
    server: FakeEdge, build: Callable[..., Built], tmp_path: Path
) -> None:
    built = build(
        DATA / "scripts" / "reps.yaml", voice="edge:en-GB-SoniaNeural", cache_dir=tmp_path / "cache"
    )
    assert built.manifest["voice"] == "edge:en-GB-SoniaNeural"
    assert set(server.asked.values()) == {1}


@pytest.mark.parametrize(
    "fault", ["429", "500", "403", "empty", "half sound", "half frame", "garbage", "hang"]
)
def test_a_bad_answer_is_asked_for_again(server: FakeEdge, tmp_path: Path, fault: str) -> None:
    """A 403 comes and goes with this service.

    Edge-tts itself asks a second time, with its clock set right.
    """
    faults = iter([fault] * (2 if fault == "403" else 1))
    server.fault = lambda _: next(faults, "")
    with closing(_speaker(tmp_path)) as speaker:
        assert speaker.speak(["Reach up."]).clips["Reach up."].length_ms > 500


def test_a_service_that_never_speaks_fails_with_the_way_out(
    server: FakeEdge, tmp_path: Path
) -> None:
    server.fault = lambda _: "empty"
    with (
        closing(_speaker(tmp_path)) as speaker,
        pytest.raises(VoiceError, match="did not speak it after 6 attempts") as caught,
    ):
        speaker.speak(["Reach up."])
    assert "Run it again" in caught.value.hint


def test_voices_are_named_as_the_service_names_them() -> None:
    assert str(choose_voice("edge", ENGLISH)) == "edge:en-US-JennyNeural"
    assert str(choose_voice("edge", language("it"))) == "edge:it-IT-ElsaNeural"
    for wrong in ("jenny", "en-US-Jenny'/><voice name='x", "../x"):
        with pytest.raises(UsageError, match="not the name of an Edge voice"):
            choose_voice(f"edge:{wrong}", ENGLISH)
