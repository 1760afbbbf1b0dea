"""Choose the one voice of a session, and offer another for all of it when it fails."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

from stretchaudio.errors import ChosenVoiceError, VoiceError
from stretchaudio.language import language
from stretchaudio.routine.model import Routine
from stretchaudio.session.fitting import fitted
from stretchaudio.session.layout import session_script
from stretchaudio.session.options import Settings
from stretchaudio.speech.auto import AUTO, Choice, choose_automatically, local_voice
from stretchaudio.speech.engine import Voice
from stretchaudio.speech.speaker import DrySpeaker, EncodingSpeaker, Speaker

ALWAYS_THERE = "espeak"
"""The voice that needs nothing, and comes with the program."""


def session_voice(routine: Routine, settings: Settings) -> Choice:
    """Choose the voice that speaks a session: the one asked for, or the best there is.

    Raises:
        UsageError: If there is no such voice.
        VoiceError: If it cannot speak here.
    """
    words = language(routine.language)
    if settings.voice != AUTO:
        voice = settings.engines.resolve_voice(settings.voice, words, settings.prosody)
        settings.engines.ask_again(voice.engine)
        return Choice(voice=voice)

    def kept(voice: Voice) -> bool:
        with closing(_silent_speaker(voice, routine, settings)) as speaker:
            if settings.minutes is None:
                return speaker.is_kept(session_script(routine, settings).texts())
            try:
                fitted(routine, settings.minutes, settings, speaker)
            except VoiceError:
                return False
            return True

    def reads(voice: Voice) -> bool:
        with closing(_silent_speaker(voice, routine, settings)) as speaker:
            return speaker.can_read(session_script(routine, settings).texts())

    return choose_automatically(
        settings.engines,
        words,
        settings.prosody,
        offline=settings.offline,
        kept=kept,
        reads=reads,
    )


def with_way_out(
    error: VoiceError, choice: Choice, routine: Routine, settings: Settings
) -> VoiceError:
    """Add to a voice's error that another voice can speak all of the session."""
    words = language(routine.language)
    instead = local_voice(settings.engines, words, choice.voice.prosody)
    if not choice.automatic:
        other = ALWAYS_THERE
    elif instead != choice.voice:
        other = str(instead)
    else:
        return error
    if choice.voice.engine == other:
        return error
    hint = f"{error.hint} Or use --voice {other}." if error.hint else f"Use --voice {other}."
    if choice.automatic:
        return ChosenVoiceError(error.message, hint=hint, instead=other)
    return VoiceError(error.message, hint=hint)


def encoding_speaker(
    voice: Voice,
    settings: Settings,
    language_code: str,
    say: Mapping[str, str] | None = None,
    least_rate_hz: int = 0,
) -> EncodingSpeaker:
    """Get ready to make clips for a voice alone.

    Args:
        voice: Who speaks.
        settings: The cache, the room tone and the like.
        language_code: What is spoken.
        say: How a routine wants words spoken; the user's own list counts, too.
        least_rate_hz: The rate of other clips that these are to stand among.
    """
    return EncodingSpeaker(
        room_tone_db=settings.room_tone_db,
        least_rate_hz=least_rate_hz,
        workers=settings.pools.speech,
        **_common(voice, settings, language_code, say),
    )


def dry_speaker(
    voice: Voice, settings: Settings, language_code: str, say: Mapping[str, str] | None = None
) -> DrySpeaker:
    """Get ready to make clips for a mix; the arguments are as in `encoding_speaker`."""
    return DrySpeaker(workers=settings.pools.mix, **_common(voice, settings, language_code, say))


def open_speaker(
    voice: Voice, settings: Settings, language_code: str, say: Mapping[str, str] | None = None
) -> Speaker[Any]:
    """Get ready to make clips of the kind that a session needs."""
    opened = encoding_speaker if settings.mix.is_silent else dry_speaker
    return opened(voice, settings, language_code, say)


def _common(
    voice: Voice, settings: Settings, language_code: str, say: Mapping[str, str] | None
) -> dict[str, Any]:
    return {
        "engine": settings.engines.open(voice, jobs=settings.jobs),
        "voice": voice,
        "language": language(language_code),
        "cache": settings.cache,
        "offline": settings.offline and settings.engines.is_online(voice),
        "say": {**settings.say, **(say or {})},
    }


def _silent_speaker(voice: Voice, routine: Routine, settings: Settings) -> Speaker[Any]:
    """Get ready to ask what has been spoken before; nothing is asked of a network."""
    settings = replace(settings, offline=True)
    return open_speaker(voice, settings, routine.language, routine.say)
