"""The finished track: its manifest, tags, loudness and file."""
