"""Write finished tracks, read them and verify them."""
