"""Found = planted, exactly; on clean data, nothing."""

from __future__ import annotations

from typing import Any

import pytest

from plaza.dirt import Cell, expected
from tests.audit.conftest import Migrated, audit
from tests.conftest import require
from tests.engines import SERVERS
from tests.plaza.project import filled, planted

PADS_SPACE = {"mysql": False, "mariadb": True, "postgresql": False}


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, list[Cell]]]:
    url = f"sqlite:///{tmp_path_factory.mktemp('dirt')}/plaza.sqlite3"
    said = filled(url, "--rows", "2000", "--dirty")
    return url, {code: [Cell(*cell) for cell in cells] for code, cells in planted(said).items()}


def as_found(planted: dict[str, list[Cell]]) -> dict[str, list[tuple[str, str, Any]]]:
    return {code: sorted(map(tuple, cells)) for code, cells in planted.items()}


# A temporary table has no period, so that rows which overlap are left to the copy, which MariaDB refuses.
NOT_JUDGED = {"mariadb": [("A503", "bookings_booking_no_overlap")]}


@pytest.mark.parametrize("engine", SERVERS)
def test_it_finds_exactly_what_was_planted(
    engine: str, dirty: tuple[str, dict[str, list[Cell]]], migrated_on: Migrated
) -> None:
    url, planted_cells = dirty
    audited = audit("plaza.settings", url, migrated_on("plaza", engine))
    assert audited.cells() == as_found(expected(planted_cells, engine, pads_space=PADS_SPACE[engine]))
    assert audited.would_lose
    assert [(one["id"], one["column"]) for one in audited.not_judged] == NOT_JUDGED.get(engine, [])


def test_it_finds_emoji_for_a_target_of_three_byte_text(dirty: tuple[str, dict[str, list[Cell]]]) -> None:
    url, planted_cells = dirty
    server = require("mariadb")
    target = server.create_database(charset="utf8mb3")
    try:
        audited = audit("plaza.settings", url, target)
    finally:
        server.drop_database(target)
    cells = audited.cells()["A104"]
    assert tuple(planted_cells["A104"][0]) in cells
    assert tuple(planted_cells["A105"][0]) in cells  # 700 characters of four bytes each


@pytest.mark.parametrize("engine", SERVERS)
def test_it_finds_nothing_in_a_clean_plaza(
    engine: str, migrated_on: Migrated, tmp_path_factory: pytest.TempPathFactory
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('clean')}/plaza.sqlite3"
    filled(url, "--rows", "2000")
    audited = audit("plaza.settings", url, migrated_on("plaza", engine))
    assert audited.findings == []
    assert [(one["id"], one["column"]) for one in audited.not_judged] == NOT_JUDGED.get(engine, [])
    assert not audited.would_lose


def test_it_reports_no_value_of_a_row(dirty: tuple[str, dict[str, list[Cell]]], migrated_on: Migrated) -> None:
    url, _ = dirty
    audited = audit("plaza.settings", url, migrated_on("plaza", "postgresql"))
    said = repr(audited.findings)
    for secret in ("tall", "not-a-uuid", "999.1.1.1", "가나다라마", "ideeën"):
        assert secret not in said


def test_it_offers_null_only_where_null_can_stand(
    dirty: tuple[str, dict[str, list[Cell]]], migrated_on: Migrated
) -> None:
    url, _ = dirty
    audited = audit("plaza.settings", url, migrated_on("plaza", "postgresql"))
    offered = {(f["id"], f["table"], f["column"]): f["policies"] for f in audited.findings}
    assert offered["A401", "social_post", "edited_at"] == ["null", "reject"]
    assert offered["A401", "bookings_openinghours", "opens_at"] == ["reject"]
    assert offered["A101", "accounts_profile", "name"] == ["cut", "reject"]
    assert offered["A501", "social_liking", "user_id"] == ["reject"]


def test_collisions_are_found_before_the_target_has_tables(
    dirty: tuple[str, dict[str, list[Cell]]],
) -> None:
    url, planted_cells = dirty
    server = require("mariadb")
    target = server.create_database()
    try:
        audited = audit("plaza.settings", url, target)
        left = server.sql("SHOW TABLES", target.rpartition("/")[2])
    finally:
        server.drop_database(target)
    assert audited.target is None
    assert audited.cells() == as_found(expected(planted_cells, "mariadb"))
    assert not left
