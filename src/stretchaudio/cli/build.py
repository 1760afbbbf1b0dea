"""Run the command `build`."""

import re
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import typer

from stretchaudio.cli.console import print_error, printable, progress_bar, voice_announcer
from stretchaudio.cli.targets import Target, made_folder
from stretchaudio.cli.voice_offer import offer_better_voice
from stretchaudio.errors import ChosenVoiceError, FileError, StretchaudioError, UsageError
from stretchaudio.mix.model import OFF
from stretchaudio.mix.sources import bed_names, check_bed, refuse_music
from stretchaudio.routine.duration import windows_ms
from stretchaudio.script.model import CueKind
from stretchaudio.session.build import Track, build_track
from stretchaudio.session.layout import session_script
from stretchaudio.session.options import Settings, adjusted, with_section_beds
from stretchaudio.session.sidecars import Sidecars, caption_kinds
from stretchaudio.session.voice import open_speaker, session_voice
from stretchaudio.track.handout import Person
from stretchaudio.track.manifest import DroppedEntry
from stretchaudio.util.print_pdf import browser
from stretchaudio.util.progress import Progress
from stretchaudio.util.units import format_clock, format_count, format_size


def refuse_nothing(
    routines: list[str] | None, *, compose: str | None, seed: int | None, language: str | None
) -> None:
    """Refuse a build of nothing, and options that go with --compose, or not with it.

    Raises:
        UsageError: If it is such a one.
    """
    if not routines and compose is None:
        hint = "Name a routine, such as back-basics, or write --compose '15 lower back'."
        raise UsageError("There is nothing to build.", hint=hint)
    if seed is not None and compose is None:
        raise UsageError("--seed goes with --compose.", hint="Routines have no seed.")
    if language is not None and compose is not None:
        raise UsageError(
            "--language does not go with --compose.", hint="Sessions are composed in English."
        )


def sidecars_of(
    *,
    manifest: Path | None = None,
    captions: str | None = None,
    chapters: str | None = None,
    handout: bool = False,
    pdf: bool | None = None,
    name: str | None = None,
    page: str | None = None,
    stems: Path | None = None,
) -> Sidecars:
    """Read which files are to be written next to the tracks.

    Args:
        manifest: The manifest's file.
        captions: Kinds of captions.
        chapters: The kind of chapters.
        handout: Whether there is a page to print.
        pdf: Whether it is printed, too; None to do so where a browser can.
        name: Whose name is on it.
        page: The address of a session's page, for a QR code on it.
        stems: The folder of the track's parts.

    Raises:
        UsageError: If there are no captions or chapters of that kind.
    """
    if chapters not in {None, "json"}:
        raise UsageError(
            f"There are no chapters of the kind '{chapters}'.", hint="Write --chapters json."
        )
    kinds = caption_kinds(captions) if captions is not None else ()
    if (name or page) and not handout:
        raise UsageError("A name or a page goes on a handout.", hint="Write --handout, too.")
    if page and not re.match(r"https?://\S+$", page):
        raise UsageError(
            f"'{page}' is not the address of a page.", hint="It begins with https:// or http://."
        )
    today = f"{datetime.now().astimezone():%Y-%m-%d}"
    return Sidecars(
        manifest=manifest,
        captions=kinds,
        chapters=chapters is not None,
        handout=handout,
        pdf=handout and (browser() is not None if pdf is None else pdf),
        person=Person(name=name or "", date=today, page=page or ""),
        stems=stems,
    )


