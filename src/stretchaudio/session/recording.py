"""List what has to be recorded for a voice of one's own, and write and read the page for it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from stretchaudio.errors import FileError, VoiceError
from stretchaudio.language import language, languages
from stretchaudio.routine.model import Routine
from stretchaudio.script.write import write_script
from stretchaudio.session.options import Settings, adjusted
from stretchaudio.speech.engines.recordings import file_stem
from stretchaudio.speech.text import normalise, pronouncing
from stretchaudio.util.templates import render_template

_TEMPLATE = Path(__file__).parent / "templates" / "recording_script.html.j2"
_STEM = re.compile(r"[a-z0-9-]{1,200}")
_LARGEST_BYTES = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """Something to be recorded."""

    text: str
    """As it is shown."""
    spoken: str
    """As engines are given it."""
    stem: str
    """The name of its file, without an ending."""
    routines: list[str] = field(default_factory=list)
    """The ids of the routines that say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingScript:
    """A page to read from, as `split` reads it."""

    language: str
    """The code of its language."""
    sentences: tuple[Sentence, ...]
    """What is read, in order."""


def sentences(routines: Iterable[Routine], settings: Settings) -> list[Sentence]:
    """List every sentence of some routines once, as they come; numbers last.

    Raises:
        VoiceError: If nothing is said in them.
    """
    found: dict[str, Sentence] = {}
    soft: set[str] = set()
    for routine in routines:
        routine = adjusted(routine, settings)  # noqa: PLW2901 - the same one, as asked for
        pronounce, rules = pronouncing(settings.say, routine.say), language(routine.language).spoken
        script = write_script(routine, settings.level, settings.cue_filter)
        for text in script.texts():
            spoken = normalise(pronounce(text), rules)
            one = Sentence(text=text, spoken=spoken, stem=file_stem(spoken))
            routine_ids = found.setdefault(one.stem, one).routines
            if routine.id not in routine_ids:
                routine_ids.append(routine.id)
            if text in script.soft_texts():
                soft.add(one.stem)
    if not found:
        raise VoiceError("There is nothing to record.")
    return sorted(found.values(), key=lambda one: _place(one, soft))


def _place(sentence: Sentence, soft: set[str]) -> tuple[int, int]:
    """Put breaths and the like behind sentences, and numbers last, as one counts."""
    words = sentence.spoken.rstrip(".")
    return (2, int(words)) if words.isdecimal() else (sentence.stem in soft, 0)


def recording_script(listed: Sequence[Sentence], title: str, code: str) -> str:
    """Write the page to read from, in large letters.

    Args:
        listed: What is to be read.
        title: What it is for.
        code: The language.
    """
    words = language(code)
    return render_template(
        _TEMPLATE,
        code=code,
        direction=words.direction,
        heading=words.page["record_title"].format(title=title),
        how=words.page["record_how"],
        sentences=listed,
    )


def read_recording_script(path: Path) -> RecordingScript:
    """Read such a page.

    Raises:
        FileError: If it cannot be read, or is none.
    """
    hint = "Write one with: stretchaudio voices recording-list ROUTINE -o script.html"
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST_BYTES + 1).decode("utf-8")
    except OSError as error:
        raise FileError.from_os_error(error, f"read {path}") from None
    except UnicodeDecodeError:
        raise FileError(f"{path} is not a page of sentences to read.", hint=hint) from None
    parser = _Parser()
    parser.feed(text)
    if not parser.found or parser.code not in languages() or len(text) > _LARGEST_BYTES:
        raise FileError(f"{path} is not a page of sentences to read.", hint=hint)
    return RecordingScript(language=parser.code, sentences=tuple(parser.found))


class _Parser(HTMLParser):
    """Finds the sentences in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.code = ""
        self.found: list[Sentence] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        stem, spoken = given.get("data-file", ""), given.get("data-spoken", "").strip()
        if tag == "html":
            self.code = given.get("lang", "")
        # A stem becomes the name of a file, wherever the page came from.
        elif tag == "li" and spoken and _STEM.fullmatch(stem):
            self.found.append(Sentence(text=spoken, spoken=spoken, stem=stem))
