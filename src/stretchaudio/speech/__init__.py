"""Cue texts to clips: engines, trimming, levels."""
