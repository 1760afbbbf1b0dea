"""MP3 frames: encode them, make them independent, link them."""
