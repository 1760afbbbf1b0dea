"""Get the clips of texts: from the cache, or else spoken and encoded, several at a time."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Generic, TypeVar

from stretchaudio.audio.clip import (
    Clip,
    ClipRequest,
    DryClip,
    DryClipRequest,
    EncodedClip,
    EncodedClipRequest,
    Tone,
    ToneRequest,
    pack_clip,
    pack_tone,
    unpack_clip,
    unpack_tone,
)
from stretchaudio.audio.mp3.frames import VOICE
from stretchaudio.cache import Cache, CacheArea, key_of
from stretchaudio.errors import HelperError, StretchaudioError, VoiceError
from stretchaudio.language import Language, language
from stretchaudio.speech.engine import Engine, Voice
from stretchaudio.speech.text import normalise, pronouncing
from stretchaudio.util.progress import Progress
from stretchaudio.util.threads import Threads
from stretchaudio.util.versions import version
from stretchaudio.util.workers import Workers

Kind = TypeVar("Kind", bound=Clip)
"""The kind of clips that a track is made of."""
CLIP_FORMAT = 8
"""Raised whenever a change of the program changes how clips sound."""
SOFT_DB = 2.5
"""How much softer counts and cues of the breath are than instructions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech(Generic[Kind]):
    """The clips of texts that a voice has spoken."""

    clips: Mapping[str, Kind]
    """The clip of each text."""

    def by_key(self) -> Mapping[str, Kind]:
        """List the clips by their own keys."""
        return {clip.key: clip for clip in self.clips.values()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    text: str
    """Normalised."""
    softer_db: float
    """How much softer than usual its clip is."""
    speech_key: str
    clip_key: str


@lru_cache(maxsize=4096)
def _planned(
    text: str,
    softer_db: float,
    code: str,
    voice: Voice,
    *,
    engine_version: str,
    derived_from: tuple[str | float | None, ...],
) -> _Job:
    """Rewrite a text and make its keys, once for all sessions in which it is spoken."""
    spoken = normalise(text, language(code).spoken)
    prosody = voice.prosody
    speech_key = key_of(
        voice.engine, engine_version, voice.name, prosody.speed, prosody.pitch, code, spoken
    )
    clip_key = key_of(*derived_from, f"{speech_key} {softer_db:g}")
    return _Job(text=spoken, softer_db=softer_db, speech_key=speech_key, clip_key=clip_key)


class Speaker(ABC, Generic[Kind]):
    """Makes clips with one voice.

    Its engine starts when it is first needed, and ends with `close`.

    Args:
        engine: The engine that speaks.
        voice: The voice it speaks with.
        language: How its texts are normalised.
        cache: Where speech and clips are kept.
        workers: The helpers that make clips.
        offline: The voice needs a network that may not be used; only what was spoken before is
            given.
        say: How words are to be spoken, by word.
    """

    kind: type[Kind]
    """The kind of clips that it makes."""
    _derived_from: tuple[str | float | None, ...]
    """What a clip's key is made from besides the key of its speech."""

    def __init__(
        self,
        *,
        engine: Engine,
        voice: Voice,
        language: Language,
        cache: Cache,
        workers: Workers,
        offline: bool = False,
        say: Mapping[str, str] | None = None,
    ) -> None:
        self._engine = engine
        self._workers = workers
        self._voice = voice
        self._language = language
        self._pronounce = pronouncing(say or {})
        self._offline = offline
        self._cache = cache
        self._called_off = False

    @abstractmethod
    def _request(self, job: _Job, speech: bytes) -> ClipRequest:
        """Make the request for a clip of what the engine said."""

    def _prepare(self) -> None:
        """Make what a track needs besides clips, while the first cues are spoken."""

    def close(self) -> None:
        """End the engine."""
        self._engine.close()

    def missing(self, texts: Iterable[str], soft: Collection[str] = ()) -> tuple[str, ...]:
        """List the texts whose clips are not in the cache; `soft` as in `speak`.

        Raises:
            VoiceError: If a text has nothing in it that can be spoken.
        """
        return tuple(
            text
            for text in texts
            if self._cache.get(CacheArea.CLIPS, self._job(text, soft).clip_key) is None
        )

    def unspoken(self, texts: Iterable[str], soft: Collection[str] = ()) -> Mapping[str, str]:
        """Find, by its key, each text that the voice would have to speak; `soft` as in `speak`.

        Raises:
            VoiceError: If a text has nothing in it that can be spoken.
        """
        jobs = self._unspoken(self._job(text, soft) for text in texts)
        return {job.speech_key: job.text for job in jobs}

    def is_kept(self, texts: Iterable[str]) -> bool:
        """Tell whether the voice has spoken all of some texts before.

        Raises:
            VoiceError: If a text has nothing in it that can be spoken.
        """
        return not self._unspoken(self._job(text) for text in texts)

    def speak(
        self,
        texts: Iterable[str],
        progress: Progress | None = None,
        *,
        soft: Collection[str] = (),
    ) -> Speech[Kind]:
        """Get the clip of every text.

        Args:
            texts: Cues' words as written.
            progress: Kept up to date on the way.
            soft: Those of them that are only counts or cues of the breath.

        Raises:
            VoiceError: If one cannot be spoken; those already made stay in the cache.
            FileError: If the cache cannot be read or written.
        """
        progress = progress or Progress()
        jobs = {text: self._job(text, soft) for text in texts}
        clips = self._find(jobs.values())
        todo = {job.clip_key: job for job in jobs.values() if job.clip_key not in clips}
        progress.total = len(clips) + len(todo)
        progress.done = progress.reused = len(clips)
        progress.changed()
        if todo:
            unspoken = self._unspoken(todo.values())
            self._check_allowed(unspoken)
            self._engine.check(job.text for job in unspoken)
            clips |= self._make_all(list(todo.values()), progress)
        return Speech(clips={text: clips[job.clip_key] for text, job in jobs.items()})

    def _job(self, text: str, soft: Collection[str] = ()) -> _Job:
        return _planned(
            self._pronounce(text),
            SOFT_DB if text in soft else 0.0,
            self._language.code,
            self._voice,
            engine_version=self._engine.version,
            derived_from=self._derived_from,
        )

    def _derived_key(self, what: str) -> str:
        return key_of(*self._derived_from, what)

    def _find(self, jobs: Iterable[_Job]) -> dict[str, Kind]:
        """Get the clips that are in the cache."""
        found = {}
        for key in {job.clip_key for job in jobs}:
            clip = self._cache.load(CacheArea.CLIPS, key, partial(unpack_clip, self.kind, key))
            if clip is not None:
                found[key] = clip
        return found

    def _unspoken(self, jobs: Iterable[_Job]) -> list[_Job]:
        """List the jobs of which there is neither a clip nor what the engine said."""
        jobs = list(jobs)
        found = self._find(jobs)
        return [
            job
            for job in jobs
            if job.clip_key not in found
            and self._cache.get(CacheArea.SPEECH, job.speech_key) is None
        ]

    def _check_allowed(self, unspoken: list[_Job]) -> None:
        """Refuse to ask a network that may not be used."""
        if not self._offline or not unspoken:
            return
        missing = f"{len(unspoken)} cues, such as '{unspoken[0].text}', have not been spoken yet"
        raise VoiceError(
            f"The voice {self._voice} needs a network, and --offline forbids it: {missing}."
        )

    def _make_all(self, todo: list[_Job], progress: Progress) -> dict[str, Kind]:
        clips: dict[str, Kind] = {}
        with Threads(self._call_off) as threads:
            prepared = threads.start(self._prepare)
            for job, future in threads.each(self._make, todo, at_once=self._engine.at_once):
                clips[job.clip_key] = _result(future, job, progress)
                progress.done += 1
                progress.changed()
            prepared.result()
        return clips

    def _call_off(self) -> None:
        """End all that threads wait for, so that none of them begins anything new."""
        self._called_off = True
        try:
            self._engine.close()
        finally:
            self._workers.close()

    def _spoken(self, text: str) -> bytes:
        """Have the engine speak; one of another package may do anything."""
        try:
            sound = self._engine.speak(text)
        except HelperError as error:
            raise VoiceError(
                f"The voice {self._voice} failed. {error.message}", hint=error.hint
            ) from error
        except (StretchaudioError, OSError):
            raise
        except Exception as error:
            raise VoiceError(
                f"The engine {self._voice.engine} failed ({type(error).__name__}: {error})."
            ) from error
        if not isinstance(sound, bytes):
            raise VoiceError(f"The engine {self._voice.engine} returned no sound file.")
        return sound

    def can_read(self, texts: Iterable[str]) -> bool:
        """Tell whether the engine can read some texts, as far as it knows beforehand."""
        try:
            self._engine.check(self._job(text).text for text in texts)
        except VoiceError:
            return False
        return True

    def _make(self, job: _Job) -> Kind:
        # A build that runs at the same time may make it meanwhile: each text is spoken once.
        with self._cache.claimed(CacheArea.SPEECH, job.speech_key):
            made = self._find([job]).get(job.clip_key)
            if made is not None:
                return made
            speech = self._cache.get(CacheArea.SPEECH, job.speech_key)
            if speech is None:
                speech = self._spoken(job.text)
                if self._called_off:  # the program may end before a file is whole
                    raise VoiceError("The work was called off.")
                speech = self._cache.put(CacheArea.SPEECH, job.speech_key, speech)
            clip: Kind = self._workers.call(self._request(job, speech))
            self._cache.put(CacheArea.CLIPS, job.clip_key, pack_clip(clip))
            return clip


class EncodingSpeaker(Speaker[EncodedClip]):
    """Makes clips to be linked, and the room tone that stands between them.

    Args:
        room_tone_db: The level of the room tone in dBFS; None for digital silence.
        least_rate_hz: The rate of other clips that its own are to stand among.
        others: The arguments of `Speaker`.
    """

    kind = EncodedClip

    def __init__(
        self, *, room_tone_db: float | None, least_rate_hz: int = 0, **others: Any
    ) -> None:
        super().__init__(**others)
        self._room_tone_db = room_tone_db
        self._sound_like(least_rate_hz)

    def _sound_like(self, least_rate_hz: int) -> None:
        """Make clips from now on of that rate at the least."""
        encoder = f"lameenc {version('lameenc')}"
        self._least_rate_hz = least_rate_hz
        self._derived_from = (CLIP_FORMAT, encoder, self._room_tone_db, least_rate_hz)

    def speak(
        self,
        texts: Iterable[str],
        progress: Progress | None = None,
        *,
        soft: Collection[str] = (),
    ) -> Speech[EncodedClip]:
        """Get the clip of every text, all at one sample rate: the highest that any has."""
        texts = tuple(texts)
        speech = super().speak(texts, progress, soft=soft)
        if len(rates := {clip.sample_rate_hz for clip in speech.clips.values()}) > 1:
            self._sound_like(max(rates))
            speech = super().speak(texts, progress, soft=soft)
        return speech

    def tone(self, sample_rate_hz: int = VOICE.sample_rate_hz) -> Tone:
        """Get the room tone, at the rate of the clips.

        Raises:
            FileError: If the cache cannot be read or written.
        """
        key = self._derived_key(f"room tone {sample_rate_hz}")
        kept = self._cache.load(CacheArea.CLIPS, key, unpack_tone)
        if kept is not None:
            return kept
        tone: Tone = self._workers.call(
            ToneRequest(room_tone_db=self._room_tone_db, sample_rate_hz=sample_rate_hz)
        )
        self._cache.put(CacheArea.CLIPS, key, pack_tone(tone))
        return tone

    def _prepare(self) -> None:
        self.tone()  # its helper takes longer to start than the first cue to speak

    def _request(self, job: _Job, speech: bytes) -> ClipRequest:
        return EncodedClipRequest(
            key=job.clip_key,
            speech=speech,
            room_tone_db=self._room_tone_db,
            softer_db=job.softer_db,
            least_rate_hz=self._least_rate_hz,
        )


class DrySpeaker(Speaker[DryClip]):
    """Makes clips to be mixed."""

    kind = DryClip
    _derived_from = (CLIP_FORMAT, "dry")

    def _request(self, job: _Job, speech: bytes) -> ClipRequest:
        return DryClipRequest(key=job.clip_key, speech=speech, softer_db=job.softer_db)


def _result(future: "Future[Kind]", job: _Job, progress: Progress) -> Kind:
    try:
        return future.result()
    except VoiceError as error:
        kept = f"{progress.done} of {progress.total} cues are done and kept."
        raise VoiceError(
            f"The cue '{job.text}' could not be spoken. {error.message}",
            hint=f"{error.hint} {kept}".strip(),
        ) from error
