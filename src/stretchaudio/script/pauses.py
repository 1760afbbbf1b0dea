"""Define how much quiet there is between the things a coach says, in milliseconds."""

SENTENCE_PAUSE_MS = 350
"""Between two sentences."""
PARAGRAPH_PAUSE_MS = 800
"""Before something new begins."""
BEFORE_FIRST_BEAT_MS = 600
"""Between a start cue and the first beat: the first count is heard apart from it."""
AFTER_COUNT_MS = 150
"""Between a count and the first words of its rep."""
BEFORE_COUNTDOWN_MS = 150
"""Before "In 3, 2, 1" at the least: a count that would come sooner is left out."""
