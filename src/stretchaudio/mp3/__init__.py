"""MP3 frames: encoding, making them independent, linking."""
