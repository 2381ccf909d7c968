"""Reads go to the primary unless asked, and then to a replica only where that is safe."""

from __future__ import annotations

import subprocess
import sys

from tests.replicas.conftest import MakeTwo


def test_import_outgrow_loads_no_django() -> None:
    code = "import outgrow, sys; print('django' in sys.modules, dir(outgrow)); outgrow.nothing"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("False ")
    assert "module 'outgrow' has no attribute 'nothing'" in done.stderr


def test_reads_go_to_the_primary_unless_asked_and_blocks_nest(two: MakeTwo) -> None:
    found = two().inside("""
        from tests.replicas.inside import *
        told = [where()]
        with outgrow.reading():
            told.append(where())
            with outgrow.primary():
                told.append(where())
                with outgrow.reading():
                    told.append(where())
                told.append(where())
            told.append(where())
        told.append(where())
        try:
            with outgrow.reading():
                raise KeyError
        except KeyError:
            told.append(where())
        answer(told)
    """)
    assert found == ["default", "replica", "default", "replica", "default", "replica", "default", "default"]


def test_a_function_and_a_coroutine_are_decorated_alike(two: MakeTwo) -> None:
    found = two().inside("""
        from tests.replicas.inside import *
        import asyncio
        @outgrow.reading()
        def now():
            "Doc."
            return where()
        @outgrow.reading()
        async def later():
            await asyncio.sleep(0)
            return (await Category.objects.aget(pk=1)).name
        answer([now(), now.__doc__, asyncio.run(later()), where()])
    """)
    assert found == ["replica", "Doc.", "replica", "default"]


def test_pitfall_20_reads_inside_a_transaction_on_the_primary_stay_there(two: MakeTwo) -> None:
    found = two().inside("""
        from tests.replicas.inside import *
        told = []
        with outgrow.reading():
            told.append(where())
            with transaction.atomic():
                told.append(where())
                with transaction.atomic():
                    told.append(where())
            told.append(where())
            connection.set_autocommit(False)
            told.append(where())
            connection.set_autocommit(True)
            told.append(where())
        with transaction.atomic(), outgrow.reading():
            told.append(where())
        answer(told)
    """)
    assert found == ["replica", "default", "default", "replica", "default", "replica", "default"]


def test_pitfall_20_refresh_from_db_of_a_row_just_saved_reads_the_primary(two: MakeTwo) -> None:
    found = two().inside("""
        from tests.replicas.inside import *
        before = Category.objects.create(name="before the block")
        with outgrow.reading():
            before.refresh_from_db()
            within = Category.objects.create(name="within")
            within.refresh_from_db()
            told = [before.name, within.name, Category.objects.filter(name="within").count(), where()]
        with outgrow.reading():
            told.append(where())
        answer(told)
    """)
    assert found == ["before the block", "within", 1, "default", "default"]


def test_pitfall_20_validation_reads_the_primary(two: MakeTwo) -> None:
    found = two().inside("""
        from tests.replicas.inside import *
        from django.core.exceptions import ValidationError
        from django.forms import modelform_factory
        user = User.objects.create(username="ann")
        Product.objects.create(pk=1, name="known to the primary", price=1)
        Category.objects.create(name="taken")
        @outgrow.reading()
        def check(call):
            first = where()
            try:
                return [first, call(), where()]
            except ValidationError as error:
                return [first, error.messages, where()]
        def within(call):
            return alone(check, call)
        form = modelform_factory(Line, fields="__all__")
        answer([
            within(lambda: Order(user_id=user.pk).full_clean(exclude=["note"])),
            within(lambda: Order._meta.get_field("user").clean(user.pk, Order())),
            within(lambda: Category(name="taken").validate_unique()),
            within(lambda: form({"order": "5", "product": "1", "amount": "1"}).errors.as_text()),
        ])
    """)
    key, field, unique, form = found
    assert key == ["replica", None, "replica"]
    assert field == ["replica", 1, "replica"]
    assert unique == ["replica", ["Category with this Name already exists."], "replica"]
    assert form[0] == form[2] == "replica"
    assert "product" not in form[1]


