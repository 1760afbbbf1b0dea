"""Plain tools that know nothing of audio or routines."""
