"""MySQL and MariaDB as a source: a row is one line, and what cannot be shown without loss is named."""

from __future__ import annotations

import random
import struct
import uuid
from itertools import pairwise

import pytest

from outgrow.dialects.base import Range, Reading
from outgrow.dialects.mysql import reading as reading_
from outgrow.lines import DOUBT, NIL, RECORD, UNIT, Digest, Kind, digest
from tests.dialects.mysql_place import Place

LOOSE = "ALLOW_INVALID_DATES"


@pytest.mark.parametrize(
    ("declared", "value", "hint"),
    [
        ("date", "0000-00-00", None),
        ("date", "2026-00-10", None),
        ("date", "2026-02-31", None),
        ("datetime(6)", "0000-00-00 00:00:00", None),
        ("datetime", "2026-02-31 01:00:00", None),
        ("timestamp NULL", "0000-00-00 00:00:00", None),
        ("time(6)", "24:00:00", None),
        ("time", "-00:00:01", None),
        ("tinyint(1)", "7", None),
        ("char(32)", "not a uuid", Kind.UUID),
    ],
)
def test_what_is_not_exactly_of_the_kind_is_shown_behind_a_mark(
    place: Place, declared: str, value: str, hint: Kind | None
) -> None:
    place.run(f"CREATE TABLE t (id int PRIMARY KEY, v {declared})", f"SET sql_mode='{LOOSE}'")
    place.run(f"INSERT INTO t VALUES (1,'{value}'),(2,NULL)", "SET sql_mode='STRICT_ALL_TABLES'")
    doubted, null = place.cells("v", hint)
    assert doubted.startswith(DOUBT + value.encode()[:10])
    assert null == b"\\N"


@pytest.mark.parametrize("digits", [0, 3, 6])
def test_moments_always_have_six_digits(place: Place, digits: int) -> None:
    place.run(
        f"CREATE TABLE t (id int PRIMARY KEY, d datetime({digits}), i time({digits}), s timestamp({digits}) NULL)"
    )
    place.run("INSERT INTO t VALUES (1,'2026-01-31 23:59:58','23:59:58','2026-01-31 23:59:58')")
    assert place.cells("d") == place.cells("s") == [b"2026-01-31 23:59:58.000000"]
    assert place.cells("i") == [b"23:59:58.000000"]


@pytest.mark.parametrize(
    ("micros", "shown"),
    [
        (0, b"0 days 0 us"),
        (-1, b"-1 days 86399999999 us"),
        (86_400_000_000, b"1 days 0 us"),
        (-86_400_000_000, b"-1 days 0 us"),
        (2**63 - 1, b"106751991 days 14454775807 us"),
        (-(2**63), b"-106751992 days 71945224192 us"),
    ],
)
def test_durations_are_floored_days_and_microseconds(place: Place, micros: int, shown: bytes) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY, v bigint)", f"INSERT INTO t VALUES (1,{micros})")
    assert place.cells("v", Kind.DURATION) == [shown]


def test_floats_keep_their_bits(place: Place) -> None:
    chance = random.Random(5)
    doubles = [struct.unpack("<d", chance.randbytes(8))[0] for _ in range(5000)]
    doubles = [d for d in doubles if d == d and abs(d) != float("inf")] + [1e22, 0.1, 5e-324, 1.7976931348623157e308]
    singles = [struct.unpack("<f", chance.randbytes(4))[0] for _ in range(len(doubles))]
    singles = [s if s == s and abs(s) != float("inf") else 0.5 for s in singles]
    place.run("CREATE TABLE t (id int PRIMARY KEY, d double, f float, g double(20,4))")
    place.session.begin()
    for n, pair in enumerate(zip(doubles, singles, strict=True)):
        d, f = map(place.dialect.literal, pair)
        place.run(f"INSERT INTO t VALUES ({n},{d},{f},1.5)")
    place.session.commit()
    assert [float(c) for c in place.cells("d")] == doubles
    assert [float(c) for c in place.cells("f")] == singles
    assert set(place.cells("g")) == {b"1.5"}


def test_mysql_keeps_minus_zero_and_mariadb_stores_zero(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY, v double)", "INSERT INTO t VALUES (1,-0e0)")
    assert place.cells("v") == [b"-0" if place.engine == "mysql" else b"0"]