def test_pitfall_21_get_or_create_and_select_for_update_use_the_primary(two: MakeTwo) -> None:
    found = two().inside("""
        from tests.replicas.inside import *
        with outgrow.reading():
            told = [where(), Category.objects.get_or_create(name="default")[1]]
        with outgrow.primary():
            told += [Category.objects.update_or_create(name="default")[1], Category.objects.count()]
        @outgrow.reading()
        def lock():
            return [where(), Category.objects.select_for_update().db]
        answer(told + alone(lock))
    """)
    assert found == ["replica", False, False, 1, "replica", "default"]


def test_a_row_of_a_replica_is_saved_and_deleted_at_the_primary(two: MakeTwo) -> None:
    found = two().inside("""
        from tests.replicas.inside import *
        with outgrow.reading():
            row = Category.objects.get(pk=1)
            told = [row.name]
            row.name = "changed"
            row.save()
            told += [row._state.db, Category.objects.using("default").get().name]
            row.delete()
        answer(told + [Category.objects.using("default").count(), Category.objects.using("replica").count()])
    """)
    assert found == ["replica", "default", "changed", 0, 1]


def test_a_read_that_names_its_database_itself_still_sees_what_the_block_wrote(two: MakeTwo) -> None:
    """A GenericForeignKey reads where its row came from, past the router."""
    found = two().inside("""
        from tests.replicas.inside import *
        import sqlite3
        from django.contrib.contenttypes.models import ContentType
        kind = ContentType.objects.get_for_model(Category)
        for alias in ("default", "replica"):
            with sqlite3.connect(connections[alias].settings_dict["NAME"]) as file:
                file.execute("INSERT INTO shop_tag (label, object_id, content_type_id) VALUES ('t', 1, ?)", [kind.pk])
            file.close()
        def read():
            with outgrow.reading():
                first, second = Tag.objects.get(), Tag.objects.get()
                told = [first.target.name]
                Category.objects.filter(pk=1).update(name="written")
                told.append(second.target.name)
            return [*told, Category.objects.using("replica").get(pk=1).name]
        answer(alone(read))
    """)
    assert found == ["replica", "written", "replica"]


def test_writes_are_seen_however_they_are_written(two: MakeTwo) -> None:
    found = two().inside("""
        from tests.replicas.inside import *
        def raw(sql):
            with connection.cursor() as cursor:
                cursor.execute(sql)
        def rolled_back():
            try:
                with transaction.atomic():
                    Group.objects.create(name="never")
                    raise KeyError
            except KeyError:
                pass
        ways = {
            "create": lambda: Group.objects.create(name="a"),
            "bulk": lambda: Group.objects.bulk_create([Group(name="b"), Group(name="c")]),
            "update": lambda: Group.objects.filter(name="c").update(name="d"),
            "raw": lambda: raw("  /* why */ -- so\\n delete from auth_group"),
            "with": lambda: raw("WITH x AS (SELECT 1) INSERT INTO auth_group (name) SELECT 'e'"),
            "many": lambda: connection.cursor().executemany(
                "INSERT INTO auth_group (name) VALUES (%s)", [("f",), ("g",)]),
            "said": lambda: outgrow.wrote("default"),
            "rolled back": rolled_back,
            "read": lambda: list(Group.objects.all()),
            "locked": lambda: Group.objects.select_for_update().db,
        }
        @outgrow.reading()
        def around(way):
            before = where()
            way()
            return [before, where()]
        answer({name: alone(around, way) for name, way in ways.items()})
    """)
    reads = {name: told for name, told in found.items() if name in ("read", "locked")}
    assert set(map(tuple, reads.values())) == {("replica", "replica")}
    assert {tuple(told) for name, told in found.items() if name not in reads} == {("replica", "default")}
    assert len(found) == 10


