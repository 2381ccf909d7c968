"""A project whose people and things may live in two databases, joined by loose references only."""
