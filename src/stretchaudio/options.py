"""What a user asks of a session: how long, how much is said, which exercises, whose voice."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stretchaudio.cache import Cache, default_folder
from stretchaudio.config import config
from stretchaudio.errors import UsageError, one_of
from stretchaudio.mix.model import BED_LEVEL_LUFS, CHIME_LEVEL_LUFS, OFF, ChimeSound, Ducking, Mix
from stretchaudio.preview import Preview
from stretchaudio.routine.adjust import Pace, choose_exercises, set_pace, set_rounds
from stretchaudio.routine.length import windows_ms
from stretchaudio.routine.model import Level, Routine
from stretchaudio.routine.values import MAX_SESSION_MS
from stretchaudio.script.telling import Cues, Telling
from stretchaudio.speech.engine import Manner

MOST_JOBS = 8
ROOM_TONE_DB = -66.0
LOUDEST_ROOM_TONE_DB, QUIETEST_ROOM_TONE_DB = -55.0, -90.0
SHORTEST_PREVIEW_MS = 5_000
LEVELS_LUFS = (-40.0, -10.0)
DUCK_DEPTHS_DB = (0.0, 40.0)
DUCK_TIMES_S = (0.01, 5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a routine is turned into a track."""

    level: Level = Level.INTERMEDIATE
    """Which end of prescribed ranges is taken."""
    minutes: float | None = None
    """How long the track is to be: ranges are picked from until it is, whatever the level; None for the level's length."""
    telling: Telling = field(default_factory=Telling)
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
    """`engine:name`, `engine` or auto; None for what the user has set, which is auto unless it was changed."""
    speed: float | None = None
    """Times the voice's own pace, from 0.8 to 1.3; None for what the user has set."""
    pitch: float | None = None
    """Semitones above the voice's own pitch, from -6 to 6; None for what the user has set."""
    offline: bool = False
    """Nothing is asked of a network; what was spoken before may still be used."""
    bed: str | None = None
    """What is played under the voice: a bed's name, a music file or a folder of them, or off; None for what the user has set."""
    bed_level_lufs: float | None = None
    """How loud it is where nobody speaks, from -40 to -10; None for what the user has set."""
    duck: Ducking = field(default_factory=Ducking)
    """How it gives way to the voice."""
    breathe: bool = False
    """It swells and falls with the breath."""
    chimes: ChimeSound | None = None
    """Bells at the edges of windows; None for what the user has set."""
    chime_level_lufs: float = CHIME_LEVEL_LUFS
    """How loud they are struck, from -40 to -10."""
    preview: Preview = field(default_factory=Preview)
    """Which part of the session is made."""
    room_tone_db: float | None = ROOM_TONE_DB
    """The level of the noise between cues in dBFS, from -90 to -55; None for digital silence."""
    cache_dir: Path | None = None
    """Where speech already made is kept; None for the usual place."""
    jobs: int | None = None
    """How many cues to make at once; None for one on each core."""

    def __post_init__(self) -> None:
        """Take a level and a sound of chimes by name, too.

        Raises:
            UsageError: If there is none of that name.
        """
        object.__setattr__(self, "level", one_of(Level, self.level, "level"))
        if self.chimes is not None:
            object.__setattr__(self, "chimes", one_of(ChimeSound, self.chimes, "sound of chimes"))

    @property
    def level_name(self) -> str:
        """How the doses were chosen, as a manifest and a tag say it."""
        return f"fitted to {self.minutes:g} min" if self.minutes is not None else self.level.value


def manner_of(options: Options) -> Manner:
    """How the voice is to speak: what options ask, else what the user has set."""
    settings = config()
    return Manner(
        speed=settings.speed if options.speed is None else options.speed,
        pitch=settings.pitch if options.pitch is None else options.pitch,
    )


