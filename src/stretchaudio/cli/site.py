"""Run the commands that pass sessions on: `publish`, `serve` and `play`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from stretchaudio.cli import build as building
from stretchaudio.cli.console import progress_bar
from stretchaudio.cli.targets import Target
from stretchaudio.errors import FileError, UsageError
from stretchaudio.mix.sources import refuse_music
from stretchaudio.routine.library import all_routines, read_routine
from stretchaudio.session.options import Settings
from stretchaudio.session.sidecars import Sidecars
from stretchaudio.site import publish
from stretchaudio.site.publish import STATE_NAME, PublishResult, SiteRequest
from stretchaudio.util.units import format_count, shell_command

_PLAYERS = (
    ("mpv", "--no-video"),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"),
    ("mpg123", "-q"),
    ("cvlc", "--play-and-exit", "--quiet"),
    ("afplay",),
)
"""Players for a terminal, with their options; the first that is installed is taken."""


def publish_site(
    site: Path,
    names: Sequence[str],
    settings: Settings,
    *,
    every: bool,
    base_url: str | None,
    title: str | None,
    summary: str | None,
    quiet: bool,
) -> None:
    """Bring a site up to date, and print what changed."""
    if every and names:
        raise UsageError(
            "--all and names of routines exclude each other.", hint="Leave one of them out."
        )
    tracks = tuple(Path(name) for name in names if Path(name).suffix.lower() == ".mp3")
    routines = [name for name in names if Path(name) not in tracks]
    if every:
        routines = [name for name, _ in all_routines(translations=True)]
    wanted = SiteRequest(
        routines=tuple(read_routine(name) for name in routines),
        tracks=tracks,
        base_url="" if base_url == "none" else base_url,
        title=title,
        summary=summary,
    )
    try:
        with progress_bar(quiet=quiet) as progress:
            done = publish.publish_site(site, wanted, settings, progress)
    except KeyboardInterrupt as interrupt:
        state = f"The site in {site} is whole" if site.exists() else f"{site} was not written"
        interrupt.add_note(f"{state}; what has been spoken is kept for the next time.")
        raise
    if not quiet:
        _say(site, done)


def _say(site: Path, done: PublishResult) -> None:
    for what, which in (("new or changed", done.built), ("removed", done.removed)):
        if which:
            print(f"{what}: {', '.join(which)}")
    unchanged = f", {len(done.kept)} unchanged" if done.kept else ""
    print(f"{site}: {format_count(len(done.built) + len(done.kept), 'session')}{unchanged}.")
    if not done.feed:
        print("Without --base-url https://… there is no podcast feed and no QR code.")
    print(f"Look at it: {shell_command('serve', site)}")


def serve_site(site: Path, *, host: str, port: int) -> None:
    """Serve a site until interrupted."""
    from stretchaudio.site.server import LOOPBACK, address_of, listening, qr_text, serve

    if not (site / STATE_NAME).is_file():
        raise UsageError(
            f"There is no site in {site}.",
            hint=f"Make one: {shell_command('publish', site, '--all')}",
        )
    with listening(host, port) as bound:
        address = address_of(host, bound.getsockname()[1])
        print(address, flush=True)
        if host == LOOPBACK:
            print("Only this machine can open it; for your phone: --host 0.0.0.0", flush=True)
        else:
            print(qr_text(address), flush=True)
        print("Ctrl-C ends it.", flush=True)
        serve(site, bound)


def play(name: str, settings: Settings, *, language: str | None, quiet: bool) -> None:
    """Play a routine, built first, or a finished track."""
    if Path(name).suffix.lower() == ".mp3" and Path(name).is_file():
        _open(Path(name))
        return
    routine = read_routine(name, language=language)
    folder = settings.cache.folder / "played"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError.from_os_error(error, f"write to the cache in {folder.parent}") from None
    path = folder / f"{routine.id}.mp3"
    refuse_music(settings.mix.bed, [path])
    building.build(
        [Target(routine=routine, path=path, announced=False)],
        settings,
        sidecars=Sidecars(),
        quiet=quiet,
    )
    _open(path)


def _open(path: Path) -> None:
    """Open a track in the desktop's player, else in one for a terminal."""
    screens = (os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    desktop = sys.platform in {"darwin", "win32"} or any(screens)
    if desktop and typer.launch(str(path)) == 0:
        return
    for program, *arguments in _PLAYERS:
        found = shutil.which(program)
        if found and subprocess.run([found, *arguments, str(path)], check=False).returncode == 0:
            return
    players = ", ".join(program for program, *_ in _PLAYERS)
    raise UsageError(
        f"No player here could play it ({players}). The track is {path}.",
        hint="Open the file yourself.",
    )
