"""Music and chimes with the voice: what is mixed where, and the blocks of a track that are made of it."""
