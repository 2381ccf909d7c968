"""The plan as a value."""

from __future__ import annotations

from outgrow import plan
from outgrow.dialects.base import Column, Table
from outgrow.lines import Kind
from outgrow.project import FieldInfo, Project, ProjectTable


def test_a_key_that_engines_show_in_different_words_is_not_ranged() -> None:
    tables, live = [], {}
    for name, kind in {"numbers": Kind.INTEGER, "floats": Kind.FLOAT}.items():
        info = FieldInfo(f"shop.{name}.k", "", kind)
        tables.append(ProjectTable(name, f"shop.{name}", fields={"k": info}))
        live[name] = Table(name, (Column("k", "real", "real"),), ("k",))
    made = plan.start(Project(tuple(tables)), live, source="here", target="there")
    assert {t.name: t.source.key for t in made.tables} == {"floats": (), "numbers": ("k",)}
