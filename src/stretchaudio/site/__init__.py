"""Publish sessions: a web site, a podcast feed, and a server for both."""
