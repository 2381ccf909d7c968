"""Outgrow moves a Django project between database engines and proves every row."""

from __future__ import annotations

from outgrow.exemptions import allow_cross_database

__all__ = ["allow_cross_database"]
__version__ = "0.1.0"
