"""Commands about voices."""

import csv
import io
import os
import re
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import soundfile

from conftest import DATA, Ran
from sessions import choose_voice, open_engine
from stretchaudio import VoiceError
from stretchaudio.audio import ffmpeg
from stretchaudio.cache import user_folder
from stretchaudio.cli.arguments import voice_names
from stretchaudio.language import language
from stretchaudio.speech.engine import Engines
from stretchaudio.speech.engines.recordings import file_stem
from stretchaudio.speech.leveling import decode as decode_sound

ENGLISH = language("en")


SHORT = DATA / "short.yaml"


RATE_HZ = 24_000


def _record(folder: Path, stem: str, seed: int) -> None:
    """A sentence in a person's own voice: here, noise in the shape of syllables."""
    rng = np.random.default_rng(seed)
    sound = rng.standard_normal(RATE_HZ) * (0.1 + 0.1 * np.sin(np.arange(RATE_HZ) / 1500) ** 2)
    soundfile.write(
        folder / f"{stem}.flac",
        np.concatenate([np.zeros(5000), sound * 0.3, np.zeros(9000)]),
        RATE_HZ,
    )


def test_a_sheet_lists_what_to_record_and_the_recordings_speak(
    run: Callable[..., Ran], home: Path
) -> None:
    assert run("voices", "recording-list", SHORT, "-o", "sheet.csv").code == 0
    rows = list(csv.DictReader(io.StringIO((home / "sheet.csv").read_text(encoding="utf-8-sig"))))
    assert {row["routines"] for row in rows} == {"short"}
    folder = home / "My Voice"
    folder.mkdir()
    for at, row in enumerate(rows[1:]):
        _record(folder, Path(row["file"]).stem, at)
    ran = run("build", SHORT, "--voice", "recordings:My Voice")
    assert ran.code == 3
    assert "1 sentence is not recorded in My Voice:" in ran.err
    assert f"{rows[0]['file']}  {rows[0]['sentence']}" in ran.err
    assert "'stretchaudio voices recording-list ROUTINE' lists all" in ran.err
    assert not list(home.glob("*.mp3"))
    _record(folder, Path(rows[0]["file"]).stem, 99)
    assert run("build", SHORT, "--voice", "recordings:My Voice", "-m", "m.json").code == 0


def test_recordings_that_are_none_are_named_before_anything_is_built(tmp_path: Path) -> None:
    texts = ["Rest.", "Stop.", "Hold."]
    (tmp_path / f"{file_stem('Rest.')}.wav").write_bytes(b"")
    (tmp_path / f"{file_stem('Stop.')}.flac").write_bytes(b"a diary")
    (tmp_path / f"{file_stem('Hold.')}.wav").mkdir()
    speaking = open_engine(choose_voice(f"recordings:{tmp_path}", ENGLISH), jobs=1)
    with pytest.raises(VoiceError, match="1 sentence is not recorded"):
        speaking.check(texts)
    with pytest.raises(VoiceError) as caught:
        speaking.check(texts[:2])
    assert re.fullmatch(
        r"Some recordings cannot be used:(\n  .*/(rest|stop)-\w+\.\w+ is not a sound file){2}",
        caught.value.message,
    )


def test_recordings_of_a_phone_are_read_with_ffmpeg_and_named_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stem = file_stem("Rest.")
    phone = tmp_path / f"{stem}.m4a"
    phone.write_bytes(b"a diary")
    speaking = open_engine(choose_voice(f"recordings:{tmp_path}", ENGLISH), jobs=1)
    if ffmpeg.is_missing():
        pytest.skip("ffmpeg is not installed")
    with pytest.raises(VoiceError, match=rf"{stem}\.m4a cannot be read as sound\. ffmpeg says: "):
        speaking.speak("Rest.")
    _record(tmp_path, "own", 1)
    own = tmp_path / "own.flac"
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", own, phone], check=True)
    speaking.check(["Rest."])
    assert len(decode_sound(speaking.speak("Rest."))) == pytest.approx(38_000, abs=2_000)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(VoiceError, match=rf"\n  .*{stem}\.m4a can only be read with ffmpeg"):
        speaking.check(["Rest."])


def test_an_hour_of_sound_is_no_cue() -> None:
    file = io.BytesIO()
    soundfile.write(file, np.zeros(8000 * 3600, dtype="int16"), 8000, format="FLAC")
    with pytest.raises(VoiceError, match="returned 60 minutes of sound"):
        decode_sound(file.getvalue())


