"""Run the commands that look: `show`, `script`, `plot`, `extract` and `verify`."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from stretchaudio.cli.console import console, plain_table, print_json, printable, progress_bar
from stretchaudio.cli.targets import refuse_to_overwrite
from stretchaudio.errors import BrokenTrackError, FileError
from stretchaudio.routine.library import find_routine, read_routine
from stretchaudio.session.build import Session, plan_session
from stretchaudio.session.options import Settings
from stretchaudio.session.plot import plot_session
from stretchaudio.track.manifest import ChapterEntry, WindowEntry
from stretchaudio.track.reader import Embedded, read_embedded
from stretchaudio.track.verify import Check, verify
from stretchaudio.util.atomic import STANDARD_OUTPUT, atomic_write, check_writable
from stretchaudio.util.located_yaml import refuse_control_characters
from stretchaudio.util.units import format_clock, format_size, format_timestamp

BAR_COLUMNS = 20
WIDE = 100
"""Columns of a terminal that has room for positions."""
_FULL, _REST = "█", "·"


def show(
    name: str, settings: Settings, *, as_json: bool = False, language: str | None = None
) -> None:
    """Print a routine's plan with the lengths the track will have."""
    session = _plan(name, settings, language, measured=False)
    routine, manifest = session.routine, session.manifest
    if as_json:
        print_json(_plan_data(session))
        return
    screen = console()
    length = format_clock(manifest.duration_s)
    heading = f"{routine.title}  {length}, {manifest.level_text}, voice {manifest.voice}"
    screen.print(heading, style="bold")
    if routine.summary:
        screen.print(routine.summary)
    needs = f"Needs {', '.join(routine.equipment) or 'nothing'}."
    focus = f" For {', '.join(routine.focus)}." if routine.focus else ""
    screen.print(needs + focus, style="dim")
    screen.print(_plan_table(session, positions=screen.width >= WIDE))


def _plan_data(session: Session) -> dict[str, Any]:
    routine, manifest = session.routine, session.manifest
    chapters = iter(manifest.chapters)
    return {
        "title": routine.title,
        "summary": routine.summary,
        "focus": routine.focus,
        "equipment": routine.equipment,
        "duration_s": manifest.duration_s,
        "level": manifest.level,
        "minutes": manifest.minutes,
        "voice": manifest.voice,
        "exercises": [
            {
                "id": exercise.id,
                "name": exercise.name,
                "section": section.title,
                "round": round_,
                "position": exercise.position,
                "dose": chapter.dose,
                "start_s": chapter.start_s,
                "end_s": chapter.end_s,
            }
            for section in routine.sections
            for round_ in range(1, section.rounds + 1)
            for exercise, chapter in zip(section.exercises, chapters, strict=False)
        ],
    }


def _plan_table(session: Session, *, positions: bool) -> Table:
    table = plain_table()
    table.add_column("At", justify="right", no_wrap=True)
    table.add_column("Length", justify="right", no_wrap=True)
    table.add_column("Exercise")
    table.add_column("Dose")
    table.add_column("Session", no_wrap=True)
    if positions:
        table.add_column("Position")
    chapters = iter(session.manifest.chapters)
    for section in session.routine.sections:
        for round_ in range(1, section.rounds + 1):
            if section.title or section.rounds > 1:
                which = f", round {round_} of {section.rounds}" if section.rounds > 1 else ""
                table.add_row("", "", Text(f"{section.title or 'All'}{which}", style="bold"))
            for exercise in section.exercises:
                chapter = next(chapters)
                times = format_clock(chapter.start_s), format_clock(chapter.end_s - chapter.start_s)
                bar = _bar(chapter, session.manifest.duration_s)
                row = [*times, exercise.name, chapter.dose, bar]
                table.add_row(*row, *([exercise.position or ""] if positions else []))
    return table


def _bar(chapter: ChapterEntry, duration_s: float) -> str:
    """Draw where in the session an exercise is."""
    start = int(chapter.start_s / duration_s * BAR_COLUMNS)
    end = max(start + 1, round(chapter.end_s / duration_s * BAR_COLUMNS))
    return _REST * start + _FULL * (end - start) + _REST * (BAR_COLUMNS - end)


def script(name: str, settings: Settings, *, as_json: bool, language: str | None = None) -> None:
    """Print every cue and window with its time."""
    manifest = _plan(name, settings, language, measured=as_json).manifest
    if as_json:
        print(manifest.to_json(indent=1))
        return
    lines = [(cue.start_s, f"{cue.kind:<10}  {cue.text}") for cue in manifest.cues]
    lines += [(window.start_s, _window_line(window)) for window in manifest.windows]
    lines += [(chime.at_s, f"(chime, {chime.kind})") for chime in manifest.chimes]
    for start_s, line in sorted(lines, key=lambda line: line[0]):
        print(f"{format_timestamp(start_s):>10}  {line}")
    for dropped in manifest.dropped:
        print(f"   dropped  {dropped.text}  ({dropped.reason}; {dropped.exercise})")


