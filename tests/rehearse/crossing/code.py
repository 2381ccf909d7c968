"""Code of a project that crosses its planned owners, each function in one way; and code that does not."""

from __future__ import annotations

import threading
from contextlib import suppress
from uuid import uuid4

from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.db.models import CharField, Exists, OuterRef

import outgrow
from tests.legacy.blog.models import Article
from tests.legacy.people.models import Profile
from tests.legacy.shop.models import Category, Line, Order, Product

ISSUE = "https://tracker.example/7"


def new_name() -> str:
    return f"a secret {uuid4().hex[:12]}"


# -- statements -------------------------------------------------------------------------------------------------------
def shown_join() -> None:
    list(Order.objects.select_related("user"))


def filtering_join() -> None:
    list(Order.objects.filter(user__username="a secret"))


def redundant_join() -> None:
    list(Profile.objects.filter(teams__pk__isnull=False, user__orders__isnull=True).values_list("motto"))


def subquery() -> None:
    list(User.objects.filter(Exists(Order.objects.filter(user=OuterRef("pk")))))


def subquery_of_a_delete() -> None:
    Order.objects.filter(user__in=User.objects.filter(is_active=False))._raw_delete("default")


def union() -> None:
    list(Category.objects.values_list("name").union(Group.objects.values_list("name")))


def raw() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from auth_user u, shop_order o where o.user_id = u.id and u.username = 'a secret'"
        )


def unknown_table() -> None:
    with connection.cursor() as cursor, suppress(Exception):
        cursor.execute("SELECT * FROM shop_order JOIN old_visits ON old_visits.order_id = shop_order.id")


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def cte_of_its_tables_name() -> None:
    """SQLite refuses it: there the name inside is the CTE."""
    with suppress(Exception):
        _run(
            "WITH auth_user AS (SELECT * FROM auth_user WHERE id > 0) "
            "SELECT count(*) FROM shop_order o JOIN auth_user u ON u.id = o.user_id"
        )


def filled_table() -> None:
    _run("CREATE TABLE kept_orders AS SELECT id FROM shop_order", "DROP TABLE kept_orders")


PICKED = "CREATE TEMPORARY TABLE picked AS SELECT id, user_id FROM shop_order"
OF_PICKED = "SELECT count(*) FROM auth_user u JOIN picked p ON p.user_id = u.id"


def temporary_table() -> None:
    _run(PICKED, OF_PICKED)
    with transaction.atomic(using="default"):
        Group.objects.create(name=new_name())
        _run("INSERT INTO picked (id, user_id) VALUES (7, 7)")
    _run(OF_PICKED)


def temporary_table_that_was_dropped() -> None:
    _run(PICKED, "DROP TABLE picked")
    with suppress(Exception):
        _run(OF_PICKED)


def temporary_table_of_a_connection_that_is_over() -> None:
    _run(PICKED)
    connection.close()
    with suppress(Exception):
        _run(OF_PICKED)


HIDING = "CREATE TEMPORARY TABLE shop_order AS SELECT id, user_id FROM shop_order"
HIDDEN_JOIN = "SELECT count(*) FROM auth_user u JOIN shop_order o ON o.user_id = u.id"


def hidden_by_a_temporary_table() -> None:
    _run(HIDING, HIDDEN_JOIN)


def hidden_until_a_rollback() -> None:
    """MySQL and MariaDB keep the temporary table."""
    with suppress(ZeroDivisionError), transaction.atomic(using="default"):
        _run(HIDING, HIDDEN_JOIN)
        raise ZeroDivisionError
    _run(HIDDEN_JOIN)


def hidden_until_a_savepoint() -> None:
    with transaction.atomic(using="default"):
        with suppress(ZeroDivisionError), transaction.atomic(using="default"):
            _run(HIDING, HIDDEN_JOIN)
            raise ZeroDivisionError
        _run(HIDDEN_JOIN)


def many_keys() -> None:
    list(Order.objects.filter(user__in=[1, 2, 3]))
    list(User.objects.prefetch_related("orders"))
    list(Order.objects.annotate().dates("made", "year"))
    Order.objects.bulk_create([Order(user_id=User.objects.first().pk) for _ in range(3)])


# -- transactions -----------------------------------------------------------------------------------------------------
def both_sides() -> None:
    with transaction.atomic():
        Category.objects.create(name=new_name())
        Group.objects.create(name=new_name())
        Group.objects.create(name=new_name())


def both_sides_by_savepoint() -> None:
    with transaction.atomic():
        Category.objects.create(name=new_name())
        with transaction.atomic(using="default"):
            Group.objects.create(name=new_name())


