"""The cache: found by what it was made from, whole or not at all, healed when damaged."""

import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sessions import open_speaker
from stretchaudio import FileError, VoiceError
from stretchaudio.cache import Cache, CacheArea, WarmCache, default_folder, key_of
from stretchaudio.language import language
from stretchaudio.speech.engines.espeak import Espeak
from stretchaudio.speech.speaker import EncodingSpeaker, Speech
from stretchaudio.util.progress import Progress


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def test_what_was_put_is_got_back(cache: Cache) -> None:
    key = key_of("engine", 1, "text")
    assert cache.get(CacheArea.CLIPS, key) is None
    cache.put(CacheArea.CLIPS, key, b"sound")
    assert cache.get(CacheArea.CLIPS, key) == b"sound"
    assert cache.get(CacheArea.SPEECH, key) is None


def test_every_part_of_a_key_counts() -> None:
    keys = {
        key_of("a", "b"),
        key_of("ab"),
        key_of("a", "b", None),
        key_of("a", "b", 1),
        key_of("a", "b", 1.5),
        key_of("b", "a"),
    }
    assert len(keys) == 6


DAMAGES = {
    "shorter": lambda data: data[:-1],
    "a few bytes": lambda data: data[:10],
    "empty": lambda _data: b"",
    "another end": lambda data: data[:-3] + b"xyz",
    "noise": lambda data: os.urandom(len(data)),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_entry_counts_as_missing(cache: Cache, damage: Callable[[bytes], bytes]) -> None:
    cache.put(CacheArea.CLIPS, key_of(1), b"sound" * 100)
    (path,) = (cache.folder / CacheArea.CLIPS).rglob("*/*")
    path.write_bytes(damage(path.read_bytes()))
    assert cache.get(CacheArea.CLIPS, key_of(1)) is None
    cache.put(CacheArea.CLIPS, key_of(1), b"sound" * 100)
    assert cache.get(CacheArea.CLIPS, key_of(1)) == b"sound" * 100


def test_no_unfinished_file_stays(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(FileError, match="No space left on device"):
        cache.put(CacheArea.CLIPS, key_of(1), b"sound")
    assert not list((cache.folder / "tmp").iterdir())


def test_the_folder_is_the_one_asked_for_or_at_hand(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRETCHAUDIO_CACHE", "asked")
    assert default_folder() == Path("asked")
    monkeypatch.delenv("STRETCHAUDIO_CACHE")
    assert default_folder().name == "stretchaudio"
    (home / "audio_cache").mkdir()
    assert default_folder() == Path("audio_cache")


def _speaker(
    cache: Cache, voice: str = "espeak", room_tone_db: float | None = -66.0
) -> EncodingSpeaker:
    return open_speaker(voice, language("en"), cache, room_tone_db=room_tone_db)


def _speak(
    cache: Cache, texts: Iterable[str], progress: Progress | None = None, **options: Any
) -> Speech:
    with closing(_speaker(cache, **options)) as speaker:
        return speaker.speak(texts, progress)


TEXTS = ("Rest.", "1", "Reach up.")


def test_a_second_time_nothing_is_spoken(cache: Cache) -> None:
    first, second = Progress(), Progress()
    spoken = _speak(cache, TEXTS, first)
    again = _speak(cache, TEXTS, second)
    assert (first.total, first.done, first.reused) == (3, 3, 0)
    assert (second.total, second.done, second.reused) == (3, 3, 3)
    assert again.clips == spoken.clips


def test_another_voice_or_tone_is_never_taken_from_the_cache(cache: Cache) -> None:
    usual = _speak(cache, TEXTS)
    progress = Progress()
    other = _speak(cache, TEXTS, progress, voice="espeak:en-us+f3")
    assert progress.reused == 0
    assert other.clips["Rest."] != usual.clips["Rest."]
    _speak(cache, TEXTS, progress, room_tone_db=None)
    assert progress.reused == 0


def test_a_new_tone_does_not_need_the_engine_again(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an engine said is kept apart from what was derived from it."""
    _speak(cache, TEXTS)

    def fail(*_: object) -> bytes:
        raise VoiceError("The engine was asked again.")

    monkeypatch.setattr(Espeak, "speak", fail)
    assert len(_speak(cache, TEXTS, room_tone_db=None).clips) == 3


def test_builds_that_run_at_once_speak_each_text_once(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak, spoken = Espeak.speak, []

    def slowly(self: Espeak, text: str) -> bytes:
        spoken.append(text)
        time.sleep(0.1)
        return speak(self, text)

    monkeypatch.setattr(Espeak, "speak", slowly)
    with ThreadPoolExecutor(2) as builds:
        one, other = builds.map(lambda _: _speak(cache, TEXTS), range(2))
    assert one == other
    assert sorted(spoken) == sorted(TEXTS)


def test_texts_that_sound_alike_are_one_clip(cache: Cache) -> None:
    progress = Progress()
    speech = _speak(cache, ("Wait 3 s.", "Wait 3 sec."), progress)
    assert progress.total == 1
    assert speech.clips["Wait 3 s."] == speech.clips["Wait 3 sec."]


def test_a_failure_names_the_cue_and_keeps_the_others(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stretchaudio.speech.engines.espeak import Espeak

    speak = Espeak.speak

    def fail_on_reach(self: Espeak, text: str) -> bytes:
        if text == "Reach up.":
            raise VoiceError("No breath left.")
        return speak(self, text)

    monkeypatch.setattr(Espeak, "speak", fail_on_reach)
    with pytest.raises(
        VoiceError, match=r"The cue 'Reach up\.' could not be spoken\. No breath left\."
    ) as caught:
        _speak(cache, ("Rest.", "1", "Reach up."))
    assert "of 3 cues are done and kept" in caught.value.hint
    monkeypatch.setattr(Espeak, "speak", speak)
    assert "Reach up." in _speaker(cache).missing(TEXTS)


def test_a_damaged_clip_is_made_again(cache: Cache) -> None:
    usual = _speak(cache, TEXTS)
    for area in (CacheArea.CLIPS, CacheArea.SPEECH):
        for path in (cache.folder / area).rglob("*/*"):
            path.write_bytes(os.urandom(path.stat().st_size))
    assert _speaker(cache).missing(TEXTS) == TEXTS
    assert _speak(cache, TEXTS) == usual


def test_an_unwritable_cache_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(FileError, match="write to the cache"):
        _speak(Cache(tmp_path / "file"), TEXTS)


def test_a_warm_cache_unpacks_once_and_gives_up_what_was_used_least_recently(
    tmp_path: Path,
) -> None:
    cache = WarmCache(tmp_path, most_bytes=10)
    for number in range(3):
        cache.put(CacheArea.CLIPS, key_of(number), b"%d...." % number)
    unpacked: list[bytes] = []

    def load(number: int) -> bytes | None:
        return cache.load(
            CacheArea.CLIPS, key_of(number), lambda data: unpacked.append(data) or data
        )

    loaded = [load(number) for number in (0, 1, 0, 2, 0, 1)]
    assert loaded == [b"%d...." % number for number in (0, 1, 0, 2, 0, 1)]
    assert unpacked == [b"0....", b"1....", b"2....", b"1...."]
    assert load(9) is None
