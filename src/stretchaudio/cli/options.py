"""The options that `build`, `show` and `script` share: how a routine becomes a session."""

import inspect
from collections.abc import Callable, Collection, Iterable
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from stretchaudio.language import Verbosity
from stretchaudio.mix.model import CHIME_LEVEL_LUFS, GENERATED_BEDS, ChimeSound, Ducking
from stretchaudio.routine.model import Level

CHOOSING, SPEAKING, MIXING = "What is done", "What is said", "Music and chimes"
MAKING, PREVIEW = "How it is made", "A part of it"
"""The panels of options; a command names those that matter to it."""
VOICE = frozenset({"voice", "speed", "pitch", "offline"})
"""Options of the panel `SPEAKING` that only matter where something is spoken."""
EVERYTHING = (CHOOSING, SPEAKING, MIXING, MAKING)


class Sides(StrEnum):
    """Which side begins."""

    RIGHT_FIRST = "right-first"
    LEFT_FIRST = "left-first"


def _option(*names: str, panel: str, **settings: Any) -> Any:
    return typer.Option(*names, rich_help_panel=panel, **settings)


def _completes(kinds: type[StrEnum]) -> Callable[[str], list[str]]:
    """What a shell completes an option's value to."""
    return lambda incomplete: [kind.value for kind in kinds if kind.value.startswith(incomplete)]


def _length(name: str, of: str) -> Any:
    return _option(
        f"--{name}",
        metavar="LENGTH",
        panel=CHOOSING,
        help=f"{of}, such as 10s.",
        show_default="the routine's own",
    )


