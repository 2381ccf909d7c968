"""A session that outlives its server's restarts: opened again when it is needed and the old connection is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from outgrow.dialects.base import Dialect, Session, Trouble

Answer = TypeVar("Answer")


class Lasting(Session):
    """Connects anew before a transaction or a statement of its own, never inside one: what was open there is lost."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._inner = dialect.connect()
        self._inside = False

    @property
    def mark(self) -> str:  # type: ignore[override]
        return self._inner.mark

    def _lasting(self, call: Callable[[Session], Answer]) -> Answer:
        try:
            return call(self._inner)
        except Exception as error:
            if self._inside or self._dialect.trouble(error) is not Trouble.LOST:
                raise
            self._inner.close()
            self._inner = self._dialect.connect()
            return call(self._inner)

    def execute(self, sql: str) -> int:
        return self._lasting(lambda session: session.execute(sql))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self._lasting(lambda session: session.query(sql))

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        yield from self._inner.stream(sql)

    def begin(self) -> None:
        self._lasting(lambda session: session.begin())
        self._inside = True

    def commit(self) -> None:
        self._inner.commit()
        self._inside = False

    def rollback(self) -> None:
        self._inner.rollback()
        self._inside = False

    def cancel(self) -> None:
        self._inner.cancel()

    def close(self) -> None:
        self._inner.close()
