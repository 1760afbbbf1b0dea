"""Run the commands about voices: try, compare, download, recording-list."""

import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from stretchaudio.cli.console import printable, progress_bar, voice_announcer
from stretchaudio.cli.targets import mp3_path, refuse_to_overwrite
from stretchaudio.cli.voice_list import VOICES_SHOWN, automatic, language_code_of, status_of
from stretchaudio.config import config
from stretchaudio.errors import UsageError, VoiceError
from stretchaudio.language import language
from stretchaudio.routine.library import find_routine, read_routine
from stretchaudio.script.write import write_script
from stretchaudio.session.options import Settings, adjusted
from stretchaudio.session.samples import write_samples
from stretchaudio.speech.auto import AUTO
from stretchaudio.speech.engine import Engines, Voice
from stretchaudio.speech.engines import kokoro
from stretchaudio.speech.engines.download import fetch
from stretchaudio.speech.engines.piper_download import find_offer, licence
from stretchaudio.speech.engines.recordings import file_stem
from stretchaudio.speech.text import normalise, pronouncing
from stretchaudio.util.atomic import STANDARD_OUTPUT, atomic_write, check_writable
from stretchaudio.util.units import format_clock, format_count, format_size


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
    names: Sequence[str], output: Path | None, settings: Settings, *, language_code: str | None
) -> None:
    """Write a list of every sentence of some routines, with the file to record each in."""
    if output == STANDARD_OUTPUT:
        output = None
    if output is not None:
        check_writable(output)
        refuse_to_overwrite([find_routine(name) for name in names], [output])
    rows = list(_sentences(names, settings, language_code))
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n" if output is None else "\r\n")
    table.writerow(["file", "sentence", "routines"])
    table.writerows(rows)
    if output is None:
        print(printable(text.getvalue()), end="")
        return
    with atomic_write(output) as file:
        # Without the mark, spreadsheets take the file for another encoding.
        file.write(text.getvalue().encode("utf-8-sig"))
    print(f"{output}: {format_count(len(rows), 'sentence')} to record.")
    print("Put the recordings into one folder, and name it: --voice recordings:FOLDER")


def _sentences(
    names: Iterable[str], settings: Settings, language_code: str | None
) -> Iterator[tuple[str, str, str]]:
    found: dict[str, tuple[str, list[str]]] = {}
    for name in names:
        routine = adjusted(read_routine(name, language=language_code), settings)
        pronounce, rules = pronouncing(settings.say, routine.say), language(routine.language).spoken
        for text in write_script(routine, settings.level, settings.cue_filter).texts():
            said_in = found.setdefault(file_stem(normalise(pronounce(text), rules)), (text, []))[1]
            if routine.id not in said_in:
                said_in.append(routine.id)
    if not found:
        raise VoiceError("There is nothing to record.")
    for stem, (text, routines) in found.items():
        yield f"{stem}.wav", text, ", ".join(routines)
