"""Build a session's track: the stages in order."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from stretchaudio.cache import Cache, CacheArea, key_of
from stretchaudio.errors import VoiceError
from stretchaudio.language import Verbosity
from stretchaudio.mix.mixer import Mixer
from stretchaudio.mix.model import BedSource, Stem
from stretchaudio.mix.plan import plan_mix
from stretchaudio.mix.sources import bed_names, bed_sources, check_bed, refuse_music
from stretchaudio.routine.library import read_routine
from stretchaudio.routine.model import Routine
from stretchaudio.script.estimate import estimated_ms
from stretchaudio.script.model import Script
from stretchaudio.script.timeline import Timeline
from stretchaudio.session.fitting import fitted
from stretchaudio.session.layout import LaidOut, lay_out_session, session_script
from stretchaudio.session.options import Options, Settings, adjusted, resolved, with_section_beds
from stretchaudio.session.pools import WorkerPools
from stretchaudio.session.sidecars import Sidecars
from stretchaudio.session.tracks import (
    MixedTrack,
    SessionTrack,
    VoiceTrack,
    clips_format,
    unmeasured,
)
from stretchaudio.session.voice import (
    dry_speaker,
    encoding_speaker,
    session_voice,
    with_way_out,
)
from stretchaudio.speech.auto import Choice
from stretchaudio.speech.engine import Voice
from stretchaudio.speech.speaker import Speaker, Speech
from stretchaudio.track.cover import COVER_FORMAT, cover, drawing_of
from stretchaudio.track.manifest import Manifest, build_manifest
from stretchaudio.track.stems import write_stems
from stretchaudio.track.tags import TagInfo
from stretchaudio.track.writer import write_file
from stretchaudio.util.atomic import atomic_write, check_writable, refuse_other_kinds
from stretchaudio.util.progress import Progress

_Speaker = TypeVar("_Speaker", bound=Speaker[Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session that has been spoken and laid out, ready to be written."""

    routine: Routine
    """What is done, as adjusted and fitted."""
    script: Script
    """What is said and kept."""
    voice: Voice | None
    """Who says it; None when nothing is said."""
    speech: Speech[Any]
    """Its clips."""
    timeline: Timeline
    """Where everything is."""
    track: SessionTrack
    """Its sound."""
    manifest: Manifest
    """What the track will hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A finished track: where it is, and what it holds."""

    path: Path
    """The MP3 file."""
    size_bytes: int
    """Its size."""
    manifest: Manifest
    """What it holds."""
    stems: tuple[Path, ...] = ()
    """The files of its parts, if they were asked for."""


def build(
    routine: Routine | str | Path,
    output: str | Path,
    options: Options | None = None,
    *,
    manifest: str | Path | None = None,
    sidecars: Sidecars | None = None,
    progress: Progress | None = None,
    check: Callable[[Path], None] | None = None,
    pools: WorkerPools | None = None,
) -> Track:
    """Turn a routine into an MP3.

    Args:
        routine: From `read_routine`, or what `read_routine` takes: a name or a file.
        output: The MP3 file; one that is there stays until the new one is whole.
        options: Level, voice and the like.
        manifest: A file for the manifest, or None.
        sidecars: What else is written beside the track.
        progress: Kept up to date while speech is made.
        check: Looks at the new file before it takes its name; when it raises something, nothing
            has changed.
        pools: Helpers that several builds share; None for helpers of its own.

    Raises:
        RoutineError: If the routine is a file that does not follow the format.
        UsageError: If there is no such routine, or an option cannot be used.
        VoiceError: If a cue cannot be spoken.
        FileError: If the cache or a file cannot be read or written.
    """
    if not isinstance(routine, Routine):
        routine = read_routine(routine)
    sidecars = sidecars or Sidecars()
    if manifest is not None:
        sidecars = replace(sidecars, manifest=Path(manifest))
    with resolved(options, pools) as settings:
        return build_track(
            routine, Path(output), settings, sidecars=sidecars, progress=progress, check=check
        )


