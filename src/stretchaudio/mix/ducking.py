"""Decide how deep a bed or music goes down under the voice; `bed_gain.py` has how fast."""

from dataclasses import dataclass

CLEAR_LU = 20.0
"""The distance between voice and bed that WCAG 1.4.7 asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ducking:
    """How the bed gives way to the voice."""

    over_lu: float = 15.0
    """How far the voice is above the bed while it speaks; 0 for a bed that never gives way."""
    # Listeners want 10 LU over music and 15 over other sounds (Torcoli et al., JAES 67, 2019).
    least_depth_db: float = 3.0
    """It goes down so far at the least, that the voice is felt to come forward."""
    attack_ms: int = 500
    """The time it takes to go down before a cue begins; more where it goes far."""
    release_ms: int = 1_600
    """The time it takes to come back after a cue; more where it was far down."""
    gap_ms: int = 10_000
    """It stays down between two cues that are nearer than this."""

    @property
    def margin_lu(self) -> float:
        """How much further the bed goes down, so that nearly all cues have that distance."""
        return 1.4 if self.over_lu < CLEAR_LU else 2.0

    @property
    def most_depth_db(self) -> float:
        """It goes down so far at the most: not felt to stop, unless clear words come first."""
        return 18.0 if self.over_lu < CLEAR_LU else 36.0


def depth_db(bed_lufs: float, voice_lufs: float, duck: Ducking) -> float:
    """Return how far a bed has to go down for a cue: as far as needed, within limits."""
    if not duck.over_lu:
        return 0.0
    needed_db = bed_lufs - (voice_lufs - duck.over_lu - duck.margin_lu)
    return min(max(needed_db, duck.least_depth_db), duck.most_depth_db)