def both_sides_by_hand() -> None:
    transaction.set_autocommit(False)
    try:
        Category.objects.create(name=new_name())
        Group.objects.create(name=new_name())
        transaction.rollback()
        Group.objects.create(name=new_name())
        transaction.rollback()
    finally:
        transaction.set_autocommit(True)


def cascade() -> None:
    user = User.objects.create(username="short-lived")
    Order.objects.create(user=user)
    user.delete()


@transaction.atomic
def _one(model: type[Category | Group]) -> None:
    model.objects.create(name=new_name())


def one_after_the_other() -> None:
    """Each in a transaction of its own, by one decorated function: Django uses one Atomic for all its calls."""
    _one(Category)
    with transaction.atomic(using="default"):
        Group.objects.create(name=new_name())


def locks() -> None:
    with transaction.atomic():
        list(Line.objects.select_for_update().select_related("order__user"))


def atomic_on_default() -> None:
    with transaction.atomic():
        Group.objects.create(name=new_name())


def atomic_by_the_router() -> None:
    with transaction.atomic(using="default"):
        Group.objects.create(name=new_name())


def on_commit_on_default() -> None:
    with transaction.atomic(using="default"):
        Group.objects.create(name=new_name())
        transaction.on_commit(int)
        transaction.on_commit(int, using="default")
    transaction.on_commit(int)


# -- exemptions -------------------------------------------------------------------------------------------------------
def allowed() -> None:
    with outgrow.allow_cross_database(issue=ISSUE, until="2999-01"):
        shown_join()
        both_sides_by_savepoint()
    with transaction.atomic():
        Category.objects.create(name=new_name())
        with outgrow.allow_cross_database(issue=ISSUE):
            Group.objects.create(name=new_name())


@outgrow.allow_cross_database(issue=ISSUE)
def allowed_function() -> None:
    shown_join()


@outgrow.allow_cross_database(issue=ISSUE)
async def _allowed_coroutine() -> None:
    async for _ in Order.objects.select_related("user"):
        pass


def allowed_coroutine() -> None:
    async_to_sync(_allowed_coroutine)()


def expired() -> None:
    with outgrow.allow_cross_database(issue=ISSUE, until="2020-02"):
        shown_join()


# -- threads and async ------------------------------------------------------------------------------------------------
def in_threads() -> None:
    """Two transactions at once, each on its own side; one more that crosses."""
    barrier = threading.Barrier(2, timeout=30)
    errors: list[BaseException] = []

    def work(write: str) -> None:
        try:
            with transaction.atomic(using="default"):
                barrier.wait()
                _lookup(write)
            shown_join()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(side,)) for side in ("left", "right")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not errors, errors


def _lookup(side: str) -> None:
    list((Category if side == "left" else Group).objects.all())


async def _async_join() -> None:
    async for _ in Article.objects.select_related("author"):
        pass


async def _async_transaction() -> None:
    def write() -> None:
        with transaction.atomic():
            Category.objects.create(name=new_name())
            Group.objects.create(name=new_name())

    await sync_to_async(write)()


def in_async() -> None:
    async_to_sync(_async_join)()
    async_to_sync(_async_transaction)()


# -- what is no crossing ----------------------------------------------------------------------------------------------
def nothing() -> None:
    list(User.objects.filter(groups__permissions__content_type__app_label="shop"))
    list(Product.objects.filter(categories__name="x").select_related())
    list(Profile.objects.prefetch_related("user"))
    with transaction.atomic():
        Category.objects.create(name=new_name())
        Product.objects.create(name="nothing", price=1)
    with connection.schema_editor() as editor:
        longer = CharField(max_length=41, unique=True)
        longer.set_attributes_from_name("name")
        longer.model = Category
        editor.alter_field(Category, Category._meta.get_field("name"), longer)  # SQLite makes the table anew
    with connection.cursor() as cursor:
        connection.introspection.table_names(cursor)
        connection.introspection.get_constraints(cursor, "shop_order")
    connection.check_constraints()


STATEMENTS = (
    shown_join, filtering_join, redundant_join, subquery, subquery_of_a_delete, union, raw, unknown_table, many_keys,
    cte_of_its_tables_name, filled_table, temporary_table, temporary_table_that_was_dropped,
    temporary_table_of_a_connection_that_is_over, hidden_by_a_temporary_table, hidden_until_a_rollback,
    hidden_until_a_savepoint,
)  # fmt: skip
TRANSACTIONS = (
    both_sides, both_sides_by_savepoint, both_sides_by_hand, cascade, one_after_the_other, locks, atomic_on_default,
    atomic_by_the_router, on_commit_on_default,
)  # fmt: skip
OTHERS = (allowed, allowed_function, allowed_coroutine, expired, in_threads, in_async, nothing)
EVERY = (*STATEMENTS, *TRANSACTIONS, *OTHERS)
