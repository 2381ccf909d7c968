"""The service's own tests: pytest inside the project, on the databases that the environment names."""
