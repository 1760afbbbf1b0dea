"""Resolve what a user asks of a session, once, into settings that leave nothing open."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from stretchaudio.cache import Cache, open_cache, user_folder
from stretchaudio.config import Config, config
from stretchaudio.errors import UsageError, one_of
from stretchaudio.language import Verbosity
from stretchaudio.mix.ducking import Ducking
from stretchaudio.mix.model import (
    BED_LEVEL_LUFS,
    CHIME_LEVEL_LUFS,
    ChimeSound,
    Mix,
)
from stretchaudio.routine.duration import windows_ms
from stretchaudio.routine.edit import Pace, choose_exercises, lengthen_holds, set_pace, set_rounds
from stretchaudio.routine.model import Level, Routine
from stretchaudio.routine.values import MAX_SESSION_MS
from stretchaudio.script.preview import Preview
from stretchaudio.script.verbosity import CueFilter
from stretchaudio.session.pools import WorkerPools
from stretchaudio.speech.engine import Engines, Prosody
from stretchaudio.track.tags import ALBUM, ARTIST
from stretchaudio.util.moments import Moments

MOST_JOBS = 8
LONGEST_TAG_TEXT = 500
ROOM_TONE_DB = -66.0
ROOM_TONES_DB = (-90.0, -55.0)
SHORTEST_PREVIEW_MS = 5_000
LEVELS_LUFS = (-40.0, -10.0)
DUCKS_LU = (0.0, 30.0)
DUCK_TIMES_S = (0.01, 5.0)
DUCK_GAPS_S = (0.0, 60.0)


_NUMBERS = (
    *("minutes", "speed", "pitch", "bed_level_lufs", "chime_level_lufs", "room_tone_db"),
    "jobs",
)
"""The fields of `Options` that are numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a user asks of a session; None leaves a thing to the config file."""

    level: Level = Level.INTERMEDIATE
    """Which end of prescribed ranges is taken."""
    minutes: float | None = None
    """How long the track is to be: ranges are picked from until it is, whatever the level; None
    for the level's length."""
    longer_holds_ms: int = 0
    """How much longer than at that level holds are, up to what is prescribed."""
    learn: bool = False
    """Each exercise comes once, slowly, with all there is to know about it and nothing counted."""
    cue_filter: CueFilter = field(default_factory=CueFilter)
    """How much is said, and which side begins."""
    only: tuple[str, ...] = ()
    """The ids of the exercises to keep; none for all."""
    skip: tuple[str, ...] = ()
    """The ids of exercises to leave out."""
    rounds: Mapping[str, int] = field(default_factory=dict)
    """Other rounds, by section title; an empty title stands for all sections."""
    pace: Pace = field(default_factory=Pace)
    """Lengths in place of the routine's own."""
    voice: str | None = None
    """`engine:name`, `engine` or auto."""
    speed: float | None = None
    """Times the voice's own pace, from 0.8 to 1.3."""
    pitch: float | None = None
    """Semitones above the voice's own pitch, from -6 to 6."""
    offline: bool = False
    """Nothing is asked of a network; what was spoken before may still be used."""
    bed: str | None = None
    """What is played under the voice: a bed's name, a music file or a folder of them, or off."""
    bed_level_lufs: float | None = None
    """How loud it is where nobody speaks, from -40 to -10."""
    duck: Ducking = field(default_factory=Ducking)
    """How it gives way to the voice."""
    breathe: bool = False
    """It swells and falls with the breath."""
    chimes: ChimeSound | None = None
    """Bells at the edges of windows."""
    chime_level_lufs: float = CHIME_LEVEL_LUFS
    """How loud they are struck, from -40 to -10."""
    preview: Preview = field(default_factory=Preview)
    """Which part of the session is made."""
    room_tone_db: float | None = ROOM_TONE_DB
    """The level of the noise between cues in dBFS, from -90 to -55; None for digital silence."""
    cache_dir: Path | str | None = None
    """Where speech already made is kept, a folder or a bucket; None for the usual place."""
    artist: str | None = None
    """The artist in the tag; None for the program."""
    album: str | None = None
    """The album in the tag; None for the usual one."""
    jobs: int | None = None
    """How many cues to make at once; None for one on each core."""

    def __post_init__(self) -> None:
        """Take a level and a sound of chimes by name, too, and an id by itself.

        Raises:
            UsageError: If there is none of that name, or a number is none.
        """
        for name in ("only", "skip"):
            ids = getattr(self, name)
            object.__setattr__(self, name, (ids,) if isinstance(ids, str) else tuple(ids))
        for name in _NUMBERS:
            number = getattr(self, name)
            if number is not None and not isinstance(number, (int, float)):
                raise UsageError(f"'{number}' is not a number for {name}.")
        object.__setattr__(self, "level", one_of(Level, self.level, "level"))
        if self.chimes is not None:
            chimes = one_of(ChimeSound, self.chimes, "sound of chimes")
            object.__setattr__(self, "chimes", chimes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that building a session needs to know besides its routine."""

    level: Level
    """Which end of prescribed ranges is taken."""
    minutes: float | None
    """How long the track is to be; None for the level's length."""
    longer_holds_ms: int
    """How much longer than at that level holds are, up to what is prescribed."""
    learn: bool
    """Each exercise comes once, slowly, with all there is to know about it and nothing counted."""
    cue_filter: CueFilter
    """How much is said, and which side begins."""
    only: tuple[str, ...]
    """The ids of the exercises to keep; none for all."""
    skip: tuple[str, ...]
    """The ids of exercises to leave out."""
    rounds: Mapping[str, int]
    """Other rounds, by section title; an empty title stands for all sections."""
    pace: Pace
    """Lengths in place of the routine's own."""
    voice: str
    """`engine:name`, `engine` or auto."""
    prosody: Prosody
    """How the voice speaks."""
    say: Mapping[str, str]
    """How the user wants words spoken; a routine has a list of its own."""
    offline: bool
    """Nothing is asked of a network."""
    mix: Mix
    """What is heard beside the voice."""
    section_beds: bool
    """Sections may have beds of their own; not where one is asked for all."""
    preview: Preview
    """Which part of the session is made."""
    room_tone_db: float | None
    """The level of the noise between cues in dBFS; None for digital silence."""
    artist: str
    """The artist in the tag."""
    album: str
    """The album in the tag."""
    engines: Engines = field(repr=False)
    """What can speak."""
    cache: Cache = field(repr=False)
    """Where what was made is kept."""
    jobs: int = field(repr=False)
    """How much is made at once."""
    pools: WorkerPools = field(repr=False)
    """The helpers that make it."""

    @property
    def level_name(self) -> str:
        """How the doses were chosen, as a manifest and a tag say it."""
        return self.level.value if self.minutes is None else f"fitted to {self.minutes:g} min"


@contextmanager
def resolved(
    options: Options | None = None, pools: WorkerPools | None = None
) -> Iterator[Settings]:
    """Resolve options for the time of a block; helpers that nobody handed in end with it.

    Raises:
        UsageError: If an option cannot be used.
        ConfigError: If the config file cannot be used.
    """
    settings = resolve(options or Options(), config(), pools)
    try:
        yield settings
    finally:
        if pools is None:
            settings.pools.close()


def resolve(options: Options, config: Config, pools: WorkerPools | None = None) -> Settings:
    """Put what the user has set for good where options leave a thing open.

    Args:
        options: What is asked of this session.
        config: What the user has set for good.
        pools: Helpers that are there already; None for new ones.

    Raises:
        UsageError: If something is out of range, or nothing at all would be heard.
    """
    _check_ranges(options)
    jobs = usual_jobs() if options.jobs is None else options.jobs
    if jobs < 1:
        raise UsageError(f"{jobs} cues cannot be made at once.", hint="Choose 1 or more.")
    return Settings(
        level=options.level,
        minutes=options.minutes,
        longer_holds_ms=options.longer_holds_ms,
        learn=options.learn,
        cue_filter=options.cue_filter,
        only=options.only,
        skip=options.skip,
        rounds=options.rounds,
        pace=options.pace,
        voice=options.voice or config.voice,
        prosody=Prosody(
            speed=config.speed if options.speed is None else options.speed,
            pitch=config.pitch if options.pitch is None else options.pitch,
        ),
        say=config.say,
        offline=options.offline or config.offline,
        mix=_mix(options, config),
        section_beds=options.bed is None,
        preview=options.preview,
        room_tone_db=options.room_tone_db,
        artist=_tag_text("artist", options.artist, ARTIST),
        album=_tag_text("album", options.album, ALBUM),
        engines=Engines(config.commands, Moments(user_folder() / "moments"), config.server),
        cache=open_cache(options.cache_dir),
        jobs=jobs,
        pools=pools or WorkerPools(jobs),
    )


def _tag_text(what: str, text: str | None, usual: str) -> str:
    """Take a text for the tag.

    Raises:
        UsageError: If players could not show it.
    """
    if text is None:
        return usual
    if not text.strip() or not text.isprintable() or len(text) > LONGEST_TAG_TEXT:
        hint = f"Write a line of at most {LONGEST_TAG_TEXT} letters."
        raise UsageError(f"That cannot be the {what} of a track.", hint=hint)
    return text


def adjusted(routine: Routine, settings: Settings) -> Routine:
    """Give a routine the exercises, rounds and pace that are asked for.

    Raises:
        UsageError: If they name something the routine does not have.
    """
    routine = choose_exercises(routine, only=settings.only, skip=settings.skip)
    routine = set_rounds(routine, settings.rounds)
    routine = set_pace(routine, settings.pace)
    if settings.longer_holds_ms:
        routine = lengthen_holds(routine, settings.longer_holds_ms, settings.level.fraction)
    if windows_ms(routine, 1.0) > MAX_SESSION_MS:
        raise UsageError(
            "At its longest this session would last more than 12 hours.",
            hint="Choose fewer rounds or a quicker pace.",
        )
    return routine


def with_section_beds(settings: Settings, routine: Routine) -> Settings:
    """Give the mix the beds that the sections of a routine have of their own.

    Args:
        settings: As resolved.
        routine: As adjusted.

    Raises:
        UsageError: If the bed is to swell with the breath, and there is none.
    """
    mix = settings.mix
    own = [section.bed for section in routine.sections]
    if settings.section_beds and any(own):
        mix = replace(mix, section_beds=tuple(own))
    if mix.breathe and not mix.has_bed:
        hint = "Add --bed waves, for example."
        raise UsageError("--breathe needs a bed that can swell.", hint=hint)
    return replace(settings, mix=mix)


def usual_jobs() -> int:
    """Count the cores that this process may use, within reason: each takes a helper of 100 MB."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MOST_JOBS)
    return min(os.cpu_count() or 1, MOST_JOBS)


def _mix(options: Options, config: Config) -> Mix:
    levels_lufs = (options.bed_level_lufs, config.bed_level, BED_LEVEL_LUFS)
    mix = Mix(
        bed=config.bed if options.bed is None else options.bed,
        bed_level_lufs=next(level for level in levels_lufs if level is not None),
        duck=options.duck,
        breathe=options.breathe,
        chimes=_chimes(options, config),
        chime_level_lufs=options.chime_level_lufs,
    )
    _check_range("A bed level of {:g} LUFS", mix.bed_level_lufs, LEVELS_LUFS)
    return mix


def _chimes(options: Options, config: Config) -> ChimeSound:
    chimes = options.chimes or ChimeSound(config.chimes)
    if options.cue_filter.cues is not Verbosity.CHIMES or chimes is not ChimeSound.OFF:
        return chimes
    if options.chimes is ChimeSound.OFF:
        raise UsageError(
            "With --cues chimes and --chimes off nothing would tell what to do.",
            hint="Choose --chimes soft or bright.",
        )
    return ChimeSound.SOFT


def _check_ranges(options: Options) -> None:
    duck = options.duck
    is_full = options.cue_filter.cues is Verbosity.FULL
    if options.learn and (options.minutes is not None or not is_full):
        raise UsageError(
            "--learn tells everything and takes the time it takes.",
            hint="Leave out --minutes and --cues.",
        )
    if options.longer_holds_ms and options.minutes is not None:
        raise UsageError(
            "--longer-holds does not go with --minutes, which chooses the holds itself.",
            hint="Leave out one of them.",
        )
    _check_range("A chime level of {:g} LUFS", options.chime_level_lufs, LEVELS_LUFS)
    _check_range("A voice {:g} LU above the bed", duck.over_lu, DUCKS_LU)
    _check_range("--duck-attack of {:g} s", duck.attack_ms / 1000, DUCK_TIMES_S)
    _check_range("--duck-release of {:g} s", duck.release_ms / 1000, DUCK_TIMES_S)
    _check_range("--duck-gap of {:g} s", duck.gap_ms / 1000, DUCK_GAPS_S)
    preview_ms, tone_db = options.preview.length_ms, options.room_tone_db
    if preview_ms is not None and preview_ms < SHORTEST_PREVIEW_MS:
        hint = "Choose a longer one, such as --preview 60s."
        raise UsageError("A preview lasts 5 seconds at the least.", hint=hint)
    if tone_db is not None and not ROOM_TONES_DB[0] <= tone_db <= ROOM_TONES_DB[1]:
        hint = f"Choose a level from {ROOM_TONES_DB[0]:g} to {ROOM_TONES_DB[1]:g}, or off."
        raise UsageError(f"A room tone of {tone_db:g} dBFS is out of range.", hint=hint)


def _check_range(what: str, value: float, limits: tuple[float, float]) -> None:
    least, most = limits
    if not least <= value <= most:
        hint = f"Choose from {least:g} to {most:g}."
        raise UsageError(f"{what.format(value)} is out of range.", hint=hint)
