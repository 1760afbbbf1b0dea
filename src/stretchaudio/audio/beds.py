"""Name the beds that the program makes, as options and routines call them."""

BOWLS = "bowls"
"""The bed of strokes that are planned, over a soft drone."""
GENERATED_BEDS = ("rain", "waves", "stream", "brown-noise", "drone", BOWLS)
"""The names of the beds that the program makes."""
NO_BED = "none"
"""What a section has in place of a bed's name if nothing is to play in it."""


def is_generated(bed: str) -> bool:
    """Tell whether a bed is one that the program makes: "rain", or "rain:2", another rain."""
    name, colon, seed = bed.partition(":")
    return name in GENERATED_BEDS and (not colon or (seed.isascii() and seed.isdecimal()))
