"""Fixtures of the dialects' tests."""

from __future__ import annotations

from tests.dialects.mysql_place import mariadb_place, mysql_place, place

__all__ = ["mariadb_place", "mysql_place", "place"]
