"""Turn cue texts into clips: engines, trimming, levels."""