def test_legacy_types_have_a_sensible_kind(place: Place) -> None:
    place.run(
        "CREATE TABLE t (id int PRIMARY KEY, z int(6) unsigned zerofill, dz decimal(8,2) zerofill, b bit(5), o bit(1), "
        "y year, e enum('x','é'), s set('a','b'), p point, c char(5), bi binary(3), x bigint unsigned)",
        "INSERT INTO t VALUES (1,12,1.5,5,1,2026,'é','a,b',POINT(1,2),'a  ','a',18446744073709551615)",
    )
    kinds = dict(zip([c.name for c in place.table().columns], place.reading().kinds, strict=True))
    assert kinds == {
        "id": Kind.INTEGER, "z": Kind.INTEGER, "dz": Kind.DECIMAL, "b": Kind.INTEGER, "o": Kind.BOOLEAN,
        "y": Kind.INTEGER, "e": Kind.TEXT, "s": Kind.TEXT, "p": Kind.NATIVE, "c": Kind.TEXT, "bi": Kind.BINARY,
        "x": Kind.INTEGER,
    }  # fmt: skip
    cells = place.lines(place.reading()).rstrip(b"\n").split(b"\t")
    assert cells[:8] == [b"1", b"12", b"1.50", b"5", b"1", b"2026", "é".encode(), b"a,b"]
    assert cells[9:] == [b"a", b"\\\\x610000", b"18446744073709551615"]
    place.run("CREATE TABLE u LIKE t")
    assert place.write(place.reading("u"), [place.lines(place.reading())]) == 1
    assert place.lines(place.reading("u")) == place.lines(place.reading())


def test_texts_of_other_character_sets_come_out_as_utf8(place: Place) -> None:
    charsets = {
        "latin1": "é€",
        "utf8mb3": "안é",
        "ascii": "a",
        "euckr": "안녕",
        "sjis": "日本",
        "gbk": "中文",
        "utf16": "😀",
    }
    charsets["cp1251"] = "ж"
    columns = ",".join(f"{c} varchar(20) CHARACTER SET {c}" for c in charsets)
    place.run(f"CREATE TABLE t (id int PRIMARY KEY, {columns}, b varbinary(20))")
    place.insert("t", [(1, *charsets.values(), "안".encode())])
    for name, text in charsets.items():
        assert place.cells(name) == [text.encode()]
    assert place.cells("b", Kind.TEXT) == ["안".encode()]


def test_bytes_that_are_no_text_of_their_character_set_are_kept_and_recognisable(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY, v varchar(20) CHARACTER SET ucs2)")
    place.run("INSERT INTO t VALUES (1,_ucs2 x'ac00d800'),(2,'가')")
    cell, good = place.cells("v")
    # MariaDB takes half a pair for a letter, and so shows it in three bytes.
    assert cell == (b"\xff\xac\x00\xd8\x00" if place.engine == "mysql" else b"\xea\xb0\x80\xed\xa0\x80")
    with pytest.raises(UnicodeDecodeError):
        cell.decode()
    assert good == "가".encode()


# -- pieces -----------------------------------------------------------------------------------------------------------
def test_texts_that_hold_the_marks_are_read_again_column_by_column(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY, v longtext, w varchar(20) NOT NULL, x blob)")
    texts = ["plain", "\x1f", "\x1e", "\x1d", "\x1c\x01", "a\x1f\x01b\x1dc", None, "", "\\N", "\x1d\x1f\x1e\x01"]
    place.insert("t", [(n, text, text or "", (text or "").encode()) for n, text in enumerate(texts)])
    lines = sorted(place.lines(place.reading()).split(b"\n")[:-1])
    assert len(lines) == len(texts)
    for n, text in enumerate(texts):
        raw = "\\N" if text is None else text.replace("\\", "\\\\")
        other = (text or "").replace("\\", "\\\\")
        assert lines[n].decode() == f"{n}\t{raw}\t{other}\t\\\\x{(text or '').encode().hex()}"


@pytest.mark.parametrize("marks", [UNIT, RECORD, NIL, UNIT + NIL, b"plain"])
def test_bytes_that_hold_the_marks_are_kept_where_a_text_lies_in_a_blob(place: Place, marks: bytes) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY, v blob, w blob NOT NULL)", "CREATE TABLE u (a int, v blob)")
    place.insert("t", [(n, marks if n % 3 else None, b"a" + marks + b"b") for n in range(100)])
    lines = set(place.lines(place.reading(v=Kind.TEXT, w=Kind.TEXT)).split(b"\n")[:-1])
    shown = b"%d\t%s\ta%sb"
    assert lines == {shown % (n, marks if n % 3 else b"\\N", marks) for n in range(100)}
    place.insert("u", [(n, marks if n % 7 == 0 else None) for n in range(100)])
    lines = set(place.lines(place.reading("u", v=Kind.TEXT)).split(b"\n")[:-1])
    assert lines == {b"%d\t%s" % (n, marks if n % 7 == 0 else b"\\N") for n in range(100)}


