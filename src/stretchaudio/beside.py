"""What is written beside a track: its manifest, captions, chapters and a cue sheet."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from stretchaudio.errors import UsageError, perhaps
from stretchaudio.routine.model import Routine
from stretchaudio.share.cuesheet import cuesheet
from stretchaudio.track.captions import FORMATS
from stretchaudio.track.chapters import chapters_json
from stretchaudio.track.manifest import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Which files are wanted."""

    manifest: Path | None = None
    """Where the manifest goes; None for nowhere."""
    captions: tuple[str, ...] = ()
    """Kinds of captions: vtt, srt, lrc."""
    chapters: bool = False
    """Chapters as JSON."""
    cuesheet: bool = False
    """A page to print."""

    def paths(self, track: Path) -> Mapping[Path, Callable[[Manifest, Routine], str]]:
        """The files that go with a track, and what writes the text of each."""
        found: dict[Path, Callable[[Manifest, Routine], str]] = {}
        if self.manifest is not None:
            found[self.manifest] = lambda manifest, _: manifest.to_json(indent=1) + "\n"
        for kind in self.captions:
            found[track.with_suffix(f".{kind}")] = lambda manifest, _, write=FORMATS[kind]: write(manifest)  # type: ignore[misc]
        if self.chapters:
            found[track.with_suffix(".chapters.json")] = lambda manifest, _: (
                json.dumps(chapters_json(manifest), ensure_ascii=False, indent=1) + "\n"
            )
        if self.cuesheet:
            found[track.with_suffix(".html")] = lambda manifest, routine: cuesheet(
                manifest, summary=routine.summary, source=routine.source, licence=routine.licence
            )
        return found


def caption_kinds(text: str) -> tuple[str, ...]:
    """What was typed as kinds of captions: "vtt,srt".

    Raises:
        UsageError: If one is unknown.
    """
    kinds = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    for kind in kinds:
        if kind not in FORMATS:
            raise UsageError(
                f"There are no captions of the kind '{kind}'.{perhaps(kind, FORMATS)}", tip=f"There are {', '.join(FORMATS)}."
            )
    if not kinds:
        raise UsageError("No kind of captions is named.", tip=f"There are {', '.join(FORMATS)}.")
    return kinds
