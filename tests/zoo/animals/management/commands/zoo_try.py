from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connections, transaction
from hypothesis import HealthCheck, given, settings

from tests.zoo import store
from tests.zoo.strategies import rows
from tests.zoo.values import every_key_allowed

# Rules beyond the columns' own (checks), generated columns, or sixty columns of the same two kinds.
LEFT_OUT = {"Checked", "SearchCard", "Wide", "Enclosure", "VirtualEnclosure", "Crowded", "Dropped", "Remote"}


class Command(BaseCommand):
    help = "Store rows that Hypothesis makes up, read them back, and roll back."

    def add_arguments(self, parser):
        parser.add_argument("--database", default="default")
        parser.add_argument("--examples", type=int, default=20)

    def handle(self, *args, database, examples, **options):
        tried = 0
        for label in ("animals", "since50", "since52"):
            if not apps.is_installed(f"tests.zoo.{label}"):
                continue
            for model in apps.get_app_config(label).get_models():
                if model.__name__ not in LEFT_OUT and self._is_free(model, database):
                    self._try(model, database, examples)
                    tried += 1
        self.stdout.write(f"{examples} rows each of {tried} tables came back as they were stored")

    def _is_free(self, model, database: str) -> bool:
        fields = model._meta.local_concrete_fields
        return (
            not model._meta.proxy
            and model._meta.can_migrate(database) | (not model._meta.managed)
            and all(field.null for field in fields if field.is_relation)
        )

    def _try(self, model, database: str, examples: int) -> None:
        @settings(
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(rows(model))
        def try_one(row):
            connection = connections[database]
            with every_key_allowed(connection), transaction.atomic(using=database):
                with connection.constraint_checks_disabled():
                    model._base_manager.using(database).all()._raw_delete(database)
                    store.insert(database, model, [row])
                    found = store.differences(database, model, [row])
                transaction.set_rollback(True, using=database)
            if found:
                raise AssertionError("\n".join(found))

        try_one()
