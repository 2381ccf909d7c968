"""Outgrow moves a Django project between database engines and proves every row."""

from __future__ import annotations

__version__ = "0.1.0"
