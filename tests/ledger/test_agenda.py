"""The order in which several workers take chunks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from outgrow.ledger.records import ChunkRecord
from outgrow.transfer.agenda import Agenda

CHUNKS = [
    ChunkRecord(table, number) for table, size in (("large", 3), ("small", 2), ("tiny", 1)) for number in range(size)
]


def names(chunks: list[ChunkRecord | None]) -> list[str]:
    return [f"{c.table} {c.number}" if c else "none" for c in chunks]


def test_workers_share_a_table_chunk_by_chunk() -> None:
    agenda = Agenda(CHUNKS, frozenset())
    assert names([agenda.take() for _ in range(4)]) == ["large 0", "large 1", "large 2", "small 0"]


def test_a_second_worker_goes_to_another_table_where_loads_wait_for_each_other() -> None:
    agenda = Agenda(CHUNKS, {"large", "small"})
    first, second = agenda.take(), agenda.take()
    assert names([first, second]) == ["large 0", "small 0"]
    assert first is not None
    agenda.done(first)
    assert names([agenda.take(), agenda.take()]) == ["large 1", "tiny 0"]


def test_nobody_is_idle_while_chunks_are_left() -> None:
    agenda = Agenda(CHUNKS[:3], {"large"})
    assert names([agenda.take() for _ in range(4)]) == ["large 0", "large 1", "large 2", "none"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9)), unique=True), st.sets(st.sampled_from("abc")))
def test_every_chunk_is_taken_once(parts: list[tuple[str, int]], alone: set[str]) -> None:
    chunks = [ChunkRecord(table, number) for table, number in parts]
    agenda, taken = Agenda(chunks, alone), []
    while chunk := agenda.take():
        taken.append(chunk)
        if len(taken) % 2:
            agenda.done(chunk)
    assert sorted(names(list(taken))) == sorted(names(list(chunks)))
