"""MySQL and MariaDB: what is set aside comes back word for word, and rows in the way are named."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from outgrow.dialects.base import ObjectKind, SetAside, Trouble
from outgrow.errors import Refused
from outgrow.lines import Kind
from tests.dialects.mysql_place import Place

SCHEMA = (
    "CREATE TABLE author (id int AUTO_INCREMENT PRIMARY KEY, email varchar(50), UNIQUE KEY email_uniq (email))",
    "CREATE TABLE post (id int AUTO_INCREMENT PRIMARY KEY, author_id int NOT NULL, slug varchar(200), body text, "
    "n int, parent_id int, UNIQUE KEY slug_uniq (author_id, slug(20)), KEY n_desc (n DESC, id), "
    "FULLTEXT KEY words (body), "
    "CONSTRAINT post_author_fk FOREIGN KEY (author_id) REFERENCES author (id), "
    "CONSTRAINT post_parent_fk FOREIGN KEY (parent_id) REFERENCES post (id) ON DELETE SET NULL)",
    "CREATE TABLE mail (id int PRIMARY KEY, email varchar(50), "
    "CONSTRAINT mail_fk FOREIGN KEY (email) REFERENCES author (email))",
)  # fmt: skip


def drop(place: Place, items: Iterable[SetAside]) -> None:
    for item in sorted(items, key=lambda i: -i.order):
        place.run(*item.drop)


def restore(place: Place, items: Iterable[SetAside]) -> None:
    items = sorted(items, key=lambda i: i.order)
    for item in items:
        place.run(*item.create)
    for item in items:
        place.run(*item.validate)


def created(place: Place) -> list[str]:
    return [place.session.query(f"SHOW CREATE TABLE {n}")[0][1] for n in ("author", "post", "mail")]


def test_keys_and_indexes_come_back_exactly(place: Place) -> None:
    place.run(*SCHEMA)
    before, catalog = created(place), place.dialect.tables(place.session)
    items = place.dialect.set_aside(list(catalog.values()))
    assert len(items) == sum(
        o.kind not in (ObjectKind.PRIMARY, ObjectKind.CHECK) for t in catalog.values() for o in t.objects
    )
    drop(place, items)
    bare = place.dialect.tables(place.session)
    assert all([o.kind for o in t.objects] == [ObjectKind.PRIMARY] for t in bare.values())
    place.run(
        "INSERT INTO author VALUES (1,'a@b')", "INSERT INTO post VALUES (1,1,'s','words',1,NULL),(2,1,'t','x',2,1)"
    )
    restore(place, items)
    restored = place.dialect.tables(place.session)
    assert {t.name: set(t.objects) for t in restored.values()} == {t.name: set(t.objects) for t in catalog.values()}
    assert place.session.value("SELECT @@foreign_key_checks") == 1
    assert [
        sorted(a.replace("AUTO_INCREMENT=3 ", "").replace("AUTO_INCREMENT=2 ", "").split(",\n")) for a in created(place)
    ] == [sorted(b.split(",\n")) for b in before]


def test_an_orphan_keeps_a_foreign_key_from_coming_back_and_is_named(place: Place) -> None:
    place.run(*SCHEMA)
    items = place.dialect.set_aside([place.table("author"), place.table("post")])
    drop(place, items)
    place.run("INSERT INTO author VALUES (1,'a')", "INSERT INTO post VALUES (1,1,'a','',1,NULL),(2,9,'b','',1,NULL)")
    with pytest.raises(Exception, match=r".") as caught:
        restore(place, items)
    assert place.dialect.trouble(caught.value) is Trouble.DATA
    foreign = next(i.object for i in items if i.object.name == "post_author_fk")
    assert place.dialect.orphans(place.session, foreign, place.reading("post")) == [(2,)]
    place.session.rollback()
    assert place.session.value("SELECT @@foreign_key_checks") == 1
    place.run("UPDATE post SET author_id=1 WHERE id=2")
    left = {o.name for o in place.table("post").objects}
    for item in sorted(items, key=lambda i: i.order):
        place.run(*(() if item.object.name in left else item.create), *item.validate)


@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "in another database"])
def test_a_key_to_a_table_that_has_a_dot_in_its_name_comes_back(place: Place, elsewhere: bool) -> None:
    """And names the rows in its way, which are looked for in that table."""
    other = place.server.create_database().rpartition("/")[2]
    parent = f"`{other}`.`up.to`" if elsewhere else "`up.to`"
    try:
        place.run(
            f"CREATE TABLE {parent} (id int PRIMARY KEY)", f"INSERT INTO {parent} VALUES (1)",
            "CREATE TABLE child (id int PRIMARY KEY, `on REFERENCES` int, "
            f"CONSTRAINT k FOREIGN KEY (`on REFERENCES`) REFERENCES {parent} (id) ON DELETE CASCADE)",
        )  # fmt: skip
        before = place.session.query("SHOW CREATE TABLE child")
        items = place.dialect.set_aside([place.table("child")])
        drop(place, items)
        place.run("INSERT INTO child VALUES (1, 1), (2, 2)")
        foreign = next(i.object for i in items if i.object.kind is ObjectKind.FOREIGN)
        assert foreign.columns == ("on REFERENCES",)
        assert place.dialect.orphans(place.session, foreign, place.reading("child")) == [(2,)]
        place.run("DELETE FROM child WHERE id = 2")
        restore(place, items)
        assert place.session.query("SHOW CREATE TABLE child") == before
    finally:
        place.run("DROP TABLE IF EXISTS child")
        place.server.drop_database(other)


def test_an_index_stays_that_a_table_outside_or_a_counter_stands_on(place: Place) -> None:
    place.run(
        *SCHEMA, "CREATE TABLE counted (a int, n int AUTO_INCREMENT, PRIMARY KEY (a, n), KEY counter (n), KEY free (a))"
    )
    tables = place.dialect.tables(place.session)
    names = {i.object.name for i in place.dialect.set_aside([tables["author"], tables["counted"]])}
    assert names == {"free"}
    assert "email_uniq" in {i.object.name for i in place.dialect.set_aside([tables["author"], tables["mail"]])}


def test_a_table_without_a_primary_key_keeps_its_uniques(place: Place) -> None:
    place.run("CREATE TABLE t (a int NOT NULL, b int, UNIQUE KEY u (a), KEY k (b))")
    assert [i.object.name for i in place.dialect.set_aside([place.table()])] == ["k"]


def test_mysql_functional_and_invisible_indexes_come_back(mysql_place: Place) -> None:
    place = mysql_place
    place.run(
        "CREATE TABLE t (id int PRIMARY KEY, a varchar(20), KEY x ((lower(`a`)), id) INVISIBLE, "
        "UNIQUE KEY y ((upper(a))))"
    )
    before = place.session.query("SHOW CREATE TABLE t")
    items = place.dialect.set_aside([place.table()])
    drop(place, items)
    restore(place, items)
    assert place.session.query("SHOW CREATE TABLE t") == before


def test_triggers_are_dropped_and_come_back_with_mode_order_and_definer(place: Place) -> None:
    place.run(
        "CREATE TABLE t (id int PRIMARY KEY, v varchar(20))",
        "SET sql_mode='ANSI_QUOTES'",
        "CREATE TRIGGER t2 BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.v = 'it''s; 안'; END",
        "CREATE TRIGGER t1 BEFORE INSERT ON t FOR EACH ROW SET NEW.v = CONCAT(NEW.v, '!')",
        "SET sql_mode='STRICT_ALL_TABLES'",
    )
    before = place.table()
    items = place.dialect.disable_triggers([before])
    assert [i.object.name for i in items] == ["t2", "t1"]
    drop(place, items)
    assert place.write(place.reading(), [b"1\tkept\n"]) == 1
    assert place.session.value("SELECT v FROM t") == "kept"
    restore(place, items)
    assert place.session.value("SELECT @@sql_mode") == "STRICT_ALL_TABLES"
    assert place.session.value("SELECT @@character_set_client") == "utf8mb4"
    assert place.table().objects == before.objects
    place.run("INSERT INTO t VALUES (2,'x')")
    assert place.session.value("SELECT v FROM t WHERE id=2") == "it's; 안!"


def test_a_trigger_that_cannot_be_read_is_not_dropped(place: Place) -> None:
    from outgrow.dialects.base import SchemaObject, Table

    blind = SchemaObject("t", "hidden", ObjectKind.TRIGGER)
    with pytest.raises(Refused, match="hidden of t cannot be read"):
        place.dialect.disable_triggers([Table("t", (), objects=(blind,))])


def test_clearing_goes_child_first_and_never_beyond_the_list(place: Place) -> None:
    place.run(
        *SCHEMA, "INSERT INTO author VALUES (1,'a')", "INSERT INTO post VALUES (1,1,'a','',1,NULL),(2,1,'b','',1,1)"
    )
    with pytest.raises(Exception, match="1451"):
        place.dialect.clear(place.session, ["author"])
    assert place.dialect.count(place.session, "author") == 1
    place.dialect.clear(place.session, ["author", "post"])
    assert place.dialect.count(place.session, "author") == place.dialect.count(place.session, "post") == 0


def test_counters_are_set_above_the_highest_key_and_read_back(place: Place) -> None:
    place.run(
        "CREATE TABLE a (id int AUTO_INCREMENT PRIMARY KEY)", "CREATE TABLE b (id int AUTO_INCREMENT PRIMARY KEY)"
    )
    place.run("CREATE TABLE c (id int PRIMARY KEY)", "INSERT INTO a VALUES (41)", "INSERT INTO b VALUES (-5)")
    tables = list(place.dialect.tables(place.session).values())
    assert place.dialect.reset_sequences(place.session, tables) == [("a", "id", 42), ("b", "id", 1)]
    place.run("INSERT INTO a VALUES (NULL)", "INSERT INTO b VALUES (NULL)")
    assert place.session.value("SELECT MAX(id) FROM a") == 42


@pytest.mark.parametrize(
    ("collation", "values", "groups"),
    [
        ("utf8mb4_general_ci", ["Ada", "ada", "bob", "ideeen", "ideeën"], [(1, 2), (4, 5)]),
        ("utf8mb4_bin", ["Ada", "ada", "a", "a ", "b"], [(3, 4)]),
        ("utf8mb4_general_ci", ["x", "x ", "y", None, None], [(1, 2)]),
    ],
    ids=["case and accents", "trailing blanks", "nulls never collide"],
)
def test_collisions_are_judged_by_the_live_collation(
    place: Place, collation: str, values: list[str | None], groups: list[tuple[int, ...]]
) -> None:
    place.run(f"CREATE TABLE t (id int PRIMARY KEY, v varchar(20) COLLATE {collation}, UNIQUE KEY u (v))")
    (item,) = place.dialect.set_aside([place.table()])
    drop(place, [item])
    place.insert("t", list(enumerate(values, 1)))
    found = place.dialect.colliding(place.session, item.object, place.reading())
    assert found == [tuple((n,) for n in group) for group in groups]
    assert place.dialect.colliding(place.session, item.object, place.reading(), 1) == found[:1]
    with pytest.raises(Exception, match="1062"):
        restore(place, [item])


def test_no_pad_collations_tell_trailing_blanks_apart(mysql_place: Place) -> None:
    place = mysql_place
    place.run("CREATE TABLE t (id int PRIMARY KEY, v varchar(20) COLLATE utf8mb4_0900_ai_ci, UNIQUE KEY u (v))")
    (item,) = place.dialect.set_aside([place.table()])
    drop(place, [item])
    place.insert("t", [(1, "a"), (2, "a "), (3, "A")])
    assert place.dialect.colliding(place.session, item.object, place.reading()) == [((1,), (3,))]
    place.run("DELETE FROM t WHERE id=3")
    restore(place, [item])


def test_prefixes_and_keys_of_text_collide_as_the_index_sees_them(place: Place) -> None:
    place.run("CREATE TABLE t (id char(32) PRIMARY KEY, v text, n int, UNIQUE KEY u (v(3), n))")
    (item,) = place.dialect.set_aside([place.table()])
    drop(place, [item])
    place.insert("t", [("a" * 32, "abcX", 1), ("b" * 32, "ABCY", 1), ("c" * 32, "abcX", 2), ("d" * 32, "abd", 1)])
    found = place.dialect.colliding(place.session, item.object, place.reading(id=Kind.UUID))
    assert found == [(("a" * 32,), ("b" * 32,))]