def build_track(
    routine: Routine,
    path: Path,
    settings: Settings,
    *,
    sidecars: Sidecars | None = None,
    progress: Progress | None = None,
    check: Callable[[Path], None] | None = None,
) -> Track:
    """Turn a routine into an MP3, with settings that have been resolved.

    Args:
        routine: From `read_routine`.
        path: The MP3 file; one that is there stays until the new one is whole.
        settings: What was asked for.
        sidecars: What else is written beside the track.
        progress: Kept up to date while speech is made.
        check: Looks at the new file before it takes its name; when it raises something, nothing
            has changed.

    Raises:
        UsageError: If something that was asked for cannot be done.
        VoiceError: If a cue cannot be spoken.
        FileError: If the cache or a file cannot be read or written.
    """
    refuse_other_kinds(str(path))
    sidecars = sidecars or Sidecars()
    written = (path, *sidecars.files(path))
    for one in written:
        check_writable(one)
    for bed in with_section_beds(settings, routine).mix.beds:
        refuse_music(bed, written)
    session = plan_session(routine, settings, progress)
    with ExitStack() as files:  # these take their names only when the track has taken its own
        for one, write in sidecars.paths(path).items():
            contents = write(session.manifest, session.routine)
            file = files.enter_context(atomic_write(one))
            file.write(contents.encode() if isinstance(contents, str) else contents)
            file.flush()
        paths = sidecars.stem_paths(path)
        stems = {stem: paths[stem] for stem in session.track.stems if paths}
        _write_stems(session.track, stems, files)
        size_bytes = write_track(session, path, settings, check)
    for stem in paths.keys() - stems.keys():
        paths[stem].unlink(missing_ok=True)  # an earlier build's; it would not add up with these
    return Track(
        path=path,
        size_bytes=size_bytes,
        manifest=session.manifest,
        stems=tuple(stems.values()),
    )


def _write_stems(track: SessionTrack, paths: Mapping[Stem, Path], files: ExitStack) -> None:
    """Write a track's stems; they take their names when `files` is closed."""
    opened = {stem: files.enter_context(atomic_write(path)) for stem, path in paths.items()}
    if opened:
        write_stems(opened, track.format, track.render_stems)


def plan(
    routine: Routine | str | Path,
    options: Options | None = None,
    *,
    progress: Progress | None = None,
    pools: WorkerPools | None = None,
) -> Manifest:
    """Tell what a track would hold: its words and windows with their times, its chapters.

    Cues are spoken, so that their lengths are those of the track; nothing is mixed or written.

    Args:
        routine: As for `build`.
        options: As for `build`.
        progress: Kept up to date while speech is made.
        pools: Helpers that several plans share; None for helpers of its own.

    Raises:
        RoutineError: If the routine is a file that does not follow the format.
        UsageError: If there is no such routine, or an option cannot be used.
        VoiceError: If a cue cannot be spoken.
        FileError: If the cache or a file cannot be read or written.
    """
    if not isinstance(routine, Routine):
        routine = read_routine(routine)
    with resolved(options, pools) as settings:
        return plan_session(routine, settings, progress, measured=False).manifest


def plan_session(
    routine: Routine,
    settings: Settings,
    progress: Progress | None = None,
    *,
    measured: bool = True,
) -> Session:
    """Do all but write the file: script, speech, timeline, mix, manifest.

    Args:
        routine: From `read_routine`.
        settings: What was asked for.
        progress: Kept up to date while speech is made.
        measured: False to leave out the mixing, and with it all that is measured of a mix.

    Raises:
        UsageError: If something that was asked for cannot be done.
        VoiceError: If a cue cannot be spoken.
        FileError: If the cache or music cannot be read or written.
    """
    progress = progress or Progress()
    check_bed(settings.mix.bed)
    routine = adjusted(routine, settings)
    settings = with_section_beds(settings, routine)
    settings.cache.remove_stale()
    silent = settings.mix.is_silent
    voice, laid_out, track = (_voice_track if silent else _mixed_track)(routine, settings, progress)
    sound = track.measure(progress) if measured or silent else unmeasured(track)
    energies = track.energies()
    cues = laid_out.timeline.cues
    manifest = build_manifest(
        laid_out.timeline,
        sound,
        title=laid_out.script.title,
        language=laid_out.script.language,
        voice=str(voice or "none"),
        level=settings.level_name,
        minutes=settings.minutes,
        bed=bed_names(settings.mix),
        chimes=track.chimes,
        energies={placed.cue.text: energies[placed.clip] for placed in cues},
    )
    return Session(
        routine=laid_out.routine,
        script=laid_out.script,
        voice=voice,
        speech=laid_out.speech,
        timeline=laid_out.timeline,
        track=track,
        manifest=manifest,
    )


