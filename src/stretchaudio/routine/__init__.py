"""Routine files: reading, checking, finding them."""
