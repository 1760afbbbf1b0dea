"""Encode MP3 frames, make them independent, and link them."""
