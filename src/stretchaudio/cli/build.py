"""The command `build`."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import typer

from stretchaudio.cli.console import (
    amount,
    print_error,
    printable,
    progress_bar,
    say_who_speaks,
    size,
)
from stretchaudio.errors import ChosenVoiceError, FileError, StretchaudioError, UsageError
from stretchaudio.mix.model import OFF
from stretchaudio.mix.sources import bed_name, check_bed, refuse_music
from stretchaudio.routine.duration import windows_ms
from stretchaudio.routine.library import find_routine, read_routine
from stretchaudio.routine.model import Routine
from stretchaudio.script.model import CueKind
from stretchaudio.session.build import Track, build_track
from stretchaudio.session.layout import session_script
from stretchaudio.session.options import Settings, adjusted
from stretchaudio.session.sidecars import Sidecars, caption_kinds
from stretchaudio.session.voice import open_speaker, session_voice
from stretchaudio.track.manifest import DroppedEntry
from stretchaudio.util.atomic import check_writable, refuse_other_kinds
from stretchaudio.util.progress import Progress
from stretchaudio.util.units import format_clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A routine and the file it goes to."""

    routine: Routine
    """What is built."""
    path: Path
    """Where to."""
    announced: bool = True
    """Whether the listener chose the place, and is told when a track there is replaced."""


def sidecars_of(
    *, manifest: Path | None, captions: str | None, chapters: str | None, handout: bool
) -> Sidecars:
    """What is written beside the tracks.

    Raises:
        UsageError: If there are no captions or chapters of that kind.
    """
    if chapters not in {None, "json"}:
        raise UsageError(
            f"There are no chapters of the kind '{chapters}'.", hint="Write --chapters json."
        )
    kinds = caption_kinds(captions) if captions is not None else ()
    return Sidecars(
        manifest=manifest, captions=kinds, chapters=chapters is not None, handout=handout
    )


def targets(
    names: list[str],
    *,
    output: str | None,
    beside: Sidecars | None = None,
    language: str | None = None,
    name: str = "{}.mp3",
) -> list[Target]:
    """Read all routines and decide where each goes, before anything is made.

    Args:
        names: Routines, by name or file.
        output: A file or folder, or None for this folder.
        beside: What is written beside each track.
        language: The routines in this language.
        name: How a track is called when no file is named, after the routine's id.

    Raises:
        StretchaudioError: If one cannot be read, two go to the same file, or a file cannot be written.
    """
    routines = [read_routine(name, language=language) for name in names]
    folder = _folder(output, several=len(routines) > 1)
    beside = beside or Sidecars()
    if len(routines) > 1 and beside.manifest is not None:
        raise UsageError("--manifest goes with one routine.", hint="Build them one by one.")
    found = [
        Target(routine=routine, path=_path(routine, output, folder, name)) for routine in routines
    ]
    paths = [target.path for target in found]
    for path in paths:
        if paths.count(path) > 1:
            raise UsageError(f"Two routines would both be written to {path}.")
    written = [path for target in found for path in (target.path, *beside.paths(target.path))]
    for path in written:
        if folder is None or folder.is_dir() or path.parent != folder:
            check_writable(path)
    refuse_to_overwrite([find_routine(name) for name in names], written)
    return found


def refuse_to_overwrite(routines: list[Path], written: list[Path]) -> None:
    """Nothing is written over a routine, and no two things into one file, through links neither."""
    taken = {path.resolve() for path in routines}
    for path in written:
        if path.resolve() in taken:
            raise UsageError(
                f"{path} is used for something else in this build.", hint="Choose another name."
            )
        taken.add(path.resolve())


def _folder(output: str | None, *, several: bool) -> Path | None:
    """The folder that tracks go to; None when they go to the working folder or to a file.

    Raises:
        UsageError: If several tracks would go to one file.
        FileError: If the folder is not there and cannot be made.
    """
    if not output or not (several or Path(output).is_dir() or output.endswith(("/", os.sep))):
        return None
    folder = Path(output)
    if several and (folder.is_file() or folder.suffix.lower() == ".mp3" or output == "-"):
        raise UsageError(
            f"Several routines cannot go to one file, {output}.",
            hint="Name a folder with --output.",
        )
    if not folder.is_dir():
        check_writable(folder)
    return folder


def _path(routine: Routine, output: str | None, folder: Path | None, name: str) -> Path:
    if folder is not None:
        return folder / name.format(routine.id)
    return mp3_path(output) if output else Path(name.format(routine.id))


def mp3_path(name: str) -> Path:
    """A track's path.

    Raises:
        UsageError: If it is the name of something else.
    """
    refuse_other_kinds(name)
    return Path(name)


