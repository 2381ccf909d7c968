"""What needs more than a bare PostgreSQL: the extension hstore and a collation of ICU."""

from django.contrib.postgres.fields import HStoreField
from django.db import models


class Stores(models.Model):
    """hstore: texts by text, NULL among them."""

    data = HStoreField(null=True)


class Insensitive(models.Model):
    """A collation that ignores case: 'Ada' and 'ada' are one."""

    name = models.CharField(max_length=40, db_collation="pgextra_insensitive", unique=True)
