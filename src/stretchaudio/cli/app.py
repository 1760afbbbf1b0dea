"""The commands and their options."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from stretchaudio.routine.model import Level

app = typer.Typer(
    name="stretchaudio",
    help="Turn a stretching routine into one exactly timed MP3 that coaches you through it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _routine_names(incomplete: str) -> list[str]:
    from stretchaudio.routine.library import all_routines

    return [name for name, _ in all_routines() if name.startswith(incomplete)]


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"stretchaudio {version('stretchaudio')}")
        raise typer.Exit


Name = Annotated[str, typer.Argument(help="A routine's name or file.", autocompletion=_routine_names, show_default=False)]
Names = Annotated[list[str], typer.Argument(help="Routines, by name or file.", autocompletion=_routine_names, show_default=False)]
LevelOption = Annotated[Level, typer.Option("--level", "-l", help="Which end of prescribed ranges to take.")]
VoiceOption = Annotated[
    Optional[str],  # noqa: UP045 - typer reads it at run time
    typer.Option("--voice", "-v", help="Who speaks: ENGINE:NAME, such as espeak:en-us+f3.", show_default="the language's own"),
]
ToneOption = Annotated[str, typer.Option("--room-tone", metavar="DB|off", help="Level of the noise between cues, in dBFS.")]
CacheOption = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--cache-dir", help="Where speech already made is kept.", show_default="./audio_cache or the user's cache"),
]
JobsOption = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--jobs", "-j", min=1, max=64, help="How many cues to make at once.", show_default="one a core"),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show where in the program an error came from.")]


@app.callback()
def _all(
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    pass


@app.command()
def build(
    routines: Names,
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--output", "-o", metavar="FILE|DIR", help="Where the MP3 goes.", show_default="ROUTINE.mp3 here"),
    ] = None,
    level: LevelOption = Level.INTERMEDIATE,
    voice: VoiceOption = None,
    manifest: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--manifest", "-m", metavar="FILE", help="Write what was built as JSON, too.", show_default=False),
    ] = None,
    room_tone: ToneOption = "-66",
    cache_dir: CacheOption = None,
    jobs: JobsOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="Say what would be made, and make nothing.")] = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Build the MP3 of one or more routines."""
    from stretchaudio.cli import build as command

    options = command.options(level=level, voice=voice, room_tone=room_tone, cache_dir=cache_dir, jobs=jobs)
    targets = command.targets(routines, output=output, manifest=manifest)
    if dry_run:
        command.dry_run(targets, options)
    else:
        command.build(targets, options, manifest=manifest, quiet=quiet)


@app.command("list")
def list_(debug: DebugOption = False) -> None:
    """List the routines that can be built by name."""
    from stretchaudio.cli import plans

    plans.list_routines()


@app.command()
def show(
    routine: Name,
    level: LevelOption = Level.INTERMEDIATE,
    voice: VoiceOption = None,
    cache_dir: CacheOption = None,
    jobs: JobsOption = None,
    debug: DebugOption = False,
) -> None:
    """Show a routine's plan: what is done, when and how long."""
    from stretchaudio.cli import build as command
    from stretchaudio.cli import plans

    plans.show(routine, command.options(level=level, voice=voice, cache_dir=cache_dir, jobs=jobs))


@app.command()
def script(
    routine: Name,
    json: Annotated[bool, typer.Option("--json", help="Print the manifest, as `build --manifest` writes it.")] = False,
    level: LevelOption = Level.INTERMEDIATE,
    voice: VoiceOption = None,
    room_tone: ToneOption = "-66",
    cache_dir: CacheOption = None,
    jobs: JobsOption = None,
    debug: DebugOption = False,
) -> None:
    """Print every cue and window with its time."""
    from stretchaudio.cli import build as command
    from stretchaudio.cli import plans

    options = command.options(level=level, voice=voice, room_tone=room_tone, cache_dir=cache_dir, jobs=jobs)
    plans.script(routine, options, as_json=json)


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(help="Routine files or names.", show_default=False)],
    debug: DebugOption = False,
) -> None:
    """Check routine files; prints every problem with its file, line and column."""
    from stretchaudio.cli import plans

    plans.check(files)