def test_pitfall_24_threads_and_coroutines_do_not_see_each_others_blocks(two: MakeTwo) -> None:
    found = two().inside("""
        from tests.replicas.inside import *
        import asyncio
        from concurrent.futures import ThreadPoolExecutor
        from threading import Barrier
        barrier = Barrier(8, timeout=20)
        with outgrow.reading():
            where()
        def thread(number):
            told = set()
            for _ in range(50):
                if number % 2:
                    with outgrow.reading():
                        barrier.wait()
                        told.add(router.db_for_read(Category))
                else:
                    barrier.wait()
                    told.add(router.db_for_read(Category))
            connections.close_all()
            return sorted(told)
        with ThreadPoolExecutor(8) as threads:
            by_thread = list(threads.map(thread, range(8)))
        async def coroutine(number):
            told = set()
            for _ in range(20):
                if number % 2:
                    with outgrow.reading():
                        await asyncio.sleep(0)
                        told.add((await Category.objects.aget(pk=1)).name)
                        await asyncio.sleep(0)
                elif number == 2:
                    outgrow.wrote("default")
                    await asyncio.sleep(0)
                else:
                    await asyncio.sleep(0)
                    told.add((await Category.objects.aget(pk=1)).name)
            return sorted(told)
        async def both():
            return await asyncio.gather(*map(coroutine, range(6)))
        answer([by_thread, asyncio.run(both())])
    """)
    assert found[0] == [["default"], ["replica"]] * 4
    assert found[1] == [["default"], ["replica"], [], ["replica"], ["default"], ["replica"]]


def test_pitfall_24_nested_use_leaves_nothing_pinned(two: MakeTwo) -> None:
    found = two().inside("""
        from tests.replicas.inside import *
        from outgrow.routing.reading import state
        block = outgrow.reading()
        @outgrow.primary()
        def deep(n):
            with block:
                return where() if n == 0 else deep(n - 1)
        told = [deep(3), where(), state() is None]
        def generator():
            with outgrow.reading():
                yield where()
        told += [list(generator()), where()]
        answer(told)
    """)
    assert found == ["replica", "default", True, ["replica"], "default"]


def test_pitfall_26_a_write_to_a_replica_is_refused_whichever_command_makes_it(two: MakeTwo) -> None:
    legacy = two()
    found = legacy.inside("""
        from tests.replicas.inside import *
        from django.core.management import call_command
        from outgrow.routing import WriteToReplica
        told = []
        for write in (
            lambda: Category(name="x").save(using="replica"),
            lambda: connections["replica"].cursor().execute("DELETE FROM shop_category"),
            lambda: call_command("flush", database="replica", interactive=False, verbosity=0),
        ):
            try:
                write()
                told.append("done")
            except Exception as error:
                told.append(str(error.__cause__ or error))
        answer(told + [Category.objects.using("replica").get().name])
    """)
    assert len(found) == 4
    for told in found[:2]:
        assert 'a statement that writes was sent to "replica", a replica of "default"' in told
    assert found[2:] == ["done", "replica"]  # flush asks the router, for which a replica has no tables to empty
    (legacy_file,) = [url for alias, url in legacy.databases.items() if alias == "replica"]
    empty = legacy_file.replace("replica.sqlite3", "empty.sqlite3")
    done = type(legacy)({**legacy.databases, "replica": empty}, legacy.outgrow).manage("migrate", "--database=replica")
    assert done.returncode != 0
    assert 'a statement that writes was sent to "replica"' in done.stderr


def test_pitfall_22_a_token_carries_what_was_written_to_a_task(two: MakeTwo) -> None:
    found = two().inside("""
        from tests.replicas.inside import *
        from outgrow.routing import BadToken
        told = []
        def task(token):
            with outgrow.after(token):
                told.append(where())
        def run(token):
            alone(task, token)
        run(outgrow.position())          # an engine without positions: the primary
        with transaction.atomic():
            Group.objects.create(name="a")
            run(outgrow.position())      # not committed: no position either
        from outgrow.routing import tokens
        run(tokens.make({}))
        for bad in ("", "forged", tokens.make({}) + "x"):
            try:
                task(bad)
            except BadToken as error:
                told.append(str(error))
        try:
            outgrow.wrote("elsewhere")
        except Exception as error:
            told.append(str(error))
        answer(told)
    """)
    assert found[:3] == ["default", "default", "replica"]
    assert len(found) == 7
    assert all("was not made by outgrow.position() of this project" in told for told in found[3:6])
    assert found[6] == '"elsewhere" has no replicas in OUTGROW["REPLICAS"]; expected one of: default.'