def dry_run(found: list[Target], settings: Settings, *, quiet: bool) -> None:
    """Print what would be made."""
    check_bed(settings.mix.bed)
    announce = voice_announcer()
    for target in found:
        routine = adjusted(target.routine, settings)
        own = with_section_beds(settings, routine)
        for bed in own.mix.beds:
            refuse_music(bed, [target.path])
        script = session_script(routine, own)
        texts = script.texts()
        choice = session_voice(routine, own) if texts else None
        missing: tuple[str, ...] = ()
        sent = ""
        if choice is not None:
            if not quiet:
                announce(str(choice.voice), choice.reasons)
            with closing(open_speaker(choice.voice, own, routine.language, routine.say)) as speaker:
                missing = speaker.missing(texts, script.soft_texts())
                unspoken = speaker.unspoken(texts, script.soft_texts()).values()
            if unspoken and own.engines.is_online(choice.voice):
                letters = sum(map(len, unspoken))
                sent = f": {letters:,} letters, which go to {choice.voice.engine} and may cost"
        windows = format_clock(windows_ms(routine, settings.level.fraction) / 1000)
        beds = f", bed {bed_names(own.mix)}" if own.mix.has_bed else ""
        voice = choice.voice if choice else "none"
        contents = f"{routine.title}, {settings.level} level, voice {voice}{beds}"
        cues = (
            f"{format_count(len(texts), 'different cue')}, {len(missing)} of them still to be "
            f"spoken{sent}"
        )
        print(f"{target.path} would be made: {contents}.")
        print(f"  Windows of {windows} in all, and {cues}.")


def build(
    found: list[Target],
    settings: Settings,
    *,
    sidecars: Sidecars,
    quiet: bool,
    verified: bool = False,
) -> None:
    """Build each track, verify it if that is asked for, and print what it is."""
    announce = voice_announcer()
    for target in found:
        replaced = target.announced and target.path.exists()
        with made_folder(target.path.parent), made_folder(sidecars.stems or target.path.parent):
            make = partial(
                _build, target, sidecars=sidecars, quiet=quiet, verified=verified, chosen=announce
            )
            track, settings = _build_once_more(make, settings, quiet=quiet)
        if not quiet:
            _summarise(track, replaced=replaced)
            offer_better_voice(track.manifest.voice, track.manifest.language, settings)


def _build_once_more(
    make: Callable[[Settings], Track], settings: Settings, *, quiet: bool
) -> tuple[Track, Settings]:
    """Build a track; when an automatically chosen voice fails, offer to take another.

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
    sidecars: Sidecars,
    quiet: bool,
    verified: bool,
    chosen: Callable[[str, tuple[str, ...]], None],
) -> Track:
    check = None
    if verified:
        # Only here: what measures tracks takes long to import.
        from stretchaudio.cli.inspect import verify_track

        check = partial(verify_track, name=target.path, quiet=quiet)
    with progress_bar(quiet=quiet, chosen=chosen) as progress:
        try:
            return build_track(
                target.routine,
                target.path,
                settings,
                sidecars=sidecars,
                progress=progress,
                check=check,
            )
        except KeyboardInterrupt as interrupt:
            interrupt.add_note(_what_was_kept(target.path, progress))
            raise
        except FileError as error:
            raise _with_path(error, target.path) from error


def _wants_another_voice(error: ChosenVoiceError) -> bool:
    """Ask whether another voice should speak the whole session; without a terminal, no."""
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
        f"{progress.done} of {format_count(progress.total, 'cue')} are made and kept for the "
        f"next time"
        if progress.total
        else "Nothing was made yet"
    )
    if progress.mixed:
        kept += f", so are {progress.mixed} of {format_count(progress.blocks, 'block')} of the mix"
    return f"{path} {state}. {kept}."


def _summarise(track: Track, *, replaced: bool) -> None:
    manifest = track.manifest
    bed = "" if manifest.bed == OFF else f", bed {printable(manifest.bed)}"
    bed += f", {format_count(len(manifest.chimes), 'chime')}" if manifest.chimes else ""
    name = f"{track.path} (replaced)" if replaced else str(track.path)
    length = f"{format_clock(manifest.duration_s)}, {format_size(track.size_bytes)}"
    loudness = f"{manifest.integrated_lufs:.1f} LUFS"
    print(f"{name}: {length}, voice {manifest.voice}{bed}, {manifest.level_text}, {loudness}")
    if track.stems:
        print(f"Stems, which add up to it: {', '.join(map(str, track.stems))}")
    if manifest.dropped:
        print(f"{format_count(len(manifest.dropped), 'cue')} had no room:")
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
