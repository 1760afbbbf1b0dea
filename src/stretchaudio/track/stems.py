"""Write the stems of a track as FLAC files of 24 bits."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import IO

from stretchaudio.audio.mp3.frames import FrameFormat
from stretchaudio.mix.model import Stem

Parts = Mapping[Stem, bytes]
"""Samples of each stem, interleaved and in 32 bits."""


def write_stems(
    files: Mapping[Stem, IO[bytes]],
    form: FrameFormat,
    render: Callable[[Callable[[Parts], None]], None],
) -> None:
    """Write stems.

    Args:
        files: An open file for each; other parts are left out.
        form: The rate and the channels of the samples.
        render: Calls what it is given with samples of all parts, in order.

    Raises:
        OSError: If a file cannot be written.
    """
    with ExitStack() as opened:
        flacs = {stem: opened.enter_context(_flac(file, form)) for stem, file in files.items()}

        def take(parts: Parts) -> None:
            for stem, add in flacs.items():
                add(parts[stem])

        render(take)
    for file in files.values():
        file.flush()


@contextmanager
def _flac(file: IO[bytes], form: FrameFormat) -> Iterator[Callable[[bytes], None]]:
    """Encode samples into a file for the time of a block.

    Raises:
        OSError: If it cannot be written.
    """
    import soundfile

    target = _Target(file)
    with soundfile.SoundFile(
        target, "w", form.sample_rate_hz, form.channels, "PCM_24", format="FLAC"
    ) as flac:

        def add(samples: bytes) -> None:
            flac.buffer_write(samples, "int32")
            target.check()

        yield add
    target.check()


class _Target:
    """A file whose errors wait until they are asked for: libsndfile cannot pass them on."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._error: OSError | None = None

    def write(self, data: bytes) -> int:
        """Write, or pretend to."""
        try:
            self._file.write(data)
        except OSError as error:
            self._error = error
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move, as far as that is possible."""
        try:
            return self._file.seek(offset, whence)
        except OSError as error:
            self._error = error
            return 0

    def tell(self) -> int:
        """Tell the place."""
        return self._file.tell()

    def read(self, size: int) -> bytes:
        """Read nothing: the file is written."""
        del size
        return b""

    def check(self) -> None:
        """Raise what has happened meanwhile."""
        if self._error is not None:
            raise self._error
