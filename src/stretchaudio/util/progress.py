"""Tell how far a build has come."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Progress:
    """How far the speaking has come; counts every different text once."""

    total: int = 0
    """How many there are."""
    done: int = 0
    """How many are ready, those from the cache included."""
    reused: int = 0
    """How many came from the cache."""
    blocks: int = 0
    """How many blocks of a mix there are to be made."""
    mixed: int = 0
    """How many of them are ready."""
    changed: Callable[[], None] = field(default=lambda: None)
    """Called after each change."""
    notice: Callable[[str], None] = field(default=lambda _: None)
    """Told what the listener ought to know, in finished sentences."""
    voice_chosen: Callable[[str, str], None] = field(default=lambda _voice, _why: None)
    """Told which voice will speak, before it does, and why; the reason is empty when it was asked for."""
