"""The app's own migrations and one that comes after the split."""

from tests.legacy.people import migrations

__path__ = [*migrations.__path__, *__path__]
