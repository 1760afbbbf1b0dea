"""Weeks of sessions from one file: which session when, how much it is, and a calendar of it."""
