"""Google's voice, or a speech server, with three bad answers in ten, over and over.

How many tracks come out, and whether any is wrong.

usage: python benchmarks/faults.py [RUNS] [openai]
"""

import os
import random
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
import fake_speech_server
from fake_google import FakeGoogle, loudest_hz, mp3, pitch_hz
from fake_speech_server import FakeSpeechServer
from listening import RATE_HZ, decode
from stretchaudio import Options, VoiceError, build, read_routine
from stretchaudio.config import config_file
from stretchaudio.language import language
from stretchaudio.speech.engine import Engines
from stretchaudio.speech.engines import google, online, openai
from stretchaudio.speech.text import normalise

FAULTS = [
    "429",
    "500",
    "empty",
    "portal",
    "no sound",
    "garbage",
    "bad base64",
    "half sound",
    "half frame",
    "cut",
    "hang",
]
ROUTINE = Path(__file__).parent.parent / "tests" / "data" / "scripts" / "reps.yaml"
NEAR_HZ = 8


def main() -> None:
    """Build the routine again and again, each time from nothing."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    run = _run_server if "openai" in sys.argv else _run
    if run is _run:
        _hundred()
    # A loopback answers at once; waiting as long as for a network proves nothing.
    online.READ_S, online.LONGEST_WAIT_S = 1.0, 0.2
    openai.READ_S = 1.0
    built = failed = wrong = 0
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        for seed in range(runs):
            folder = Path(name) / str(seed)
            folder.mkdir()
            outcome = run(seed, folder)
            built, failed, wrong = (
                built + (outcome == "right"),
                failed + (outcome == "error"),
                wrong + (outcome == "wrong"),
            )
    print(
        f"{runs} runs in {time.monotonic() - start:.0f} s: {built} right tracks, {failed} clear "
        f"errors, {wrong} wrong tracks"
    )


def _hundred() -> None:
    """Fetch a hundred cues from a server that takes 200 ms for each, then one after the other."""
    texts = [f"Sentence number {n} of the session." for n in range(100)]
    for text in texts:
        mp3(text)  # so that the stand-in is as quick as the real one
    with (
        closing(FakeGoogle(latency_s=0.2)) as server,
        closing(google.open_engine(Engines().resolve_voice("gtts", language("en")), 1)) as engine,
    ):
        os.environ["HTTPS_PROXY"] = os.environ["https_proxy"] = server.address
        start = time.monotonic()
        with ThreadPoolExecutor(engine.at_once) as pool:
            list(pool.map(engine.speak, texts))
        ours_s = time.monotonic() - start
        start = time.monotonic()
        for text in texts:
            engine.speak(text)
        rival_s = time.monotonic() - start
    print(
        f"100 cues at 200 ms: {ours_s:.1f} s (one after the other: {rival_s:.1f} s, ratio "
        f"{rival_s / ours_s:.1f})"
    )


def _run(seed: int, folder: Path) -> str:
    """Build with Google's voice."""
    rng = random.Random(seed)
    fault = lambda rng: rng.choice(FAULTS) if rng.random() < 0.3 else ""  # noqa: E731
    with closing(FakeGoogle(fault=fault)) as server:
        server.rng = rng
        os.environ["HTTPS_PROXY"] = os.environ["https_proxy"] = server.address
        return _outcome("gtts", folder)


def _run_server(seed: int, folder: Path) -> str:
    """Build with a speech server."""
    faults = [*fake_speech_server.FAULTS, "hang"]
    fault = lambda rng: rng.choice(faults) if rng.random() < 0.3 else ""  # noqa: E731
    with closing(FakeSpeechServer(fault)) as server:
        server.rng = random.Random(seed)
        os.environ["NO_PROXY"] = "127.0.0.1"
        os.environ["STRETCHAUDIO_SPEECH_SERVER"] = server.address
        os.environ["XDG_CONFIG_HOME"] = str(folder)
        config_file().parent.mkdir()
        config_file().write_text("allow_http: true\n", encoding="utf-8")
        return _outcome("openai:tiny/tone", folder)


def _outcome(voice: str, folder: Path) -> str:
    try:
        track = build(
            read_routine(ROUTINE),
            folder / "track.mp3",
            Options(voice=voice, cache_dir=folder / "cache"),
        )
    except VoiceError:
        return "wrong" if (folder / "track.mp3").exists() else "error"
    samples = decode(track.path)
    rules = language("en").spoken
    for cue in track.manifest.cues:
        part = samples[round(cue.start_s * RATE_HZ) : round(cue.end_s * RATE_HZ)]
        if abs(loudest_hz(part) - pitch_hz(normalise(cue.text, rules))) > NEAR_HZ:
            return "wrong"
    return "right"


if __name__ == "__main__":
    main()
