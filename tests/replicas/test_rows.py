"""A row that was read from a replica belongs to the primary, and so do the reads that Django makes for it by itself."""

from __future__ import annotations

from tests.replicas.conftest import MakeTwo

ROWS = """
        from tests.replicas.inside import *
        import sqlite3
        from django.contrib.contenttypes.models import ContentType
        kind = ContentType.objects.get_for_model(Category).pk
        for alias in ("default", "replica"):
            with sqlite3.connect(connections[alias].settings_dict["NAME"]) as file:
                file.execute("INSERT INTO auth_user (id, username, password, is_superuser, first_name, last_name, "
                    "email, is_staff, is_active, date_joined) VALUES (1, 'a', '', 0, '', '', '', 0, 1, '2026-01-01')")
                file.execute("INSERT INTO shop_tag (label, object_id, content_type_id) VALUES ('t', 1, ?)", [kind])
                file.executemany("INSERT INTO shop_order (id, user_id, made, note) VALUES (?, 1, ?, ?)",
                    [(1, "2026-01-01 00:00:00", alias), (2, "2026-01-02 00:00:00", alias)])
                file.execute("INSERT INTO shop_line (id, order_id, product_id, amount) VALUES (1, 1, 1, 1)")
            file.close()
"""


OWN_READS = """
        from django.db.models import prefetch_related_objects
        def own(tags, order):
            ContentType.objects.clear_cache()
            order.refresh_from_db()
            prefetch_related_objects([tags[1]], "target")
            return sorted({tags[0].target.name, tags[1].target.name, order.get_next_by_made().note, order.note})
        def read():
            told = {}
            with outgrow.reading():
                rows = [([Tag.objects.get(), Tag.objects.get()], Order.objects.get(pk=1)) for _ in range(5)]
                told["rows"] = sorted({order.note for _, order in rows})
                with outgrow.primary():
                    told["primary"] = own(*rows[0])
                with transaction.atomic():
                    told["transaction"] = own(*rows[1])
                told["generic"] = rows[2][0][0].target.name
                Group.objects.create(name="written")
                told["after a write"] = own(*rows[3])
            told["outside"] = own(*rows[4])
            return told
        answer(alone(read))
"""
FOUND = {
    "rows": ["replica"], "generic": "replica", "primary": ["default"], "transaction": ["default"],
    "after a write": ["default"], "outside": ["default"],
}  # fmt: skip


def test_django_s_own_reads_for_a_row_of_a_replica_follow_the_block_and_the_transaction(two: MakeTwo) -> None:
    """By the row's database: generic keys, and the next row by date. By the router: the others."""
    assert two().inside(ROWS + OWN_READS) == FOUND


def test_a_row_of_a_replica_is_related_and_saved_as_one_of_the_primary(two: MakeTwo) -> None:
    """What was deferred is not loaded from the replica to be written, and what is saved is known to be."""
    found = two().inside(
        ROWS
        + """
        def related():
            with outgrow.reading():
                line, order = Line.objects.get(), Order.objects.get(pk=2)
                told = [order.note]
                order.lines.add(line)
            return [*told, Line.objects.using("default").get().order_id]
        def deferred():
            with outgrow.reading():
                order = Order.objects.defer("note").get(pk=1)
                order.save()
            return Order.objects.using("default").get(pk=1).note
        answer([alone(related), alone(deferred)])
    """
    )
    assert found == [["replica", 2], "default"]


def test_a_model_that_makes_its_rows_by_itself_has_them_belong_to_the_primary(two: MakeTwo) -> None:
    found = two().inside("""
        from tests.replicas.inside import *
        class Kind(Category):
            class Meta:
                proxy = True
                app_label = "shop"
            @classmethod
            def from_db(cls, db, field_names, values, **more):
                row = cls(*values)
                row._state.adding, row._state.db = False, db
                return row
        with outgrow.reading():
            rows = [*Kind.objects.all(), *Kind.objects.raw("SELECT * FROM shop_category")]
        answer([[row.name, row._state.db] for row in rows])
    """)
    assert found[0] == ["replica", "default"]
    assert found[1][1] == "default"
