"""What is made of finished tracks to pass them on: cue sheets, pages and feeds."""
