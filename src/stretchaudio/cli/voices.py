"""Run the commands about voices: try, compare, download, recording-list, split."""

import csv
import io
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from stretchaudio.cli.console import printable, progress_bar, voice_announcer
from stretchaudio.cli.targets import mp3_path, refuse_to_overwrite
from stretchaudio.cli.voice_list import VOICES_SHOWN, automatic, language_code_of, status_of
from stretchaudio.config import config
from stretchaudio.errors import UsageError
from stretchaudio.language import language
from stretchaudio.routine.library import find_routine, read_routine
from stretchaudio.routine.model import Routine
from stretchaudio.session.options import Settings
from stretchaudio.session.recording import (
    Sentence,
    read_recording_script,
    recording_script,
    sentences,
)
from stretchaudio.session.samples import write_samples
from stretchaudio.speech.auto import AUTO
from stretchaudio.speech.engine import Engines, Voice
from stretchaudio.speech.engines import kokoro
from stretchaudio.speech.engines.download import fetch
from stretchaudio.speech.engines.piper_download import find_offer, licence
from stretchaudio.speech.engines.recordings import ENDINGS
from stretchaudio.util.atomic import STANDARD_OUTPUT, atomic_write, check_writable
from stretchaudio.util.units import format_clock, format_count, format_size, shell_command


def refuse_misplaced(command: str, lost: Sequence[str]) -> None:
    """Reject options given before the subcommand; Typer would ignore them.

    Raises:
        UsageError: If there is one.
    """
    if lost:
        raise UsageError(
            f"Put {lost[0]} after the command.",
            hint=f"Write: stretchaudio voices {command} ... {lost[0]}.",
        )


def try_voice(
    wanted: str,
    text: str | None,
    output: str | None,
    settings: Settings,
    *,
    language_code: str | None,
) -> None:
    """Write a sample of one voice."""
    code = language_code_of(language_code)
    if wanted == AUTO:
        choice = automatic(code, settings)
        voice_announcer()(str(choice.voice), choice.reasons)
        voice = choice.voice
    else:
        voice = _named(wanted, code, settings)
    _write(
        [voice],
        mp3_path(output or f"{_file_name(str(voice))}.mp3"),
        settings,
        text=text or "",
        code=code,
    )


def compare(
    wanted: Sequence[str],
    text: str | None,
    output: str | None,
    settings: Settings,
    *,
    language_code: str | None,
) -> None:
    """Write one track with a sample of each voice; of all that can speak if none are named."""
    code = language_code_of(language_code)
    voices = [_named(one, code, settings) for one in wanted] or list(_usable(code, settings))
    _write(voices, mp3_path(output or "voices.mp3"), settings, text=text or "", code=code)


def _named(wanted: str, code: str, settings: Settings) -> Voice:
    voice = settings.engines.resolve_voice(wanted, language(code), settings.prosody)
    settings.engines.ask_again(voice.engine)
    return voice


def _usable(code: str, settings: Settings) -> Iterator[Voice]:
    for engine in settings.engines.ids():
        status = status_of(engine, code, settings)
        if status.needs:
            continue
        if set(settings.prosody.adjusted()) <= settings.engines.module(engine).SUPPORTS:
            names = status.voices[:VOICES_SHOWN]
            yield from (Voice(engine=engine, name=name, prosody=settings.prosody) for name in names)


def _write(
    voices: Sequence[Voice], path: Path, settings: Settings, *, text: str, code: str
) -> None:
    with progress_bar(quiet=False) as progress:
        track = write_samples(
            voices, path, settings, language_code=code, text=text, progress=progress
        )
    print(
        f"{track.path}: {format_clock(track.manifest.duration_s)}, {format_size(track.size_bytes)}"
    )
    for chapter in track.manifest.chapters if len(voices) > 1 else ():
        print(f"  {format_clock(chapter.start_s):>5}  {chapter.title}")


def _file_name(text: str) -> str:
    return re.sub(r"[^\w.+-]+", "-", text)