def test_a_table_without_a_key_is_read_whole_too(place: Place) -> None:
    place.run("CREATE TABLE t (a int, v text)")
    place.insert("t", [(n % 3, "\x1f" if n % 7 == 0 else str(n)) for n in range(500)])
    lines = place.lines(place.reading()).split(b"\n")[:-1]
    assert sorted(lines) == sorted(f"{n % 3}\t{chr(31) if n % 7 == 0 else n}".encode() for n in range(500))


def test_pieces_are_about_a_megabyte_and_a_large_row_goes_nearly_alone(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY, v longtext)")
    place.insert("t", [(n, "x" * 1000) for n in range(4000)])
    place.insert("t", [(n, "y" * 3_000_000) for n in range(4000, 4004)])
    pieces = list(place.dialect.lines(place.session, place.reading(), Range()))
    assert sum(p.count(b"\n") for p in pieces) == 4004
    assert max(map(len, pieces)) < 4_100_000
    assert len([p for p in pieces if len(p) > 900_000]) >= 5


def test_reading_may_stop_early_and_the_session_goes_on(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY, v longtext)")
    place.insert("t", [(n, "x" * 20_000) for n in range(500)])
    pieces = place.dialect.lines(place.session, place.reading(), Range())
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert place.dialect.count(place.session, "t") == 500


# -- keys -------------------------------------------------------------------------------------------------------------
KEYS = {
    "id int PRIMARY KEY": lambda n: (n * 3 - 50,),
    "id bigint unsigned PRIMARY KEY": lambda n: (n * 10**15,),
    "id char(32) PRIMARY KEY": lambda n: (uuid.UUID(int=n * 7919 << 90).hex,),
    "id varchar(40) PRIMARY KEY": lambda n: (["ä", "Z", "a", "é", "안", "_", "A~", "b "][n % 8] + str(n),),
    "id datetime(6) PRIMARY KEY": lambda n: (f"2026-01-01 00:{n // 60:02d}:{n % 60:02d}.5",),
    "id decimal(8,2) PRIMARY KEY": lambda n: (n * 7 - 900,),
    "a int, id varchar(20), PRIMARY KEY (a, id)": lambda n: (n % 5, f"k{n}"),
    "a int, id int, c int, PRIMARY KEY (a, id, c)": lambda n: (n % 3, n % 7, n),
}


@pytest.mark.parametrize(
    ("declared", "collation"),
    [(d, "utf8mb4_general_ci") for d in KEYS] + [(d, "utf8mb4_bin") for d in KEYS if "char" in d],
)
def test_ranges_between_boundaries_hold_each_row_once(place: Place, declared: str, collation: str) -> None:
    columns, _, key = declared.partition(" PRIMARY KEY")
    place.run(f"CREATE TABLE t ({columns.rstrip(',')}, v int, PRIMARY KEY {key or '(id)'}) COLLATE {collation}")
    place.insert("t", [(*KEYS[declared](n), n) for n in range(300)])
    reading = place.reading(**({"id": Kind.UUID} if "char(32)" in declared else {}))
    cuts = place.dialect.boundaries(place.session, reading, 40)
    assert 5 <= len(cuts) <= 8
    edges = [None, *cuts, None]
    parts = [place.lines(reading, Range(a, b)) for a, b in pairwise(edges)]
    assert all(1 <= p.count(b"\n") <= 120 for p in parts)
    assert sum((digest(p) for p in parts), Digest()) == digest(place.lines(reading))
    assert sum(p.count(b"\n") for p in parts) == 300


