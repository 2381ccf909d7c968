"""The endpoints of videos, by what they are about."""
