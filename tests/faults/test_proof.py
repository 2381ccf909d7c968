"""Mutations of the proof: with any one rendering broken, on one side or on both, verify fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests import PROVE
from tests.conftest import require
from tests.engines import ENGINES

from .driver import SMALL, Nursery

MUTATIONS = [
    "an integer loses its last digit", "a boolean is always true", "a decimal is rounded", "a float is rounded",
    "a text is trimmed", "bytes are cut", "a date is the first of its month", "a time loses microseconds",
    "a moment loses microseconds", "a duration loses microseconds", "a uuid ends in zero", "a document loses a key",
    "an address is another", "NULL becomes empty",
]  # fmt: skip
COLUMNS = {
    "integer", "boolean", "decimal", "float", "text", "binary", "date", "time", "datetime", "duration", "uuid", "json",
    "inet",
}  # fmt: skip
BREAK = f"{SMALL}from tests.faults.mutations import *\n"


@pytest.fixture(scope="module")
def moved(shop: Nursery) -> Iterator[Any]:
    """`moved("mysql")`: the shop's verified copy there."""
    urls: dict[str, str] = {}

    def give(engine: str) -> str:
        if engine not in urls:
            sqlite = f"sqlite:///{shop.folder}/moved.sqlite3"
            urls[engine] = sqlite if engine == "sqlite" else require(engine).create_database()
            ended = shop.run(urls[engine])
            assert ended.code == 0, ended.err
        return urls[engine]

    yield give
    for engine, url in urls.items():
        if engine != "sqlite":
            require(engine).drop_database(url)


@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize("engine", ENGINES)
def test_any_rendering_broken_on_one_side_fails_the_proof(engine, side, shop, moved):
    ended = shop.run(moved(engine), patch=f"{BREAK}verify_each({side!r})")
    assert ended.code == 0, ended.err
    equal = json.loads(ended.out.splitlines()[-1])
    assert equal == {**dict.fromkeys(MUTATIONS, False), "none": True}


def verdict(shop: Nursery, target: str, patch: str) -> dict[str, Any]:
    """What verify says of shop_sample."""
    ended = shop.run(target, command="verify", patch=patch)
    assert ended.code == 1, ended.err
    result = next(json.loads(line) for line in ended.out.splitlines() if '"kind": "result"' in line)
    return next(t for t in result["tables"] if t["table"] == "shop_sample")


@pytest.mark.parametrize("engine", ENGINES)
def test_with_every_rendering_broken_on_both_sides_the_second_path_names_every_column(engine, shop, make_target):
    """The copy is spoilt, and the digests agree with the spoilt source: only the drivers' own values can tell."""
    target = make_target(engine)
    patch = f"{BREAK}break_lines(ALL, 'source', 'target')"
    ended = shop.run(target, patch=patch)
    assert ended.code == 1, ended.err
    assert "1 of 5 tables differ, first shop_sample" in ended.said
    found = verdict(shop, target, patch)
    assert found["source"] == found["target"], "the digests are blind to it"
    assert found["sampled_equal"] is False
    assert {d["column"] for d in found["differences"]} == COLUMNS


CASES = [(engine, mutation) for engine in ENGINES for mutation in MUTATIONS if PROVE] or [
    ("postgresql", "NULL becomes empty"), ("mariadb", "a moment loses microseconds"), ("mysql", "a text is trimmed"),
]  # fmt: skip


@pytest.mark.parametrize(("engine", "mutation"), CASES)
def test_one_rendering_broken_on_both_sides_is_caught_by_the_second_path(engine, mutation, shop, make_target):
    target = make_target(engine)
    patch = f"{BREAK}break_lines({mutation!r}, 'source', 'target')"
    ended = shop.run(target, patch=patch)
    assert ended.code == 1, ended.err
    found = verdict(shop, target, patch)
    assert found["source"] == found["target"], "the digests are blind to it"
    assert found["sampled_equal"] is False
