"""plaza's migration that lets no two bookings overlap: it refuses a database in which some do, and says which."""

from __future__ import annotations

import pytest

from tests import PROVE
from tests.conftest import MakeDatabase
from tests.engines import ENGINES
from tests.plaza.project import inside, manage, run


@pytest.mark.parametrize("engine", ENGINES if PROVE else ["sqlite", "postgresql"])
def test_old_bookings_that_overlap_are_named_and_nothing_is_changed(engine: str, make_database: MakeDatabase) -> None:
    url = make_database(engine)
    manage(url, "migrate", "--verbosity=0")
    manage(url, "migrate", "bookings", "0002", "--verbosity=0")
    first, second = inside(url, "overlapping").split()
    done = run(url, "manage.py", "migrate", "--verbosity=0")
    assert done.returncode != 0
    sentence = f"Live bookings overlap: {first} and {second} at table 1 from 2026-05-05 19:30. No table may be booked"
    assert sentence in done.stderr
    assert "cancel one of each pair" in done.stderr
    assert "[ ] 0003_no_overlap" in manage(url, "showmigrations", "bookings")
    inside(url, "not_overlapping")
    manage(url, "migrate", "--verbosity=0")
    manage(url, "migrate", "bookings", "0002", "--verbosity=0")
    manage(url, "migrate", "--verbosity=0")
