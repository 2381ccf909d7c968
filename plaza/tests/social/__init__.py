"""Profiles, posts, stories and what people are told."""
