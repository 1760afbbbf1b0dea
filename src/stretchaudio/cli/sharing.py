"""The commands for finished tracks: `extract`."""

import sys
from pathlib import Path

from stretchaudio.cli.build import refuse_to_overwrite
from stretchaudio.cli.messages import size
from stretchaudio.errors import FileError
from stretchaudio.track.read import read_attached
from stretchaudio.track.write import check_writable, whole_file
from stretchaudio.yamltree import refuse_control_characters


def extract(track: Path, *, yaml: Path | None, manifest: Path | None) -> None:
    """Write what travels inside a track; the routine goes to the terminal when no file is named."""
    found = read_attached(track)
    texts: dict[Path, str] = {}
    if yaml is not None or manifest is None:
        if found.routine is None:
            raise FileError(f"{track} carries no routine.", tip="Ask who made it for the routine's file.")
        refuse_control_characters(found.routine, f"{track}, routine")
        if yaml is None:
            sys.stdout.write(found.routine)
            return
        texts[yaml] = found.routine
    if manifest is not None:
        texts[manifest] = found.manifest_text
    refuse_to_overwrite([track], [path for path in (yaml, manifest) if path is not None])
    for path in texts:
        check_writable(path)
    for path, text in texts.items():
        with whole_file(path) as file:
            file.write(text.encode())
        print(f"{path}: {size(path.stat().st_size)}")
