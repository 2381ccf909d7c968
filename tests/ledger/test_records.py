"""What the run has done, recorded and read back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from outgrow.dialects.base import Dialect, Session
from outgrow.errors import LostOwnership
from outgrow.ledger import FindingRecord, Ledger, TableRecord
from outgrow.models import LEDGER, Run, Table
from outgrow.places import Place, register
from tests.ledger.conftest import BEGIN


def test_a_step_is_one_row_from_its_start_to_its_end(ledger: Ledger) -> None:
    ledger.step("copy", state="started")
    assert [(s.name, s.state) for s in ledger.record().steps] == [("copy", "started")]
    ledger.step("copy", 2.5)
    assert [(s.name, s.state, s.seconds) for s in ledger.record().steps] == [("copy", "finished", 2.5)]


def test_a_step_of_a_resumed_run_is_kept_beside_the_first(
    ledger: Ledger, dialect: Dialect, connect: Callable[[], Session]
) -> None:
    ledger.step("copy", state="started")
    ledger.release()
    resumed = Ledger.resume(dialect, connect())
    resumed.step("copy", state="started")
    resumed.step("copy", 1.0)
    assert [(s.epoch, s.state) for s in resumed.record().steps] == [(1, "started"), (2, "finished")]


def test_tables_are_planned_once_and_changed_by_name(ledger: Ledger) -> None:
    planned = [TableRecord("shop", "app.Shop", expected=5), TableRecord("cache", action="skip", reason="a cache")]
    ledger.plan_tables(planned)
    ledger.plan_tables(planned)
    ledger.table_state("shop", state="verified", equal=True, source_rows=5, target_rows=5, source_digest="5:0f")
    ledger.table_state("unforeseen", note="found later")
    shop, cache, unforeseen = ledger.record().tables
    assert (shop.model, shop.expected, shop.equal, shop.sampled_equal) == ("app.Shop", 5, True, None)
    assert (cache.action, cache.reason, cache.equal) == ("skip", "a cache", None)
    assert unforeseen.note == "found later"


def test_findings_of_an_audit_replace_those_it_found_before(ledger: Ledger) -> None:
    old = FindingRecord("source", "A101", "loses", "old")
    new = FindingRecord(
        "source", "A102", "loses", "새로운 finding", "shop", "name", 3, ((1,), ("b", 2)), "Cut it.", "cut"
    )
    other = FindingRecord("target", "A201", "not judged", "cannot tell")
    ledger.findings("source", [old, old])
    ledger.findings("target", [other])
    ledger.findings("source", [new])
    assert sorted(ledger.record().findings, key=lambda f: f.rule) == [new, other]


def test_facts_are_kept_by_name(ledger: Ledger) -> None:
    ledger.fact("snapshot", "online backup")
    ledger.fact("versions", {"source": "SQLite 3.40"})
    assert dict(ledger.record().facts) == {"snapshot": "online backup", "versions": {"source": "SQLite 3.40"}}


def test_facts_of_its_beginning_are_there_as_soon_as_the_run_is(dialect: Dialect, session: Session) -> None:
    """A move that was killed between the two could not be resumed (KeyError)."""
    assert Ledger.begin(dialect, session, **BEGIN, facts={"standing": ["shop"]}).record().facts == {
        "standing": ["shop"]
    }


def test_what_is_recorded_together_stands_together_or_not_at_all(
    ledger: Ledger, dialect: Dialect, connect: Callable[[], Session]
) -> None:
    with ledger.together():
        ledger.plan_tables([TableRecord("shop", "app.Shop")])
        ledger.table_state("shop", state="copied")
        ledger.set_state("copied")
    with suppress(InterruptedError), ledger.together():
        ledger.fact("never", 1)
        raise InterruptedError
    (shop,) = ledger.record().tables
    assert (shop.state, ledger.state, dict(ledger.record().facts)) == ("copied", "copied", {})
    ledger.release()
    Ledger.resume(dialect, connect())
    with pytest.raises(LostOwnership), ledger.together():
        ledger.table_state("shop", state="verified")
    assert ledger.record().tables[0].state == "copied"


def test_long_texts_and_plans_are_not_cut(dialect: Dialect, session: Session) -> None:
    plan = '{"x": "' + "é한🙂'\\\\" * 30_000 + '"}'
    ledger = Ledger.begin(dialect, session, **{**BEGIN, "plan_json": plan})
    assert ledger.record().plan == plan


def test_only_the_owner_may_record(ledger: Ledger, dialect: Dialect, connect: Callable[[], Session]) -> None:
    ledger.release()
    Ledger.resume(dialect, connect())
    for attempt in (
        lambda: ledger.step("copy"),
        lambda: ledger.fact("a", 1),
        lambda: ledger.table_state("shop", state="copied"),
        lambda: ledger.findings("source", []),
        lambda: ledger.record_set_aside([]),
        lambda: ledger.plan_chunks("shop", []),
        ledger.check,
    ):
        with pytest.raises(LostOwnership):
            attempt()


def test_the_models_read_what_the_ledger_wrote(ledger: Ledger, place: Place) -> None:
    ledger.plan_tables([TableRecord("shop", "app.Shop", expected=2**40)])
    register("read_back", place.settings)
    from django.db import connections

    try:
        assert Run.objects.using("read_back").get().source == BEGIN["source"]
        assert Table.objects.using("read_back").get(name="shop").expected == 2**40
        assert [model.objects.using("read_back").count() >= 0 for model in LEDGER] == [True] * len(LEDGER)
    finally:
        connections["read_back"].close()
