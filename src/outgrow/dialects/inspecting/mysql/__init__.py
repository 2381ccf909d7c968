"""What ``outgrow doctor`` asks of MySQL and MariaDB."""

from __future__ import annotations

from outgrow.dialects.inspecting.mysql.connecting import Connecting
from outgrow.dialects.inspecting.mysql.rights import Rights
from outgrow.dialects.inspecting.mysql.server import Server
from outgrow.dialects.inspecting.mysql.texts import Texts


class MySQLInspection(Connecting, Rights, Texts, Server):
    """A DATABASES entry of MySQL or MariaDB."""

    questions = (
        ("D108", "encryption"),
        ("D201", "rights_to_migrate"),
        ("D202", "rights_to_use"),
        ("D203", "power"),
        ("D301", "version"),
        ("D302", "encoding"),
        ("D303", "columns"),
        ("D304", "connection_encoding"),
        ("D305", "sql_mode"),
        ("D306", "isolation"),
        ("D307", "time_zones"),
        ("D308", "packet"),
        ("D309", "local_infile"),
        ("D312", "storage"),
        ("D313", "clock"),
        ("D314", "durability"),
        ("D501", "headroom"),
        ("D701", "role"),
    )
    cheap = (("D306", "isolation"), ("D701", "role"))
