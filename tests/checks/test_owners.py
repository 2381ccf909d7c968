"""The declared owners, their databases and the routers that follow them: E001–E017."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checks.said import hint, ids, of, one
from tests.legacy.project import Legacy

AUTH = ["auth", "contenttypes", "sessions", "admin"]


@pytest.fixture(scope="module")
def said(planted: Legacy) -> dict[str, Any]:
    """Many declarations, judged in one process."""
    found = planted.inside("""
        from tests.checks.inside import as_json, judged
        auth = ["auth", "contenttypes", "sessions", "admin"]
        rest = {"default": "*"}
        replicas = {"stats_db": ["stats_replica"]}
        say = {}
        say["not a list"] = judged({"default": 5})
        say["not a dict"] = judged(["default"])
        say["replicas only"] = judged(None, replicas)
        say["choice"] = judged(rest, OUTGROW={"OWNERS": rest, "REPLICA_CHOICE": "least_lag"})
        say["worker"] = judged(rest, OUTGROW={"OWNERS": rest, "WORKERS": {"mails": ""}})
        say["no owner"] = judged({"default": [*auth, "sites", "flatpages", "redirects", "shop", "people", "planted"]})
        say["app twice"] = judged({"stats_db": ["visits"], "default": ["*", "visits"]})
        say["rest twice"] = judged({"stats_db": ["visits", "*"], "default": "*"})
        say["twice in one list"] = judged({"stats_db": ["visits", "visits"], "default": "*"})
        say["table twice"] = judged({"stats_db": ["table:visits_visit"], "default": ["*", "visits.Visit"]})
        say["app with a typo"] = judged({"stats_db": ["vists"], "default": "*"})
        say["app that is unknown"] = judged({"stats_db": ["warehouse"], "default": "*"})
        say["app by its path"] = judged({"stats_db": ["django.contrib.sites"], "default": "*"})
        say["model with a typo"] = judged({"stats_db": ["visits.Vist"], "default": "*"})
        say["model that is unknown"] = judged({"stats_db": ["shop.Warehouse"], "default": "*"})
        say["join table"] = judged({"default": ["*", "shop.Product_categories"]})
        say["retired table"] = judged({"default": ["*", "table:old_visits"]})
        say["alias with a typo"] = judged({"stat_db": ["visits"], "default": "*"})
        say["no router"] = judged({"stats_db": ["visits"], "default": "*"}, routers=[])
        say["no router for one"] = judged(rest, routers=[])
        say["group torn"] = judged({"auth_db": ["auth"], "default": "*"})
        say["sites torn"] = judged({"stats_db": ["sites"], "default": "*"})
        say["model torn"] = judged({"auth_db": ["auth.Group"], "default": "*"})
        say["sessions apart"] = judged({"auth_db": ["sessions"], "default": "*"})
        answer(say)
    """)
    return dict(found)


def test_e001_names_what_cannot_be_read(said: dict[str, Any]) -> None:
    assert one(said["not a list"], "E001") == 'OUTGROW["OWNERS"]["default"] is 5; expected a list of names.'
    assert ids(said["not a list"]) == ids(said["not a dict"]) == ["E001"]
    assert "is declared without" in one(said["replicas only"], "E001")
    assert one(said["choice"], "E001").startswith("OUTGROW[\"REPLICA_CHOICE\"] is 'least_lag'; expected")
    assert one(said["worker"], "E001") == (
        'OUTGROW["WORKERS"]["mails"] is \'\'; expected a command, as "celery -A shop worker".'
    )


def test_e002_an_app_without_an_owner_is_named_with_all_the_databases_that_would_get_it(said: dict[str, Any]) -> None:
    """Pitfall 1."""
    assert of(said["no owner"], "E002") == [
        f'app "{label}" has no owner; it would be created on: default, auth_db, stats_db, stats_replica, pg_db and 1 '
        "more."
        for label in ("blog", "visits")
    ]


def test_e003_an_owner_too_many(said: dict[str, Any]) -> None:
    assert (
        one(said["app twice"], "E003") == 'app "visits" is owned twice, by stats_db and by default; the first counts.'
    )
    assert one(said["rest twice"], "E003").startswith(
        'everything else ("*") is owned twice, by stats_db and by default'
    )
    assert one(said["table twice"], "E003") == (
        'model "visits.Visit" is owned twice, by stats_db as "table:visits_visit" and by default as "visits.Visit"; '
        "the table counts."
    )
    assert of(said["twice in one list"], "E003") == []


def test_e004_an_app_that_is_not_installed(said: dict[str, Any]) -> None:
    assert one(said["app with a typo"], "E004") == (
        'OUTGROW["OWNERS"]["stats_db"] names the app "vists", which is not installed (did you mean "visits"?).'
    )
    assert one(said["app that is unknown"], "E004").endswith('names the app "warehouse", which is not installed.')


def test_e005_a_model_that_does_not_exist(said: dict[str, Any]) -> None:
    assert one(said["model with a typo"], "E005") == (
        'OUTGROW["OWNERS"]["stats_db"] names the model "visits.vist", which does not exist '
        '(did you mean "visits.Visit"?).'
    )
    assert '(the label of that app is "sites")' in one(said["app by its path"], "E005")
    assert one(said["model that is unknown"], "E005").endswith('"shop.warehouse", which does not exist.')


def test_a_join_table_and_a_retired_table_are_no_faults(said: dict[str, Any]) -> None:
    assert ids(said["join table"]) == ids(said["retired table"]) == []


def test_e006_an_owner_that_databases_lacks(said: dict[str, Any]) -> None:
    assert one(said["alias with a typo"], "E006") == (
        'OUTGROW["OWNERS"] names the database "stat_db", which DATABASES lacks (did you mean "stats_db"?).'
    )


def test_e007_owners_without_the_router_that_follows_them(said: dict[str, Any]) -> None:
    assert one(said["no router"], "E007").startswith(
        'OUTGROW["OWNERS"] declares stats_db, default, and DATABASE_ROUTERS'
    )
    assert ids(said["no router for one"]) == []


def test_e014_groups_that_must_stay_together(said: dict[str, Any]) -> None:
    """Pitfall 14."""
    assert one(said["group torn"], "E014") == (
        "admin is in default, auth is in auth_db, auth.User (the user model) is in auth_db, contenttypes is in "
        "default: they refer to each other and must be owned by one database."
    )
    assert "flatpages" in one(said["sites torn"], "E014")
    assert "auth is in default, auth_db" in one(said["model torn"], "E014")
    # each is told once: the keys within the group are no faults of their own
    assert [m for m in of(said["group torn"], "W021") if "auth.Permission" in m or "admin.LogEntry" in m] == []


def test_w015_sessions_apart_from_their_users(said: dict[str, Any]) -> None:
    assert one(said["sessions apart"], "W015") == (
        "sessions.Session (in auth_db) is apart from the users, auth.User (in default): a log-in is written to two "
        "databases."
    )
    assert "E014" not in ids(said["sessions apart"])


def test_every_hint_ends_with_its_place_in_the_documentation(said: dict[str, Any]) -> None:
    for found in said.values():
        for message in found:
            anchor = message["id"].lower().replace(".", "")
            assert message["hint"].endswith(f"See docs/checks.md#{anchor}."), message
            assert message["says"].endswith("."), message


# -- one physical database --------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def twins(planted: Legacy) -> dict[str, Any]:
    default = planted.databases["default"]
    server = "postgresql://u:a-secret@{}/app"
    more = {"twin": default, "one": server.format("127.0.0.1:5432"), "two": server.format("localhost"),
            "far": server.format("db.example.org")}  # fmt: skip
    legacy = Legacy({**planted.databases, **more}, planted.outgrow, module=planted.module)
    found = legacy.inside("""
        from tests.checks.inside import judged
        plain = ["default", "stats_db", "twin"]
        say = {}
        say["two owners"] = judged({"twin": ["visits"], "default": "*"}, only=["default", "twin"])
        say["besides"] = judged({"default": "*"}, only=["default", "twin"])
        say["hosts"] = judged({"one": ["visits"], "two": "*"}, only=["one", "two", "far"])
        say["far"] = judged({"one": ["visits"], "far": "*"}, only=["one", "far"])
        say["replica"] = judged({"default": "*"}, {"default": ["twin"]}, only=["default", "twin"])
        mirror = {"twin": {"TEST": {"MIRROR": "default", "NAME": None}}}
        say["mirror"] = judged({"default": "*"}, {"default": ["twin"]}, only=["default", "twin"], entries=mirror)
        answer(say)
    """)
    return dict(found)


def test_e012_two_owners_that_are_one_database(twins: dict[str, Any]) -> None:
    assert one(twins["two owners"], "E012") == (
        "default, twin are one physical database by their settings, and each is declared an owner."
    )
    assert one(twins["hosts"], "E012").startswith("one, two are one physical database")
    assert ids(twins["far"]) == []


def test_w013_an_alias_besides_an_owner(twins: dict[str, Any]) -> None:
    assert one(twins["besides"], "W013") == (
        "twin and default are one physical database by their settings, and twin owns nothing."
    )
    assert ids(twins["besides"]) == ["W013"]


def test_w058_a_replica_that_is_its_primary_but_in_a_test_run(twins: dict[str, Any]) -> None:
    assert one(twins["replica"], "W058").startswith('The replica "twin" and its primary "default" are one physical')
    assert ids(twins["replica"]) == ["W058"]
    assert ids(twins["mirror"]) == []


# -- routers ----------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def chains(planted: Legacy) -> dict[str, Any]:
    found = planted.inside("""
        import sys, types
        from tests.checks.inside import as_json, judged
        from django.core.checks import run_checks
        from django.test import override_settings
        made = types.ModuleType("made")
        sys.modules["made"] = made
        def router(kind, **methods):
            setattr(made, kind, type(kind, (), {"__module__": "made", **methods}))
            return f"made.{kind}"
        def fixed(answer):
            return lambda self, *a, **k: answer
        ours = "outgrow.routing.Router"
        split, replicas = {"stats_db": ["visits"], "default": "*"}, {"stats_db": ["stats_replica"]}
        misspelt = {"db_for_wirte": fixed("default"), "allow_migrat": fixed(None)}
        typo = router("Typo", db_for_read=fixed("stats_replica"), **misspelt)
        helper = router("Helper", db_for_write=fixed(None), db_for_writes=fixed(None), name="x")
        everywhere = router("Everywhere", allow_migrate=fixed(True))
        elsewhere = router("Elsewhere", db_for_write=lambda s, m, **k: "default" if m.__name__ == "Visit" else None)
        raising = router("Raising", db_for_read=lambda s, m, **k: k["shard"])
        sticky = router("Sticky", db_for_write=lambda s, m, **k: k["instance"]._state.db if "instance" in k else None)
        say = {}
        with override_settings(OUTGROW=None, DATABASE_ROUTERS=[typo, helper]):
            say["no owners"] = [as_json(m) for m in run_checks(tags=["outgrow"])]
        with override_settings(OUTGROW={"OWNER": split, "REPLICAS": replicas}, DATABASE_ROUTERS=[]):
            say["key"] = [as_json(m) for m in run_checks(tags=["outgrow"])]
        say["alone"] = judged(split, replicas)
        say["typo"] = judged(split, replicas, routers=[typo, ours])
        say["everywhere"] = judged(split, replicas, routers=[everywhere, ours])
        say["everywhere after"] = judged(split, replicas, routers=[ours, everywhere])
        say["elsewhere"] = judged(split, replicas, routers=[elsewhere, ours])
        say["raising"] = judged(split, replicas, routers=[raising, ours])
        say["sticky"] = judged(split, replicas, routers=[sticky, ours])
        from outgrow.routing import Router
        made.Ours = type("Ours", (Router,), {"db_for_write": fixed("auth_db")})
        say["made from ours"] = judged(split, replicas, routers=["made.Ours"])
        say["writes"] = judged(split, replicas, routers=[router("W", db_for_write=fixed("stats_replica")), ours])
        answer(say)
    """)
    return dict(found)


def test_e008_a_misspelt_method_is_found_without_owners_too(chains: dict[str, Any]) -> None:
    """Pitfall 2."""
    said = of(chains["no owners"], "E008")
    assert len(said) == 2
    assert 'The router made.Typo has "db_for_wirte", which Django never calls; did you mean "db_for_write"?' in said
    assert hint(chains["no owners"], "E008").startswith('Rename it to "allow_migrate".')
    assert ids(chains["no owners"]) == ["E008"]


def test_e009_a_chain_that_can_write_to_a_replica(chains: dict[str, Any]) -> None:
    """Pitfall 2: by the router itself, or by the alias at which the row was read."""
    assert one(chains["writes"], "E009").startswith(
        'The router chain can return the replica "stats_replica" for writes of admin.LogEntry,'
    )
    assert "E009" in ids(chains["sticky"])
    assert ids(chains["alone"]) == []


def test_e010_a_chain_that_answers_another_database(chains: dict[str, Any]) -> None:
    assert one(chains["elsewhere"], "E010") == (
        'The router chain writes to "default", which does not own visits.Visit.'
    )
    assert 'reads from "stats_replica", which does not hold' in one(chains["typo"], "E010")
    assert of(chains["made from ours"], "E010")[0].startswith(
        'The router chain writes to "auth_db", which does not own '
    )


def test_e011_tables_that_would_be_made_on_other_databases_too(chains: dict[str, Any]) -> None:
    """Pitfalls 1 and 12."""
    said = of(chains["everywhere"], "E011")
    assert any("visits.Visit" in sentence for sentence in said)
    message = next(m for m in chains["everywhere"] if "contenttypes.ContentType" in m["says"])
    assert "The ids of content types differ from database to database." in message["hint"]
    assert "E011" not in ids(chains["everywhere after"])


def test_e016_a_misspelt_key_of_outgrow(chains: dict[str, Any]) -> None:
    assert one(chains["key"], "E016") == 'OUTGROW has the key "OWNER", which nothing reads; did you mean "OWNERS"?'


def test_w017_a_chain_that_cannot_be_asked_is_not_taken_for_right(chains: dict[str, Any]) -> None:
    assert one(chains["raising"], "W017").startswith(
        "The router chain raised KeyError ('shard') when it was asked for "
    )
