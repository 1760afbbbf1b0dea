"""A speech server: the real HTTP client, and a stand-in that speaks OpenAI's protocol."""

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain, repeat
from pathlib import Path

import pytest

from conftest import DATA, Built, Ran
from fake_google import loudest_hz, pitch_hz
from fake_speech_server import FAULTS, KEY, FakeSpeechServer
from listening import RATE_HZ, decode
from sessions import choose_voice, open_engine, open_speaker
from stretchaudio import UsageError, VoiceError
from stretchaudio.cache import Cache
from stretchaudio.config import SpeechServer, config_file
from stretchaudio.language import language
from stretchaudio.speech.engines import online, openai
from stretchaudio.speech.text import normalise

ENGLISH = language("en")
VOICE = "openai:some/model/af_heart"
REPS = DATA / "scripts" / "reps.yaml"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSpeechServer]:
    monkeypatch.setattr(openai, "READ_S", 1.0)
    monkeypatch.setattr(online, "LONGEST_WAIT_S", 0.1)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with closing(FakeSpeechServer()) as server:
        config_file().parent.mkdir(parents=True)
        text = f"speech_server: {server.address}/\nspeech_key: {KEY}\nallow_http: true\n"
        config_file().write_text(text, encoding="utf-8")
        yield server


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def test_a_track_is_spoken_by_the_server_whatever_comes_in_between(
    server: FakeSpeechServer, build: Callable[..., Built], tmp_path: Path
) -> None:
    """Three answers in ten are bad. `endurance.py speech-server` does it a thousand times."""
    server.rng = random.Random(3)
    server.fault = lambda rng: rng.choice([*FAULTS, "hang"]) if rng.random() < 0.3 else ""
    built = build(REPS, voice=VOICE, cache_dir=tmp_path / "cache")
    assert built.manifest["voice"] == VOICE
    samples = decode(built.path)
    for cue in built.manifest["cues"]:
        part = samples[round(cue["start_s"] * RATE_HZ) : round(cue["end_s"] * RATE_HZ)]
        assert abs(loudest_hz(part) - pitch_hz(normalise(cue["text"], ENGLISH.spoken))) < 8, cue
    asked = server.requests[0]
    assert asked.pop("input")
    assert asked == {
        "path": "/v1/audio/speech",
        "model": "some/model",
        "voice": "af_heart",
        "response_format": "mp3",
        "speed": 0.92,
    }
    assert server.keys == {f"Bearer {KEY}"}
    assert 2 <= server.busiest <= 4


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_answer_is_asked_for_again(
    server: FakeSpeechServer, cache: Cache, fault: str
) -> None:
    faults = iter([fault])
    server.fault = lambda _: next(faults, "")
    with closing(open_speaker(VOICE, ENGLISH, cache)) as speaker:
        assert speaker.speak(["Reach up."]).clips["Reach up."].length_ms > 500
    assert server.asked["Reach up."] == 2


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("400", r"refuses to speak it \(status 400: There is no such voice"),
        ("401", r"refuses the key \(status 401\)"),
        ("redirect", r"refuses to speak it \(status 307"),
    ],
)
def test_a_refusal_is_final_and_the_key_goes_nowhere_else(
    server: FakeSpeechServer, fault: str, message: str
) -> None:
    server.fault = lambda _: fault
    with (
        closing(open_engine(choose_voice(VOICE, ENGLISH), jobs=1)) as engine,
        pytest.raises(VoiceError, match=message) as caught,
    ):
        engine.speak("Reach up.")
    assert server.asked.total() == 1
    assert KEY not in caught.value.message + caught.value.hint


def test_a_server_that_never_answers_well_fails_the_build_and_what_was_made_is_kept(
    server: FakeSpeechServer, run: Callable[..., Ran], home: Path, tmp_path: Path
) -> None:
    faults = chain([""] * 3, repeat("page"))
    server.fault = lambda _: next(faults)
    ran = run("build", REPS, "--voice", VOICE, "--cache-dir", tmp_path / "cache")
    assert ran.code == 3
    assert "The speech server did not speak it after 6 attempts (text/html in place of" in ran.err
    assert "cues are done and kept." in ran.err
    assert not list(home.glob("*.mp3"))


def test_a_dry_run_tells_how_many_letters_would_be_sent(
    server: FakeSpeechServer, run: Callable[..., Ran], tmp_path: Path
) -> None:
    build = ("build", REPS, "--voice", VOICE, "--cache-dir", tmp_path / "cache")
    told = run(*build, "--dry-run").out
    assert not server.asked
    assert run(*build).code == 0
    letters = sum(map(len, server.asked))
    assert f"{letters:,} letters, which go to openai and may cost" in told
    assert "letters" not in run(*build, "--dry-run").out


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        (SpeechServer(), "Name your server under 'speech_server'"),
        (SpeechServer(address="example.org/v1"), "is not an address such as https://"),
        (SpeechServer(address="https://[::1/v1"), "is not an address such as https://"),
        (SpeechServer(address="https://me:word@example.org/v1"), "Put the key under 'speech_key'"),
        (SpeechServer(address="http://127.0.0.1/v1"), "write allow_http: true"),
        (SpeechServer(address="http://8.8.8.8/v1", allow_http=True), "write https://"),
        (SpeechServer(address="http://nowhere.invalid/v1", allow_http=True), "write https://"),
        (SpeechServer(address="http://192.168.1.20:8880/v1", allow_http=True), ""),
        (SpeechServer(address="http://[::1]:8880/v1", allow_http=True), ""),
        (SpeechServer(address="https://example.org/v1"), ""),
    ],
)
def test_texts_go_to_no_address_but_a_safe_one(server: SpeechServer, reason: str) -> None:
    told = openai.SpeechServers(server).unavailable_reason()
    assert reason in told
    assert bool(told) == bool(reason)


def test_a_voice_is_a_model_and_a_voice(
    server: FakeSpeechServer, run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="'alloy' is not a model and a voice"):
        choose_voice("openai:alloy", ENGLISH)
    assert "--voice openai:MODEL/VOICE" in run("voices", "--engine", "openai").out
    monkeypatch.setenv("STRETCHAUDIO_SPEECH_SERVER", "http://8.8.8.8/v1")
    with pytest.raises(VoiceError, match=r"8\.8\.8\.8 is not on this machine"):
        choose_voice(VOICE, ENGLISH)
