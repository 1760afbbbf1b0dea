"""A routine to a session that has been spoken and laid out: whose voice, how fitted, which part."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace

from stretchaudio.clip import Clip
from stretchaudio.config import config
from stretchaudio.errors import ChosenVoiceError, UsageError, VoiceError
from stretchaudio.estimate import estimated_ms, refuse_endless
from stretchaudio.fit import at_fraction, closest
from stretchaudio.language import language
from stretchaudio.mix.plan import edges_of
from stretchaudio.options import Options, cache_of, jobs_of, manner_of, mix_of, room_tone_of
from stretchaudio.preview import Preview, beginning_of, cut, script_of
from stretchaudio.routine.model import Routine
from stretchaudio.script.model import Script
from stretchaudio.script.telling import Cues
from stretchaudio.script.write import write_script
from stretchaudio.speech.auto import AUTO, Choice, choose_automatically, local_voice
from stretchaudio.speech.engine import Voice, choose_voice
from stretchaudio.speech.speak import Progress, Speaker, Speech
from stretchaudio.timeline import PlacedWindow, Timeline, lay_out
from stretchaudio.workers import Workers

FITTED = 0.02
"""How far a track may be from the length it was fitted to, as a part of it."""
FITTED_WELL = 0.004
"""Near enough to stop trying."""
FITTING_TURNS = 4
PREVIEW_MARGIN = 1.15
"""How much more is spoken than a preview needs, since lengths are guessed before."""
MOST_MARGIN = 64
"""How much more is tried at the most; a session that is shorter than its preview is all spoken long before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A session that has been spoken and laid out."""

    choice: Choice | None = None
    """Who speaks; None when nobody does."""
    routine: Routine
    script: Script
    speech: Speech
    timeline: Timeline
    windows: tuple[PlacedWindow, ...]
    """All windows, those that a preview cuts short too."""


def speak(routine: Routine, options: Options, makers: Workers, progress: Progress) -> Spoken:
    """Choose the voice, fit the routine, and have everything spoken.

    Args:
        routine: As adjusted.
        options: What the user asks.
        makers: The helpers that make clips.
        progress: Kept up to date while speech is made.

    Raises:
        UsageError: If there is no such voice, or the session cannot have the length that is asked for.
        VoiceError: If a cue cannot be spoken.
    """
    if options.telling.cues is Cues.CHIMES:
        if any(one.caution for section in routine.sections for one in section.exercises):
            progress.notice("Only bells are heard: what exercises warn of is not said.")
        if options.minutes is not None:
            routine = _fitted(routine, options, None, progress)
        return _lay_out(routine, options, None, progress)
    choice = session_voice(routine, options)
    progress.chosen(choice)
    try:
        with closing(
            open_speaker(choice.voice, options, language_code=routine.language, say=routine.say, makers=makers)
        ) as speaker:
            if options.minutes is not None:
                routine = _fitted(routine, options, speaker, progress)
            return replace(_lay_out(routine, options, speaker, progress), choice=choice)
    except VoiceError as error:
        raise _with_way_out(error, choice, routine) from error


def session_voice(routine: Routine, options: Options) -> Choice:
    """The one voice that speaks a session: the one asked for, or the best there is.

    Raises:
        UsageError: If there is no such voice.
        VoiceError: If it cannot speak here.
    """
    settings = config()
    words = language(routine.language)
    manner = manner_of(options)
    wanted = options.voice or settings.voice
    if wanted != AUTO:
        return Choice(voice=choose_voice(wanted, words, manner), why="")

    without_network = replace(options, offline=True)

    def kept(voice: Voice) -> bool:
        with closing(open_speaker(voice, without_network, language_code=routine.language, say=routine.say)) as speaker:
            if options.minutes is None:
                return speaker.is_kept(session_script(routine, options).texts())
            try:
                _fitted(routine, options, speaker, None)
            except VoiceError:
                return False
            return True

    def reads(voice: Voice) -> bool:
        with closing(open_speaker(voice, without_network, language_code=routine.language, say=routine.say)) as speaker:
            return speaker.can_read(session_script(routine, options).texts())

    return choose_automatically(words, manner, offline=options.offline or settings.offline, kept=kept, reads=reads)


def _with_way_out(error: VoiceError, choice: Choice, routine: Routine) -> VoiceError:
    """A session never changes its voice halfway; one that was not asked for can be replaced for all of it."""
    instead = str(local_voice(language(routine.language), choice.voice.manner))
    if not choice.why or instead == str(choice.voice):
        return error
    other = f"--voice {instead}"
    tip = error.tip.replace("--voice espeak", other) if "--voice espeak" in error.tip else f"{error.tip} Or use {other}.".strip()
    return ChosenVoiceError(error.message, tip=tip, instead=instead)


def session_script(routine: Routine, options: Options) -> Script:
    """What is said and kept, before anything has been spoken; of a preview, the part that surely holds it.

    Raises:
        UsageError: If the session would be endless, or a preview is of nothing.
    """
    script = write_script(routine, options.level, options.telling)
    refuse_endless(routine.title, estimated_ms(script))
    preview = options.preview
    if preview.exercise is not None:
        script = script_of(script, routine, preview.exercise)
    return script if preview.length_ms is None else beginning_of(script, round(preview.length_ms * PREVIEW_MARGIN))


def _lay_out(routine: Routine, options: Options, speaker: Speaker | None, progress: Progress | None) -> Spoken:
    edges, length_ms = edges_of(mix_of(options)), options.preview.length_ms
    margin = 1
    while True:
        guess_ms = None if length_ms is None else length_ms * margin
        script = session_script(routine, replace(options, preview=replace(options.preview, length_ms=guess_ms)))
        speech = speaker.speak(script.texts(), progress) if speaker else Speech(clips={}, tone=None)
        timeline = lay_out(script, speech.clips, edges)
        enough = length_ms is None or timeline.duration_ms >= length_ms + edges.end_ms or margin > MOST_MARGIN
        if enough:
            break
        margin *= 2  # the voice speaks faster than was guessed
    refuse_endless(routine.title, timeline.duration_ms)
    shown = timeline if length_ms is None else cut(timeline, length_ms, edges)
    return Spoken(routine=routine, script=script, speech=speech, timeline=shown, windows=timeline.windows)


def _fitted(routine: Routine, options: Options, speaker: Speaker | None, progress: Progress | None) -> Routine:
    """Pick within the ranges until the spoken track has the length that was asked for.

    How long numbers take to speak is known only when they have been spoken, so picking and speaking take turns.
    """
    options = replace(options, preview=Preview())
    target_ms = round((options.minutes or 0) * 60_000)
    known: dict[str, Clip] = {}

    def length_ms(candidate: Routine) -> int:
        return estimated_ms(write_script(candidate, options.level, options.telling), known, edges_of(mix_of(options)))

    best, best_ms = routine, -1
    for _ in range(FITTING_TURNS):
        fitted = closest(routine, target_ms, length_ms)
        spoken = _lay_out(fitted, options, speaker, progress)
        timeline = spoken.timeline
        known |= spoken.speech.clips
        if best_ms < 0 or abs(timeline.duration_ms - target_ms) < abs(best_ms - target_ms):
            best, best_ms = fitted, timeline.duration_ms
        if abs(best_ms - target_ms) <= FITTED_WELL * target_ms:
            return best
    if abs(best_ms - target_ms) <= FITTED * target_ms:
        return best
    ends = [_lay_out(at_fraction(routine, end), options, speaker, progress).timeline.duration_ms for end in (0.0, 1.0)]
    shortest, longest = (_minutes(end_ms) for end_ms in ends)
    reach = f"it can last from {shortest} to {longest}" if ends[0] < ends[1] else f"it always lasts {shortest}"
    nearest = f", and the nearest to what you asked is {_minutes(best_ms)}" if ends[0] < target_ms < ends[1] else ""
    raise UsageError(
        f"{routine.title} cannot be fitted to {options.minutes:g} minutes: {reach}{nearest}.",
        tip="Ask for a length it can have, or change it with --only, --skip or --rounds.",
    )


def _minutes(length_ms: int) -> str:
    minutes, seconds = divmod(round(length_ms / 1000), 60)
    return f"{minutes}:{seconds:02}"


def open_speaker(
    voice: Voice,
    options: Options,
    *,
    language_code: str,
    say: Mapping[str, str] | None = None,
    makers: Workers | None = None,
) -> Speaker:
    """What speaks with a voice.

    Args:
        voice: Who speaks.
        options: The cache, the room tone and the like.
        language_code: What is spoken.
        say: How a routine's words are to be spoken; the user's own list counts, too.
        makers: Helpers that several speakers share, or None.

    Raises:
        UsageError: If the room tone's level or the number of jobs is out of range.
    """
    settings = config()
    return Speaker(
        voice=voice,
        language=language(language_code),
        room_tone_db=room_tone_of(options),
        cache=cache_of(options),
        jobs=jobs_of(options),
        offline=options.offline or settings.offline,
        say={**settings.say, **(say or {})},
        makers=makers,
        dry=not mix_of(options).is_silent,
    )
