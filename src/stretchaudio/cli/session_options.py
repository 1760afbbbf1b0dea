"""Declare the options that make up a session, once, and give commands those that matter to them.

Each is declared with the field of `Options` that it sets. An option that is not given sets nothing,
so defaults stand in `Options` alone.
"""

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Annotated, Any, get_type_hints

import typer

from stretchaudio.audio.beds import GENERATED_BEDS
from stretchaudio.cli.arguments import voice_names
from stretchaudio.language import Verbosity
from stretchaudio.mix.ducking import CLEAR_LU, Ducking
from stretchaudio.mix.model import (
    BED_LEVEL_LUFS,
    CHIME_LEVEL_LUFS,
    ChimeSound,
)
from stretchaudio.routine.model import Level

CHOOSING, SPEAKING, MIXING = "What is done", "What is said", "Music and chimes"
MAKING, PREVIEW = "How it is made", "A part of it"
"""The panels of options; a command names those that matter to it."""
EVERYTHING = (CHOOSING, SPEAKING, MIXING, MAKING)
VOICE = frozenset({"voice", "speed", "pitch", "offline"})
"""Options of the panel `SPEAKING` that only matter where something is spoken."""
_DUCK = Ducking()
_OWN = "the routine's own"


class Sides(StrEnum):
    """Which side begins."""

    RIGHT_FIRST = "right-first"
    LEFT_FIRST = "left-first"


@dataclass(frozen=True, slots=True)
class _Option:
    """One option of a session."""

    flags: str
    """As they are typed, the long one first."""
    field: str
    """The field of `Options` that it sets; behind a dot, that of a part of it."""
    kind: Any
    """The type that Typer reads it as."""
    metavar: str
    """What stands for its value in the help; empty for a switch."""
    help: str
    """What it does."""
    default: Any = False
    """What the help says of its default; False for nothing."""
    parse: Callable[[Any], Any] = lambda value: value
    """Turns what Typer has read into the field's value."""
    choices: Iterable[str] | Callable[[str], list[str]] | None = None
    """What a shell completes it to: words, or what gives those that begin so."""
    limits: Any = None
    """The least and the greatest value."""

    @property
    def name(self) -> str:
        """Its name as an argument."""
        return self.flags.split()[0].split("/")[0].removeprefix("--").replace("-", "_")

    def parameter(self, panel: str) -> inspect.Parameter:
        """Make the parameter of a command."""
        info = typer.Option(
            *self.flags.split(),
            metavar=self.metavar,
            help=self.help,
            show_default=self.default,
            rich_help_panel=panel,
            autocompletion=_completer(self.choices) if self.choices else None,
            **(self.limits or {}),
        )
        keyword = inspect.Parameter.KEYWORD_ONLY
        annotation = Annotated[self.kind | None, info]  # type: ignore[name-defined]
        return inspect.Parameter(self.name, keyword, default=None, annotation=annotation)


def _completer(
    choices: Iterable[str] | Callable[[str], list[str]],
) -> Callable[[str], list[str]]:
    if isinstance(choices, Iterable):  # first: an enumeration can be called, too
        return lambda incomplete: [str(one) for one in choices if one.startswith(incomplete)]
    return choices


def length_ms(text: str) -> int:
    """Read a length such as 10s.

    Raises:
        UsageError: If it is none.
    """
    from stretchaudio.errors import UsageError
    from stretchaudio.routine.values import BadValueError, duration_ms

    try:
        return duration_ms(text)
    except BadValueError as error:
        raise UsageError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _ids(given: list[str]) -> tuple[str, ...]:
    return tuple(one.strip() for part in given for one in part.split(",") if one.strip())


def _rounds(given: list[str]) -> dict[str, int]:
    from stretchaudio.errors import UsageError

    rounds = {}
    for text in given:
        title, _, count = text.rpartition("=")
        if not count.strip().isdecimal():
            hint = "Write --rounds 2, or --rounds 'Main part=2'."
            raise UsageError(f"'{text}' is not a number of rounds.", hint=hint)
        rounds[title.strip()] = int(count)
    return rounds


def _begins_left(side: str) -> bool:
    from stretchaudio.errors import one_of

    return one_of(Sides, side, "side to begin with") is Sides.LEFT_FIRST


def _number_or(word: str, meaning: float | None, what: str, hint: str) -> Callable[[str], Any]:
    """Make what reads a number, or one word that stands for another."""

    def number(text: str) -> float | None:
        from stretchaudio.errors import UsageError

        try:
            return meaning if text == word else float(text)
        except ValueError:
            raise UsageError(f"'{text}' is not {what}.", hint=hint) from None

    return number


