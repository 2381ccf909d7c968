"""What Django 6.1 brought: the database's own ON DELETE, UUID defaults, decimals without digits."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import UUID4


class Parent(models.Model):
    """Its children go with it, or let it go."""

    name = models.CharField(max_length=40)


class Child(models.Model):
    """ON DELETE CASCADE and SET NULL: a mover that deletes and inserts again would lose rows."""

    parent = models.ForeignKey(Parent, models.DB_CASCADE, related_name="children")
    godparent = models.ForeignKey(Parent, models.DB_SET_NULL, null=True, related_name="godchildren")


class Grandchild(models.Model):
    """A cascade over two tables."""

    child = models.OneToOneField(Child, models.DB_CASCADE)
    name = models.CharField(max_length=40)


class Adopted(models.Model):
    """ON DELETE SET DEFAULT, which MySQL and MariaDB do not have."""

    parent = models.ForeignKey(Parent, models.DB_SET_DEFAULT, db_default=1)

    class Meta:
        required_db_features = {"supports_on_delete_db_default"}


class Token(models.Model):
    """A UUID that the database makes."""

    value = models.UUIDField(db_default=UUID4())
    name = models.CharField(max_length=40)

    class Meta:
        required_db_features = {"supports_uuid4_function_in_default"}


class AnyDecimal(models.Model):
    """A decimal without digits and places."""

    value = models.DecimalField(null=True)

    class Meta:
        required_db_features = {"supports_no_precision_decimalfield"}
