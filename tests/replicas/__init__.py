"""Reading from replicas, and reading one's own writes."""
