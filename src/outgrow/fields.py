"""What a model field says of its column: the kind of its values, its limits, what it refers to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connections, models
from django.db.backends.utils import strip_quotes

from outgrow.lines import Kind

KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("AutoField", "BigAutoField", "SmallAutoField", "OrderWrt"), Kind.INTEGER),
    **dict.fromkeys(("IntegerField", "BigIntegerField", "SmallIntegerField"), Kind.INTEGER),
    **dict.fromkeys(("PositiveIntegerField", "PositiveBigIntegerField", "PositiveSmallIntegerField"), Kind.INTEGER),
    **dict.fromkeys(("BooleanField", "NullBooleanField"), Kind.BOOLEAN),
    **dict.fromkeys(("CharField", "TextField", "SlugField", "FileField", "FilePathField"), Kind.TEXT),
    **dict.fromkeys(("EmailField", "URLField", "CommaSeparatedIntegerField"), Kind.TEXT),
    **dict.fromkeys(("GenericIPAddressField", "IPAddressField"), Kind.INET),
    "BinaryField": Kind.BINARY,
    "DateField": Kind.DATE,
    "DateTimeField": Kind.DATETIME,
    "DecimalField": Kind.DECIMAL,
    "DurationField": Kind.DURATION,
    "FloatField": Kind.FLOAT,
    "JSONField": Kind.JSON,
    "TimeField": Kind.TIME,
    "UUIDField": Kind.UUID,
}
"""What a field's values are, by the name that get_internal_type() gives; any other name is a custom field's."""

TOLD_BY_STORAGE = frozenset({Kind.UUID, Kind.JSON, Kind.INET, Kind.DURATION})
"""Kinds that texts and integers hold in Django's own spelling; a field with a column type of its own has another."""


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """What the model says of one column; the live column has the last word."""

    label: str  # "social.Post.caption"
    internal_type: str  # Django's get_internal_type() of the field that stores the value (a key's target field)
    kind: Kind | None  # None: a custom field, judged by what is stored
    null: bool = False
    max_length: int | None = None
    max_digits: int | None = None
    decimal_places: int | None = None
    aware: bool = False  # a datetime stored in UTC (USE_TZ)
    unique: bool = False
    refers: tuple[str, str] | None = None  # (table, column) of a foreign key, also without a constraint
    constrained: bool = True  # db_constraint
    only_on: str | None = None  # "postgresql": the field exists on that engine only
    indexed: bool = False  # db_index, unique or primary key
    generated: bool = False  # GeneratedField
    collation: str | None = None  # that the model asks for, as it is called on the source


def field_info(f: models.Field[Any, Any], alias: str) -> FieldInfo:
    """What one model field says of its column."""
    stored = storing_field(f)
    internal = stored.get_internal_type()
    only_on = engine_of_field(stored, alias)
    own = own_storage(stored, alias)
    kind = KINDS.get(internal)
    length = getattr(stored, "max_length", None)
    return FieldInfo(
        label=f"{f.model._meta.label}.{f.name}",
        internal_type=internal,
        kind=None if only_on or (own and kind in TOLD_BY_STORAGE) else kind,
        null=f.null,
        max_length=length if own is None or f"({length})" in own else None,
        max_digits=getattr(stored, "max_digits", None),
        decimal_places=getattr(stored, "decimal_places", None),
        aware=internal == "DateTimeField" and connections[alias].timezone is not None,
        unique=f.unique,
        refers=referred(f),
        constrained=bool(getattr(f, "db_constraint", True)),
        only_on=only_on,
        indexed=bool(getattr(f, "db_index", False) or f.unique),
        generated=bool(getattr(f, "generated", False)),
        collation=(stored.db_parameters(connections[alias]) or {}).get("collation"),
    )


def own_storage(f: models.Field[Any, Any], alias: str) -> str | None:
    """The column type of a field that has another one than Django gives to its kind."""
    connection = connections[alias]
    own = f.db_type(connection)
    return None if own == models.Field.db_type(f, connection) else own


def storing_field(f: models.Field[Any, Any]) -> models.Field[Any, Any]:
    """The field whose values the column holds: a key's target (and its target's), a generated field's output."""
    seen = {f}
    while True:
        if isinstance(f, models.ForeignKey):
            f = f.target_field
        elif getattr(f, "generated", False):
            f = f.output_field  # type: ignore[attr-defined]
        else:
            return f
        if f in seen:
            return f
        seen.add(f)


def referred(f: models.Field[Any, Any]) -> tuple[str, str] | None:
    if not isinstance(f, models.ForeignKey):
        return None
    target = f.target_field
    return strip_quotes(target.model._meta.db_table), str(target.column)


def engine_of_field(f: models.Field[Any, Any], alias: str) -> str | None:
    """The one engine that can hold the field, told by the package that its class comes from."""
    if (engine := engine_of_class(type(f))) is not None:
        return engine
    if any(ancestor.__module__.startswith("django.contrib.gis.") for ancestor in type(f).__mro__):
        connection = connections[alias]
        return "mariadb" if getattr(connection, "mysql_is_mariadb", False) else connection.vendor
    return None


def engine_of_class(kind: type) -> str | None:
    """The one engine for which Django has a package of fields and constraints, where the class is from there."""
    postgres = any(ancestor.__module__.startswith("django.contrib.postgres.") for ancestor in kind.__mro__)
    return "postgresql" if postgres else None