def write_track(
    session: Session, path: Path, settings: Settings, check: Callable[[Path], None] | None = None
) -> int:
    """Write a session's MP3 file.

    Returns:
        Its size in bytes.

    Raises:
        FileError: If it cannot be written; what was there before is still there.
    """
    routine, track = session.routine, session.track
    about = TagInfo(
        artist=settings.artist,
        album=settings.album,
        summary=routine.summary,
        source=routine.source,
        licence=routine.licence,
        routine=routine.text,
        cover=_cover(session.manifest, routine.focus, settings.cache),
    )
    return write_file(
        path, session.manifest, track.frames(), track.format, about=about, check=check
    )


def _voice_track(
    routine: Routine, settings: Settings, progress: Progress
) -> tuple[Voice | None, LaidOut, SessionTrack]:
    choice = _choose_voice(routine, settings, progress)
    opened = encoding_speaker(choice.voice, settings, routine.language, routine.say)
    with _speaking(opened, choice, routine, settings) as speaker:
        laid_out = _lay_out(routine, settings, speaker, progress)
        clips = laid_out.speech.by_key()
        form = clips_format(clips.values())
        tone = speaker.tone(form.sample_rate_hz)
    track = VoiceTrack(timeline=laid_out.timeline, clips=clips, tone=tone, format=form)
    return choice.voice, laid_out, track


def _mixed_track(
    routine: Routine, settings: Settings, progress: Progress
) -> tuple[Voice | None, LaidOut, SessionTrack]:
    sources = _sources(routine, settings, progress)
    if settings.cue_filter.cues is Verbosity.CHIMES:
        voice = None
        _say_what_is_left_out(routine, progress)
        laid_out = _lay_out(routine, settings, None, progress)
    else:
        choice = _choose_voice(routine, settings, progress)
        voice = choice.voice
        opened = dry_speaker(voice, settings, routine.language, routine.say)
        with _speaking(opened, choice, routine, settings) as speaker:
            laid_out = _lay_out(routine, settings, speaker, progress)
    clips = laid_out.speech.by_key()
    plan = plan_mix(
        laid_out.timeline,
        clips,
        settings.mix,
        sources,
        windows=laid_out.windows,
        halfway=settings.cue_filter.halfway,
    )
    if settings.mix.breathe and not plan.breaths:
        progress.notice("There are no breaths in this session for the bed to swell with.")
    mixer = Mixer(plan, clips, cache=settings.cache, workers=settings.pools.mix, jobs=settings.jobs)
    return voice, laid_out, MixedTrack(mixer)


def _sources(
    routine: Routine, settings: Settings, progress: Progress
) -> Mapping[str, Sequence[BedSource]]:
    asked_ms = round((settings.minutes or 0) * 60_000)
    about_ms = max(estimated_ms(session_script(routine, settings)), asked_ms)
    return {
        bed: bed_sources(
            bed,
            settings.mix,
            settings.room_tone_db,
            about_ms,
            cache=settings.cache,
            workers=settings.pools.mix,
            notice=progress.notice,
        )
        for bed in settings.mix.beds
    }


def _say_what_is_left_out(routine: Routine, progress: Progress) -> None:
    if any(exercise.caution for exercise in routine.exercises):
        progress.notice("Only bells are heard: what exercises warn of is not said.")


def _choose_voice(routine: Routine, settings: Settings, progress: Progress) -> Choice:
    choice = session_voice(routine, settings)
    progress.voice_chosen(str(choice.voice), choice.reasons)
    return choice


@contextmanager
def _speaking(
    speaker: _Speaker, choice: Choice, routine: Routine, settings: Settings
) -> Iterator[_Speaker]:
    """Close a speaker at the end; when its voice fails, say which other one there is."""
    try:
        with closing(speaker):
            yield speaker
    except VoiceError as error:
        raise with_way_out(error, choice, routine, settings) from error


def _lay_out(
    routine: Routine,
    settings: Settings,
    speaker: Speaker[Any] | None,
    progress: Progress,
) -> LaidOut:
    if settings.minutes is not None:
        routine = fitted(routine, settings.minutes, settings, speaker, progress)
    return lay_out_session(routine, settings, speaker, progress)


def _cover(manifest: Manifest, focus: Iterable[str], cache: Cache) -> bytes:
    drawing = drawing_of(manifest, focus)
    return cache.get_or_create(
        CacheArea.COVERS, key_of(COVER_FORMAT, repr(drawing)), partial(cover, drawing)
    )