def mix_of(options: Options) -> Mix:
    """What is heard beside the voice: what options ask, else what the user has set.

    Raises:
        UsageError: If something is out of range, or nothing at all would be heard.
    """
    settings = config()
    only_chimes = options.telling.cues is Cues.CHIMES
    chimes = options.chimes or ChimeSound(settings.chimes)
    if only_chimes and chimes is ChimeSound.OFF:
        if options.chimes is ChimeSound.OFF:
            raise UsageError(
                "With --cues chimes and --chimes off nothing would tell what to do.", tip="Choose --chimes soft or bright."
            )
        chimes = ChimeSound.SOFT
    levels_lufs = (options.bed_level_lufs, settings.bed_level, BED_LEVEL_LUFS)
    mix = Mix(
        bed=settings.bed if options.bed is None else options.bed,
        bed_level_lufs=next(level for level in levels_lufs if level is not None),
        duck=options.duck,
        breathe=options.breathe,
        chimes=chimes,
        chime_level_lufs=options.chime_level_lufs,
    )
    _check(mix, options)
    return mix


def _check(mix: Mix, options: Options) -> None:
    for what, value, (least, most) in (
        ("A bed level of {:g} LUFS", mix.bed_level_lufs, LEVELS_LUFS),
        ("A chime level of {:g} LUFS", mix.chime_level_lufs, LEVELS_LUFS),
        ("Ducking by {:g} dB", mix.duck.depth_db, DUCK_DEPTHS_DB),
        ("--duck-attack of {:g} s", mix.duck.attack_ms / 1000, DUCK_TIMES_S),
        ("--duck-release of {:g} s", mix.duck.release_ms / 1000, DUCK_TIMES_S),
        ("--duck-gap of {:g} s", mix.duck.gap_ms / 1000, (0, 60)),
    ):
        if not least <= value <= most:
            raise UsageError(f"{what.format(value)} is out of range.", tip=f"Choose from {least:g} to {most:g}.")
    if options.preview.length_ms is not None and options.preview.length_ms < SHORTEST_PREVIEW_MS:
        raise UsageError("A preview lasts 5 seconds at the least.", tip="Choose a longer one, such as --preview 60s.")
    if mix.breathe and mix.bed == OFF:
        raise UsageError("--breathe-with-me needs a bed that can swell.", tip="Add --bed waves, for example.")


def room_tone_of(options: Options) -> float | None:
    """The level of the room tone in dBFS; None for digital silence.

    Raises:
        UsageError: If it is out of range.
    """
    level_db = options.room_tone_db
    if level_db is not None and not QUIETEST_ROOM_TONE_DB <= level_db <= LOUDEST_ROOM_TONE_DB:
        limits = f"from {QUIETEST_ROOM_TONE_DB:g} to {LOUDEST_ROOM_TONE_DB:g}"
        raise UsageError(f"A room tone of {level_db:g} dBFS is out of range.", tip=f"Choose a level {limits}, or off.")
    return level_db


def adjusted(routine: Routine, options: Options) -> Routine:
    """The routine with the exercises, rounds and pace that options ask for.

    Raises:
        UsageError: If they name something the routine does not have.
    """
    routine = choose_exercises(routine, only=options.only, skip=options.skip)
    routine = set_rounds(routine, options.rounds)
    routine = set_pace(routine, options.pace)
    if windows_ms(routine, 1.0) > MAX_SESSION_MS:
        raise UsageError("At its longest this session would last more than 12 hours.", tip="Choose fewer rounds or a quicker pace.")
    return routine


def cache_of(options: Options) -> Cache:
    """Where what was made is kept."""
    return Cache(Path(options.cache_dir or default_folder()))


def jobs_of(options: Options) -> int:
    """How much is made at once.

    Raises:
        UsageError: If nothing could be made that way.
    """
    jobs = usual_jobs() if options.jobs is None else options.jobs
    if jobs < 1:
        raise UsageError(f"{jobs} cues cannot be made at once.", tip="Choose 1 or more.")
    return jobs


def usual_jobs() -> int:
    """One cue on each core that this process may use, within reason: each takes a helper of 100 MB."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_JOBS)
