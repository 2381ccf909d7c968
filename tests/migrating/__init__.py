"""Migrating several databases at once; the apps club and bar lean on each other and on auth across databases."""
