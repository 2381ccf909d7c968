"""The database's clock: what expires is gone at one moment for every process."""

from __future__ import annotations

from typing import Any

from django.db.models import DateTimeField, Func


class DatabaseNow(Func):
    """Now in UTC. Django's own ``Now`` is the session's local time on MySQL, where Django keeps UTC."""

    output_field = DateTimeField()
    arity = 0

    def as_sql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return super().as_sql(compiler, connection, template="STATEMENT_TIMESTAMP()", **more)

    def as_mysql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return super().as_sql(compiler, connection, template="UTC_TIMESTAMP(6)", **more)

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return super().as_sql(
            compiler, connection, template="STRFTIME('%%%%Y-%%%%m-%%%%d %%%%H:%%%%M:%%%%f', 'NOW')", **more
        )
