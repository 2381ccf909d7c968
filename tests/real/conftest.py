"""Targets for the small cases that real projects taught us."""

from __future__ import annotations

from tests.schema.conftest import engine, make_target, target  # noqa: F401
