"""Run the commands that pass sessions on: `publish`, `unpublish`, `serve` and `play`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

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
from stretchaudio.util.atomic import atomic_write
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
    qr: Path | None,
    quiet: bool,
    **wishes: Any,
) -> None:
    """Bring a site up to date, and print what changed.

    Args:
        site: Its folder.
        names: Routines and tracks to add or bring up to date.
        settings: How tracks are built.
        every: True for all routines instead.
        qr: Where the address goes as a QR code; None for nowhere.
        quiet: True to print errors only.
        wishes: The other fields of `SiteRequest`.
    """
    if every and names:
        raise UsageError(
            "--all and names of routines exclude each other.", hint="Leave one of them out."
        )
    tracks = tuple(Path(name) for name in names if Path(name).suffix.lower() == ".mp3")
    routines = [name for name in names if Path(name) not in tracks]
    if every:
        routines = [name for name, _ in all_routines(translations=True)]
    found = tuple(read_routine(name) for name in routines)
    wanted = SiteRequest(routines=found, tracks=tracks, **wishes)
    try:
        with progress_bar(quiet=quiet) as progress:
            done = publish.publish_site(
                site, wanted, settings, progress, announce=None if quiet else _announce
            )
    except KeyboardInterrupt as interrupt:
        state = f"The site in {site} is whole" if site.exists() else f"{site} was not written"
        interrupt.add_note(f"{state}; what has been spoken is kept for the next time.")
        raise
    if not quiet:
        _say(site, done)
    if qr:
        _write_qr(qr, done)


def unpublish(site: Path, names: Sequence[str], settings: Settings, *, quiet: bool) -> None:
    """Remove sessions from a site, and print which."""
    _refuse_no_site(site)
    done = publish.unpublish(site, names, settings)
    if not quiet:
        _say(site, done)


def _announce(names: Sequence[str]) -> None:
    print(f"will be removed: {', '.join(names)}", flush=True)


def _say(site: Path, done: PublishResult) -> None:
    for what, which in (("new or changed", done.built), ("removed", done.removed)):
        if which:
            print(f"{what}: {', '.join(which)}")
    unchanged = f", {len(done.kept)} unchanged" if done.kept else ""
    print(f"{site}: {format_count(len(done.built) + len(done.kept), 'session')}{unchanged}.")
    for name in done.unlisted:
        print(f"Only who has this address finds it: {_address(done, name)}")
        if done.base_url:
            print(f"Its QR code: {site / 'sessions' / name / 'qr.svg'}")
    if done.base_url is None:
        print("Without --base-url https://… there is no podcast feed and no QR code.")
    print(f"Look at it: {shell_command('serve', site)}")


def _address(done: PublishResult, name: str) -> str:
    return f"{done.base_url or ''}sessions/{name}/"


def _write_qr(path: Path, done: PublishResult) -> None:
    """Write the address of a site, or of the one session that is not listed, as a QR code."""
    from stretchaudio.util.qr import qr_file

    if done.base_url is None:
        hint = "Add --base-url https://…"
        raise UsageError("A QR code needs the address of the site.", hint=hint)
    if len(done.unlisted) > 1:
        hint = "The QR code of each is in its folder; leave --qr out."
        raise UsageError("A QR code holds one address, and there are several.", hint=hint)
    address = _address(done, done.unlisted[0]) if done.unlisted else done.base_url
    with atomic_write(path) as file:
        file.write(qr_file(address))


def _refuse_no_site(site: Path) -> None:
    if not (site / STATE_NAME).is_file():
        raise UsageError(
            f"There is no site in {site}.",
            hint=f"Make one: {shell_command('publish', site, '--all')}",
        )


def serve_site(site: Path, *, host: str, port: int) -> None:
    """Serve a site until interrupted."""
    from stretchaudio.site.server import LOOPBACK, address_of, listening, site_server
    from stretchaudio.util.qr import qr_text

    _refuse_no_site(site)
    with listening(host, port) as bound:
        address = address_of(host, bound.getsockname()[1])
        print(address, flush=True)
        if host == LOOPBACK:
            print("Only this machine can open it; for your phone: --host 0.0.0.0", flush=True)
        else:
            print(qr_text(address), flush=True)
        print("Ctrl-C ends it.", flush=True)
        site_server(site, host).run(sockets=[bound])


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
