"""The ledger's tables, read by report, status and dashboard; ledger/ makes them in the target and writes them.

All times are seconds since 1970 (UTC), the same on every engine. Flags are 1, 0 or NULL (not known yet). What may grow
long, and lists, are JSON text in ASCII. Values of people's rows are in no column: keys, lengths and hashes only.
"""

# mypy: disable-error-code="var-annotated"

from __future__ import annotations

from django.db import models


class Unmanaged(models.Model):
    """No migration, no permission, no foreign key: a project's own tables never depend on ours."""

    class Meta:
        abstract = True
        app_label = "outgrow"
        managed = False
        default_permissions = ()


class Run(Unmanaged):
    """One move. Whoever raised ``epoch`` last owns it; every write of an earlier owner is refused."""

    id = models.BigIntegerField(primary_key=True)
    epoch = models.IntegerField()
    state = models.CharField(max_length=16)  # see states.py
    source = models.CharField(max_length=255)  # spoken: "SQLite db.sqlite3"
    target = models.CharField(max_length=255)
    options = models.TextField()
    plan = models.TextField()
    facts = models.TextField()  # snapshot, versions, settings block, … by name
    started = models.FloatField()
    finished = models.FloatField(null=True)
    host = models.CharField(max_length=255)  # the holder; empty when nobody holds it
    pid = models.BigIntegerField()
    process = models.CharField(max_length=64)  # when that process began, against a pid used twice
    held_since = models.FloatField()
    beats = models.BigIntegerField()  # heartbeats of the holder, counted
    beat_at = models.FloatField()  # by the holder's clock

    class Meta(Unmanaged.Meta):
        db_table = "outgrow_run"


class Slot(Unmanaged):
    """A worker's place. Its row is what a chunk's commit locks, so that workers never wait for each other."""

    id = models.BigIntegerField(primary_key=True)  # run × 1000 + number
    run_id = models.BigIntegerField()
    epoch = models.IntegerField()
    chunks = models.BigIntegerField()
    mark = models.CharField(max_length=64)  # the server's name for the worker's connection

    class Meta(Unmanaged.Meta):
        db_table = "outgrow_slot"


class Step(Unmanaged):
    """One step of a run under one owner."""

    id = models.BigAutoField(primary_key=True)
    run_id = models.BigIntegerField(db_index=True)
    epoch = models.IntegerField()
    name = models.CharField(max_length=32)
    state = models.CharField(max_length=16)  # "started", "finished", "failed"
    started = models.FloatField()
    seconds = models.FloatField()
    text = models.TextField()

    class Meta(Unmanaged.Meta):
        db_table = "outgrow_step"


class Table(Unmanaged):
    """One table of the run: what became of it, and whether both sides are equal."""

    id = models.BigAutoField(primary_key=True)
    run_id = models.BigIntegerField(db_index=True)
    name = models.CharField(max_length=255)
    model = models.CharField(max_length=255)
    action = models.CharField(max_length=16)  # copy, skip, archive, rebuild
    reason = models.TextField()
    state = models.CharField(max_length=16)  # planned, copied, verified, differs
    expected = models.BigIntegerField()  # rows the plan foresaw
    source_rows = models.BigIntegerField(null=True)
    target_rows = models.BigIntegerField(null=True)
    source_digest = models.CharField(max_length=64)
    target_digest = models.CharField(max_length=64)
    equal = models.SmallIntegerField(null=True)  # the digests of both sides
    sampled = models.BigIntegerField()  # rows compared by the second path
    sampled_equal = models.SmallIntegerField(null=True)
    way = models.CharField(max_length=64)  # how rows went in
    note = models.TextField()

    class Meta(Unmanaged.Meta):
        db_table = "outgrow_table"


class Chunk(Unmanaged):
    """A table and a range of its key: one transaction. ``finished`` is set in the transaction that wrote its rows."""

    id = models.BigAutoField(primary_key=True)
    run_id = models.BigIntegerField(db_index=True)
    table_name = models.CharField(max_length=255)
    number = models.IntegerField()
    low = models.TextField(null=True)  # JSON list; NULL is open
    high = models.TextField(null=True)
    rows_done = models.BigIntegerField()
    bytes_done = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    seconds = models.FloatField()
    finished = models.FloatField(null=True)
    way = models.CharField(max_length=64)

    class Meta(Unmanaged.Meta):
        db_table = "outgrow_chunk"


