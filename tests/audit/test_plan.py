"""The plan as a value."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from outgrow import plan
from outgrow.audit import suspects_of
from outgrow.audit.a706_other_engines_fields import OtherEnginesFields
from outgrow.audit.a708_index_width import IndexWidth
from outgrow.audit.rule import SOURCE, Stage
from outgrow.dialects import dialect_for
from outgrow.dialects.base import Column, ObjectKind, SchemaObject, Table
from outgrow.fields import FieldInfo
from outgrow.lines import Kind
from outgrow.project import Project, ProjectTable


def test_a_key_that_engines_show_in_different_words_is_not_ranged() -> None:
    tables, live = [], {}
    for name, kind in {"numbers": Kind.INTEGER, "floats": Kind.FLOAT}.items():
        info = FieldInfo(f"shop.{name}.k", "", kind)
        tables.append(ProjectTable(name, f"shop.{name}", fields={"k": info}))
        live[name] = Table(name, (Column("k", "real", "real"),), ("k",))
    made = plan.start(Project(tuple(tables)), live, source="here", target="there")
    assert {t.name: t.source.key for t in made.tables} == {"floats": (), "numbers": ("k",)}


def test_a_search_vector_that_only_the_target_generates_is_not_compared_with_plain_text() -> None:
    """label-studio has a tsvector on PostgreSQL and a text that nobody fills on SQLite (trap 75)."""
    here, there = (dialect_for({"ENGINE": f"django.db.backends.{e}", "NAME": ""}) for e in ("sqlite3", "postgresql"))
    info = FieldInfo("shop.Item.search", "TextField", Kind.TEXT)
    plain, lower = Column("search", "text", "text"), Column("lower", "text", "text")
    vector = Column("search", "tsvector", "tsvector", generated=True)
    table = plan.TablePlan(ProjectTable("item", "shop.Item", fields={"search": info}), Table("item", (plain, lower)))
    made = Table("item", (vector, Column("lower", "text", "text", generated=True)))
    paired = plan.pair(table, made, here, there)
    assert (paired.columns, paired.missing) == ((), ())
    assert [target.name for _, target, _ in paired.computed] == ["lower"]


def test_a_generated_search_vector_does_not_keep_a_project_from_leaving_postgresql() -> None:
    """Nothing of it is copied, and label-studio's class is another one on each engine."""
    here, there = (dialect_for({"ENGINE": f"django.db.backends.{e}", "NAME": ""}) for e in ("postgresql", "sqlite3"))
    fields = {
        name: FieldInfo(f"shop.Item.{name}", "SearchVectorField", None, only_on="postgresql", generated=generated)
        for name, generated in {"made": True, "filled": False}.items()
    }
    table = plan.TablePlan(ProjectTable("item", "shop.Item", fields=fields), Table("item", ()))
    whole = plan.Plan("here", "there", (table,))
    stage = Stage(SOURCE, whole, here, suspects_of(here), here.connect, target=there)
    assert [finding.column for finding in OtherEnginesFields().examine(stage)] == ["filled"]


def test_an_index_that_is_too_wide_is_named_once_though_postgresql_has_a_second_one_for_like() -> None:
    indexes = tuple(SchemaObject("item", name, ObjectKind.INDEX, ("code",)) for name in ("item_code", "item_code_like"))
    fields = {"code": FieldInfo("shop.Item.code", "CharField", Kind.TEXT, max_length=1024)}
    table = plan.TablePlan(ProjectTable("item", "shop.Item", fields=fields), Table("item", (), objects=indexes))
    stage: Any = SimpleNamespace(
        plan=plan.Plan("here", "there", (table,)), limits=SimpleNamespace(index_bytes=3072),
        facts=SimpleNamespace(index_value_bytes=None),
    )  # fmt: skip
    assert [finding.message.split()[2] for finding in IndexWidth().examine(stage)] == ["item_code"]
