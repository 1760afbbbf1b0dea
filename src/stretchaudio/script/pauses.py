"""Define how much quiet there is between the things a coach says, in milliseconds."""

from stretchaudio.routine.model import FLOOR

SENTENCE_PAUSE_MS = 350
"""Between two sentences."""
PARAGRAPH_PAUSE_MS = 800
"""Before something new begins."""
ACT_MS = 1_500
"""After a sentence that one acts on."""
DOWN_MS, UP_MS, FLOOR_MS, CHAIR_MS = 8_000, 7_000, 5_000, 3_000
"""To get from standing to the floor, up from it, from one position on it to another, and to or
from a chair."""
EXIT_MS = 4_000
"""To come out of an exercise, once one has been told how."""
BEFORE_FIRST_BEAT_MS = 600
"""Between a start cue and the first beat: the first count is heard apart from it."""
AFTER_COUNT_MS = 150
"""Between a count and the first words of its rep."""
BEFORE_COUNT_IN_MS = 150
"""Before "In 3, 2, 1" at the least: a count that would come sooner is left out."""
COUNT_IN_FROM = 3
"""The seconds that are counted before work begins."""
COUNT_IN_MS = COUNT_IN_FROM * 1_000 + BEFORE_COUNT_IN_MS
STANDING = "standing"


def move_ms(before: str | None, after: str | None) -> int:
    """Tell how long it takes to get from one position to another; 0 when nothing is known of it.

    Args:
        before: The position of the exercise before; the session's start counts as standing.
        after: The position of the exercise that follows.
    """
    if before is None or after is None or before == after:
        return 0
    if before in FLOOR:
        return UP_MS if after == STANDING else FLOOR_MS
    if after in FLOOR:
        return DOWN_MS
    return CHAIR_MS
