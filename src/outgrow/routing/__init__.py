"""Several databases: who owns which table, and where a query goes."""

from __future__ import annotations

from outgrow.routing.declared import declared
from outgrow.routing.owners import NoOwner, Owners, WrongRoutes
from outgrow.routing.physical import same_database
from outgrow.routing.router import Router
from outgrow.routing.tokens import BadToken
from outgrow.routing.watching import WriteToReplica

__all__ = [
    "BadToken",
    "NoOwner",
    "Owners",
    "Router",
    "WriteToReplica",
    "WrongRoutes",
    "declared",
    "same_database",
]
