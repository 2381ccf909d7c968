"""A legacy project as they grow: three apps that lean on auth's users, the admin, and one database."""
