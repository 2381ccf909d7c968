"""A login of a server that may read some tables of a database, and nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.conftest import require

PASSWORD = "a-reader-of-tests"


@contextmanager
def reader(engine: str, url: str, readable: Sequence[str], writable: Sequence[str] = ()) -> Iterator[str]:
    """The URL for a login that may SELECT from some tables, and INSERT into others."""
    server, database = require(engine), urlsplit(url).path.strip("/")
    name = f"reader_{secrets.token_hex(4)}"
    role, place = (name, "") if engine == "postgresql" else (f"'{name}'@'%'", f"`{database}`.")
    kind, known = ("ROLE", "LOGIN PASSWORD") if engine == "postgresql" else ("USER", "IDENTIFIED BY")
    server.sql(f"CREATE {kind} {role} {known} '{PASSWORD}'", database)
    try:
        for right, tables in (("SELECT", readable), ("INSERT", writable)):
            for table in tables:
                server.sql(f"GRANT {right} ON {place}{table} TO {role}", database)
        scheme, _, rest = url.partition("://")
        yield f"{scheme}://{name}:{PASSWORD}@{rest.rpartition('@')[2]}"
    finally:
        if engine == "postgresql":
            server.sql(f"DROP OWNED BY {role}", database)
        server.sql(f"DROP {kind} {role}", database)
