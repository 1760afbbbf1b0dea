"""Turn a routine and what a user asks into a track."""