def download(name: str) -> None:
    """Download Kokoro's voices or one of Piper's, and show the licence."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    if config().offline:
        raise UsageError(
            "The config file forbids any network.",
            hint="Leave 'offline' out of it to download a voice.",
        )
    own = kokoro.offer(name)
    offer = own or find_offer(name)
    engine = "kokoro" if own else "piper"
    print(f"{name}: {format_size(offer.size_bytes)} from {urlsplit(offer.files[0].url).netloc}.")
    if own:
        print(f"Licence: {kokoro.LICENCE}")
    with Progress(
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("", total=offer.size_bytes)
        for at, path in enumerate(fetch(offer, lambda there: bar.update(task, completed=there))):
            if at == 0 and not own:
                card = path.read_text(encoding="utf-8", errors="replace")
                bar.console.print(f"Licence: {licence(card)}", markup=False)
                bar.console.print(f"All of its card is in {path}", markup=False, soft_wrap=True)
    print(f"Done. Use it with --voice {engine if own else f'piper:{name}'}.")
    missing = Engines().module(engine).unavailable_reason()
    if missing:
        print(f"It cannot speak yet. {missing}", file=sys.stderr)


def recording_list(
    names: Sequence[str],
    output: Path | None,
    settings: Settings,
    *,
    language_code: str | None,
    have: Path | None,
) -> None:
    """Write what has to be recorded for some routines: a table, or a page to read from.

    Args:
        names: The routines.
        output: A file that ends in .html for the page; None for the terminal.
        settings: What was asked for.
        language_code: Their language, if it is not their own.
        have: A folder of recordings; what is there is left out.
    """
    if output == STANDARD_OUTPUT:
        output = None
    if output is not None:
        check_writable(output)
        refuse_to_overwrite([find_routine(name) for name in names], [output])
    routines = [read_routine(name, language=language_code) for name in names]
    listed = _not_recorded(sentences(routines, settings), have)
    if not listed:
        print(f"Everything is recorded in {have}.")
        return
    if output is None:
        print(printable(_table(listed, "\n")), end="")
        return
    if output.suffix.lower() == ".html":
        contents = _page(listed, routines)
    else:  # without the mark, spreadsheets take the file for another encoding
        contents = _table(listed, "\r\n").encode("utf-8-sig")
    with atomic_write(output) as file:
        file.write(contents)
    print(f"{output}: {format_count(len(listed), 'sentence')} to record.")
    if output.suffix.lower() == ".html":
        split = shell_command("voices", "split", "TAKE", output, "-o", "FOLDER")
        print(f"Read it in one go, then: {split}")
    else:
        print("Put the recordings into one folder, and name it: --voice recordings:FOLDER")


def _not_recorded(listed: Sequence[Sentence], have: Path | None) -> list[Sentence]:
    if have is None:
        return list(listed)
    if not have.is_dir():
        raise UsageError(f"There is no folder '{have}' with recordings.")
    there = {path.stem.lower() for path in have.iterdir() if path.suffix.lower() in ENDINGS}
    return [one for one in listed if one.stem not in there]


def _table(listed: Sequence[Sentence], line_end: str) -> str:
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator=line_end)
    table.writerow(["file", "sentence", "routines"])
    table.writerows([f"{one.stem}.wav", one.text, ", ".join(one.routines)] for one in listed)
    return text.getvalue()


def _page(listed: Sequence[Sentence], routines: Sequence[Routine]) -> bytes:
    codes = {routine.language for routine in routines}
    if len(codes) > 1:
        hint = "Write a page for each, or choose one with --language."
        raise UsageError(f"These routines are in {' and '.join(sorted(codes))}.", hint=hint)
    title = ", ".join(routine.title for routine in routines)
    return recording_script(listed, title, routines[0].language).encode()


def split(take: Path, script: Path, folder: Path, settings: Settings) -> None:
    """Cut a recording into the sentences of a page, and list what is missing or doubtful."""
    # Only here: NumPy takes long to import.
    from stretchaudio.session.split_take import DOUBTFUL, split_take, write_recordings
    from stretchaudio.speech.take import read_take

    page = read_recording_script(script)
    found = split_take(sound := read_take(take), page, settings.engines, jobs=settings.jobs)
    write_recordings(sound, found, folder)
    count = format_count(len(page.sentences), "sentence")
    print(f"{len(found.sure)} of {count} are in {folder}.")
    number = {one.stem: at for at, one in enumerate(page.sentences, 1)}
    if found.doubtful:
        print(f"Doubtful, in {folder / DOUBTFUL}; listen, and move those that are right up:")
        for one, piece in found.doubtful:
            print(f"  {format_clock(piece.start_s)}  {number[one.stem]}. {printable(one.text)}")
    if found.missing:
        print("Not found:")
        for one in found.missing:
            print(f"  {number[one.stem]}. {printable(one.text)}")
    if found.unused:
        places = ", ".join(format_clock(piece.start_s) for piece in found.unused)
        print(f"Not used, as it seems to be none of them: at {places}.")
    print(f"Use them with --voice recordings:{folder}")
