"""auth's own migrations and one that comes after the split."""

from django.contrib.auth import migrations

__path__ = [*migrations.__path__, *__path__]