def dry_run(found: list[Target], settings: Settings, *, quiet: bool) -> None:
    """Say what would be made."""
    mix = settings.mix
    check_bed(mix.bed)
    say_once = cache(say_who_speaks)
    for target in found:
        refuse_music(mix.bed, [target.path])
        routine = adjusted(target.routine, settings)
        texts = session_script(routine, settings).texts()
        choice = session_voice(routine, settings) if texts else None
        missing: tuple[str, ...] = ()
        if choice is not None:
            if not quiet:
                say_once(str(choice.voice), choice.why)
            with closing(
                open_speaker(choice.voice, settings, routine.language, routine.say)
            ) as speaker:
                missing = speaker.missing(texts)
        windows = format_clock(windows_ms(routine, settings.level.fraction) / 1000)
        bed = "" if mix.bed == OFF else f", bed {bed_name(mix.bed)}"
        voice = choice.voice if choice else "none"
        print(
            f"{target.path} would be made: {routine.title}, {settings.level} level, voice {voice}{bed}."
        )
        print(
            f"  Windows of {windows} in all, and {amount(len(texts), 'different cue')}, {len(missing)} of them still to be spoken."
        )


def build(
    found: list[Target],
    settings: Settings,
    *,
    beside: Sidecars,
    quiet: bool,
    verified: bool = False,
) -> None:
    """Build each track, measure it if that is wanted, and say what it is."""
    say_once = cache(say_who_speaks)
    for target in found:
        replaced = target.announced and target.path.exists()
        with _folder_of(target.path):
            make = partial(
                _build, target, beside=beside, quiet=quiet, verified=verified, chosen=say_once
            )
            track, settings = _build_once_more(make, settings, quiet=quiet)
        if not quiet:
            _summarise(track, replaced=replaced)


@contextmanager
def _folder_of(path: Path) -> Iterator[None]:
    """Make the folder of a track; it goes again when nothing comes to be in it.

    Raises:
        FileError: If it cannot be made.
    """
    folder = path.parent
    made = not folder.exists()
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise FileError.from_os_error(error, f"make the folder {folder}") from None
    try:
        yield
    finally:
        if made:
            with suppress(OSError):  # there is something in it
                folder.rmdir()


def _build_once_more(
    make: Callable[[Settings], Track], settings: Settings, *, quiet: bool
) -> tuple[Track, Settings]:
    """Build a track; when a voice that was chosen automatically fails, with another if that is wanted.

    Returns:
        The track, and the settings for the routines that follow.
    """
    try:
        return make(settings), settings
    except ChosenVoiceError as error:
        if quiet or not _wants_another_voice(error):
            raise
        settings = replace(settings, voice=error.instead.partition(":")[0])
        return make(settings), settings


def _build(
    target: Target,
    settings: Settings,
    *,
    beside: Sidecars,
    quiet: bool,
    verified: bool,
    chosen: Callable[[str, str], None],
) -> Track:
    check = None
    if verified:
        from stretchaudio.cli.inspect import verify_track

        check = partial(verify_track, name=target.path, quiet=quiet)
    with progress_bar(quiet=quiet, chosen=chosen) as progress:
        try:
            return build_track(
                target.routine, target.path, settings, beside=beside, progress=progress, check=check
            )
        except KeyboardInterrupt as interrupt:
            interrupt.add_note(_what_was_kept(target.path, progress))
            raise
        except FileError as error:
            raise _with_path(error, target.path) from error


def _wants_another_voice(error: ChosenVoiceError) -> bool:
    """Ask whether all of a session is to be spoken by another voice; nobody to ask means no."""
    if sys.stdin is None or not sys.stdin.isatty() or sys.stderr is None or not sys.stderr.isatty():
        return False
    print_error(error)
    return typer.confirm(
        f"Have the whole session spoken by {error.instead} instead?", default=True, err=True
    )


def _with_path(error: FileError, path: Path) -> StretchaudioError:
    hint = error.hint or (f"{path} was not changed." if path.exists() else "Nothing was written.")
    return FileError(error.message, hint=hint)


def _what_was_kept(path: Path, progress: Progress) -> str:
    state = "was not changed" if path.exists() else "was not written"
    kept = (
        f"{progress.done} of {amount(progress.total, 'cue')} are made and kept for the next time"
        if progress.total
        else "Nothing was made yet"
    )
    if progress.mixed:
        kept += f", so are {progress.mixed} of {amount(progress.blocks, 'block')} of the mix"
    return f"{path} {state}. {kept}."


def _summarise(track: Track, *, replaced: bool) -> None:
    manifest = track.manifest
    bed = "" if manifest.bed == OFF else f", bed {printable(manifest.bed)}"
    bed += f", {amount(len(manifest.chimes), 'chime')}" if manifest.chimes else ""
    facts = f"{format_clock(manifest.duration_s)}, {size(track.size_bytes)}, voice {manifest.voice}{bed}, {manifest.level_text}"
    name = f"{track.path} (replaced)" if replaced else str(track.path)
    print(f"{name}: {facts}, {manifest.integrated_lufs:.1f} LUFS")
    if manifest.dropped:
        print(f"{amount(len(manifest.dropped), 'cue')} had no room:")
        for (exercise, text, reason), times in Counter(
            (one.exercise, _cue_name(one), one.reason) for one in manifest.dropped
        ).items():
            print(f"  {exercise}: {text} ({reason})" + (f", {times} times" if times > 1 else ""))


def _cue_name(dropped: DroppedEntry) -> str:
    """Name a dropped cue by its words; counts are all alike."""
    kinds: dict[str, str] = {
        CueKind.COUNT: "counts",
        CueKind.COUNTDOWN: "counts",
        CueKind.LEAD_IN: "the lead-in",
    }
    return kinds.get(dropped.kind, f"'{dropped.text}'")