def session_options(
    level: Annotated[
        str | None,
        _option(
            "--level",
            "-l",
            metavar="LEVEL",
            panel=CHOOSING,
            autocompletion=_completes(Level),
            help="Which end of prescribed ranges to take: beginner, intermediate or advanced.",
            show_default="intermediate",
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        _option(
            "--minutes",
            metavar="N",
            min=0.1,
            max=720,
            panel=CHOOSING,
            help="How long the track is to be; picks within the ranges.",
            show_default=False,
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        _option(
            "--only",
            metavar="ID,...",
            panel=CHOOSING,
            help="Keep these exercises only.",
            show_default=False,
        ),
    ] = None,
    skip: Annotated[
        list[str] | None,
        _option(
            "--skip",
            metavar="ID,...",
            panel=CHOOSING,
            help="Leave these exercises out.",
            show_default=False,
        ),
    ] = None,
    sides: Annotated[
        str,
        _option(
            "--sides",
            metavar="SIDE",
            panel=CHOOSING,
            autocompletion=_completes(Sides),
            help="Which side begins: right-first or left-first.",
        ),
    ] = Sides.RIGHT_FIRST.value,
    rounds: Annotated[
        list[str] | None,
        _option(
            "--rounds",
            metavar="[SECTION=]N",
            panel=CHOOSING,
            help="Go through a section, or all, N times.",
            show_default=False,
        ),
    ] = None,
    transition: Annotated[str | None, _length("transition", "Time to get into position")] = None,
    rest: Annotated[str | None, _length("rest", "Rest between sets")] = None,
    switch: Annotated[str | None, _length("switch", "Time to change sides")] = None,
    tempo: Annotated[str | None, _length("tempo", "One rep")] = None,
    cues: Annotated[
        str,
        _option(
            "--cues",
            metavar="AMOUNT",
            panel=SPEAKING,
            autocompletion=_completes(Verbosity),
            help="How much is said: full; brief, names and counts; minimal, what one cannot do without; chimes, bells alone.",
        ),
    ] = Verbosity.FULL.value,
    counts: Annotated[
        bool, _option("--counts/--no-counts", panel=SPEAKING, help="Count reps.")
    ] = True,
    halfway: Annotated[
        bool, _option("--halfway/--no-halfway", panel=SPEAKING, help="Call half of long holds.")
    ] = True,
    countdown: Annotated[
        bool, _option("--countdown/--no-countdown", panel=SPEAKING, help="Count the last seconds.")
    ] = True,
    tips: Annotated[
        bool, _option("--tips/--no-tips", panel=SPEAKING, help="Give tips in long holds.")
    ] = True,
    voice: Annotated[
        str | None,
        _option(
            "--voice",
            "-v",
            metavar="VOICE",
            panel=SPEAKING,
            help="Who speaks: ENGINE:NAME, such as gtts:en-uk; 'stretchaudio voices' lists them.",
            show_default="auto, the best there is",
        ),
    ] = None,
    speed: Annotated[
        float | None,
        _option(
            "--speed",
            metavar="N",
            panel=SPEAKING,
            help="Times the voice's own pace, from 0.8 to 1.3.",
            show_default="1",
        ),
    ] = None,
    pitch: Annotated[
        float | None,
        _option(
            "--pitch",
            metavar="N",
            panel=SPEAKING,
            help="Semitones above the voice's own pitch, from -6 to 6.",
            show_default="0",
        ),
    ] = None,
    offline: Annotated[
        bool, _option("--offline", panel=SPEAKING, help="Ask nothing of a network.")
    ] = False,
    bed: Annotated[
        str | None,
        _option(
            "--bed",
            metavar="BED",
            panel=MIXING,
            help="What plays under the voice: a music file, a folder of them, "
            f"{', '.join(GENERATED_BEDS)} or off; rain:2 is another rain.",
            show_default="off",
        ),
    ] = None,
    bed_level: Annotated[
        float | None,
        _option(
            "--bed-level",
            metavar="LUFS",
            panel=MIXING,
            help="How loud it is where nobody speaks.",
            show_default="-16",
        ),
    ] = None,
    duck: Annotated[
        float,
        _option(
            "--duck",
            metavar="DB",
            panel=MIXING,
            help="How far it goes down under the voice, or further.",
        ),
    ] = Ducking().depth_db,
    duck_attack: Annotated[
        float,
        _option(
            "--duck-attack", metavar="SECONDS", panel=MIXING, help="How long it takes to go down."
        ),
    ] = Ducking().attack_ms / 1000,
    duck_release: Annotated[
        float,
        _option(
            "--duck-release",
            metavar="SECONDS",
            panel=MIXING,
            help="How long it takes to come back.",
        ),
    ] = Ducking().release_ms / 1000,
    duck_gap: Annotated[
        float,
        _option(
            "--duck-gap",
            metavar="SECONDS",
            panel=MIXING,
            help="It stays down between cues nearer than this.",
        ),
    ] = Ducking().gap_ms / 1000,
    breathe: Annotated[
        bool,
        _option(
            "--breathe",
            panel=MIXING,
            help="Let it swell with each inhale and fall with each exhale.",
        ),
    ] = False,
    chimes: Annotated[
        str | None,
        _option(
            "--chimes",
            metavar="SOUND",
            panel=MIXING,
            autocompletion=_completes(ChimeSound),
            help="Bells for start, halfway, end and change of side: soft, bright or off.",
            show_default="off",
        ),
    ] = None,
    chime_level: Annotated[
        float,
        _option("--chime-level", metavar="LUFS", panel=MIXING, help="How loud they are struck."),
    ] = CHIME_LEVEL_LUFS,
    room_tone: Annotated[
        str,
        _option(
            "--room-tone",
            metavar="DB",
            panel=MAKING,
            help="Level of the noise between cues in dBFS, or off.",
        ),
    ] = "-66",
    cache_dir: Annotated[
        Path | None,
        _option(
            "--cache-dir",
            metavar="DIR",
            panel=MAKING,
            help="Where speech already made is kept.",
            show_default="./audio_cache or the user's cache",
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        _option(
            "--jobs",
            "-j",
            metavar="N",
            min=1,
            max=64,
            panel=MAKING,
            help="How many cues to make at once.",
            show_default="one a core",
        ),
    ] = None,
    preview: Annotated[
        str | None,
        _option(
            "--preview",
            metavar="LENGTH",
            panel=PREVIEW,
            help="Make about the first so much only, such as 60s.",
            show_default=False,
        ),
    ] = None,
    preview_exercise: Annotated[
        str | None,
        _option(
            "--preview-exercise",
            metavar="ID",
            panel=PREVIEW,
            help="Make one exercise only.",
            show_default=False,
        ),
    ] = None,
) -> Any:
    """Turn what was typed into a session's options.

    Raises:
        UsageError: If something cannot be read, or two options exclude each other.
    """
    from stretchaudio.errors import UsageError, one_of
    from stretchaudio.routine.edit import Pace
    from stretchaudio.script.preview import Preview
    from stretchaudio.script.verbosity import CueFilter
    from stretchaudio.session.options import Options

    if level is not None and minutes is not None:
        raise UsageError(
            "--level and --minutes exclude each other.",
            hint="--minutes picks within the ranges by itself.",
        )
    lengths = {"transition_ms": transition, "rest_ms": rest, "switch_ms": switch, "tempo_ms": tempo}
    return Options(
        level=Level.INTERMEDIATE if level is None else one_of(Level, level, "level"),
        minutes=minutes,
        cue_filter=CueFilter(
            cues=one_of(Verbosity, cues, "amount of cues"),
            counts=counts,
            halfway=halfway,
            countdown=countdown,
            tips=tips,
            left_first=one_of(Sides, sides, "side to begin with") is Sides.LEFT_FIRST,
        ),
        only=_ids(only),
        skip=_ids(skip),
        rounds=dict(map(_round, rounds or ())),
        pace=Pace(
            **{name: length_option_ms(text) for name, text in lengths.items() if text is not None}
        ),
        voice=voice,
        speed=speed,
        pitch=pitch,
        offline=offline,
        bed=bed,
        bed_level_lufs=bed_level,
        duck=Ducking(
            depth_db=duck,
            attack_ms=round(duck_attack * 1000),
            release_ms=round(duck_release * 1000),
            gap_ms=round(duck_gap * 1000),
        ),
        breathe=breathe,
        chimes=None if chimes is None else one_of(ChimeSound, chimes, "sound of chimes"),
        chime_level_lufs=chime_level,
        preview=Preview(
            length_ms=None if preview is None else length_option_ms(preview),
            exercise=preview_exercise,
        ),
        room_tone_db=_level_db(room_tone),
        cache_dir=cache_dir,
        jobs=jobs,
    )


def takes_session_options(
    *panels: str, also: Collection[str] = (), without: Collection[str] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command options of a session; it gets them resolved, as its argument `settings`.

    Args:
        panels: The panels of options that matter to it.
        also: Options of other panels that do, by name.
        without: Those that do not all the same, by name.
    """
    every = inspect.signature(session_options).parameters
    hints = get_type_hints(session_options, include_extras=True)
    panel_of = {
        name: hint.__metadata__[0].rich_help_panel for name, hint in hints.items() if name in every
    }
    wanted = {name for name, panel in panel_of.items() if panel in panels} | set(also)
    shared = {name: one for name, one in every.items() if name in wanted - set(without)}

    def give(command: Callable[..., None]) -> Callable[..., None]:
        own = inspect.signature(command).parameters
        known = hints | get_type_hints(command, include_extras=True)

        @wraps(command)
        def wrapper(context: typer.Context, **given: Any) -> None:
            from stretchaudio.session.options import resolved

            options = session_options(**{name: given.pop(name) for name in shared})
            with resolved(options, context.obj) as settings:
                command(**given, settings=settings)

        parameters = [*(one for name, one in own.items() if name != "settings"), *shared.values()]
        context = inspect.Parameter(
            "context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context
        )
        wrapper.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [
                context,
                *(
                    one.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=known[one.name])
                    for one in parameters
                ),
            ]
        )
        wrapper.__annotations__ = {one.name: known[one.name] for one in parameters} | {
            "context": typer.Context
        }
        return wrapper

    return give


def _ids(given: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(one.strip() for part in given or () for one in part.split(",") if one.strip())


def _round(text: str) -> tuple[str, int]:
    from stretchaudio.errors import UsageError

    title, _, count = text.rpartition("=")
    if not count.strip().isdecimal():
        raise UsageError(
            f"'{text}' is not a number of rounds.",
            hint="Write --rounds 2, or --rounds 'Main part=2'.",
        )
    return title.strip(), int(count)


def _level_db(text: str) -> float | None:
    from stretchaudio.errors import UsageError

    if text == "off":
        return None
    try:
        return float(text)
    except ValueError:
        raise UsageError(
            f"'{text}' is not a level of room tone.",
            hint="Write a level in dBFS such as -66, or off.",
        ) from None


def length_option_ms(text: str) -> int:
    """An option's length, such as 10s, in ms.

    Raises:
        UsageError: If it is not one.
    """
    from stretchaudio.errors import UsageError
    from stretchaudio.routine.values import BadValueError, duration_ms

    try:
        return duration_ms(text)
    except BadValueError as error:
        raise UsageError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
