"""The replicas of each primary: which of them serve, and which one a block of reads settles on."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from itertools import count
from typing import Any

from django.db import DatabaseError, connections

from outgrow import conf
from outgrow.dialects.positions import log_of, quick_to_give_up
from outgrow.routing.declared import declared
from outgrow.routing.health import Probe, Pulse, close
from outgrow.routing.owners import Owners
from outgrow.routing.physical import same_database, shut_by_test
from outgrow.routing.reading import State
from outgrow.routing.rows import belong_to_their_primaries
from outgrow.routing.validation import validate_at_the_primary
from outgrow.routing.writes import UNKNOWN, in_event_loop, in_transaction

_BESIDE = "_outgrow_beside"
AGAIN_SECONDS = 0.01  # between two questions to a replica that is behind: reads meanwhile go to the primary
CONNECT_SECONDS = 2  # for a replica whose OPTIONS do not say it


class Pool:
    """The replicas of one primary."""

    def __init__(self, primary: str, aliases: tuple[str, ...], options: conf.Replicas) -> None:
        self.primary, self._options = primary, options
        self._turn = count()
        pulse = Pulse(primary, options)
        self._probes = {alias: Probe(alias, pulse, options, same=same_database(alias, primary)) for alias in aliases}

    def reader(self, state: State) -> str:
        """The alias to read from now: a replica that serves and has what was written, else the primary."""
        primary = self.primary
        connection: Any = connections[primary]
        if connection.in_atomic_block or (connection.connection is not None and not connection.autocommit):
            return primary  # written out, as this is asked for every query
        need = state.writes.need(primary)
        chosen = state.chosen.get(primary)
        if chosen is not None:
            # The replica's connection of this thread is kept beside the primary's: a look-up there costs 1.3 µs, and
            # this is asked for every query. Should it not be Django's any more, may_serve() looks again at the read.
            beside = connection.__dict__.get(_BESIDE)
            if beside is None or beside.alias != chosen:
                beside = connection.__dict__[_BESIDE] = connections[chosen]
            if self._ready(chosen, beside, need):
                return chosen
        for alias in self._others(chosen):
            if self._ready(alias, connections[alias], need):
                state.chosen[primary] = alias
                return alias
        return primary

    def may_serve(self, alias: str, state: State) -> bool:
        """Whether this replica, with which a connection is open, may answer a read of the block."""
        if in_transaction(connections[self.primary]):
            return False
        need = state.writes.need(self.primary)
        return self._ready(alias, connections[alias], need)

    def is_same(self, alias: str) -> bool:
        """Whether the "replica" is the primary's own database, as in a test with MIRROR."""
        return self._probes[alias].same

    def lost(self, alias: str) -> None:
        """A read has found this replica gone."""
        self._probes[alias].lost()

    def _others(self, chosen: str | None) -> Iterator[str]:
        aliases = list(self._probes)
        turn = next(self._turn) % len(aliases)
        aliases = aliases[turn:] + aliases[:turn]
        if self._options.choice == conf.LEAST_LAG:
            aliases.sort(key=lambda alias: self._probes[alias].lag or 0.0)
        return (alias for alias in aliases if alias != chosen)

    def _ready(self, alias: str, connection: Any, need: str | None) -> bool:
        probe = self._probes.get(alias)
        if probe is None or (need == UNKNOWN and not probe.same) or not probe.serves():
            return False
        if probe.same and shut_by_test(connection):
            return False
        if connection.connection is None or (connection.health_check_enabled and not connection.health_check_done):
            if in_event_loop():
                return False
            try:  # here, not at the read: where it fails, the primary is still to be had
                connection.close_if_health_check_failed()
                connection.ensure_connection()
            except DatabaseError:
                probe.lost()
                return False
            except AssertionError:  # of Django's live server in such a test: it shuts connections of other threads here
                if not probe.same:
                    raise
                return False
        if need is None or probe.same:
            return True
        if connection.in_atomic_block or not connection.autocommit:
            return False  # its snapshot may be older than what the server has by now
        known: Known | None = connection.__dict__.get("_outgrow_known")
        if known is not None and known.need is need and known.raw is connection.connection:
            return True
        return self._reached(probe, connection, known, need)

    def _reached(self, probe: Probe, connection: Any, known: Known | None, need: str) -> bool:
        """Whether the server behind this very connection has replayed that far; what it said once stays true."""
        if known is None or known.raw is not connection.connection:
            known = connection.__dict__["_outgrow_known"] = Known(connection)
        try:
            return known.covers(connection, need)
        except DatabaseError:
            close(connection)
            probe.lost()
            return False


class Known:
    """What one connection to a replica has told of its progress."""

    __slots__ = ("again", "log", "need", "raw", "reached")

    def __init__(self, connection: Any) -> None:
        self.raw = connection.connection
        self.log = log_of(connection)
        self.reached: str | None = None
        self.need: str | None = None  # the last one that it covers
        self.again = 0.0  # when it may be asked again, after it had to say no

    def covers(self, connection: Any, need: str) -> bool:
        if self.log is None:
            return False
        if self.reached is None or not self.log.covers(self.reached, need):
            if time.monotonic() < self.again or in_event_loop():
                return False
            reached = self.log.replayed(connection, need)
            if reached is None:
                self.again = time.monotonic() + AGAIN_SECONDS
                return False
            self.reached = reached
        self.need = need
        return True


_pools: dict[str, Pool] = {}
_owners: Owners | None = None
_left_to_the_parent: list[dict[str, Pool]] = []


def pool_of(primary: str, owners: Owners | None = None) -> Pool | None:
    """The pool of a primary, made at the first question; None where it has no replicas. ``owners``: as declared."""
    owners = owners or declared()
    if owners is not _owners:
        _make(owners)
    return _pools.get(primary)


def pool_with(replica: str) -> Pool | None:
    """The pool that this alias is a replica of."""
    owners = declared()
    return None if owners is None or replica not in owners.primaries else pool_of(owners.primaries[replica])


def _make(owners: Owners | None) -> None:
    global _pools, _owners
    options = conf.replicas()
    _pools = {p: Pool(p, aliases, options) for p, aliases in (owners.replicas if owners else {}).items() if aliases}
    _owners = owners
    belong_to_their_primaries(owners.primaries if owners else {})
    if not _pools or owners is None:
        return
    validate_at_the_primary()
    for alias in owners.primaries:
        entry = connections[alias]
        for name, value in quick_to_give_up(entry.vendor, CONNECT_SECONDS).items():
            entry.settings_dict["OPTIONS"].setdefault(name, value)


def _forget() -> None:
    """In a forked child: threads did not come along, and open connections are the parent's, which alone may close them.

    So the old pools are kept: a driver would say goodbye to the server when they are collected.
    """
    global _pools, _owners
    _left_to_the_parent.append(_pools)
    _pools, _owners = {}, None


os.register_at_fork(after_in_child=_forget)
