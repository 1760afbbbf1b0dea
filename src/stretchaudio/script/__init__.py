"""What is said and which windows are kept."""
