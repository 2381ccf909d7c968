"""Checks that read databases: those that ``manage.py check --database ALIAS`` (and Django's own `migrate`) names."""
