"""plaza's own tests, run inside the project once for each layout of databases.

python -m tests.service L0 L5 -- -k accounts
"""
