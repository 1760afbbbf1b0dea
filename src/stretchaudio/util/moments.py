"""Remember from one run to the next when something last happened."""

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Moments:
    """Keeps times in a folder, as those of empty files; where none can be, nothing is kept."""

    folder: Path
    """Made when first written to."""

    def since_s(self, name: str) -> float | None:
        """Return the seconds since something happened; None if that is not known."""
        try:
            since_s = time.time() - (self.folder / name).stat().st_mtime
        except OSError:
            return None
        # A moment that is yet to come was noted before somebody set the clock.
        return since_s if since_s >= 0 else None

    def note(self, name: str) -> None:
        """Remember that something happens now."""
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / name).touch()

    def forget(self, name: str) -> None:
        """Forget that something happened."""
        with contextlib.suppress(OSError):
            (self.folder / name).unlink()
