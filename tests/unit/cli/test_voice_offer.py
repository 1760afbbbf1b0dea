"""The offer of a better voice than the embedded one."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from conftest import DATA
from programs import command, posix_only
from sessions import settings_of
from stretchaudio import Options
from stretchaudio.cache import user_folder
from stretchaudio.cli.voice_offer import offer_better_voice

OFFER = "stretchaudio voices download kokoro (121 MB, once)"
ESPEAK = "espeak:en-us+klatt4"


@pytest.fixture
def offered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """What is offered at a terminal to somebody who has chosen no voice for good."""
    monkeypatch.delenv("STRETCHAUDIO_VOICE")

    def offered(voice: str = ESPEAK, code: str = "en", **options: Any) -> str:
        for stream in (sys.stdout, sys.stderr):
            monkeypatch.setattr(stream, "isatty", lambda: True)
        with settings_of(Options(**options)) as settings:
            offer_better_voice(voice, code, settings)
        return capsys.readouterr().out

    return offered


def test_a_better_voice_is_offered_once_a_day(offered: Callable[..., str]) -> None:
    assert not offered("gtts:en")
    assert OFFER in offered()
    assert not offered()
    (moment,) = (user_folder() / "moments").iterdir()
    os.utime(moment, (time.time() - 90_000,) * 2)
    assert "de_DE-thorsten-medium" in offered("espeak:de+klatt4", "de")


def test_whoever_has_chosen_a_voice_or_no_network_is_left_in_peace(
    offered: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not offered(offline=True)
    monkeypatch.setenv("STRETCHAUDIO_VOICE", "espeak")
    assert not offered()
    monkeypatch.delenv("STRETCHAUDIO_VOICE")
    assert offered()


@posix_only
def test_a_build_at_a_terminal_offers_it_and_one_in_a_pipe_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import pty

    monkeypatch.delenv("STRETCHAUDIO_VOICE")
    build = command("build", DATA / "short.yaml", "--voice", "espeak")
    assert b"download" not in subprocess.run(build, check=True, capture_output=True).stdout
    seen, terminal = pty.openpty()
    subprocess.run(build, check=True, stdout=terminal, stderr=terminal)
    os.close(terminal)
    assert OFFER.encode() in os.read(seen, 1 << 16)
    os.close(seen)
