"""What plaza_fill makes: as many rows as asked for, the same for the same seed, and lifelike."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import pytest

from tests.conftest import MakeDatabase
from tests.engines import ENGINES, SERVERS
from tests.plaza.conftest import PlazaOn
from tests.plaza.project import filled, inside, migrated, run

ENGINES_OWN = ("sqlite_", "django_", "auth_permission", "auth_group")


def opened(url: str) -> sqlite3.Connection:
    return sqlite3.connect(url.removeprefix("sqlite:///"))


def tables(connection: sqlite3.Connection) -> list[str]:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in names if not name.startswith(ENGINES_OWN)]


def counted(url: str) -> dict[str, int]:
    connection = opened(url)
    return {name: connection.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in tables(connection)}


def bytes_of_data(url: str) -> str:
    connection, digest = opened(url), hashlib.sha256()
    for name in tables(connection):
        for row in connection.execute(f"SELECT * FROM {name} ORDER BY 1"):
            digest.update(repr(row).encode())
    return digest.hexdigest()


@pytest.fixture(scope="module")
def plaza(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A plaza of 30,000 rows that tests only read."""
    url = f"sqlite:///{tmp_path_factory.mktemp('plaza')}/plaza.sqlite3"
    filled(url, "--rows", "30000", "--seed", "5")
    return url


def test_the_same_seed_makes_the_same_bytes(plaza: str, make_database: MakeDatabase) -> None:
    again, other = make_database("sqlite"), make_database("sqlite")
    filled(again, "--rows", "30000", "--seed", "5")
    filled(other, "--rows", "30000", "--seed", "6")
    assert bytes_of_data(again) == bytes_of_data(plaza)
    assert bytes_of_data(other) != bytes_of_data(plaza)
    assert counted(other) == counted(plaza)


@pytest.mark.parametrize("rows", [1_000, 4_321, 30_001])
def test_it_makes_exactly_as_many_rows_as_asked_for(rows: int, make_database: MakeDatabase) -> None:
    url = make_database("sqlite")
    filled(url, "--rows", str(rows))
    assert sum(counted(url).values()) == rows
    assert [name for name, count in counted(url).items() if not count] == [
        "accounts_accountsmessage",
        "auth_user_groups",
        "auth_user_user_permissions",
        "bookings_bookingsmessage",
        "social_socialmessage",
        "videos_videosmessage",
    ]


@pytest.mark.parametrize("app", ["accounts", "social", "videos", "bookings"])
def test_it_fills_one_app_and_its_users_alone(app: str, make_database: MakeDatabase) -> None:
    url = make_database("sqlite")
    filled(url, "--rows", "2000", "--apps", app)
    counts = {name: count for name, count in counted(url).items() if count}
    assert sum(counts.values()) == 2_000
    assert {name for name in counts if not name.startswith(f"{app}_")} == {"auth_user"}


def test_no_key_dangles_and_no_constraint_is_broken(plaza: str) -> None:
    connection = opened(plaza)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_it_puts_back_every_index_that_it_set_aside(plaza: str, make_database: MakeDatabase) -> None:
    bare = make_database("sqlite")
    migrated(bare)
    listed = (
        "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat_' ORDER BY type, name"
    )
    assert opened(plaza).execute(listed).fetchall() == opened(bare).execute(listed).fetchall()


def test_likings_follows_comments_and_viewings_are_most_of_social(plaza: str) -> None:
    counts = counted(plaza)
    social = sorted((name for name in counts if name.startswith("social_")), key=counts.__getitem__)
    assert social[-1] == "social_liking"
    assert set(social[-4:]) == {"social_liking", "social_follow", "social_comment", "social_viewingstory"}