def _window_line(window: WindowEntry) -> str:
    details = [f"{window.length_s:g} s"]
    if window.side:
        details.append(window.side)
    if window.set:
        details.append(f"set {window.set}")
    if window.rep:
        details.append(f"rep {window.rep}")
    return f"[{window.kind} {', '.join(details)}]"


def plot(
    name: str, output: Path | None, settings: Settings, *, language: str | None = None
) -> None:
    """Draw a routine's track."""
    routine = read_routine(name, language=language)
    path = output or Path(f"{routine.id}.svg")
    refuse_to_overwrite([find_routine(name)], [path])
    with progress_bar(quiet=False) as progress:
        plot_session(routine, path, settings, progress=progress)
    print(f"{path}: {format_size(path.stat().st_size)}")


def _plan(name: str, settings: Settings, language: str | None, *, measured: bool) -> Session:
    routine = read_routine(name, language=language)
    with progress_bar(quiet=False) as progress:
        return plan_session(routine, settings, progress, measured=measured)


def extract(track: Path, *, yaml: Path | None, manifest: Path | None) -> None:
    """Write what travels inside a track, or print it to "-"; without a file, the routine."""
    found = read_embedded(track)
    if manifest is None:
        yaml = yaml or STANDARD_OUTPUT
    refuse_to_overwrite([track], [path for path in (yaml, manifest) if path is not None])
    contents: dict[Path, bytes] = {}
    if yaml is not None:
        contents[yaml] = _routine_in(found, track).encode()
    if manifest is not None:
        contents[manifest] = found.manifest_json
    printed = contents.pop(STANDARD_OUTPUT, None)
    for path in contents:
        check_writable(path)
    for path, content in contents.items():
        with atomic_write(path) as file:
            file.write(content)
        if printed is None:
            print(f"{path}: {format_size(path.stat().st_size)}")
    if printed is not None:
        # A terminal obeys characters that JSON may hold as they are.
        as_json = manifest == STANDARD_OUTPUT
        sys.stdout.write(f"{found.manifest.to_json(indent=1)}\n" if as_json else printed.decode())


def _routine_in(found: Embedded, track: Path) -> str:
    if found.routine is None:
        raise FileError(
            f"{track} carries no routine.", hint="Ask who made it for the routine's file."
        )
    refuse_control_characters(found.routine, f"{track}, routine")
    return found.routine


def verify_tracks(tracks: Iterable[Path], *, quiet: bool = False, as_json: bool = False) -> None:
    """Measure tracks and print what was found.

    Raises:
        BrokenTrackError: If one does not keep its contract; the others are measured all the same.
    """
    broken: list[str] = []
    measured: list[dict[str, Any]] = []
    for track in tracks:
        try:
            manifest, checks = verify(track)
            measured.append({"track": track, "title": manifest.title, "checks": checks})
            if not as_json:
                _show_checks(f"{track}: {manifest.title}", checks, quiet=quiet)
            _refuse_broken(track, checks)
        except BrokenTrackError as error:
            broken.append(error.message)
    if as_json:
        print_json(measured)
    if broken:
        raise BrokenTrackError("\n".join(broken))


def verify_track(track: Path, *, name: Path, quiet: bool) -> None:
    """Measure a track and print what was found.

    Args:
        track: Where it is.
        name: What it is called.
        quiet: Print it only when something is broken.

    Raises:
        BrokenTrackError: If it does not keep its contract.
    """
    manifest, checks = verify(track)
    _show_checks(f"{name}: {manifest.title}", checks, quiet=quiet)
    _refuse_broken(name, checks)


def _show_checks(title: str, checks: Iterable[Check], *, quiet: bool) -> None:
    if not quiet or not all(check.ok for check in checks):
        _print(title, checks)


def _refuse_broken(name: Path, checks: Iterable[Check]) -> None:
    wrong = [check.name for check in checks if not check.ok]
    if wrong:
        raise BrokenTrackError(f"{name} failed verification: {', '.join(wrong)}.")


def _print(title: str, checks: Iterable[Check]) -> None:
    table = plain_table("", "Check", "Found", "Allowed")
    details = []
    for check in checks:
        mark = Text("ok", style="green") if check.ok else Text("BROKEN", style="bold red")
        table.add_row(mark, check.name, check.found, check.allowed)
        details += [f"  {printable(detail)}" for detail in check.details]
    screen = console()
    screen.print(printable(title), style="bold")
    screen.print(table)
    for detail in details:
        screen.print(detail)
