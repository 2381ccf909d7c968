"""Rules that an engine does not keep, transactions and pools of requests, replicas: W031–W058, without connecting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.checks.conftest import on_files
from tests.checks.said import hint, ids, of, one
from tests.legacy.project import Legacy


@pytest.fixture(scope="module")
def said(planted: Legacy) -> dict[str, Any]:
    """Nothing listens at the addresses of the servers: what connected would fail."""
    found = planted.inside("""
        from django.db import connections
        from tests.checks.inside import judged
        split, rest = {"stats_db": ["visits"], "default": "*"}, {"default": "*"}
        atomic = {"ATOMIC_REQUESTS": True}
        say = {}
        say["sqlite"] = judged({"pg_db": ["visits"], "default": "*"})
        say["mysql"] = judged({"my_db": ["planted.Rules"], "pg_db": "*"})
        say["postgresql"] = judged({"pg_db": ["planted"], "default": "*"})
        say["one engine"] = judged(split)
        say["atomic everywhere"] = judged(split, entries={"default": atomic, "stats_db": atomic, "auth_db": atomic})
        say["atomic once"] = judged(split, entries={"default": atomic})
        say["atomic replica"] = judged(split, {"stats_db": ["stats_replica"]}, entries={"stats_replica": atomic})
        kept = {"OPTIONS": {"pool": True}, "CONN_MAX_AGE": 60}
        say["pool kept"] = judged(rest, entries={"pg_db": kept})
        say["pool"] = judged(rest, entries={"pg_db": {**kept, "CONN_MAX_AGE": 0}})
        say["no replica"] = judged(split, {"stats_db": ["stats_replic"]})
        say["no primary"] = judged(split, {"stat_db": ["stats_replica"]})
        say["two primaries"] = judged(split, {"stats_db": ["stats_replica"], "default": ["stats_replica"]})
        say["owning replica"] = judged({**split, "stats_replica": ["blog"]}, {"stats_db": ["stats_replica"]})
        say["chain"] = judged(split, {"default": ["stats_replica"], "stats_replica": ["auth_db"]})
        say["idle primary"] = judged(split, {"auth_db": ["stats_replica"]})
        say["other engine"] = judged(split, {"stats_db": ["pg_db"]})
        say["replica"] = judged(split, {"stats_db": ["stats_replica"]})
        say["connected"] = [alias for alias in connections if connections[alias].connection is not None]

        from django.core.handlers.base import BaseHandler
        say["commits"] = []
        for alias in ("default", "auth_db", "stats_db"):
            connections.settings[alias]["ATOMIC_REQUESTS"] = True
            connections[alias].ensure_connection()
            commit = connections[alias].commit
            connections[alias].commit = lambda a=alias, commit=commit: (say["commits"].append(a), commit())
        BaseHandler().make_view_atomic(lambda request: None)(None)
        answer(say)
    """)
    return dict(found)


def rules(found: list[dict[str, Any]], code: str) -> dict[str, str]:
    """Name of a constraint or index → what the sentence says of it."""
    return {sentence.split('"')[1]: sentence.split('", which is ')[1] for sentence in of(found, code)}


def test_e041_constraints_that_the_owner_s_engine_does_not_make(said: dict[str, Any]) -> None:
    assert one([m for m in said["sqlite"] if "rank_in_the_end" in m["says"]], "E041") == (
        'planted.Rules (in default) has the constraint "rank_in_the_end", which is unique and deferrable: sqlite has '
        "no "
        "such thing, and the constraint is not made."
    )
    assert set(rules(said["sqlite"], "E041")) == {"rank_in_the_end", "seen_with_rank"}
    assert set(rules(said["mysql"], "E041")) == {"rank_in_the_end", "seen_with_rank", "name_if_seen"}


def test_w042_indexes_that_lose_a_part(said: dict[str, Any]) -> None:
    assert rules(said["sqlite"], "W042") == {"names_with_ranks": "made without its included columns on sqlite."}
    assert rules(said["mysql"], "W042") == {
        "names_with_ranks": "made without its included columns on mysql.",
        "seen_names": "made without its condition on mysql.",
    }


def test_e043_a_model_that_asks_for_another_engine(said: dict[str, Any]) -> None:
    assert one(said["sqlite"], "E043") == (
        "planted.Elsewhere is owned by default, on sqlite, and its Meta has required_db_vendor='postgresql': Django "
        "never makes its table there."
    )


def test_e044_fields_of_another_engine(said: dict[str, Any]) -> None:
    assert of(said["sqlite"], "E044") == [
        'planted.Exclusive (in default) has "tags" (ArrayField), which only postgresql has and sqlite refuses.',
        'planted.Exclusive (in default) has "one_of_a_rank" (ExclusionConstraint), which only postgresql has and '
        "sqlite "
        "refuses.",
    ]


def test_rules_are_at_home_on_an_engine_that_has_them(said: dict[str, Any]) -> None:
    assert ids(said["postgresql"]) == ids(said["one engine"]) == []


def test_what_e041_says_is_so(tmp_path: Path) -> None:
    """SQLite: the constraint is not made, and the value that it forbids goes in twice."""
    found = on_files(tmp_path).inside("""
        from django.db import connection
        from tests.checks.planted.models import Rules
        with connection.schema_editor() as editor:
            editor.create_model(Rules)
        for name in "ab":
            Rules.objects.create(name=name, rank=1, seen=False)
        with connection.cursor() as cursor:
            answer([Rules.objects.filter(rank=1).count(),
                    sorted(connection.introspection.get_constraints(cursor, "planted_rules"))])
    """)
    assert found[0] == 2
    assert {"name_if_seen", "names_with_ranks", "seen_names", "small_names"} <= set(found[1])
    assert not {"rank_in_the_end", "seen_with_rank"} & set(found[1])


# -- transactions -----------------------------------------------------------------------------------------------------
def test_w031_a_transaction_on_each_of_several_databases(said: dict[str, Any]) -> None:
    """Pitfall 19."""
    assert one(said["atomic everywhere"], "W031") == (
        "ATOMIC_REQUESTS is set for default, auth_db, stats_db: each request opens a transaction on each of them and "
        "commits default, then auth_db, then stats_db, so that one that fails to commit undoes none of those before it."
    )
    assert ids(said["atomic once"]) == []


def test_the_order_of_commits_is_that_of_databases(said: dict[str, Any]) -> None:
    assert said["commits"] == ["default", "auth_db", "stats_db"]


def test_e032_a_transaction_on_a_replica(said: dict[str, Any]) -> None:
    """Pitfall 19."""
    assert one(said["atomic replica"], "E032").startswith(
        'ATOMIC_REQUESTS is set for the replica "stats_replica": each'
    )
    assert ids(said["atomic replica"]) == ["E032"]


def test_e033_a_pool_whose_connections_are_to_be_kept(said: dict[str, Any]) -> None:
    """Pitfall 34."""
    assert one(said["pool kept"], "E033") == (
        'DATABASES["pg_db"] has a pool and CONN_MAX_AGE=60, which Django refuses when it connects.'
    )
    assert ids(said["pool"]) == []


# -- replicas ---------------------------------------------------------------------------------------------------------
def test_e051_replicas_and_primaries_that_databases_lacks(said: dict[str, Any]) -> None:
    expected = 'OUTGROW["REPLICAS"] names "{}", which DATABASES lacks (did you mean "{}"?).'
    assert one(said["no replica"], "E051") == expected.format("stats_replic", "stats_replica")
    assert one(said["no primary"], "E051") == expected.format("stat_db", "stats_db")


def test_e052_a_replica_of_two_primaries(said: dict[str, Any]) -> None:
    assert one(said["two primaries"], "E052") == (
        '"stats_replica" is declared a replica of stats_db, default, and a replica follows one primary.'
    )


def test_e053_a_replica_that_owns_something(said: dict[str, Any]) -> None:
    assert one(said["owning replica"], "E053") == (
        '"stats_replica" is a replica of "stats_db" and owns blog, which would be written to a replica.'
    )
    assert hint(said["owning replica"], "E053").startswith('Move blog to "stats_db" in OUTGROW["OWNERS"].')


def test_e054_a_replica_of_a_replica(said: dict[str, Any]) -> None:
    assert one(said["chain"], "E054") == (
        '"stats_replica" is a replica of "default" and has the replicas auth_db itself.'
    )


def test_w056_replicas_of_what_owns_nothing(said: dict[str, Any]) -> None:
    assert one(said["idle primary"], "W056") == (
        '"auth_db" has the replicas stats_replica and owns nothing: no query is routed to them.'
    )


def test_e057_a_replica_of_another_engine(said: dict[str, Any]) -> None:
    assert one(said["other engine"], "E057") == '"pg_db" runs on postgresql and its primary "stats_db" on sqlite.'


def test_a_replica_that_is_one_is_silent(said: dict[str, Any]) -> None:
    assert said["replica"] == []


def test_none_of_these_connects_to_a_database(said: dict[str, Any]) -> None:
    assert said["connected"] == []
