"""List voices: what can speak here and now, or all voices of engines."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from rich.text import Text

from stretchaudio.cli.console import console, plain_table, print_json
from stretchaudio.errors import StretchaudioError, UsageError, did_you_mean
from stretchaudio.language import language, languages
from stretchaudio.session.options import Options, Settings, resolved
from stretchaudio.speech.auto import GOOGLE_WITHIN_S, Choice, choose_automatically
from stretchaudio.speech.engine import ListedVoice, Voice
from stretchaudio.util.threads import Threads
from stretchaudio.util.units import format_count, format_size, shell_command

VOICES_SHOWN = 4
"""Voices of one engine that the list names for a language; all can be asked for."""


_NAMED_BY_THE_USER = {
    "recordings": "A folder of your own recordings: --voice recordings:FOLDER; "
    "'stretchaudio voices recording-list' lists what to record.",
    "openai": "A model and a voice of your server: --voice openai:MODEL/VOICE.",
}
"""What the list says of engines whose voices only the user knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What an engine can do here and now."""

    engine: str
    """Its id."""
    needs: str
    """Why it cannot speak here and now; empty when it can."""
    voices: tuple[str, ...]
    """Its voices for the language."""
    online: bool
    """Whether texts leave this machine."""


def list_voices(
    language_code: str | None,
    *,
    offline: bool,
    every: bool,
    engine: str | None,
    as_json: bool = False,
) -> None:
    """Print what can speak here and now; with `every` or an engine, all voices there are.

    Raises:
        UsageError: If there is no such language or engine.
    """
    with resolved(Options(offline=offline)) as settings:
        if engine is not None or every:
            _list_all(engine, language_code, settings, as_json=as_json)
        else:
            _list_engines(language_code_of(language_code), settings, as_json=as_json)


def _list_engines(code: str, settings: Settings, *, as_json: bool) -> None:
    with Threads() as threads:  # each engine may have to be asked
        asked = [
            threads.start(partial(status_of, engine, code, settings))
            for engine in settings.engines.ids()
        ]
        found = [status.result() for status in asked]
    if as_json:
        print_json(
            {"language": code, "engines": found, "auto": str(automatic(code, settings).voice)}
        )
        return
    table = plain_table()
    table.add_column("Engine", no_wrap=True)
    table.add_column("Network", no_wrap=True)
    table.add_column("Voices for --voice, or what it needs")
    for status in sorted(found, key=lambda status: bool(status.needs)):
        table.add_row(status.engine, "yes" if status.online else "no", _voices_or_need(status))
    screen = console()
    screen.print(f"What can speak {code} here, and what the others need:", style="bold")
    screen.print(table)
    choice = automatic(code, settings)
    print(f"--voice auto takes {choice.voice} ({choice.reasons[0]}).")


def _voices_or_need(status: Status) -> Text:
    if status.needs:
        return Text(status.needs, style="dim")
    names = [f"{status.engine}:{name}" for name in status.voices[:VOICES_SHOWN]]
    hidden = len(status.voices) - VOICES_SHOWN
    if hidden > 0:
        names.append(f"and {hidden} more")
    return Text(", ".join(names))


def _list_all(engine: str | None, code: str | None, settings: Settings, *, as_json: bool) -> None:
    """Print all voices of one engine or of each, for one language or for all."""
    if code is not None:
        language_code_of(code)
    engines = settings.engines.ids()
    if engine is not None and engine not in engines:
        raise UsageError(
            f"There is no voice engine '{engine}'.{did_you_mean(engine, engines)}",
            hint=f"Known engines: {', '.join(engines)}.",
        )
    table = plain_table("Voice", "Language", "Licence", "Download", "Here")
    needs: list[str] = []
    found: list[dict[str, Any]] = []
    for one in [engine] if engine else engines:
        try:
            listed = settings.engines.catalogue(one, offline=settings.offline)
        except StretchaudioError as error:
            needs.append(f"{one}: {error.message}")
            continue
        for voice in listed:
            if code is None or _speaks(voice, code):
                is_online = settings.engines.module(one).ONLINE
                table.add_row(*_row(one, voice, is_online=is_online))
                found.append({"engine": one, "online": is_online} | asdict(voice))
        if engine or not listed:
            needs += _needs(one, code, settings)
    if as_json:
        print_json({"voices": found, "needs": needs})
        return
    console().print(table)
    for need in needs:
        print(need)


def _row(engine: str, voice: ListedVoice, *, is_online: bool) -> Iterator[str]:
    yield f"{engine}:{voice.name}"
    yield voice.language
    yield voice.licence
    yield format_size(voice.size_bytes) if voice.size_bytes else ""
    yield "online" if is_online else "yes" if voice.is_here else "no"


def _speaks(voice: ListedVoice, code: str) -> bool:
    return voice.language.partition("-")[0] in {code, ""}


def _needs(engine: str, code: str | None, settings: Settings) -> Iterator[str]:
    """Say what an engine needs before it speaks; one that is named is asked again."""
    settings.engines.ask_again(engine)
    status = status_of(engine, language_code_of(code), settings)
    if status.needs:
        yield f"{engine}: {status.needs}"


def automatic(code: str, settings: Settings) -> Choice:
    """Choose the voice that `auto` takes for a language."""
    return choose_automatically(
        settings.engines, language(code), settings.prosody, offline=settings.offline
    )


def language_code_of(code: str | None) -> str:
    """Check a language's code, English if there is none.

    Raises:
        UsageError: If there are no phrases for it.
    """
    if code is not None and code not in languages():
        raise UsageError(
            f"There are no phrases for the language '{code}'.",
            hint=f"There are for {', '.join(languages())}.",
        )
    return code or "en"


def status_of(engine: str, code: str, settings: Settings) -> Status:
    """Find out whether an engine can speak now, and with which voices."""
    try:
        module = settings.engines.module(engine)
        needs, names = module.unavailable_reason(), module.voices(language(code))
        if not needs and engine in _NAMED_BY_THE_USER:
            needs = _NAMED_BY_THE_USER[engine]
        elif not needs and not names:
            needs = f"It has no voice for {code}."
        elif not needs and module.ONLINE:
            needs = _network_need(Voice(engine=engine, name=names[0]), settings)
        return Status(engine=engine, needs=needs, voices=names, online=module.ONLINE)
    except StretchaudioError as error:
        return Status(engine=engine, needs=error.message, voices=(), online=False)
    except Exception as error:  # a plug-in may do anything
        return Status(
            engine=engine,
            needs=f"It is broken ({type(error).__name__}: {error}).",
            voices=(),
            online=False,
        )


def _network_need(voice: Voice, settings: Settings) -> str:
    if settings.offline:
        return "A network, which --offline forbids."
    if settings.engines.is_reachable(voice, GOOGLE_WITHIN_S):
        return ""
    minutes = round((settings.engines.silent_s(voice.engine) or 0) / 60)
    if not minutes:
        return "A network; its service does not answer now."
    again = shell_command("voices", "--engine", voice.engine)
    ago = f"{format_count(minutes, 'minute')} ago"
    return f"A network; its service did not answer {ago}. Ask it again with: {again}"