_room_tone_db = _number_or(
    "off", None, "a level of room tone", "Write a level in dBFS such as -66, or off."
)
_over_lu = _number_or(
    "clear",
    CLEAR_LU,
    "a distance from voice to bed",
    "Write a distance in LU such as 15, or clear.",
)


def _pace(name: str, what: str) -> _Option:
    help_text = f"{what}, such as 10s."
    return _Option(f"--{name}", f"pace.{name}_ms", str, "LENGTH", help_text, _OWN, length_ms)


def _switch(name: str, what: str) -> _Option:
    return _Option(f"--{name}/--no-{name}", f"cue_filter.{name}", bool, "", what, name)


# fmt: off
_OPTIONS: Mapping[str, tuple[_Option, ...]] = {
    CHOOSING: (
        _Option("--level -l", "level", str, "LEVEL",
                "Which end of prescribed ranges to take: beginner, intermediate or advanced.",
                "intermediate", choices=Level),
        _Option("--minutes", "minutes", float, "N",
                "How long the track is to be, 0.1 to 720; picks within the ranges.",
                limits={"min": 0.1, "max": 720}),
        _Option("--longer-holds", "longer_holds_ms", str, "LENGTH",
                "Holds that much longer than at the level, such as 5s, up to what is prescribed.",
                parse=length_ms),
        _Option("--only", "only", list[str], "ID,...", "Keep these exercises only.", parse=_ids),
        _Option("--skip", "skip", list[str], "ID,...", "Leave these exercises out.", parse=_ids),
        _Option("--sides", "cue_filter.left_first", str, "SIDE",
                "Which side begins: right-first or left-first.", "right-first",
                _begins_left, Sides),
        _Option("--rounds", "rounds", list[str], "[SECTION=]N",
                "Go through a section, or all, N times.", parse=_rounds),
        _pace("transition", "Time to get into position"),
        _pace("rest", "Rest between sets"),
        _pace("switch", "Time to change sides"),
        _pace("tempo", "One rep"),
    ),
    SPEAKING: (
        _Option("--cues", "cue_filter.cues", str, "AMOUNT",
                "How much is said: full; brief, names and counts; minimal, what one cannot do "
                "without; chimes, bells alone.", "full", choices=Verbosity),
        _Option("--learn", "learn", bool, "",
                "A track to learn from: each exercise once, slowly, nothing counted."),
        _switch("counts", "Count reps."),
        _switch("halfway", "Call half of long holds."),
        _switch("countdown", "Count the last seconds."),
        _switch("tips", "Give tips in long holds."),
        _Option("--voice -v", "voice", str, "VOICE",
                "Who speaks: ENGINE:NAME, such as gtts:en-uk; 'stretchaudio voices' lists them.",
                "auto, the best there is", choices=voice_names),
        _Option("--speed", "speed", float, "N", "Times the voice's own pace, 0.8 to 1.3.", "1"),
        _Option("--pitch", "pitch", float, "N",
                "Semitones above the voice's own pitch, -6 to 6.", "0"),
        _Option("--offline", "offline", bool, "", "Ask nothing of a network."),
    ),
    MIXING: (
        _Option("--bed", "bed", str, "BED",
                "What plays under the voice: a music file, a folder of them, "
                f"{', '.join(GENERATED_BEDS)} or off; rain:2 is another rain.",
                "the routine's own, or off", choices=(*GENERATED_BEDS, "off")),
        _Option("--bed-level", "bed_level_lufs", float, "LUFS",
                "How loud it is where nobody speaks.", f"{BED_LEVEL_LUFS:g}"),
        _Option("--duck", "duck.over_lu", str, "LU",
                "How far the voice is above it while it speaks, or clear, 20 everywhere.",
                f"{_DUCK.over_lu:g}", _over_lu),
        _Option("--duck-attack", "duck.attack_ms", float, "SECONDS",
                "How long it takes to go down, or longer.", f"{_DUCK.attack_ms / 1000:g}", _ms),
        _Option("--duck-release", "duck.release_ms", float, "SECONDS",
                "How long it takes to come back, or longer.", f"{_DUCK.release_ms / 1000:g}", _ms),
        _Option("--duck-gap", "duck.gap_ms", float, "SECONDS",
                "It stays down between cues nearer than this.", f"{_DUCK.gap_ms / 1000:g}", _ms),
        _Option("--breathe", "breathe", bool, "",
                "Let it swell with each inhale and fall with each exhale."),
        _Option("--chimes", "chimes", str, "SOUND",
                "Bells for start, halfway, end and change of side: soft, bright or off.", "off",
                choices=ChimeSound),
        _Option("--chime-level", "chime_level_lufs", float, "LUFS",
                "How loud they are struck.", f"{CHIME_LEVEL_LUFS:g}"),
    ),
    MAKING: (
        _Option("--room-tone", "room_tone_db", str, "DB",
                "Level of the noise between cues in dBFS, or off.", "-66", _room_tone_db),
        _Option("--artist", "artist", str, "TEXT", "The artist in the tag.", "stretchaudio"),
        _Option("--album", "album", str, "TEXT", "The album in the tag.", "Stretching sessions"),
        _Option("--cache-dir", "cache_dir", str, "DIR|s3://…",
                "Where speech already made is kept.", "./audio_cache or the user's cache"),
        _Option("--jobs -j", "jobs", int, "N",
                "How many cues to make at once, 1 to 64.", "one a core",
                limits={"min": 1, "max": 64}),
    ),
    PREVIEW: (
        _Option("--preview", "preview.length_ms", str, "LENGTH",
                "Make about the first so much only, such as 60s.", parse=length_ms),
        _Option("--preview-exercise", "preview.exercise", str, "ID", "Make one exercise only."),
    ),
}
# fmt: on


