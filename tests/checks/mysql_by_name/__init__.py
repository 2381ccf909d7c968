"""A backend that says the name of another: what is judged by the name alone needs neither its driver nor its server."""
