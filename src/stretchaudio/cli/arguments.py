"""Say how commands are declared: help without types, and the arguments that several share."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

_Function = TypeVar("_Function", bound=Callable[..., Any])
HELP = {"help_option_names": ["-h", "--help"]}


def _no_type(ctx: Any) -> None:
    del ctx


class _PlainHelp:
    """Leaves Python's types and ranges out of the help; a sentence says what a value may be."""

    def get_params(self, ctx: Any) -> list[Any]:
        parameters: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for one in parameters:
            if isinstance(one, TyperArgument):
                one.display_type_rich = _no_type  # type: ignore[method-assign]
            elif one.metavar is None and getattr(one, "is_flag", False):
                one.metavar = ""
            one.min = one.max = None  # only shown: the type checks its limits itself
        return parameters


class _Command(_PlainHelp, TyperCommand):
    pass


class Group(_PlainHelp, TyperGroup):
    """Commands under one name, with plain help."""


class App(typer.Typer):
    """Commands whose help is plain."""

    def command(self, name: str | None = None, **settings: Any) -> Callable[[_Function], _Function]:
        """Declare a command, as Typer does."""
        return super().command(name, cls=_Command, **settings)


def routine_names(incomplete: str) -> list[str]:
    """Complete the name of a routine."""
    from stretchaudio.routine.library import all_routines

    return [name for name, _ in all_routines() if name.startswith(incomplete)]


def voice_names(incomplete: str) -> list[str]:
    """Complete a voice: engines first, and the voices of one when it is the only one left."""
    from stretchaudio.config import config
    from stretchaudio.speech.engine import Engines

    engines = Engines(config().commands)
    found = [engine for engine in ("auto", *engines.ids()) if engine.startswith(incomplete)]
    engine = found[0] if len(found) == 1 else incomplete.partition(":")[0]
    if len(found) > 1 or engine not in engines.ids():
        return found
    voices = (f"{engine}:{voice.name}" for voice in engines.catalogue(engine, offline=True))
    return [name for name in voices if name.startswith(incomplete)] or found


def engine_ids(incomplete: str) -> list[str]:
    """Complete the id of a voice engine."""
    from stretchaudio.speech.engine import Engines

    return [engine for engine in Engines().ids() if engine.startswith(incomplete)]


def exercise_ids(incomplete: str) -> list[str]:
    """Complete the id of an exercise of the library."""
    from stretchaudio.routine.library import read_exercises

    return [exercise.id for exercise in read_exercises() if exercise.id.startswith(incomplete)]


argument = partial(typer.Argument, show_default=False)
option: Any = partial(typer.Option, show_default=False)
routine_argument = partial(argument, metavar="ROUTINE", autocompletion=routine_names)
voice_argument = partial(argument, metavar="VOICE", autocompletion=voice_names)
output_option = partial(typer.Option, "--output", "-o", help="Where it goes.")
text_option = partial(typer.Option, metavar="TEXT", show_default="as the last time")

Name = Annotated[str, routine_argument(help="A routine's name or file.")]
Names = Annotated[list[str], routine_argument(help="Routines, by name or file.")]
Track = Annotated[Path, argument(metavar="TRACK.mp3", help="A track built by stretchaudio.")]
Site = Annotated[Path, argument(metavar="SITE", help="The site's folder.")]
Output = Annotated[str | None, output_option(metavar="FILE", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print it for machines.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
Language = Annotated[
    str | None,
    typer.Option(
        "--language",
        metavar="CODE",
        help="The routine in this language, such as es.",
        show_default="its own",
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="The same seed composes the same session.",
        show_default="another each time",
        min=0,
    ),
]
Code = Annotated[
    str | None,
    typer.Option(
        "--language", metavar="CODE", help="What is spoken, such as es.", show_default="en"
    ),
]
