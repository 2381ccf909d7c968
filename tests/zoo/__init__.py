"""A small Django project with every field type and every awkward case that a mover meets."""
