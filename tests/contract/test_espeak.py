"""The embedded voice."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from sessions import choose_voice, open_engine
from stretchaudio.language import language
from stretchaudio.speech import worker as make
from stretchaudio.speech.engines import espeak

ENGLISH = language("en")


@pytest.fixture(scope="module")
def speak() -> "Callable[[str], bytes]":
    engine = open_engine(choose_voice("espeak", ENGLISH), jobs=1)
    with closing(engine):
        yield engine.speak


def test_the_same_text_sounds_the_same_whatever_was_said_before(
    speak: Callable[[str], bytes],
) -> None:
    first = speak("Hold for 30 seconds.")
    for other in ("Stand tall.", "1", "Breathe in, and lean back slightly?"):
        speak(other)
        assert speak("Hold for 30 seconds.") == first


def test_another_process_says_exactly_the_same(speak: Callable[[str], bytes]) -> None:
    engine = open_engine(choose_voice("espeak", ENGLISH), jobs=1)
    with closing(engine):
        assert engine.speak("Reach up.") == speak("Reach up.")


def test_a_long_install_path_makes_no_difference(
    speak: Callable[[str], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = speak("Reach up.")
    folder = tmp_path / ("deep" * 40) / "espeak-ng-data"
    assert len(str(folder)) > 160
    shutil.copytree(espeak.data_folder(), folder)
    monkeypatch.setattr(espeak, "data_folder", lambda: folder)
    engine = espeak.open_engine(choose_voice("espeak", ENGLISH), 1)
    with closing(engine):
        assert engine.speak("Reach up.") == expected
        copied = engine._short_data
        assert copied is not None
        assert copied.is_dir()
    assert not copied.exists()


def test_the_gpl_library_is_never_loaded_here() -> None:
    """It is called across a process boundary."""
    code = (
        "import sys, stretchaudio.cli.build, stretchaudio.cli.inspect, "
        "stretchaudio.speech.engines.espeak;"
        "sys.exit('espeakng_loader' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("voice", ["en-us+klatt", "en-us+ian", "en-us+whisper"])
def test_peaks_stay_below_the_limit_with_any_voice(voice: str) -> None:
    with closing(open_engine(choose_voice(f"espeak:{voice}", ENGLISH), jobs=1)) as engine:
        for text in ("Reach over.", "Hold for 30 seconds."):
            assert make.make_clip(engine.speak(text), -66.0).true_peak_dbtp <= -1.0
