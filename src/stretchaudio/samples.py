"""Short tracks by which to choose a voice: a sample of one, or of several one after the other."""

import re
import textwrap
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from stretchaudio.clip import Clip
from stretchaudio.language import Language, language
from stretchaudio.mix.model import OFF, ChimeSound
from stretchaudio.mp3.frames import VOICE
from stretchaudio.options import Options, cache_of, jobs_of
from stretchaudio.script.draft import PARAGRAPH_MS, SENTENCE_MS
from stretchaudio.script.model import Chapter, Cue, CueKind, Item, Say, Script
from stretchaudio.session import Track, write_file
from stretchaudio.speech.engine import Voice
from stretchaudio.speech.speak import Progress, Speech, clip_makers
from stretchaudio.spoken import open_speaker
from stretchaudio.timeline import lay_out
from stretchaudio.track.assemble import linked, measure
from stretchaudio.track.manifest import describe
from stretchaudio.track.write import check_writable

SAMPLE_HOLD_MS = 30_000
_MOST_LETTERS = 1_000
"""Of the names of all voices together; a manifest may hold no longer text than 2,000."""


def write_samples(
    voices: Sequence[Voice], path: Path, *, language_code: str, text: str = "", options: Options, progress: Progress | None = None
) -> Track:
    """Write a track in which each voice says the same; each of several tells its name first.

    Args:
        voices: Who speaks, in order.
        path: The MP3 file; one that is there stays until the new one is whole.
        language_code: What is spoken.
        text: What each says; empty for a few phrases of a session.
        options: The cache, the room tone and the like.
        progress: Kept up to date while speech is made.

    Raises:
        VoiceError: If a voice cannot speak; nothing is left out.
        FileError: If the file cannot be written.
    """
    check_writable(path)
    options = replace(options, bed=OFF, chimes=ChimeSound.OFF)
    words = language(language_code)
    cache_of(options).sweep()
    clips: dict[str, Clip] = {}
    items: list[Item] = []
    texts = introduced(voices, text or sample_text(words))
    with closing(clip_makers(jobs_of(options))) as makers:
        for voice, said in zip(voices, texts, strict=True):
            with closing(open_speaker(voice, options, language_code=language_code, makers=makers)) as speaker:
                speech = speaker.speak([said], progress)
            clips[said] = speech.clips[said]
            items += [Chapter(title=str(voice)), _say(said, first=not items)]
    title = str(voices[0]) if len(voices) == 1 else "Voices"
    script = Script(title=title, language=language_code, level="", items=tuple(items))
    timeline = lay_out(script, clips)
    whole = Speech(clips=clips, tone=speech.tone)
    manifest = describe(
        timeline,
        measure(timeline, whole),
        title=title,
        language=language_code,
        voice=textwrap.shorten(", ".join(map(str, dict.fromkeys(voices))), _MOST_LETTERS, placeholder=" …"),
        level="",
        energies={text: clip.energy for text, clip in clips.items()},
    )
    return Track(path=path, size_bytes=write_file(path, manifest, linked(timeline, whole), VOICE), manifest=manifest)


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
    told = (f"{_spoken_name(voice)}{f', {numbers[voice]}' if numbers[voice] > 1 else ''}" for voice in voices)
    return tuple(f"{name}. {text}" for name in told)


def sample_text(words: Language) -> str:
    """A few phrases of a session, in the language's own words."""

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
    return Say(cue=cue, exercise=None, pause_ms=SENTENCE_MS if first else PARAGRAPH_MS)
