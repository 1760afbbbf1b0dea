"""Run the commands about voices: list, try, compare, download, recording-list."""

import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.text import Text

from stretchaudio.cli.console import console, plain_table, printable, progress_bar, voice_announcer
from stretchaudio.cli.targets import mp3_path, refuse_to_overwrite
from stretchaudio.config import config
from stretchaudio.errors import StretchaudioError, UsageError, VoiceError
from stretchaudio.language import language, languages
from stretchaudio.routine.library import find_routine, read_routine
from stretchaudio.script.write import write_script
from stretchaudio.session.options import Options, Settings, adjusted, resolved
from stretchaudio.session.samples import write_samples
from stretchaudio.speech.auto import AUTO, GOOGLE_WITHIN_S, Choice, choose_automatically
from stretchaudio.speech.engine import Engines, Voice
from stretchaudio.speech.engines.piper_download import fetch, find_offer, licence
from stretchaudio.speech.engines.recordings import file_stem
from stretchaudio.speech.text import normalise, pronouncing
from stretchaudio.util.atomic import STANDARD_OUTPUT, atomic_write, check_writable
from stretchaudio.util.threads import Threads
from stretchaudio.util.units import format_clock, format_count, format_size

VOICES_SHOWN = 4
"""Voices of one engine that the list names for a language; all can be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Status:
    engine: str
    needs: str
    """Why it cannot speak here and now; empty when it can."""
    voices: tuple[str, ...]
    online: bool


def list_voices(language_code: str | None, *, offline: bool) -> None:
    """Print the voices that can speak here and now, and what the other engines need."""
    with resolved(Options(offline=offline)) as settings:
        _list_voices(_language_code(language_code), settings)


def _list_voices(code: str, settings: Settings) -> None:
    with Threads() as threads:  # each engine may have to be asked
        asked = [
            threads.start(partial(_status, engine, code, settings))
            for engine in settings.engines.ids()
        ]
        found = [status.result() for status in asked]
    table = plain_table()
    table.add_column("Engine", no_wrap=True)
    table.add_column("Network", no_wrap=True)
    table.add_column("Voices for --voice, or what it needs")
    for status in sorted(found, key=lambda status: bool(status.needs)):
        table.add_row(status.engine, "yes" if status.online else "no", _voices_or_need(status))
    screen = console()
    screen.print(f"What can speak {code} here, and what the others need:", style="bold")
    screen.print(table)
    choice = _automatic(code, settings)
    print(f"--voice auto takes {choice.voice} ({choice.reasons[0]}).")


def _voices_or_need(status: _Status) -> Text:
    if status.needs:
        return Text(status.needs, style="dim")
    names = [f"{status.engine}:{name}" for name in status.voices[:VOICES_SHOWN]]
    hidden = len(status.voices) - VOICES_SHOWN
    if hidden > 0:
        names.append(f"and {hidden} more")
    return Text(", ".join(names))


def refuse_misplaced(command: str, *, offline: bool, language: str | None) -> None:
    """Reject options given before the subcommand; Typer would ignore them.

    Raises:
        UsageError: If there is one.
    """
    lost = [name for name, given in (("--offline", offline), ("--language", language)) if given]
    if lost:
        raise UsageError(
            f"Put {lost[0]} after the command.",
            hint=f"Write: stretchaudio voices {command} ... {lost[0]}.",
        )


def _automatic(code: str, settings: Settings) -> Choice:
    return choose_automatically(
        settings.engines, language(code), settings.prosody, offline=settings.offline
    )


def _language_code(code: str | None) -> str:
    if code is not None and code not in languages():
        raise UsageError(
            f"There are no phrases for the language '{code}'.",
            hint=f"There are for {', '.join(languages())}.",
        )
    return code or "en"


def _status(engine: str, code: str, settings: Settings) -> _Status:
    """Find out whether an engine can speak now, and with which voices."""
    try:
        module = settings.engines.module(engine)
        needs, names = module.unavailable_reason(), module.voices(language(code))
        if not needs and engine == "recordings":
            needs = (
                "A folder of your own recordings: --voice recordings:FOLDER; "
                "'stretchaudio voices recording-list' lists what to record."
            )
        elif not needs and not names:
            needs = f"It has no voice for {code}."
        elif not needs and module.ONLINE:
            needs = _network_need(Voice(engine=engine, name=names[0]), settings)
        return _Status(engine=engine, needs=needs, voices=names, online=module.ONLINE)
    except StretchaudioError as error:
        return _Status(engine=engine, needs=error.message, voices=(), online=False)
    except Exception as error:  # a plug-in may do anything
        return _Status(
            engine=engine,
            needs=f"It is broken ({type(error).__name__}: {error}).",
            voices=(),
            online=False,
        )


def _network_need(voice: Voice, settings: Settings) -> str:
    if settings.offline:
        return "A network, which --offline forbids."
    answers = settings.engines.is_reachable(voice, GOOGLE_WITHIN_S)
    return "" if answers else "A network; its service does not answer now."


def try_voice(
    wanted: str,
    text: str | None,
    output: str | None,
    settings: Settings,
    *,
    language_code: str | None,
) -> None:
    """Write a sample of one voice."""
    code = _language_code(language_code)
    if wanted == AUTO:
        choice = _automatic(code, settings)
        voice_announcer()(str(choice.voice), choice.reasons)
        voice = choice.voice
    else:
        voice = settings.engines.resolve_voice(wanted, language(code), settings.prosody)
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
    code = _language_code(language_code)
    chosen = [
        settings.engines.resolve_voice(one, language(code), settings.prosody) for one in wanted
    ]
    voices = chosen or list(_usable(code, settings))
    _write(voices, mp3_path(output or "voices.mp3"), settings, text=text or "", code=code)


def _usable(code: str, settings: Settings) -> Iterator[Voice]:
    for engine in settings.engines.ids():
        status = _status(engine, code, settings)
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
    """Download a Piper voice, and show its licence."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    if config().offline:
        raise UsageError(
            "The config file forbids any network.",
            hint="Leave 'offline' out of it to download a voice.",
        )
    offer = find_offer(name)
    print(f"{name}: {format_size(offer.size_bytes)} from the collection of Piper's voices.")
    with Progress(
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("", total=offer.size_bytes)
        for at, path in enumerate(fetch(offer, lambda there: bar.update(task, completed=there))):
            if at == 0:
                card = path.read_text(encoding="utf-8", errors="replace")
                bar.console.print(f"Licence: {licence(card)}", markup=False)
                bar.console.print(f"All of its card is in {path}", markup=False, soft_wrap=True)
    print(f"Done. Use it with --voice piper:{name}.")
    missing = Engines().module("piper").unavailable_reason()
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
