"""A ledger with the story of one run in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import django
import pytest
from django.conf import settings

if not settings.configured:
    settings.configure(USE_TZ=True, INSTALLED_APPS=["outgrow"])
    django.setup()

from outgrow.dialects import dialect_for
from outgrow.dialects.base import ObjectKind, SchemaObject, SetAside
from outgrow.ledger import AlteredRecord, FindingRecord, Ledger, State, TableRecord
from outgrow.lines import Digest
from outgrow.places import resolve, settings_block

EVIL = "<script>alert('x')</script>"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """1,000 rows in two chunks, verified; an empty table; a skipped one; a fix, a finding and something not judged."""
    place = resolve(f"sqlite:///{tmp_path}/target.sqlite3")
    dialect = dialect_for(place.settings)
    session, worker = dialect.connect(), dialect.connect()
    made = Ledger.begin(
        dialect, session, plan_json="{}", source=f"SQLite {EVIL}", target="PostgreSQL shop on h:5432",
        options={"jobs": 2, "verify": True},
    )  # fmt: skip
    made.fact("versions", ["SQLite 3.40.1", "PostgreSQL 18.4"])
    made.fact("snapshot", "online backup")
    made.fact("settings block", settings_block(resolve("postgres://bob:hunter2@h/shop")))
    made.plan_tables(
        [
            TableRecord("shop_order", "shop.Order", expected=1000),
            TableRecord("shop_empty", "shop.Empty"),
            TableRecord("cache", action="skip", reason="a cache"),
        ]
    )
    item = SetAside(SchemaObject("shop_order", "by_name", ObjectKind.INDEX, ("name",)), ("DROP",), ("CREATE",))
    made.record_set_aside([item])
    for chunk in made.plan_chunks("shop_order", [(400,)]):
        rows, seconds, end = (400, 2.0, 102.0) if chunk.number == 0 else (600, 2.0, 104.0)
        done = replace(
            chunk, rows=rows, bytes=rows * 10, digest=Digest(rows, 7), seconds=seconds, finished_at=end, way="COPY"
        )
        worker.begin()
        if chunk.number == 0:
            made.altered(
                worker, [AlteredRecord("shop_order", 0, (n,), "name", "A101", "cut", "a", "b") for n in (1, 2)]
            )
        made.chunk_done(worker, done)
        worker.commit()
    made.restored(item)
    made.findings(
        "source", [FindingRecord("source", "A306", "warning", EVIL, sample=((17,), (1, "x")), remedy="Look.")]
    )
    made.findings("target", [FindingRecord("target", "A405", "not judged", "naive datetimes")])
    for name, seconds in (("copy", 4.0), ("verify", 1.0)):
        made.step(name, seconds)
    for name, rows in (("shop_order", 1000), ("shop_empty", 0)):
        made.table_state(
            name, state="verified", source_rows=rows, target_rows=rows, source_digest=f"{rows}:0f",
            target_digest=f"{rows}:0f", equal=True, sampled=rows, sampled_equal=True if rows else None,
        )  # fmt: skip
    made.set_state(State.VERIFIED)
    worker.close()
    return made
