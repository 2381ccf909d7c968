"""Constraints, indexes, collations and comments; some exist on one engine only (trap 76)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Upper

from ..compat import check, unique_nulls_equal
from ..fields import ExactCharField


class Together(models.Model):
    """unique_together over a nullable column: NULLs differ."""

    first = models.IntegerField()
    second = models.CharField(max_length=20, null=True)

    class Meta:
        unique_together = [("first", "second")]


class Uniques(models.Model):
    """Unique under a condition, by an expression, covering, deferrable, and with equal NULLs."""

    plain = models.CharField(max_length=40)
    state = models.CharField(max_length=10)
    position = models.IntegerField()
    number = models.IntegerField(null=True)
    extra = models.TextField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plain", "state"], name="uniques_plain_state"),
            models.UniqueConstraint(fields=["plain"], condition=Q(number__gt=0), name="uniques_one_positive"),
            models.UniqueConstraint(Lower("plain"), "position", name="uniques_lower_plain"),
            models.UniqueConstraint(
                fields=["position"],
                deferrable=models.Deferrable.DEFERRED,
                name="uniques_position_deferred",
            ),
            models.UniqueConstraint(fields=["position"], include=["number"], name="uniques_position_covering"),
            *unique_nulls_equal("number", "state", name="uniques_nulls_equal"),
        ]


class Deferred(models.Model):
    """A unique key that is checked at commit; the table exists only where that is possible."""

    position = models.IntegerField()

    class Meta:
        required_db_features = {"supports_deferrable_unique_constraints"}
        constraints = [
            models.UniqueConstraint(
                fields=["position"], deferrable=models.Deferrable.DEFERRED, name="deferred_position"
            ),
        ]


class Checked(models.Model):
    """Checks over one column, over two, and with quotes (Django 4.2 would double a %)."""

    low = models.IntegerField()
    high = models.IntegerField()
    kind = models.CharField(max_length=20)

    class Meta:
        constraints = [
            check(Q(low__gte=-1000), "checked_low"),
            check(Q(high__gte=F("low")), "checked_order"),
            check(Q(kind__in=["it's", "동물", 'a"b']), "checked_kind"),
        ]


class Indexed(models.Model):
    """Indexes of several columns, descending, partial, covering and by expression."""

    name = models.CharField(max_length=60)
    year = models.IntegerField()
    rank = models.IntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["name", "-year"], name="indexed_name_year"),
            models.Index(fields=["-rank"], name="indexed_rank_desc"),
            models.Index(fields=["year"], condition=Q(rank__gt=0), name="indexed_ranked"),
            models.Index(Upper("name").desc(), "year", name="indexed_upper"),
            models.Index(fields=["year"], include=["rank"], name="indexed_covering"),
        ]


class Collated(models.Model):
    """A column that compares by code point."""

    exact = ExactCharField(max_length=40, unique=True)
    usual = models.CharField(max_length=40)


class Commented(models.Model):
    """Comments on table and column with quotes in them (Django itself fails on a percent sign)."""

    weight = models.IntegerField(db_comment='kilograms; it\'s "net"')

    class Meta:
        db_table_comment = 'Don\'t forget: "all" of the rows'


class Ordered(models.Model):
    """Default ordering by a column that may be NULL, then by a related one."""

    rank = models.IntegerField(null=True)
    next = models.ForeignKey("self", models.SET_NULL, null=True)

    class Meta:
        ordering = [F("rank").desc(nulls_last=True), "next__rank"]


class PerDay(models.Model):
    """unique_for_date is checked by forms only: stored rows may break it."""

    title = models.CharField(max_length=40, unique_for_date="day")
    day = models.DateField()
