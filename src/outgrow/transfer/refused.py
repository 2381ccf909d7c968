"""Which row it was: a refused chunk is cut down to the rows that the target will not take, and they are named."""

from __future__ import annotations

from collections.abc import Sequence

from outgrow.dialects.base import Dialect, Session, Trouble
from outgrow.errors import RowRefused
from outgrow.lines import DOUBT, split_line
from outgrow.plan import TablePlan

NAMED = 5  # rows that a message names


def key_of(table: TablePlan, line: bytes) -> str:
    """The key of a line as text, "row without a key" where the table has none."""
    names = [column.name for column, _ in table.source_reading.columns]
    values = split_line(line)
    parts = [f"{k}={(values[names.index(k)] or b'NULL').decode('utf-8', 'replace')}" for k in table.source.key]
    return ", ".join(parts) or "a row without a key"


def doubtful_cells(table: TablePlan, data: bytes, judged: Sequence[int]) -> None:
    """Raise RowRefused for the first rows with a cell that could not be rendered without loss."""
    columns = table.source_reading.columns
    found: list[tuple[str, str]] = []
    for line in data.split(b"\n")[:-1]:
        if DOUBT not in line:
            continue
        fields = line.split(b"\t")
        bad = next((i for i in judged if fields[i].startswith(DOUBT)), None)
        if bad is not None:
            found.append((key_of(table, line), f"{columns[bad][0].name} ({columns[bad][1].value})"))
    if found:
        keys = tuple(key for key, _ in found)
        raise RowRefused(
            f"{table.name} holds a value that is no {found[0][1].partition('(')[2].rstrip(')')} in column "
            f"{found[0][1].partition(' ')[0]}, at {'; '.join(keys[:NAMED])}: run `outgrow audit`, and correct the "
            "rows or choose a policy with --fix.",
            table=table.name,
            keys=keys,
        )


def name_refused(
    target: Dialect, session: Session, table: TablePlan, pieces: Sequence[bytes], error: Exception
) -> RowRefused:
    """Find the first rows that make the load fail, by the shortest failing beginning of the chunk (log2 loads each)."""
    lines = [line for piece in pieces for line in piece.split(b"\n")[:-1]]
    keys: list[str] = []
    explained = target.explain(error)
    while lines and len(keys) < NAMED:
        length = _shortest_failing(target, session, table, lines)
        if length is None:
            break
        keys.append(key_of(table, lines[length - 1]))
        lines = lines[: length - 1] + lines[length:]
    rows = "; ".join(keys) or "rows that could not be told apart"
    more = " and perhaps more" if len(keys) == NAMED else ""
    return RowRefused(
        f"The target refused {table.name} at {rows}{more} ({explained}): correct the rows in the source or choose a "
        "policy with --fix, then go on with --resume.",
        table=table.name,
        keys=tuple(keys),
    )


def _shortest_failing(target: Dialect, session: Session, table: TablePlan, lines: Sequence[bytes]) -> int | None:
    if not _fails(target, session, table, lines):
        return None
    low, high = 0, len(lines)  # lines[:low] load, lines[:high] fail
    while high - low > 1:
        middle = (low + high) // 2
        if _fails(target, session, table, lines[:middle]):
            high = middle
        else:
            low = middle
    return high


def _fails(target: Dialect, session: Session, table: TablePlan, lines: Sequence[bytes]) -> bool:
    assert table.target is not None
    session.begin()
    try:
        target.write(session, table.target, table.target_reading.columns, [b"\n".join(lines) + b"\n"])
    except Exception as error:
        if target.trouble(error) is not Trouble.DATA:
            raise
        return True
    finally:
        session.rollback()
    return False