def test_a_few_users_have_most_of_the_followers(plaza: str) -> None:
    found = opened(plaza).execute("SELECT COUNT(*) FROM social_follow GROUP BY followed_id ORDER BY 1 DESC")
    followers = [many for (many,) in found]
    assert sum(followers[: len(followers) // 10]) > sum(followers) / 3
    assert followers[0] > 20 * followers[len(followers) // 2]


BREAKERS = [
    "\t", "\n", "\r\n", "\\N", "\\.", "\\", "'", '"', "`", "%s", "\v", "\x01", "\ufeff", "오늘", "🇰🇷",
    "👨\u200d👩\u200d👧\u200d👦",
]  # fmt: skip


@pytest.mark.parametrize("table", ["social_post", "social_comment"])
def test_texts_hold_what_has_broken_movers(table: str, plaza: str) -> None:
    bodies = [body for (body,) in opened(plaza).execute(f"SELECT body FROM {table}")]
    assert [text for text in BREAKERS if not any(text in body for body in bodies)] == []
    assert not any("\0" in body for body in bodies)
    assert [len(body.encode()) >= 1_048_576 for body in bodies].count(True) == 1


def test_replies_are_two_levels_deep_and_stay_with_their_post(plaza: str) -> None:
    connection = opened(plaza)
    wrong = (
        "SELECT COUNT(*) FROM social_comment reply JOIN social_comment parent ON reply.parent_id = parent.id "
        "WHERE parent.parent_id IS NOT NULL OR parent.post_id <> reply.post_id OR parent.id >= reply.id"
    )
    assert connection.execute(wrong).fetchone() == (0,)
    replies = "SELECT COUNT(*) FROM social_comment WHERE parent_id IS NOT NULL"
    assert connection.execute(replies).fetchone()[0] > 400


def test_no_table_is_booked_twice_for_one_time(plaza: str) -> None:
    overlaps = (
        "SELECT COUNT(*) FROM bookings_booking one JOIN bookings_booking other "
        "ON one.table_id = other.table_id AND one.id < other.id "
        "AND one.starts_at < other.ends_at AND other.starts_at < one.ends_at"
    )
    assert opened(plaza).execute(overlaps).fetchone() == (0,)


def test_what_it_stores_is_what_django_would_store(make_database: MakeDatabase) -> None:
    assert inside(make_database("sqlite"), "unlike_django") == ""


@pytest.mark.parametrize("engine", SERVERS)
def test_every_engine_holds_the_same_rows(engine: str, plaza_on: PlazaOn) -> None:
    assert inside(plaza_on(engine), "digest") == inside(plaza_on("sqlite"), "digest")


@pytest.mark.parametrize("engine", ENGINES)
def test_the_next_row_gets_the_next_key(engine: str, plaza_on: PlazaOn) -> None:
    assert inside(plaza_on(engine), "next_key") == "1"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--rows", "999"], "ask for 1000 or more"),
        (["--rows", "1900", "--apps", "social,vidoes"], "vidoes is no app of plaza"),
        (["--rows", "1900", "--apps", ""], "choose from accounts, social, videos, bookings"),
    ],
)
def test_it_refuses_what_it_cannot_do_with_one_sentence(
    options: list[str], sentence: str, make_database: MakeDatabase
) -> None:
    url = make_database("sqlite")
    migrated(url)
    done = run(url, "manage.py", "plaza_fill", *options)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_it_refuses_a_database_that_holds_rows_and_leaves_them(make_database: MakeDatabase) -> None:
    url = make_database("sqlite")
    filled(url, "--rows", "1600")
    before = bytes_of_data(url)
    done = run(url, "manage.py", "plaza_fill", "--rows", "1600")
    assert done.returncode == 1
    assert "auth_user already holds rows" in done.stderr
    assert bytes_of_data(url) == before


def test_it_says_how_fast_it_made_a_hundred_thousand_rows(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/speed.sqlite3"
    said = filled(url, "--rows", "100000", "--apps", "social,accounts")
    print(said)  # the speed is for reading: it depends on the machine
    assert "100,000 rows in " in said
    assert sum(counted(url).values()) == 100_000
