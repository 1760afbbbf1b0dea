"""Handle sound without speech or routines: clips, loudness, filters, MP3 frames."""
