"""Small projects that try to defeat the schema step, each in its own way."""
