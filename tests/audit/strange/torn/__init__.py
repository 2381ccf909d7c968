"""Migrations that lean on an app which is not installed any more."""
