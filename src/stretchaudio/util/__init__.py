"""Hold plain tools that know nothing of audio or routines."""
