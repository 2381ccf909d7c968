"""A connection's open transaction, as the project sees it: blocks that a TestCase opened around a test do not count.

Django keeps the open atomic() blocks in ``connection.atomic_blocks`` (private; tests pin it for every version). It is
replaced by a list that tells when the last of the project's own is left; BEGIN and COMMIT pass through no wrapper.
Where a Django keeps no such list, every block counts, and a transaction ends at the first statement outside of all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from outgrow.dialects.statements import always_recursive
from outgrow.rehearse.creation import Made, Name
from outgrow.rehearse.frames import Place
from outgrow.rehearse.temporary import Temporary

MARK = "_outgrow_rehearsal"  # the State of a connection, and the sign that it is watched already
BLOCKS = "atomic_blocks"


@dataclass(slots=True)
class Written:
    """The first write of a transaction to an owner's tables."""

    tables: frozenset[str]
    sql: str
    backticks: bool
    place: Place | None = None


@dataclass(slots=True)
class Transaction:
    """What one transaction did so far. ``using`` is what its outermost atomic() was given: None for ``atomic()``."""

    alias: str
    using: str | None
    watched: bool = True
    writes: dict[str, Written] = field(default_factory=dict)  # by owner
    reported: set[Any] = field(default_factory=set)
    commit_hooks: list[Place] = field(default_factory=list)  # on_commit() without using


class Blocks(list[Any]):
    """``connection.atomic_blocks`` that tells when the project's last block is left."""

    def __init__(self, blocks: list[Any], left: Callable[[], None]) -> None:
        super().__init__(blocks)
        self._left = left

    def pop(self, *at: Any) -> Any:
        block = super().pop(*at)
        if not any(map(is_projects, self)):
            self._left()
        return block


def is_projects(block: Any) -> bool:
    """Whether the project opened this block, and no TestCase."""
    return not getattr(block, "_from_testcase", False)


Ended = Callable[["State", Transaction], None]


class State:
    """What is known of one connection."""

    def __init__(self, connection: BaseDatabaseWrapper, ended: Ended, watch: Callable[[], bool]) -> None:
        self.connection = connection
        self.backticks = connection.ops.quote_name("x").startswith("`")
        self.recursive = always_recursive(connection.vendor)
        self.temporary = Temporary()
        self._ended = ended
        self._watch = watch
        self._transaction: Transaction | None = None

    def attach(self) -> None:
        """Django makes a new list at each connect(), and temporary tables go with the connection."""
        self.temporary = Temporary()
        blocks = getattr(self.connection, BLOCKS, None)
        if isinstance(blocks, list) and not isinstance(blocks, Blocks):
            setattr(self.connection, BLOCKS, Blocks(blocks, self.end))
            self._transaction = None

    def detach(self) -> None:
        blocks = getattr(self.connection, BLOCKS, None)
        if isinstance(blocks, Blocks):
            setattr(self.connection, BLOCKS, list(blocks))

    @property
    def open(self) -> bool:
        """Whether the project has a transaction open here."""
        connection: Any = self.connection
        if not connection.in_atomic_block:
            return connection.connection is not None and not connection.autocommit
        blocks = getattr(connection, BLOCKS, None)
        if isinstance(blocks, Blocks):
            return any(map(is_projects, blocks))
        return True

    def transaction(self) -> Transaction | None:
        """The open transaction; None where each statement commits by itself."""
        if not self.open:
            if self._transaction is not None:  # of a Django that does not tell when a block is left
                self.end()
            return None
        if self._transaction is None:
            blocks = getattr(self.connection, BLOCKS, ())
            outermost = next((b for b in blocks if is_projects(b)), None)
            using = getattr(outermost, "using", self.connection.alias)
            self._transaction = Transaction(self.connection.alias, using, self._watch())
        return self._transaction

    def end(self) -> None:
        """The transaction is over, committed or not."""
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            self._ended(self, transaction)

    def tables_changed(self, makes: Iterable[Made], drops: Iterable[Name]) -> None:
        """A statement that was carried out made temporary tables, or dropped tables."""
        connection: Any = self.connection
        savepoints = [name for name in connection.savepoint_ids if name]
        within = connection.in_atomic_block or not connection.autocommit
        self.temporary.change(makes, drops, savepoints, within=within)

    def settled(self, *, undone: bool) -> None:
        """The connection's transaction was committed or rolled back, TestCase's own included."""
        self.temporary.ended(undone=undone and self.connection.features.can_rollback_ddl)
        self.end()

    def undone_to(self, savepoint: str) -> None:
        if self.connection.features.can_rollback_ddl:
            self.temporary.undone_to(savepoint)


def state_of(connection: BaseDatabaseWrapper) -> State | None:
    return connection.__dict__.get(MARK)
