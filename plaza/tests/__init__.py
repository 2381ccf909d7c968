"""The service's own tests: pytest inside the project, once for each layout of databases.

python -m plaza.tests L0 L1 -- -k accounts
"""