def test_replicas_take_turns_by_blocks_or_the_one_that_lags_least_serves(two: MakeTwo) -> None:
    found = two("one", "other").inside("""
        from tests.replicas.inside import *
        from django.test import override_settings
        from outgrow.routing.replicas import pool_of
        def blocks():
            told = []
            for _ in range(4):
                with outgrow.reading():
                    told.append([where(), where()])
            return told
        turns = blocks()
        with override_settings(OUTGROW={"OWNERS": {"default": "*"},
                              "REPLICAS": {"default": ["one", "other"]}, "REPLICA_CHOICE": "least lag"}):
            blocks()
            pool_of("default")._probes["one"].lag = 3.0
            least = blocks()
            pool_of("default").lost("other")
            answer([turns, least, blocks()[0]])
    """)
    turns, least, lost = found
    assert all(first == second for first, second in turns)
    assert turns[0] != turns[1] == turns[3] != turns[2]
    assert least == [["other", "other"]] * 4
    assert lost == ["one", "one"]


def test_a_dead_replica_fails_no_read_and_is_used_again_when_it_is_back(two: MakeTwo) -> None:
    found = two(outgrow={"REPLICA_CHECK_SECONDS": 0.1}).inside("""
        from tests.replicas.inside import *
        import os, time
        file = connections["replica"].settings_dict["NAME"]
        @outgrow.reading()
        def read():
            return where()
        def until(wanted):
            end = time.monotonic() + 20
            while (found := alone(read)) != wanted and time.monotonic() < end:
                time.sleep(0.05)
            return found
        told = [alone(read)]
        os.rename(file, file + ".away")
        os.mkdir(file)                    # a file cannot be opened there
        told += [alone(read) for _ in range(20)]
        os.rmdir(file)
        os.rename(file + ".away", file)
        answer([told[0], sorted(set(told[1:])), until("replica")])
    """)
    assert found == ["replica", ["default"], "replica"]


def test_a_forked_process_looks_after_its_replicas_itself(two: MakeTwo) -> None:
    found = two().inside("""
        from tests.replicas.inside import *
        import os
        @outgrow.reading()
        def read():
            return where()
        told = [read()]
        reader, writer = os.pipe()
        if os.fork() == 0:
            connections.close_all()
            os.write(writer, read().encode())
            os._exit(0)
        os.wait()
        os.close(writer)
        answer([*told, os.read(reader, 100).decode(), read()])
    """)
    assert found == ["replica", "replica", "replica"]


def test_a_write_without_a_position_is_remembered_as_long_as_a_cookie(two: MakeTwo) -> None:
    found = two(outgrow={"POSITION_MAX_AGE": 5}).inside("""
        from tests.replicas.inside import *
        import time
        Group.objects.create(name="a")
        told = []
        real = time.monotonic
        for later in (0, 4, 6):
            time.monotonic = lambda: real() + later
            with outgrow.reading():
                told.append(where())
        answer(told)
    """)
    assert found == ["default", "default", "replica"]


def test_blocks_change_nothing_where_no_replicas_are_declared(two: MakeTwo) -> None:
    legacy = two()
    unrouted = type(legacy)({"default": legacy.databases["default"]}, {"OWNERS": {"default": "*"}}, legacy.settings)
    found = unrouted.inside("""
        from tests.replicas.inside import *
        with outgrow.reading(), outgrow.after(outgrow.position()):
            Group.objects.create(name="a")
            told = [where(), Group.objects.count(), len(connection.execute_wrappers)]
        from django.db.models import Model
        answer([*told, hasattr(Model.full_clean, "outgrow")])
    """)
    assert found == ["default", 1, 0, False]


def test_settings_that_cannot_be_used_are_said(two: MakeTwo) -> None:
    found = two().inside("""
        from tests.replicas.inside import *
        from django.test import override_settings
        told = []
        for bad in ({"REPLICA_CHOICE": "random"}, {"REPLICA_MAX_LAG": "5"}, {"POSITION_MAX_AGE": True}):
            with override_settings(OUTGROW={"OWNERS": {"default": "*"}, "REPLICAS": {"default": ["replica"]}, **bad}):
                try:
                    with outgrow.reading():
                        where()
                except Exception as error:
                    told.append(str(error))
        answer(told)
    """)
    assert found == [
        'OUTGROW["REPLICA_CHOICE"] is \'random\'; expected "round robin" or "least lag".',
        "OUTGROW[\"REPLICA_MAX_LAG\"] is '5'; expected a number above 0.",
        'OUTGROW["POSITION_MAX_AGE"] is True; expected a number above 0.',
    ]
