"""Write short tracks by which to choose a voice: samples of one voice, or of several in turn."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from stretchaudio.audio.clip import EncodedClip, Tone
from stretchaudio.language import Language, language
from stretchaudio.script.model import Chapter, Cue, CueKind, Item, Say, Script
from stretchaudio.script.pauses import PARAGRAPH_PAUSE_MS, SENTENCE_PAUSE_MS
from stretchaudio.script.timeline import lay_out
from stretchaudio.session.build import Track
from stretchaudio.session.options import Settings
from stretchaudio.session.tracks import VoiceTrack, clips_format
from stretchaudio.session.voice import encoding_speaker
from stretchaudio.speech.engine import Voice
from stretchaudio.track.manifest import build_manifest
from stretchaudio.track.writer import write_file
from stretchaudio.util.atomic import check_writable
from stretchaudio.util.progress import Progress

SAMPLE_HOLD_MS = 30_000
# A manifest may hold no longer text than 2,000 letters.
_MOST_LETTERS = 1_000
"""The most letters of the names of all voices together."""


def write_samples(
    voices: Sequence[Voice],
    path: Path,
    settings: Settings,
    *,
    language_code: str,
    text: str = "",
    progress: Progress | None = None,
) -> Track:
    """Write a track in which each voice says the same; each of several tells its name first.

    Args:
        voices: The voices, in order.
        path: The MP3 file; one that is there stays until the new one is whole.
        settings: The settings of a build: the cache, the room tone and others.
        language_code: The language they speak.
        text: The words of each; empty for a few phrases of a session.
        progress: Kept up to date while speech is made.

    Raises:
        VoiceError: If a voice cannot speak; nothing is left out.
        FileError: If the file cannot be written.
    """
    check_writable(path)
    settings.cache.remove_stale()
    texts = introduced(voices, text or sample_text(language(language_code)))
    said = list(zip(voices, texts, strict=True))
    clips, tone = _spoken(said, settings, language_code, progress)
    items: list[Item] = []
    for voice, words in said:
        items += [Chapter(title=str(voice)), _say(words, first=not items)]
    title = str(voices[0]) if len(voices) == 1 else "Voices"
    script = Script(title=title, language=language_code, level="", items=tuple(items))
    timeline = lay_out(script, clips)
    by_key = {clip.key: clip for clip in clips.values()}
    form = clips_format(clips.values())
    track = VoiceTrack(timeline=timeline, clips=by_key, tone=tone, format=form)
    names = ", ".join(map(str, dict.fromkeys(voices)))
    manifest = build_manifest(
        timeline,
        track.measure(Progress()),
        title=title,
        language=language_code,
        voice=textwrap.shorten(names, _MOST_LETTERS, placeholder=" …"),
        level="",
        energies={words: clip.energy for words, clip in clips.items()},
    )
    size_bytes = write_file(path, manifest, track.frames(), track.format)
    return Track(path=path, size_bytes=size_bytes, manifest=manifest)


def _spoken(
    said: Sequence[tuple[Voice, str]],
    settings: Settings,
    language_code: str,
    progress: Progress | None,
    least_rate_hz: int = 0,
) -> tuple[Mapping[str, EncodedClip], Tone]:
    """Have each voice say its words, all at the rate of the best of them; with room tone."""
    clips: dict[str, EncodedClip] = {}
    for voice, words in said:
        opened = encoding_speaker(voice, settings, language_code, least_rate_hz=least_rate_hz)
        with closing(opened) as speaker:
            clips |= speaker.speak([words], progress).clips
            rates = {clip.sample_rate_hz for clip in clips.values()}
            tone = speaker.tone(max(rates))
    if len(rates) > 1:
        return _spoken(said, settings, language_code, progress, max(rates))
    return clips, tone


def introduced(voices: Sequence[Voice], text: str) -> tuple[str, ...]:
    """Give each voice its words; each of several voices tells its name first.

    Clips go by their words, so two voices whose names sound the same are told apart by a number.
    """
    if len(voices) == 1:
        return (text,)
    names: dict[str, list[Voice]] = {}
    for voice in dict.fromkeys(voices):
        names.setdefault(_spoken_name(voice), []).append(voice)
    numbers = {voice: number for alike in names.values() for number, voice in enumerate(alike, 1)}
    texts = []
    for voice in voices:
        number = f", {numbers[voice]}" if numbers[voice] > 1 else ""
        texts.append(f"{_spoken_name(voice)}{number}. {text}")
    return tuple(texts)


def sample_text(words: Language) -> str:
    """Choose a few phrases of a session, in the language's own words."""

    def phrase(key: str, **values: str) -> str:
        text = words.phrases[key]["full"][0].format(**values)
        return text[:1].upper() + text[1:]

    left = words.sides[1]
    said = (
        phrase("hold", duration=words.duration(SAMPLE_HOLD_MS)),
        phrase("halfway"),
        phrase("release"),
        phrase("switch", side=left.spoken, label=left.label),
        phrase("breathe_in_first"),
        phrase("breathe_out_first"),
    )
    return re.sub(r"\.\.+", ".", " ".join(said))


def _spoken_name(voice: Voice) -> str:
    return " ".join(re.findall(r"\w+", f"{voice.engine} {voice.name}".replace("_", " ")))


def _say(text: str, *, first: bool) -> Say:
    cue = Cue(kind=CueKind.SETUP, text=text)
    return Say(cue=cue, exercise=None, pause_ms=SENTENCE_PAUSE_MS if first else PARAGRAPH_PAUSE_MS)
