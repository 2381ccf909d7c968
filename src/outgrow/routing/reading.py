"""Reading from replicas on purpose, and what was written in the present context.

    with outgrow.reading():            # reads of this block may come from a replica that is up to date enough
        …
    @outgrow.reading()                 # the same for a view, a task or a coroutine
    with outgrow.primary():            # the opposite, within such a block
    token = outgrow.position()         # hand it to a task …
    with outgrow.after(token):         # … whose reads then see everything that was committed before

The state lies in a ContextVar: each thread, task and request has its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, TypeVar

from outgrow.routing import tokens
from outgrow.routing.declared import declared
from outgrow.routing.owners import WrongRoutes
from outgrow.routing.writes import UNKNOWN, Writes, both, written

Callee = TypeVar("Callee", bound=Callable[..., Any])


class State:
    """One block: whether its reads may come from replicas, what was written, and the replicas it has settled on.

    A task that is started inside a block shares its states with it, so that they are not changed once they are made.
    """

    __slots__ = ("block", "chosen", "outer", "replicas", "writes")

    def __init__(self, replicas: bool, writes: Writes, outer: State | None, block: Block | None = None) -> None:
        self.replicas = replicas
        self.writes = writes
        self.outer = outer
        self.block = block  # None: no block, only the memory of what was written outside of any
        self.chosen: dict[str, str] = {} if outer is None else outer.chosen

    def moved(self, outer: State | None) -> State:
        """The same within another block."""
        moved = State(self.replicas, self.writes, outer, self.block)
        moved.chosen = self.chosen
        return moved


_state: ContextVar[State | None] = ContextVar("outgrow_reading", default=None)
state = _state.get


class Block:
    """A block as a context manager and as a decorator of functions and coroutines; one object may serve many at once.

    A generator that yields within a block lends it to its consumer until it goes on; wherever it ends, its own block
    ends and no other. ``needs``: positions to begin with, by primary. ``apart``: what is written inside does not bind
    reads outside.
    """

    def __init__(self, replicas: bool, needs: Mapping[str, str] | None = None, *, apart: bool = False) -> None:
        self._replicas, self._needs, self._apart = replicas, needs, apart

    def __enter__(self) -> State:
        outer = _state.get()
        if self._apart:
            entered = State(self._replicas, Writes(self._needs), None, self)
            entered.outer = outer
        else:
            writes = Writes() if outer is None else outer.writes
            if self._needs:
                writes = Writes(both(writes.needs(), self._needs), outer=writes)
            entered = State(self._replicas, writes, outer, self)
        _state.set(entered)
        return entered

    def __exit__(self, *exc: object) -> None:
        """Leave it, also from below blocks that began later and go on: a generator may end inside one of these."""
        above: list[State] = []
        found = _state.get()
        while found is not None and found.block is not self:
            above.append(found)
            found = found.outer
        if found is None:
            return  # it was entered in another context, and can be left in none but that
        rest = found.outer
        if rest is None and not self._apart and found.writes.seen:
            rest = State(False, found.writes.outermost(), None)  # the next block needs what was written in this one
        for state in reversed(above):
            rest = state.moved(rest)
        _state.set(rest)

    def __call__(self, function: Callee) -> Callee:
        if iscoroutinefunction(function):

            @wraps(function)
            async def within(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return await function(*args, **kwargs)
        else:

            @wraps(function)
            def within(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return function(*args, **kwargs)

        return within  # type: ignore[return-value]


def reading() -> Block:
    """Reads of the block may come from replicas: not those in a transaction or a validation, nor before a replica
    has what the block, or the code around it, wrote.
    """
    return Block(True)


def primary() -> Block:
    """Reads of the block come from the primary."""
    return Block(False)


def after(token: str) -> Block:
    """As :func:`reading`, from replicas that have everything that was committed before the token was made.

    Raises BadToken for a text that :func:`position` did not make.
    """
    return Block(True, tokens.read(token))


def position(*primaries: str) -> str:
    """A signed text for :func:`after`: how far these primaries are now, by default all that have replicas.

    Call it after the transaction (``transaction.on_commit``): one that is open has no position, and the token then
    means "read from the primary".
    """
    aliases = primaries or tuple(replicated())
    return tokens.make({alias: written(alias) or UNKNOWN for alias in aliases})


def wrote(using: str) -> None:
    """Say that something was written to this primary where Django does not see it: COPY, a stored procedure, another
    process. The next reads of this context need it.
    """
    if using not in replicated():
        raise WrongRoutes(
            f'"{using}" has no replicas in OUTGROW["REPLICAS"]; expected one of: {", ".join(replicated()) or "none"}.'
        )
    note(using, None)


def note(alias: str, connection: Any) -> None:
    """A write was observed. Outside of any block it is remembered for the next one of this context."""
    current = _state.get()
    if current is None:
        current = State(False, Writes(), None)
        _state.set(current)
    current.writes.wrote(alias, connection)


def replicated() -> Mapping[str, tuple[str, ...]]:
    """Primary alias → aliases of its replicas, where there are any."""
    owners = declared()
    return {} if owners is None else {alias: found for alias, found in owners.replicas.items() if found}
