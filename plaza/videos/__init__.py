"""Channels, videos, playlists and what was watched."""