class SetAsideObject(Unmanaged):
    """An index, key or trigger that the target lacks during the copy, with all that brings it back."""

    id = models.BigAutoField(primary_key=True)
    run_id = models.BigIntegerField(db_index=True)
    table_name = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=16)
    item = models.TextField()  # the whole SetAside
    restored = models.FloatField(null=True)

    class Meta(Unmanaged.Meta):
        db_table = "outgrow_set_aside"


class DroppedKey(Unmanaged):
    """A constraint that a split dropped from the source, with all that brings it back."""

    id = models.BigAutoField(primary_key=True)
    run_id = models.BigIntegerField(db_index=True)
    table_name = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    item = models.TextField()  # the whole SetAside
    rows_digest = models.CharField(
        max_length=64
    )  # of a table that was made anew for it: its rows, proved to be the same
    dropped = models.FloatField()
    restored = models.FloatField(null=True)

    class Meta(Unmanaged.Meta):
        db_table = "outgrow_dropped_key"


class AlteredRow(Unmanaged):
    """A value that a fix changed on its way, by the digests of what it was and what it became."""

    id = models.BigAutoField(primary_key=True)
    run_id = models.BigIntegerField(db_index=True)
    table_name = models.CharField(max_length=255)
    chunk = models.IntegerField()
    key = models.TextField()  # JSON list
    column_name = models.CharField(max_length=255)
    rule = models.CharField(max_length=16)
    policy = models.CharField(max_length=64)
    before = models.CharField(max_length=64)
    after = models.CharField(max_length=64)

    class Meta(Unmanaged.Meta):
        db_table = "outgrow_altered_row"


class FindingRow(Unmanaged):
    """One thing that an audit found, or could not judge."""

    id = models.BigAutoField(primary_key=True)
    run_id = models.BigIntegerField(db_index=True)
    phase = models.CharField(max_length=16)  # "source" or "target": which audit
    rule = models.CharField(max_length=16)
    severity = models.CharField(max_length=16)
    table_name = models.CharField(max_length=255)
    column_name = models.CharField(max_length=255)
    line = models.TextField()
    amount = models.BigIntegerField()
    sample = models.TextField()  # JSON list of keys
    remedy = models.TextField()
    policy = models.CharField(max_length=64)

    class Meta(Unmanaged.Meta):
        db_table = "outgrow_finding"


LEDGER = (Slot, Step, Table, Chunk, SetAsideObject, DroppedKey, AlteredRow, FindingRow, Run)
"""In the order they are made: where Run exists, all do."""


class Tombstone(Unmanaged):
    """A parent of loose references that died, or whose key changed; written by a trigger in the parent's database."""

    id = models.BigAutoField(primary_key=True)
    table_name = models.CharField(max_length=255, db_index=True)
    column_name = models.CharField(max_length=255)  # the column that loose references refer to
    key_text = models.TextField()  # its value as text
    died = models.FloatField()  # of a key that was found missing: from when on that counts

    class Meta(Unmanaged.Meta):
        db_table = "outgrow_tombstone"


class LooseWalk(Unmanaged):
    """How far the children of one loose reference were looked at, in the children's database."""

    id = models.BigAutoField(primary_key=True)
    reference = models.CharField(max_length=255, unique=True)  # "app.Model.field"
    newest = models.BigIntegerField(null=True)  # rows with a higher key are new; NULL where keys do not rise
    reached = models.TextField(null=True)  # the referred key that the round has come to; NULL at its beginning
    rounds = models.BigIntegerField()  # finished, each over all children
    finished = models.FloatField(null=True)  # when the last of them was

    class Meta(Unmanaged.Meta):
        db_table = "outgrow_loose_walk"


LOOSE = (Tombstone, LooseWalk)