def test_one_range_is_enough_for_a_small_or_keyless_table(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE u (id int)", "INSERT INTO t VALUES (1),(2)")
    assert place.dialect.boundaries(place.session, place.reading(), 2) == []
    assert place.dialect.boundaries(place.session, place.reading("u"), 1) == []


def test_dense_integers_are_cut_by_arithmetic(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY)")
    place.insert("t", [(n,) for n in range(1, 101)])
    assert place.dialect.boundaries(place.session, place.reading(), 25) == [(25,), (50,), (75,)]


def test_texts_alone_make_a_line(place: Place) -> None:
    place.run("CREATE TABLE t (a varchar(9) PRIMARY KEY, b varchar(9) NOT NULL)")
    place.insert("t", [("안", "x\x00"), ("b", "😀")])
    assert sorted(place.lines(place.reading()).split(b"\n")) == [b"", "b\t😀".encode(), "안\tx\x00".encode()]


def test_a_limit_takes_the_rows_with_the_smallest_keys(place: Place) -> None:
    place.run("CREATE TABLE t (id varchar(10) PRIMARY KEY)")
    place.insert("t", [("b",), ("Z",), ("a",), ("É",)])
    assert place.lines(place.reading(), limit=2) == b"Z\na\n"
    assert place.lines(place.reading(), Range(low=("Z",)), limit=2) == b"a\nb\n"


def test_an_integer_range_is_an_index_range(place: Place) -> None:
    place.run("CREATE TABLE t (a int, b int, v varchar(200), PRIMARY KEY (a, b))")
    place.insert("t", [(n // 10, n, "x" * 100) for n in range(2000)])
    place.run("ANALYZE TABLE t") if place.engine == "mysql" else place.session.query("ANALYZE TABLE t")
    from outgrow.dialects.standard import where

    condition = where(place.dialect, place.reading(), Range((20, 205), (22, 222)))
    plan = place.session.query(f"EXPLAIN FORMAT=JSON SELECT v FROM t WHERE {condition}")[0][0]
    assert "range" in plan.lower()


def test_sampled_keys_are_real_and_repeat_with_the_seed(place: Place) -> None:
    place.run("CREATE TABLE t (id char(32) PRIMARY KEY)", "CREATE TABLE u (id int PRIMARY KEY)")
    ids = [uuid.UUID(int=n * 7919 << 90).hex for n in range(200)]
    place.insert("t", [(i.upper(),) for i in ids])
    place.insert("u", [(n,) for n in range(200)])
    text = place.reading(id=Kind.UUID)
    for reading, known in ((text, {(i,) for i in ids}), (place.reading("u"), {(n,) for n in range(200)})):
        some = place.dialect.sample_keys(place.session, reading, 50, 3)
        assert len(set(some)) == 50
        assert set(some) <= known
        assert some == place.dialect.sample_keys(place.session, reading, 50, 3)
        assert set(place.dialect.sample_keys(place.session, reading, 500, 3)) == known
        assert set(place.dialect.raw(place.session, reading, some)) == set(some)


def test_mariadb_uuids_are_ranged_by_their_text(mariadb_place: Place) -> None:
    place = mariadb_place
    place.run("CREATE TABLE t (id uuid PRIMARY KEY, v int)")
    chance = random.Random(1)
    ids = [uuid.UUID(int=chance.getrandbits(128), version=1 + n % 5).hex for n in range(200)]
    place.insert("t", [(i, n) for n, i in enumerate(ids)])
    reading = place.reading()
    assert place.reading().kinds == (Kind.UUID, Kind.INTEGER)
    cuts = place.dialect.boundaries(place.session, reading, 50)
    assert [c[0] for c in cuts] == [sorted(ids)[49], sorted(ids)[99], sorted(ids)[149]]
    part = place.lines(reading, Range(cuts[0], cuts[1])).split()
    assert sorted(p.decode() for p in part[::2]) == sorted(ids)[50:100]
    assert place.dialect.raw(place.session, reading, [cuts[0]])[cuts[0]][0].replace("-", "") == cuts[0][0]


def test_the_second_path_tells_doubtful_values_as_text(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY, d date, i time)", "SET sql_mode=''")
    place.run("INSERT INTO t VALUES (1,'0000-00-00','-30:00:00')")
    assert place.dialect.raw(place.session, place.reading(), [(1,), (2,)]) == {(1,): (1, "0000-00-00", "-30:00:00")}


def test_a_column_alone_can_be_read(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY, v text)")
    place.insert("t", [(1, None), (2, ""), (3, "x")])
    column = place.table().columns[1]
    reading = Reading("t", ((column, Kind.TEXT),), ())
    assert sorted(place.lines(reading).split(b"\n")) == [b"", b"", b"\\N", b"x"]
    assert reading_.LOT >= 1