def test_a_sheet_is_never_written_over_a_routine_or_for_a_length(
    run: Callable[..., Ran], write: Callable[..., Path]
) -> None:
    path = write(SHORT.read_text())
    ran = run("voices", "recording-list", path, "-o", path)
    assert ran.code == 2
    assert path.read_text() == SHORT.read_text()
    assert run("voices", "recording-list", path, "--minutes", "2").code == 2
    printed = run("voices", "recording-list", path).out
    assert "\r" not in printed
    assert run("voices", "recording-list", path, "-o", "-").out == printed
    assert not Path("-").exists()


def test_a_new_take_is_heard(tmp_path: Path) -> None:
    stem = file_stem("Rest.")
    takes = []
    for seed in (1, 2):
        _record(tmp_path, stem, seed)
        with closing(
            open_engine(choose_voice(f"recordings:{tmp_path}", ENGLISH), jobs=1)
        ) as speaking:
            takes.append((speaking.version, speaking.speak("Rest.")))
    assert takes[0][0] != takes[1][0]
    assert takes[0][1] != takes[1][1]


def test_file_names_tell_sentences_apart() -> None:
    assert file_stem("Hold for 30 seconds.").startswith("hold-for-30-seconds-")
    assert file_stem("Öffne die Arme!").startswith("offne-die-arme-")
    assert len({file_stem(text) for text in ("Rest.", "Rest!", "rest.", "Rest")}) == 4
    assert file_stem("श्वास लें।")


def test_voices_lists_what_can_speak_and_what_the_others_need(run: Callable[..., Ran]) -> None:
    ran = run("voices")
    assert ran.code == 0
    for engine_id in Engines().ids():
        assert engine_id in ran.out
    assert "espeak:en-us+klatt4" in ran.out
    assert "Google does not answer" not in ran.out, "the table has said it"
    assert "its service does not answer now" in ran.out
    assert "Download a voice" in ran.out
    assert "--voice auto takes" in ran.out
    assert "espeak:hi+klatt4" in run("voices", "--language", "hi", "--offline").out
    assert run("voices", "--language", "xx").code == 2


def test_a_service_that_did_not_answer_is_left_alone_until_it_is_named(
    run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "its service does not answer now" in run("voices").out
    for moment in (user_folder() / "moments").iterdir():
        os.utime(moment, (time.time() - 180,) * 2)
    listed = run("voices").out
    assert "did not answer 3 minutes ago. Ask it again with: stretchaudio voices" in listed
    monkeypatch.delenv("STRETCHAUDIO_VOICE")
    assert "Google did not answer 3 minutes ago" in run("voices", "try", "auto", "Rest.").err
    assert "its service does not answer now" in run("voices", "--engine", "gtts").out
    for moment in (user_folder() / "moments").iterdir():
        os.utime(moment, (time.time() - 601,) * 2)
    assert "minutes ago" not in run("voices").out


def test_all_voices_of_an_engine_are_listed_with_language_licence_and_place(
    run: Callable[..., Ran],
) -> None:
    rows = run("voices", "--engine", "espeak").out.splitlines()
    assert re.search(r"^espeak:pt-br +pt-br +GPL-3\.0 +yes", "\n".join(rows), re.MULTILINE)
    assert len(rows) > 100
    spanish = run("voices", "--all", "--language", "es", "--offline").out
    assert "espeak:es-419" in spanish
    assert "pico:es-ES" in spanish
    assert re.search("gtts:es-mx .* online", spanish)
    assert "espeak:de" not in spanish
    assert "Download a voice" in spanish
    refused = run("voices", "--engine", "pipr")
    assert refused.code == 2
    assert "There is no voice engine 'pipr'. Perhaps you meant piper?" in refused.err


def test_a_voice_is_completed_engine_first() -> None:
    assert voice_names("e") == ["espeak", "edge"]
    assert "gtts:en-uk" in voice_names("gt")
    assert voice_names("gtts:en-u") == ["gtts:en-us", "gtts:en-uk"]
    assert voice_names("recordings:my") == []
    assert "auto" in voice_names("")


def test_an_option_before_a_command_is_not_lost(run: Callable[..., Ran]) -> None:
    ran = run("voices", "--offline", "try", "gtts", "Reach up.")
    assert ran.code == 2
    assert "Put --offline after the command" in ran.err
