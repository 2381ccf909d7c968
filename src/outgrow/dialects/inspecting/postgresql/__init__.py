"""What ``outgrow doctor`` asks of PostgreSQL."""

from __future__ import annotations

from outgrow.dialects.inspecting.postgresql.connecting import Connecting
from outgrow.dialects.inspecting.postgresql.rights import Rights
from outgrow.dialects.inspecting.postgresql.server import Server


class PostgreSQLInspection(Connecting, Rights, Server):
    """A DATABASES entry of PostgreSQL."""

    questions = (
        ("D108", "encryption"),
        ("D201", "rights_to_migrate"),
        ("D202", "rights_to_use"),
        ("D203", "power"),
        ("D301", "version"),
        ("D302", "encoding"),
        ("D304", "connection_encoding"),
        ("D306", "isolation"),
        ("D307", "time_zones"),
        ("D310", "public_schema"),
        ("D311", "extensions"),
        ("D313", "clock"),
        ("D314", "durability"),
        ("D402", "pooler"),
        ("D501", "headroom"),
        ("D701", "role"),
    )
    cheap = (("D306", "isolation"), ("D701", "role"))
