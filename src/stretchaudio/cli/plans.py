"""The commands that look at routines without building them: `list`, `show`, `script` and `check`."""

import sys

import typer
from rich.console import Console
from rich.table import Table

from stretchaudio.cli.messages import amount, clock, progress_bar
from stretchaudio.errors import RoutineError, StretchaudioError
from stretchaudio.estimate import estimated_ms
from stretchaudio.routine.describe import describe_work
from stretchaudio.routine.library import all_routines, read_routine
from stretchaudio.routine.model import Exercise, Level, Routine
from stretchaudio.script.write import write_script
from stretchaudio.session import Options, Session, plan_session


def list_routines() -> None:
    """Print a table of all routines."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("Routine", "What", "About", "For", "Needs"):
        table.add_column(column, no_wrap=column == "Routine")
    broken: list[str] = []
    for name, path in all_routines():
        try:
            routine = read_routine(path)
        except StretchaudioError as error:
            broken.append(error.message)
            continue
        about = f"{max(1, round(estimated_ms(write_script(routine)) / 60_000))} min"
        table.add_row(
            name, routine.summary or routine.title, about, ", ".join(routine.focus), ", ".join(routine.equipment) or "nothing"
        )
    Console().print(table)
    for message in broken:
        print(message, file=sys.stderr)


def show(name: str, options: Options) -> None:
    """Print a routine's plan with the lengths the track will have."""
    routine = read_routine(name)
    session = _plan(routine, options)
    console = Console(highlight=False)
    console.print(
        f"[bold]{routine.title}[/bold]  {clock(session.manifest.duration_s)}, {options.level} level, voice {session.voice}"
    )
    if routine.summary:
        console.print(routine.summary)
    console.print(_plan_table(routine, session, options.level))


def _plan_table(routine: Routine, session: Session, level: Level) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("At", justify="right")
    table.add_column("Length", justify="right")
    for column in ("Exercise", "Work", "Position"):
        table.add_column(column)
    chapters = iter(session.manifest.chapters)
    for section in routine.sections:
        for round_ in range(1, section.rounds + 1):
            if section.title and round_ == 1:
                table.add_row("", "", f"[bold]{section.title}[/bold]")
            for exercise in section.exercises:
                chapter = next(chapters)
                table.add_row(clock(chapter.start_s), clock(chapter.end_s - chapter.start_s), *_plan_row(exercise, level))
    return table


def _plan_row(exercise: Exercise, level: Level) -> tuple[str, str, str]:
    return exercise.name, describe_work(exercise, level.fraction), exercise.position or ""


def script(name: str, options: Options, *, as_json: bool) -> None:
    """Print every cue and window with its time."""
    session = _plan(read_routine(name), options)
    if as_json:
        print(session.manifest.to_json(indent=1))
        return
    lines = [(cue.start_s, f"{cue.kind:<10}  {cue.text}") for cue in session.manifest.cues]
    for window in session.manifest.windows:
        details = [
            f"{window.length_s:g} s",
            window.side,
            f"set {window.set}" if window.set else None,
            f"rep {window.rep}" if window.rep else None,
        ]
        lines.append((window.start_s, f"[{window.kind} {', '.join(detail for detail in details if detail)}]"))
    for start_s, line in sorted(lines, key=lambda line: line[0]):
        print(f"{_exact_clock(start_s):>10}  {line}")
    for dropped in session.manifest.dropped:
        print(f"   dropped  {dropped.text}  ({dropped.reason}; {dropped.exercise})")


def check(files: list[str]) -> None:
    """Check files and print every problem; exits with the code of the first error when there is one."""
    errors: list[StretchaudioError] = []
    for file in files:
        try:
            routine = read_routine(file)
        except StretchaudioError as error:
            errors.append(error)
            print(error.message, file=sys.stderr)
            continue
        exercises = sum(len(section.exercises) for section in routine.sections)
        about = clock(estimated_ms(write_script(routine)) / 1000)
        print(f"{file}: fine. {routine.title}, {amount(exercises, 'exercise')}, about {about} at the intermediate level.")
    if errors:
        problems = sum(len(error.problems) if isinstance(error, RoutineError) else 1 for error in errors)
        print(f"{amount(problems, 'problem')} in {amount(len(errors), 'file')}.", file=sys.stderr)
        raise typer.Exit(errors[0].exit_code)


def _plan(routine: Routine, options: Options) -> Session:
    with progress_bar(quiet=False) as progress:
        return plan_session(routine, options, progress=progress)


def _exact_clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"{minutes}:{rest / 1000:06.3f}"
