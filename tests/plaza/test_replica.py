"""plaza with a replica: reads come from it, and whoever wrote something reads it at once, however late it is."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.engines.replica import pair
from tests.plaza.project import inside, manage

ENGINES = ("postgresql", "mysql", "mariadb")


@pytest.fixture(params=ENGINES)
def behind(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """A migrated plaza on a primary and a replica, which from now on learns of nothing."""
    with pair(request.param) as servers:
        primary, replica = servers.urls
        manage(primary, "migrate", "--verbosity=0")
        servers.wait()
        servers.pause()
        yield {"DATABASE_URL": primary, "REPLICA_URL": replica}


def test_whoever_wrote_reads_it_and_others_read_from_the_replica(behind: dict[str, str]) -> None:
    said = json.loads(inside(behind["DATABASE_URL"], "own_writes", **behind))
    assert said["with the position"] == [200, "changed"]
    assert said["without it"] == [410, None]  # on the replica the account is not there yet
    assert said["asked"] == ["default", "default_replica"]
