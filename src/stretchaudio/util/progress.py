"""Tell how far a build has come."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Progress:
    """The state of a build; every different text is counted once."""

    total: int = 0
    """Number of texts to be spoken."""
    done: int = 0
    """Number of texts that are ready, those from the cache included."""
    reused: int = 0
    """Number of texts that came from the cache."""
    blocks: int = 0
    """Number of blocks of a mix to be made."""
    mixed: int = 0
    """Number of blocks that are ready."""
    changed: Callable[[], None] = field(default=lambda: None)
    """Called after each change."""
    notice: Callable[[str], None] = field(default=lambda _: None)
    """Called with a finished sentence that the listener ought to read."""
    voice_chosen: Callable[[str, tuple[str, ...]], None] = field(default=lambda _voice, _why: None)
    """Called with the voice before it speaks, and with the reasons; none if it was asked for."""