def takes_session_options(
    *panels: str, also: Collection[str] = (), without: Collection[str] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command options of a session; it gets them resolved, as its argument `settings`.

    Args:
        panels: The panels of options that matter to it.
        also: Options of other panels that do, by name.
        without: Options of these panels that do not, by name.
    """
    shared = {
        option.name: (option, option.parameter(panel))
        for panel, options in _OPTIONS.items()
        for option in options
        if (panel in panels or option.name in also) and option.name not in without
    }

    def give(command: Callable[..., None]) -> Callable[..., None]:
        hints = get_type_hints(command, include_extras=True)
        own = [
            one.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[name])
            for name, one in inspect.signature(command).parameters.items()
            if name != "settings"
        ]

        @wraps(command)
        def wrapper(context: typer.Context, **given: Any) -> None:
            from stretchaudio.session.options import resolved

            typed = [(option, given.pop(name)) for name, (option, _) in shared.items()]
            with resolved(_options(typed), context.obj) as settings:
                command(**given, settings=settings)

        keyword = inspect.Parameter.KEYWORD_ONLY
        context = inspect.Parameter("context", keyword, annotation=typer.Context)
        every = [context, *own, *(parameter for _, parameter in shared.values())]
        wrapper.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
        wrapper.__annotations__ = {one.name: one.annotation for one in every}
        return wrapper

    return give


def options_of_row(values: Mapping[str, str]) -> Any:
    """Turn a table's values by the names of options into a session's options.

    Raises:
        UsageError: If there is no such option, or its value cannot be read.
    """
    from stretchaudio.errors import UsageError, did_you_mean

    known = {one.name: one for options in _OPTIONS.values() for one in options}
    typed = []
    for name, text in values.items():
        if name not in known:
            raise UsageError(f"There is no option '{name}'.{did_you_mean(name, known)}")
        typed.append((known[name], _typed(known[name], text)))
    return _options(typed)


def _typed(option: _Option, text: str) -> Any:
    """Read a value as Typer does."""
    from stretchaudio.errors import UsageError

    if option.kind is bool:
        return text.lower() in {"yes", "true", "1", "x", "on"}
    if option.kind == list[str]:
        return [text]
    try:
        return option.kind(text)
    except ValueError:
        raise UsageError(f"'{text}' is not a value for {option.name}.") from None


def _options(typed: Iterable[tuple[_Option, Any]]) -> Any:
    """Turn what was typed into a session's options.

    Raises:
        UsageError: If something cannot be read, or two options exclude each other.
    """
    from stretchaudio.errors import UsageError
    from stretchaudio.routine.edit import Pace
    from stretchaudio.script.preview import Preview
    from stretchaudio.script.verbosity import CueFilter
    from stretchaudio.session.options import Options

    kinds = {"cue_filter": CueFilter, "pace": Pace, "duck": Ducking, "preview": Preview}
    whole: dict[str, Any] = {}
    parts: dict[str, dict[str, Any]] = {}
    for option, value in typed:
        if value is None or value == []:
            continue
        part, _, field = option.field.rpartition(".")
        (parts.setdefault(part, {}) if part else whole)[field] = option.parse(value)
    if "level" in whole and "minutes" in whole:
        hint = "--minutes picks within the ranges by itself."
        raise UsageError("--level and --minutes exclude each other.", hint=hint)
    return Options(**whole, **{part: kinds[part](**fields) for part, fields in parts.items()})
