"""Projects that nobody here wrote, from PyPI, each in a virtual environment of its own."""
