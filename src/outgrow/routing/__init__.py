"""Several databases: who owns which table, and where a query goes."""

from __future__ import annotations

from outgrow.routing.declared import declared
from outgrow.routing.owners import NoOwner, Owners, WrongRoutes
from outgrow.routing.physical import same_database
from outgrow.routing.router import Router

__all__ = ["NoOwner", "Owners", "Router", "WrongRoutes", "declared", "same_database"]
