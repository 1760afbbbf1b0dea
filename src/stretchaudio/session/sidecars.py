"""Write the files beside a track: its manifest, captions, chapters, handout, labels, stems."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from stretchaudio.errors import UsageError, did_you_mean
from stretchaudio.mix.model import Stem
from stretchaudio.routine.model import Routine
from stretchaudio.track.captions import CAPTION_WRITERS
from stretchaudio.track.chapters import chapters_json
from stretchaudio.track.handout import Person, handout, handout_pdf
from stretchaudio.track.labels import labels
from stretchaudio.track.manifest import Manifest

Writer = Callable[[Manifest, Routine], str | bytes]
"""Writes the text or the bytes of a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecars:
    """The files to write beside a track."""

    manifest: Path | None = None
    """The manifest's file; None to write none."""
    captions: tuple[str, ...] = ()
    """Kinds of captions: vtt, srt, lrc."""
    chapters: bool = False
    """True to write chapters as JSON."""
    handout: bool = False
    """True to write a page to print."""
    pdf: bool = False
    """True to print it, too."""
    person: Person = field(default_factory=Person)
    """Whose page it is."""
    stems: Path | None = None
    """The folder for the track's parts, each by itself, and its timeline as labels; None for
    none."""

    def paths(self, track: Path) -> Mapping[Path, Writer]:
        """List the chosen files of a track, each with the function that writes its contents."""
        found: dict[Path, Writer] = {}
        if self.manifest is not None:
            found[self.manifest] = _manifest
        for kind in self.captions:
            found[sidecar_path(track, kind)] = partial(_captions, kind)
        if self.chapters:
            found[sidecar_path(track, "chapters.json")] = _chapters
        if self.handout:
            found[sidecar_path(track, "html")] = partial(handout, person=self.person)
        if self.pdf:
            found[sidecar_path(track, "pdf")] = partial(handout_pdf, person=self.person)
        if self.stems is not None:
            found[self.stems / sidecar_path(track, "labels.txt").name] = _labels
        return found

    def stem_paths(self, track: Path) -> Mapping[Stem, Path]:
        """Name the file of each stem that a track may have; none if they are not written."""
        if self.stems is None:
            return {}
        return {stem: self.stems / sidecar_path(track, f"{stem}.flac").name for stem in Stem}

    def files(self, track: Path) -> tuple[Path, ...]:
        """List all files that may be written besides a track."""
        return (*self.paths(track), *self.stem_paths(track).values())


def sidecar_path(track: Path, ending: str) -> Path:
    """Name a file beside a track: a.vtt beside a.mp3, version-1.2.vtt beside version-1.2."""
    stem = track.stem if track.suffix.lower() == ".mp3" else track.name
    return track.with_name(f"{stem}.{ending}")


def _manifest(manifest: Manifest, _: Routine) -> str:
    return manifest.to_json(indent=1) + "\n"


def _captions(kind: str, manifest: Manifest, _: Routine) -> str:
    return CAPTION_WRITERS[kind](manifest)


def _labels(manifest: Manifest, _: Routine) -> str:
    return labels(manifest)


def _chapters(manifest: Manifest, _: Routine) -> str:
    return json.dumps(chapters_json(manifest), ensure_ascii=False, indent=1) + "\n"


def caption_kinds(text: str) -> tuple[str, ...]:
    """Parse the kinds of captions that a user typed: "vtt,srt".

    Raises:
        UsageError: If one is unknown.
    """
    if text.strip().lower() == "all":
        return tuple(CAPTION_WRITERS)
    kinds = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    for kind in kinds:
        if kind not in CAPTION_WRITERS:
            raise UsageError(
                f"There are no captions of the kind '{kind}'.{did_you_mean(kind, CAPTION_WRITERS)}",
                hint=f"Choose from {', '.join(CAPTION_WRITERS)}, or all.",
            )
    if not kinds:
        raise UsageError(
            "No kind of captions is named.",
            hint=f"Choose from {', '.join(CAPTION_WRITERS)}, or all.",
        )
    return kinds
