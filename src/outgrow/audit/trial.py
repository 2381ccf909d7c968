"""The target itself judges: values are brought into a temporary table of the target's own types and collations.

Nothing of it stays: a temporary table goes with its session, and no real table of the target is touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from outgrow.audit.rule import Stage
from outgrow.dialects.base import Column, Dialect, Range, Reading, Session, Table
from outgrow.dialects.suspects import Suspects
from outgrow.errors import OutgrowError
from outgrow.lines import DOUBT, Kind
from outgrow.plan import TablePlan

NAME, INDEX = "outgrow_trial", "outgrow_trial_index"


class CannotTry(OutgrowError):
    """The trial could not be made; the question stays open and is reported as not judged."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A temporary table on the target that holds some columns of the source's rows."""

    stage: Stage
    reading: Reading  # the key and the columns, as they stand in the temporary table
    left_out: int  # rows that cannot be brought over at all; other findings name them


@contextmanager
def trial(stage: Stage, plan: TablePlan, columns: Sequence[str], *, wide: bool = True) -> Iterator[Trial]:
    """Bring these columns (the target's names) and the key of all rows of a table into a temporary table.

    ``wide`` lifts the limits of text columns, so that a text too long is no obstacle.
    """
    there, session, target = stage.there, stage.session, stage.target
    if there is None or session is None or target is None:
        raise CannotTry("the target cannot be asked yet")
    like = widen if wide else plain
    chosen = [(s, like(stage, t), k) for s, t, k in plan.columns if t.name in columns or s.name in plan.source.key]
    read = Reading(plan.source.name, tuple((s, k) for s, _, k in chosen), plan.source.key)
    written = [(t, k) for _, t, k in chosen]
    key = tuple(t.name for s, t, _ in chosen if s.name in plan.source.key)
    session.rollback()
    try:
        session.execute(there.trial_table(NAME, [t for t, _ in written]))
    except Exception as error:
        raise CannotTry(f"no temporary table could be made on the target ({target.explain(error)})") from error
    try:
        with stage.sessions() as source:
            sieve = Sieve(there.facts.holds_nul)
            session.begin()
            try:
                target.write(session, Table(NAME, tuple(t for t, _ in written)), written,
                             map(sieve, stage.source.lines(source, read, Range())))  # fmt: skip
                session.commit()
            except Exception as error:
                session.rollback()
                raise CannotTry(
                    f"its rows could not be brought to the target for a trial ({target.explain(error)})"
                ) from error
        yield Trial(stage, Reading(NAME, tuple(written), key), sieve.dropped)
    finally:
        session.rollback()
        with suppress(Exception):
            session.execute(f"DROP TABLE {target.quote(NAME)}")


def widen(stage: Stage, column: Column) -> Column:
    """The column without a limit of length."""
    if column.length is None or (column.collation is None and column.charset is None and "char" not in column.type):
        return plain(stage, column)
    assert stage.there is not None
    text = "bpchar" if column.type == "character" else stage.there.facts.wide_text
    return replace(column, type=text, declared=text, length=None, nullable=True, generated=False)


def plain(stage: Stage, column: Column) -> Column:
    return replace(column, nullable=True, generated=False)


@dataclass(slots=True)
class Sieve:
    """Leaves out the lines that no target takes: each of them is a finding of another rule."""

    holds_nul: bool
    dropped: int = 0

    def __call__(self, piece: bytes) -> bytes:
        if DOUBT not in piece and (self.holds_nul or b"\0" not in piece) and decodes(piece):
            return piece
        lines = piece.split(b"\n")
        lines.pop()
        kept = [x for x in lines if DOUBT not in x and (self.holds_nul or b"\0" not in x) and decodes(x)]
        self.dropped += len(lines) - len(kept)
        return b"".join(line + b"\n" for line in kept)


def decodes(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def refuses(stage: Stage, column: Column | None, raw: bytes, *, indexed: bool = False) -> bool:
    """Whether the target refuses this one value, or gives back another, in a column like this one."""
    there, session, target = stage.there, stage.session, stage.target
    if there is None or session is None or target is None:
        return False
    wide = there.facts.wide_text
    like = replace(column, name="v", nullable=True) if column else Column("v", wide, wide)
    text = raw.decode("utf-8", "replace")
    asked = (like.declared + ("!" if indexed else ""), text)
    with stage.lock:
        if asked not in stage.refusals:
            stage.refusals[asked] = _refuses(stage, like, text, indexed)
        return stage.refusals[asked]


def _refuses(stage: Stage, column: Column, text: str, indexed: bool) -> bool:
    with temporary_table(stage, [column]) as (session, there, target):
        table, name = target.quote(NAME), target.quote("v")
        try:
            if indexed:
                session.execute(f"CREATE INDEX {target.quote(INDEX)} ON {table} ({name})")
            session.execute(f"INSERT INTO {table} VALUES ({target.literal(text)})")
            if indexed:
                return False
            kept = session.value(f"SELECT {there.text(column, Kind.UUID)} FROM {table}")
            return str(kept).replace("-", "").lower() != text.replace("-", "").lower()
        except Exception:
            return True


@contextmanager
def temporary_table(stage: Stage, columns: Sequence[Column]) -> Iterator[tuple[Session, Suspects, Dialect]]:
    """A table called NAME of such columns on the target, gone when the block ends."""
    there, session, target = stage.there, stage.session, stage.target
    assert there is not None
    assert session is not None
    assert target is not None
    session.execute(there.trial_table(NAME, list(columns)))
    try:
        yield session, there, target
    finally:
        session.rollback()
        with suppress(Exception):
            session.execute(f"DROP TABLE {target.quote(NAME)}")
