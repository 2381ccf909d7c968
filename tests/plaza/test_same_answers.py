"""A move under the service: what it answered on SQLite it answers on each server, byte for byte."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from plaza.tests.serving import ROOT, Service, web_server
from tests import PROVE
from tests.conftest import MakeDatabase
from tests.plaza.project import filled, run

SETTINGS = "tests.plaza.lasting"
AMOUNT = 200
TARGETS = ("postgresql", "mysql", "mariadb") if PROVE else ("postgresql", "mysql")
VARIES = {"date", "connection", "server"}


class Ask(NamedTuple):
    operation: str
    path: str
    token: str


class Said(NamedTuple):
    status: int
    headers: str
    body: bytes


class Recorded(NamedTuple):
    url: str
    media: Path
    said: dict[Ask, Said]


def environment(url: str, media: Path) -> dict[str, str]:
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    return {
        **os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": SETTINGS, "LIMITS": "0", "PYTHONPATH": path,
        "MEDIA_ROOT": str(media),
    }  # fmt: skip


def asked(url: str, media: Path) -> list[Ask]:
    done = run(url, "-m", "tests.plaza.asked", "freshen", DJANGO_SETTINGS_MODULE=SETTINGS, MEDIA_ROOT=str(media))
    assert done.returncode == 0, done.stderr
    return [Ask(*json.loads(line)) for line in done.stdout.splitlines()]


def answers(folder: Path, url: str, media: Path, asks: list[Ask]) -> dict[Ask, Said]:
    """What gunicorn answers on this database."""

    def answered(service: Service, ask: Ask) -> Said:
        bearer = {"Authorization": f"Bearer {ask.token}"} if ask.token else {}
        status, headers, body = service.raw("GET", ask.path, Host="localhost", **bearer)
        kept = {name: value for name, value in headers.items() if name.lower() not in VARIES}
        return Said(status, json.dumps(kept, sort_keys=True), body)

    with web_server(folder, environment(url, media), 2) as service, ThreadPoolExecutor(4) as pool:
        return dict(zip(asks, pool.map(lambda ask: answered(service, ask), asks), strict=True))


def chosen(said: dict[Ask, Said]) -> dict[Ask, Said]:
    """So many of them, as many of each operation as there can be, and first those that were answered."""
    by: dict[str, list[Ask]] = defaultdict(list)
    for ask in sorted(said, key=lambda ask: said[ask].status):
        by[ask.operation].append(ask)
    rounds = (ask for turn in range(len(said)) for asks in by.values() for ask in asks[turn : turn + 1])
    return {ask: said[ask] for ask, _ in zip(rounds, range(AMOUNT), strict=False)}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = tmp_path_factory.mktemp("recorded")
    url = f"sqlite:///{folder}/plaza.sqlite3"
    filled(url, "--rows", "30000")
    media = folder / "media"
    return Recorded(url, media, answers(folder, url, media, asked(url, media)))


def test_every_get_is_asked_and_answered(recorded: Recorded) -> None:
    statuses = Counter(said.status for said in recorded.said.values())
    assert set(statuses) <= {200, 304, 400, 403, 404, 410}, statuses
    answered = {ask.operation for ask, said in recorded.said.items() if said.status == 200}
    assert not {ask.operation for ask in recorded.said} - answered
    kept = chosen(recorded.said)
    assert len(kept) == AMOUNT
    assert {ask.operation for ask in kept} == {ask.operation for ask in recorded.said}
    assert sum(said.status == 200 for said in kept.values()) > AMOUNT * 0.9


@pytest.mark.slow(1)
@pytest.mark.parametrize("engine", TARGETS)
def test_after_a_move_every_answer_is_the_same_byte_for_byte(
    engine: str, recorded: Recorded, make_database: MakeDatabase, tmp_path: Path
) -> None:
    target = make_database(engine)
    done = run(recorded.url, "manage.py", "outgrow", "move", "--to", "env:TARGET", "--json", TARGET=target)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    before = chosen(recorded.said)
    after = answers(tmp_path, target, recorded.media, list(before))
    different = [f"{ask.path}\n  {before[ask]}\n  {after[ask]}" for ask in before if before[ask] != after[ask]]
    assert not different, f"{len(different)} of {len(before)} differ:\n" + "\n".join(different[:5])
