"""Declare the commands of `programme` and their arguments."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from stretchaudio.cli.arguments import HELP, App, Group, Json, argument, option, output_option

programme_app = App(cls=Group, invoke_without_command=True, context_settings=HELP)


def _programme_names(incomplete: str) -> list[str]:
    from stretchaudio.programme.library import all_programmes

    return [name for name, _ in all_programmes() if name.startswith(incomplete)]


Programme = Annotated[
    str,
    argument(
        metavar="PROGRAMME", help="A programme's name or file.", autocompletion=_programme_names
    ),
]
Start = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"], metavar="DAY", help="The first day.", show_default="the file's"
    ),
]


@programme_app.callback()
def programme(context: typer.Context, json: Json = False) -> None:
    """Weeks of sessions: list the programmes; show, build or put one into your calendar."""
    from stretchaudio.cli import programme as command
    from stretchaudio.errors import UsageError

    if context.invoked_subcommand is None:
        command.list_programmes(as_json=json)
    elif json:
        raise UsageError("Put --json after the command.")


@programme_app.command()
def show(name: Programme, start: Start = None, json: Json = False) -> None:
    """Show what is done on which day, and how much it is for each part of the body."""
    from stretchaudio.cli import programme as command

    command.show(name, start.date() if start else None, as_json=json)


@programme_app.command()
def build(
    name: Programme,
    output: Annotated[Path, output_option(metavar="FOLDER", show_default=False)],
    voice: Annotated[
        str | None, option("--voice", "-v", metavar="VOICE", help="Who speaks.")
    ] = None,
    cues: Annotated[
        str | None, option(metavar="AMOUNT", help="full, brief, minimal or chimes.")
    ] = None,
    bed: Annotated[str | None, option(metavar="BED", help="What plays under the voice.")] = None,
    chimes: Annotated[str | None, option(metavar="SOUND", help="off, soft or bright.")] = None,
    cache_dir: Annotated[
        str | None, option("--cache-dir", metavar="DIR", help="Where speech already made is kept.")
    ] = None,
    jobs: Annotated[
        int | None, option("--jobs", "-j", metavar="N", help="How many processes.")
    ] = None,
    on: Annotated[
        str | None, option("--on", metavar="ADDRESS", help="A Dask scheduler, or local-cluster.")
    ] = None,
) -> None:
    """Build each session once, and a playlist of them in the order of their days."""
    from stretchaudio.cli import programme as command

    given = {"voice": voice, "cues": cues, "bed": bed, "chimes": chimes, "cache_dir": cache_dir}
    common = {key: value for key, value in given.items() if value is not None}
    command.build(name, output, common, jobs=jobs, on=on)


@programme_app.command()
def calendar(
    name: Programme,
    output: Annotated[Path, output_option(metavar="FILE.ics", show_default=False)],
    start: Start = None,
    at: Annotated[
        datetime | None,
        typer.Option(
            formats=["%H:%M"],
            metavar="TIME",
            help="When, such as 07:30.",
            show_default="the file's",
        ),
    ] = None,
    remind: Annotated[
        str | None,
        typer.Option(
            metavar="LENGTH", help="How long before, such as 15m.", show_default="the file's"
        ),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(
            metavar="ZONE",
            help="The time zone, such as Europe/Berlin.",
            show_default="wherever you are",
        ),
    ] = None,
    base_url: Annotated[
        str | None,
        option("--base-url", metavar="URL", help="The site that has the sessions' pages."),
    ] = None,
) -> None:
    """Write a calendar with an event and a reminder for each session."""
    from stretchaudio.cli import programme as command
    from stretchaudio.cli.session_options import length_ms

    command.write_calendar(
        name,
        output,
        start=start.date() if start else None,
        at=at.time() if at else None,
        remind_ms=None if remind is None else length_ms(remind),
        zone=zone,
        base_url=base_url,
    )
