"""Mix music and chimes with the voice."""
