"""Find, read, check and change routine files."""
